#include "sfu/rewriter.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"

namespace conclave::sfu {
namespace {

constexpr uint32_t kClock = 90000;
Instant at_ms(int64_t ms) {
    return Instant::from_ms(ms);
}

Packet packet(uint32_t source, int64_t sequence, uint32_t timestamp) {
    Packet packet;
    packet.source = source;
    packet.sequence = {sequence};
    packet.timestamp = timestamp;
    return packet;
}

TEST(Rewriter, NothingIsMappedBeforeTheStart) {
    Rewriter rewriter({100}, 5000, kClock, kVideoSegments);
    EXPECT_FALSE(rewriter.map(at_ms(0), packet(1, 7, 0), false));
    EXPECT_FALSE(rewriter.origin({65536 + 100}));
    EXPECT_FALSE(rewriter.map_timestamp(1, 0));
}

TEST(Rewriter, FirstPacketTakesTheFirstValues) {
    Rewriter rewriter({100}, 5000, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 7, 333), std::nullopt);
    const auto sent = rewriter.map(at_ms(0), packet(1, 7, 333), false);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->sequence.wire().value, 100);
    EXPECT_EQ(sent->timestamp, 5000u);
}

TEST(Rewriter, KeepsLossAndReorderingVisible) {
    Rewriter rewriter({100}, 0, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    EXPECT_EQ(rewriter.map(at_ms(0), packet(1, 10, 0), false)->sequence.wire().value, 100);
    EXPECT_EQ(rewriter.map(at_ms(1), packet(1, 13, 0), false)->sequence.wire().value, 103);
    EXPECT_EQ(rewriter.map(at_ms(2), packet(1, 11, 0), false)->sequence.wire().value, 101);
    EXPECT_FALSE(rewriter.map(at_ms(2), packet(1, 9, 0), false)) << "older than the segment";
}

TEST(Rewriter, APauseLeavesNoHoleAndTheClockRunsOn) {
    Rewriter rewriter({100}, 1000, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
    rewriter.start(at_ms(1000), packet(1, 500, 90000), std::nullopt);
    const auto sent = rewriter.map(at_ms(1000), packet(1, 500, 90000), false);
    EXPECT_EQ(sent->sequence.wire().value, 101);
    EXPECT_EQ(sent->timestamp, 91000u);
    EXPECT_FALSE(rewriter.map(at_ms(1000), packet(1, 11, 0), false))
        << "dropped during the pause, so never sent";
    EXPECT_EQ(rewriter.map(at_ms(1000), packet(1, 10, 0), false)->sequence.wire().value, 100);
}

TEST(Rewriter, ANewSourceContinuesSequenceAndTime) {
    Rewriter rewriter({65535}, 1000, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
    rewriter.start(at_ms(100), packet(2, 4000, 777777), std::nullopt);
    const auto sent = rewriter.map(at_ms(100), packet(2, 4000, 777777), false);
    EXPECT_EQ(sent->sequence.wire().value, 0) << "wraps after 65535";
    EXPECT_EQ(sent->timestamp, 1000u + 9000u);
    EXPECT_EQ(rewriter.map_timestamp(2, 777777), 10000u);
    EXPECT_FALSE(rewriter.map_timestamp(1, 0));
}

TEST(Rewriter, OriginInvertsMapForEverythingRemembered) {
    SeededRng rng(42);
    Rewriter rewriter({65000}, 0, kClock, kVideoSegments);
    int64_t in = 1000;
    uint32_t source = 1;
    std::set<int64_t> sent_numbers;
    for (int step = 0; step < 6; ++step) {
        rewriter.start(at_ms(step), packet(source, in, 0), std::nullopt);
        for (int i = 0; i < 300; ++i, ++in) {
            if (rng.u32() % 10 == 0) continue;
            const auto sent = rewriter.map(at_ms(step), packet(source, in, 0), false);
            ASSERT_TRUE(sent);
            EXPECT_TRUE(sent_numbers.insert(sent->sequence.value).second) << "no number is given twice";
            const auto origin = rewriter.origin(sent->sequence);
            ASSERT_TRUE(origin);
            EXPECT_EQ(origin->sequence.value, in);
            EXPECT_EQ(origin->source, source);
        }
        in += rng.u32() % 1000 + 1;
        if (step % 2) ++source;
    }
    EXPECT_FALSE(rewriter.origin({*sent_numbers.rbegin() + 1}));
}

}  // namespace
}  // namespace conclave::sfu
