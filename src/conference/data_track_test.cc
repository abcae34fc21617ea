#include "conference/data_track.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

livekit::DataTrackHeader packet(uint16_t frame, uint32_t milliseconds) {
    livekit::DataTrackHeader header;
    header.handle = 1;
    header.frame = frame;
    header.timestamp = milliseconds * (livekit::kDataTrackClockRate / 1000);
    return header;
}

TEST(DataSubscription, AFrameIsTakenOrLeftAsAWhole) {
    DataSubscription subscription(7, 0);
    EXPECT_TRUE(subscription.takes(packet(1, 0), true));
    EXPECT_TRUE(subscription.takes(packet(1, 0), false)) << "begun, so finished";
    EXPECT_FALSE(subscription.takes(packet(2, 10), false));
    EXPECT_FALSE(subscription.takes(packet(2, 10), true)) << "the rest of it is of no use";
    EXPECT_TRUE(subscription.takes(packet(3, 20), true));
}

TEST(DataSubscription, FramesAreThinnedToTheRateAskedFor) {
    DataSubscription subscription(7, 10);
    size_t taken = 0;
    for (uint16_t frame = 0; frame < 100; ++frame) {
        if (subscription.takes(packet(frame, 20u * frame), true)) ++taken;
    }
    EXPECT_EQ(taken, 20u) << "2 s of 50 frames a second";
    subscription.set_target_fps(0);
    EXPECT_TRUE(subscription.takes(packet(100, 2000), true));
    EXPECT_TRUE(subscription.takes(packet(101, 2001), true));
}

TEST(DataSubscription, JitterDoesNotHalveTheRate) {
    DataSubscription subscription(7, 10);
    for (uint16_t frame = 0; frame < 10; ++frame) {
        EXPECT_TRUE(subscription.takes(packet(frame, 100u * frame + (frame % 2 ? 0u : 8u)), true)) << frame;
    }
}

TEST(DataSubscription, AClockThatStartsAnewIsFollowed) {
    DataSubscription subscription(7, 10);
    EXPECT_TRUE(subscription.takes(packet(1, 1'000'000), true));
    EXPECT_TRUE(subscription.takes(packet(2, 5), true));
}

}  // namespace
}  // namespace conclave::conference
