#include "bwe/loss_bound.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

class LossBoundTest : public testing::Test {
 protected:
    // A window in which so many of a hundred packets are lost.
    std::optional<DataRate> window(int lost, DataRate rate, DataRate acknowledged) {
        for (int i = 0; i < 100; ++i) {
            PacketResult packet;
            if (i >= lost) packet.arrived = now;
            bound.add(packet);
        }
        now = now + LossBound::kWindow;
        bound.update(now, rate, acknowledged);
        return bound.bound();
    }
    LossBoundTest() { bound.update(now, {}, {}); }
    LossBound bound;
    Instant now = Instant::from_ms(1000);
};

constexpr DataRate kRate = DataRate::kbps(1000);

TEST_F(LossBoundTest, ALittleIsNothing) {
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(window(i % 2 == 0 ? 0 : 8, kRate, kRate));
}

TEST_F(LossBoundTest, MuchIsCongestionUntilItIsGone) {
    EXPECT_EQ(window(30, kRate, DataRate::kbps(700)), DataRate::kbps(700));
    EXPECT_EQ(window(0, kRate, DataRate::kbps(700)), DataRate::kbps(728)) << "8 % a second";
    EXPECT_FALSE(window(0, DataRate::kbps(750), kRate)) << "the delay says less";
}

TEST_F(LossBoundTest, WhatLoweringDoesNotHelpIsTheLinksOwn) {
    EXPECT_EQ(window(30, kRate, DataRate::kbps(700)), DataRate::kbps(700));
    EXPECT_EQ(window(29, kRate, DataRate::kbps(500)), DataRate::kbps(700)) << "not again for the same";
    EXPECT_GT(window(31, kRate, DataRate::kbps(500)), DataRate::kbps(700));
    EXPECT_EQ(window(60, kRate, DataRate::kbps(400)), DataRate::kbps(400)) << "on top of its own";
}

TEST_F(LossBoundTest, AProbeThatCameThroughLiftsIt) {
    (void)window(30, kRate, DataRate::kbps(300));
    bound.lift(DataRate::kbps(900));
    EXPECT_EQ(bound.bound(), DataRate::kbps(900));
    bound.lift(DataRate::kbps(500));
    EXPECT_EQ(bound.bound(), DataRate::kbps(900));
}

TEST_F(LossBoundTest, ProbesAndLatePacketsAreNotLost) {
    PacketResult probe;
    probe.cluster = 1;
    for (int i = 0; i < 100; ++i) bound.add(probe);
    for (int i = 0; i < 20; ++i) bound.add({});
    PacketResult late;
    late.arrived = now;
    late.was_lost = true;
    for (int i = 0; i < 20; ++i) bound.add(late);
    EXPECT_FALSE(window(0, kRate, kRate));
    EXPECT_EQ(bound.loss(), 0);
}

TEST_F(LossBoundTest, AFewPacketsSayNothing) {
    for (int i = 0; i < 30; ++i) bound.add({});
    now = now + LossBound::kWindow;
    bound.update(now, kRate, kRate);
    EXPECT_FALSE(bound.bound());
}

}  // namespace
}  // namespace conclave::bwe
