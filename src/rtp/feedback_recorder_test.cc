#include "rtp/feedback_recorder.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "base/rng.h"
#include "wire/rtcp.h"

namespace conclave::rtp {
namespace {

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

struct Message {
    uint16_t base = 0;
    uint8_t count = 0;
    int64_t reference_us = 0;
    std::vector<std::pair<bool, int64_t>> statuses;  // received, arrival in us
};

std::optional<Message> feedback(FeedbackRecorder& recorder, Instant now, size_t room = 1200) {
    std::vector<uint8_t> buffer(room);
    ByteWriter out(buffer);
    if (!recorder.write_feedback(now, out)) return std::nullopt;
    const auto packet = wire::RtcpReader(out.written()).next();
    EXPECT_TRUE(packet);
    const auto* parsed = std::get_if<wire::TransportFeedback>(&*packet);
    EXPECT_NE(parsed, nullptr);
    EXPECT_EQ(parsed->sender_ssrc, 1u);
    EXPECT_EQ(parsed->media_ssrc, 2u);
    Message m{parsed->base_sequence.value, parsed->feedback_count, 0, {}};
    m.reference_us = wire::TransportFeedback::kReferenceUnit.us * parsed->reference_time;
    parsed->for_each([&](const wire::PacketStatus& s) {
        m.statuses.emplace_back(s.received, s.received ? m.reference_us + s.offset.us : 0);
    });
    return m;
}

TEST(FeedbackRecorder, ReportsEveryHundredMilliseconds) {
    FeedbackRecorder recorder(1, 2);
    EXPECT_TRUE(recorder.next_feedback().is_never());
    EXPECT_FALSE(feedback(recorder, at(0)));
    recorder.record(at(1000), 65534);
    recorder.record(at(1010), 65535);
    recorder.record(at(1020), 1);
    EXPECT_EQ(recorder.next_feedback(), at(1100));
    const auto m = feedback(recorder, at(1100));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->base, 65534);
    EXPECT_EQ(m->count, 0);
    ASSERT_EQ(m->statuses.size(), 4u);
    EXPECT_TRUE(m->statuses[0].first);
    EXPECT_FALSE(m->statuses[2].first);
    EXPECT_EQ(m->statuses[1].second - m->statuses[0].second, 10'000);
    EXPECT_EQ(m->statuses[3].second - m->statuses[0].second, 20'000);
    EXPECT_TRUE(recorder.next_feedback().is_never());
    EXPECT_FALSE(feedback(recorder, at(1101)));
}

TEST(FeedbackRecorder, TheNextMessageGoesOnWithTheNextNumber) {
    FeedbackRecorder recorder(1, 2);
    recorder.record(at(0), 10);
    ASSERT_TRUE(feedback(recorder, at(100)));
    recorder.record(at(110), 13);
    const auto m = feedback(recorder, at(210));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->base, 11);
    EXPECT_EQ(m->count, 1);
    EXPECT_EQ(m->statuses.size(), 3u);
}

TEST(FeedbackRecorder, APacketThatComesAfterItsReportIsReportedAgain) {
    FeedbackRecorder recorder(1, 2);
    recorder.record(at(0), 10);
    recorder.record(at(1), 12);
    ASSERT_TRUE(feedback(recorder, at(100)));
    recorder.record(at(120), 11);
    const auto m = feedback(recorder, at(220));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->base, 11);
    EXPECT_TRUE(m->statuses[0].first);
}

TEST(FeedbackRecorder, MuchTrafficIsReportedSooner) {
    FeedbackRecorder recorder(1, 2);
    for (uint16_t i = 0; i < 200; ++i) recorder.record(at(1000), i);
    EXPECT_EQ(recorder.next_feedback(), at(1000));
    ASSERT_TRUE(feedback(recorder, at(1000)));
    for (uint16_t i = 200; i < 400; ++i) recorder.record(at(1010), i);
    EXPECT_EQ(recorder.next_feedback(), at(1050));
}

TEST(FeedbackRecorder, WhatHasNoRoomFollowsInTheNextMessage) {
    FeedbackRecorder recorder(1, 2);
    for (uint16_t i = 0; i < 300; ++i) recorder.record(at(1000 + i * 7 % 50), i);
    size_t reported = 0;
    int messages = 0;
    while (const auto m = feedback(recorder, at(1100), 120)) {
        EXPECT_EQ(m->base, reported);
        reported += m->statuses.size();
        ASSERT_LT(++messages, 100);
    }
    EXPECT_EQ(reported, 300u);
    EXPECT_GT(messages, 2);
}

TEST(FeedbackRecorder, WithoutAnyRoomItTriesLater) {
    FeedbackRecorder recorder(1, 2);
    recorder.record(at(0), 1);
    EXPECT_FALSE(feedback(recorder, at(100), 10));
    EXPECT_EQ(recorder.next_feedback(), at(200));
    EXPECT_TRUE(feedback(recorder, at(200)));
}

TEST(FeedbackRecorder, TheWindowIsBounded) {
    FeedbackRecorder recorder(1, 2);
    recorder.record(at(0), 0);
    recorder.record(at(1), 30'000);
    EXPECT_GT(recorder.dropped(), 0u);
    const auto m = feedback(recorder, at(100));
    ASSERT_TRUE(m);
    EXPECT_LE(m->statuses.size(), kFeedbackWindow);
    EXPECT_TRUE(m->statuses.back().first);
    const uint64_t before = recorder.dropped();
    recorder.record(at(101), 1);
    EXPECT_EQ(recorder.dropped(), before + 1);
    EXPECT_TRUE(recorder.next_feedback().is_never());
}

// Every packet that arrives is reported received at its time (to the quarter millisecond), no lost one is.
TEST(FeedbackRecorderProperty, TellsExactlyWhatArrived) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        SeededRng rng(seed);
        FeedbackRecorder recorder(1, 2);
        std::multimap<int64_t, int64_t> path;  // us, seq
        std::map<int64_t, int64_t> arrived;    // seq, us
        std::map<int64_t, int64_t> reported;   // seq, us
        SeqUnwrapper unwrapper;
        int64_t seq = 65000;
        for (int64_t ms = 0; ms < 5000; ++ms) {
            for (uint32_t burst = rng.u32() % 4; ms < 4500 && burst > 0; --burst, ++seq) {
                if (rng.u32() % 20 != 0) path.emplace(ms * 1000 + 20'000 + rng.u32() % 15'000, seq);
            }
            for (auto it = path.begin(); it != path.end() && it->first <= ms * 1000; it = path.erase(it)) {
                recorder.record(Instant{it->first}, static_cast<uint16_t>(it->second));
                arrived[it->second] = it->first;
            }
            while (recorder.next_feedback() <= at(ms)) {
                const auto m = feedback(recorder, at(ms));
                if (!m) break;
                int64_t s = unwrapper.started() ? unwrapper.peek(m->base) : m->base;
                for (const auto& [received, time] : m->statuses) {
                    unwrapper.extend(static_cast<uint16_t>(s));
                    if (received) reported[s] = time;
                    ++s;
                }
            }
        }
        ASSERT_GT(arrived.size(), 4000u);
        ASSERT_EQ(reported.size(), arrived.size());
        for (const auto& [s, time] : arrived) {
            ASSERT_TRUE(reported.contains(s));
            EXPECT_NEAR(static_cast<double>(reported[s]), static_cast<double>(time), 250.0);
        }
    }
}

}  // namespace
}  // namespace conclave::rtp
