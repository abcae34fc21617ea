#include "bwe/arrival_groups.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

PacketResult packet(int64_t sent_ms, int64_t arrived_ms) {
    return {.sent = Instant::from_ms(sent_ms), .arrived = Instant::from_ms(arrived_ms), .size = 1000};
}

TEST(ArrivalGroupsTest, ComparesWholeBursts) {
    ArrivalGroups groups;
    EXPECT_FALSE(groups.add(packet(0, 100)));
    EXPECT_FALSE(groups.add(packet(4, 106))) << "of the same burst";
    EXPECT_FALSE(groups.add(packet(20, 120)));
    const auto delta = groups.add(packet(40, 150));
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->sent, Duration::millis(16));
    EXPECT_EQ(delta->arrived, Duration::millis(14));
    EXPECT_EQ(delta->variation(), Duration::millis(-2));
    EXPECT_EQ(delta->at, Instant::from_ms(120));
}

TEST(ArrivalGroupsTest, WhatWasHeldUpAndCameAtOnceIsOneGroup) {
    ArrivalGroups groups;
    (void)groups.add(packet(0, 100));
    (void)groups.add(packet(20, 200));
    EXPECT_FALSE(groups.add(packet(40, 201)));
    EXPECT_FALSE(groups.add(packet(60, 202)));
    const auto delta = groups.add(packet(120, 240));
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->sent, Duration::millis(60));
    EXPECT_EQ(delta->arrived, Duration::millis(102));
}

TEST(ArrivalGroupsTest, SaysNothingOfThoseThatOvertook) {
    ArrivalGroups groups;
    (void)groups.add(packet(0, 100));
    (void)groups.add(packet(20, 90));
    EXPECT_FALSE(groups.add(packet(40, 140)));
    EXPECT_FALSE(groups.add(packet(10, 150))) << "its group is over";
    EXPECT_TRUE(groups.add(packet(60, 160)));
}

}  // namespace
}  // namespace conclave::bwe
