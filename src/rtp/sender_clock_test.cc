#include "rtp/sender_clock.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace conclave::rtp {
namespace {

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}
const NtpTime kEpoch = NtpTime::from_wall(WallTime::from_unix_seconds(1'700'000'000));

TEST(SenderClock, KnowsNothingBeforeAReport) {
    const SenderClock clock(90000);
    EXPECT_FALSE(clock.is_known());
    EXPECT_FALSE(clock.ntp_at(at(0)));
    EXPECT_FALSE(clock.rtp_at(kEpoch));
    EXPECT_FALSE(clock.read(at(0)));
}

TEST(SenderClock, ProjectsBothClocks_Rfc3550_6_4_1) {
    SenderClock clock(48000);
    clock.handle_sender_report(at(1000), kEpoch, 5000);
    const auto reading = clock.read(at(3500));
    ASSERT_TRUE(reading);
    EXPECT_NEAR(static_cast<double>((reading->ntp - kEpoch).us), 2'500'000, 2);
    EXPECT_NEAR(reading->rtp_timestamp, 5000 + 120'000, 1);
    EXPECT_EQ(clock.rtp_at(kEpoch + Duration::millis(-1000)), static_cast<uint32_t>(5000 - 48000));
}

TEST(SenderClock, TimestampsWrap) {
    SenderClock clock(90000);
    clock.handle_sender_report(at(0), kEpoch, 0xffff'fff0);
    EXPECT_EQ(clock.rtp_at(kEpoch + Duration::seconds(1)), 90000u - 16);
}

TEST(SenderClock, TheReportThatTravelledFastestDecides) {
    SenderClock clock(90000);
    for (int i = 0; i < 6; ++i) {
        const int64_t delay = i == 2 ? 10 : 10 + 30 * (i + 1);
        clock.handle_sender_report(at(i * 1000 + delay), kEpoch + Duration::seconds(i),
                                   static_cast<uint32_t>(i * 90000));
    }
    const auto ntp = clock.ntp_at(at(6000));
    ASSERT_TRUE(ntp);
    EXPECT_NEAR(static_cast<double>((*ntp - kEpoch).us), 6'000'000 - 10'000, 2);
}

TEST(SenderClock, FollowsAClockThatWasSetAnew) {
    SenderClock clock(90000);
    clock.handle_sender_report(at(0), kEpoch, 0);
    const NtpTime later = kEpoch + Duration::seconds(3600);
    clock.handle_sender_report(at(1000), later, 90000);
    EXPECT_EQ(clock.ntp_at(at(1000)), later);
    clock.handle_sender_report(at(2000), kEpoch, 180000);
    EXPECT_EQ(clock.ntp_at(at(2000)), kEpoch);
}

// Whatever the delays of their reports: audio and video of one capture instant meet at a subscriber.
TEST(SenderClockProperty, AudioAndVideoOfOnePublisherStayInSync) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        SeededRng rng(seed);
        SenderClock audio(48000);
        SenderClock video(90000);
        const uint32_t audio_start = rng.u32();
        const uint32_t video_start = rng.u32();
        for (int i = 1; i < 40; ++i) {
            const NtpTime ntp = kEpoch + Duration::seconds(i);
            audio.handle_sender_report(at(i * 1000 + rng.u32() % 200), ntp,
                                       audio_start + static_cast<uint32_t>(i) * 48000);
            video.handle_sender_report(at(i * 1000 + rng.u32() % 200), ntp,
                                       video_start + static_cast<uint32_t>(i) * 90000);
            // A receiver aligns both by the NTP time of their reports.
            const auto a = *audio.read(at(i * 1000 + 500));
            const auto v = *video.read(at(i * 1000 + 700));
            const double audio_at = (a.ntp - kEpoch).in_seconds() -
                                    static_cast<uint32_t>(a.rtp_timestamp - audio_start) / 48000.0;
            const double video_at = (v.ntp - kEpoch).in_seconds() -
                                    static_cast<uint32_t>(v.rtp_timestamp - video_start) / 90000.0;
            EXPECT_NEAR(audio_at, video_at, 0.0001);
        }
    }
}

TEST(SenderClock, M10_AbsurdReportsAreHarmless) {
    SenderClock clock(0xffff'ffff);
    clock.handle_sender_report(at(0), NtpTime{UINT64_MAX}, 0);
    clock.handle_sender_report(at(1), NtpTime{1}, 0);
    clock.handle_sender_report(at(2), NtpTime{uint64_t{1} << 63}, 0);
    EXPECT_TRUE(clock.read(at(100'000'000)));
    EXPECT_TRUE(clock.rtp_at(NtpTime{0}));
}

}  // namespace
}  // namespace conclave::rtp
