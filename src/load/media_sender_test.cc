#include "load/media_sender.h"

#include <gtest/gtest.h>

#include <set>

#include "wire/rtp.h"
#include "wire/vp8.h"

namespace conclave::load {
namespace {

AcceptedTrack accepted() {
    AcceptedTrack track;
    track.mid = "1";
    track.mid_extension = 4;
    track.rid_extension = 10;
    track.repaired_rid_extension = 11;
    track.audio_level_extension = 1;
    track.has_rtx = true;
    return track;
}

class MediaSenderTest : public testing::Test {
 protected:
    MediaSender::Config video() {
        MediaSender::Config config;
        config.sender = 5;
        config.stream = kVideoStream + 1;
        config.encoding = {"h", 20, 21};
        config.kbps = 1000;
        return config;
    }
    // Everything that is due until `end`, each packet copied.
    std::vector<std::vector<uint8_t>> run(MediaSender& sender, Duration span) {
        std::vector<std::vector<uint8_t>> packets;
        for (const Instant end = now_ + span; now_ < end; now_ = now_ + Duration::millis(1)) {
            while (const auto packet = sender.next_due(now_))
                packets.emplace_back(packet->begin(), packet->end());
        }
        return packets;
    }

    SeededRng rng_{9};
    Instant now_ = Instant::from_ms(50'000);
};

TEST_F(MediaSenderTest, AudioHasFiftyPacketsASecond) {
    MediaSender::Config config;
    config.encoding.ssrc = 10;
    MediaSender sender(config, rng_);
    EXPECT_FALSE(sender.is_sending());
    EXPECT_TRUE(run(sender, Duration::seconds(1)).empty());
    sender.start(now_, accepted());
    const auto packets = run(sender, Duration::seconds(10));
    EXPECT_NEAR(static_cast<double>(packets.size()), 500, 1);
    const auto first = wire::parse_rtp(packets[0]);
    const auto second = wire::parse_rtp(packets[1]);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->payload_type, kOpusType);
    EXPECT_EQ(second->timestamp - first->timestamp, 960u);
    EXPECT_TRUE(wire::find_extension(*first, 1));
    EXPECT_EQ(as_text(*wire::find_extension(*first, 4)), "1");
    EXPECT_EQ(stamp_of_opus(second->payload)->counter, 1u);
    EXPECT_EQ(sender.sent(), packets.size());
    sender.stop();
    EXPECT_TRUE(run(sender, Duration::seconds(1)).empty());
}

TEST_F(MediaSenderTest, VideoStartsWithAKeyFrameAndKeepsItsRate) {
    MediaSender sender(video(), rng_);
    sender.start(now_, accepted());
    const auto packets = run(sender, Duration::seconds(10));
    const auto first = wire::parse_rtp(packets[0]);
    ASSERT_TRUE(first);
    EXPECT_TRUE(wire::is_keyframe(*wire::parse_vp8(first->payload)));
    EXPECT_EQ(as_text(*wire::find_extension(*first, 10)), "h");
    size_t bytes = 0;
    size_t frames = 0;
    size_t keyframes = 0;
    for (const auto& packet : packets) {
        const auto rtp = wire::parse_rtp(packet);
        ASSERT_TRUE(rtp);
        ASSERT_LE(packet.size(), 1200u);
        bytes += packet.size();
        frames += rtp->marker ? 1 : 0;
        keyframes += wire::is_keyframe(*wire::parse_vp8(rtp->payload)) ? 1 : 0;
        const auto stamp = stamp_of_vp8(rtp->payload);
        ASSERT_TRUE(stamp);
        EXPECT_EQ(stamp->sender, 5u);
        EXPECT_EQ(rtp->marker, stamp->index + 1 == stamp->count);
    }
    EXPECT_NEAR(static_cast<double>(frames), 300, 2);
    EXPECT_EQ(keyframes, 1u);
    EXPECT_NEAR(static_cast<double>(bytes) * 8 / 10, 1'050'000, 70'000);
    EXPECT_FALSE(wire::find_extension(*wire::parse_rtp(packets.back()), 10));
}

TEST_F(MediaSenderTest, AnswersAPliWithAKeyFrame) {
    MediaSender sender(video(), rng_);
    sender.start(now_, accepted());
    (void)run(sender, Duration::seconds(1));
    sender.request_keyframe();
    size_t keyframes = 0;
    for (const auto& packet : run(sender, Duration::seconds(1)))
        keyframes += wire::is_keyframe(*wire::parse_vp8(wire::parse_rtp(packet)->payload)) ? 1 : 0;
    EXPECT_EQ(keyframes, 1u);
}

TEST_F(MediaSenderTest, RetransmitsWhatItSent) {
    MediaSender sender(video(), rng_);
    sender.start(now_, accepted());
    const auto packets = run(sender, Duration::seconds(1));
    const auto original = wire::parse_rtp(packets[7]);
    const auto again = sender.retransmission(original->sequence_number);
    ASSERT_TRUE(again);
    const auto rtx = wire::parse_rtp(*again);
    ASSERT_TRUE(rtx);
    EXPECT_EQ(rtx->ssrc, 21u);
    EXPECT_EQ(rtx->payload_type, kVp8RtxType);
    EXPECT_EQ(as_text(*wire::find_extension(*rtx, 11)), "h");
    EXPECT_EQ(load_be16(rtx->payload.data()), original->sequence_number.value);
    EXPECT_TRUE(std::equal(original->payload.begin(), original->payload.end(), rtx->payload.begin() + 2,
                           rtx->payload.end()));
    const SeqNo newest = wire::parse_rtp(packets.back())->sequence_number;
    EXPECT_FALSE(sender.retransmission(SeqNo{static_cast<uint16_t>(newest.value + 1)}));
    // Too old by now.
    (void)run(sender, Duration::seconds(5));
    EXPECT_FALSE(sender.retransmission(original->sequence_number));
}

TEST_F(MediaSenderTest, PausesAnEncodingThatNobodyWants) {
    MediaSender sender(video(), rng_);
    sender.start(now_, accepted());
    (void)run(sender, Duration::seconds(1));
    sender.set_wanted(now_, false);
    (void)run(sender, Duration::millis(100));
    EXPECT_TRUE(run(sender, Duration::seconds(2)).empty());
    sender.set_wanted(now_, true);
    const auto packets = run(sender, Duration::seconds(1));
    ASSERT_FALSE(packets.empty());
    EXPECT_TRUE(wire::is_keyframe(*wire::parse_vp8(wire::parse_rtp(packets[0])->payload)));
}

TEST_F(MediaSenderTest, CountsForItsReports) {
    MediaSender sender(video(), rng_);
    sender.start(now_, accepted());
    const auto packets = run(sender, Duration::seconds(2));
    const auto info = sender.sender_info(now_, NtpTime{42});
    EXPECT_EQ(info.ntp, NtpTime{42});
    EXPECT_EQ(info.packet_count, packets.size());
    EXPECT_EQ(info.octet_count, sender.bytes());
}

}  // namespace
}  // namespace conclave::load
