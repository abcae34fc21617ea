#include "bwe/standing_queue.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

class StandingQueueTest : public testing::Test {
 protected:
    void add(int64_t sent_ms, int64_t way_ms) {
        PacketResult packet;
        packet.sent = Instant::from_ms(sent_ms);
        packet.arrived = packet.sent + Duration::millis(way_ms);
        queue.add(packet);
    }
    StandingQueue queue;
};

TEST_F(StandingQueueTest, IsWhatNoPacketIsSpared) {
    EXPECT_EQ(queue.standing(), Duration{});
    // The receiver's clock is an hour behind.
    constexpr int64_t kApart = -3'600'000;
    for (int64_t ms = 0; ms < 1000; ms += 10) add(ms, kApart + 40 + ms / 10 % 5 * 20);
    EXPECT_EQ(queue.standing(), Duration{}) << "bursts that go away again";
    for (int64_t ms = 1000; ms < 1300; ms += 10) add(ms, kApart + 90 + ms / 10 % 5 * 20);
    EXPECT_EQ(queue.standing(), Duration::millis(50));
    EXPECT_GE(queue.growth(), Duration::millis(50));
    for (int64_t ms = 1300; ms < 3000; ms += 10) add(ms, kApart + 90);
    EXPECT_EQ(queue.standing(), Duration::millis(50));
    EXPECT_EQ(queue.growth(), Duration{}) << "it stands, but grows no more";
}

TEST_F(StandingQueueTest, WhatStandsForLongIsTheWayItself) {
    add(0, 40);
    for (int64_t ms = 100; ms < 19'000; ms += 100) add(ms, 140);
    EXPECT_EQ(queue.standing(), Duration::millis(100));
    for (int64_t ms = 19'000; ms < 41'000; ms += 100) add(ms, 140);
    EXPECT_EQ(queue.standing(), Duration{});
}

}  // namespace
}  // namespace conclave::bwe
