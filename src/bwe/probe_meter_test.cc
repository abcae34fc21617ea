#include "bwe/probe_meter.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

class ProbeMeterTest : public testing::Test {
 protected:
    // Four bursts of five packets of 1,000 bytes, 5 ms apart: 8 Mbit/s. They leave a link of that capacity
    // one after the other.
    std::optional<ProbeMeter::Result> measure(uint64_t capacity_bps, int lost = 0, ClusterId cluster = 1) {
        meter.begin(1);
        Instant free;
        for (int i = 0; i < 20; ++i) {
            const Instant sent = Instant::from_ms(i / 5 * 5);
            free = std::max(free, sent) + Duration{static_cast<int64_t>(8'000'000'000 / capacity_bps)};
            PacketResult packet{.sent = sent, .arrived = free, .size = 1000, .cluster = cluster};
            if (i >= 20 - lost) packet.arrived = Instant::never();
            meter.add(packet);
        }
        EXPECT_FALSE(meter.take_result(own_loss)) << "it is still being sent";
        meter.end(20);
        return meter.take_result(own_loss);
    }
    ProbeMeter meter;
    double own_loss = 0;
};

TEST_F(ProbeMeterTest, WhatTheLinkCarriesIsTheRateOfTheProbe) {
    const auto result = measure(100'000'000);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->is_full);
    EXPECT_EQ(result->rate, DataRate::kbps(8000));
    EXPECT_FALSE(meter.take_result(own_loss)) << "once";
}

TEST_F(ProbeMeterTest, AFullLinkIsLeftSomeAir) {
    const auto result = measure(4'000'000);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->is_full);
    EXPECT_EQ(result->rate, DataRate::kbps(3800));
}

TEST_F(ProbeMeterTest, MostOfItHasToArrive) {
    EXPECT_TRUE(measure(100'000'000, 4));
    EXPECT_FALSE(measure(100'000'000, 5));
    own_loss = 0.25;
    EXPECT_TRUE(measure(100'000'000, 5)) << "on a link that always loses as much";
    EXPECT_FALSE(measure(100'000'000, 0, 2)) << "of another cluster";
}

TEST_F(ProbeMeterTest, WhatWasHeldUpSaysNothing) {
    meter.begin(1);
    for (int i = 0; i < 20; ++i) {
        meter.add({.sent = Instant::from_ms(i),
                   .arrived = Instant::from_ms(100 + i / 4),
                   .size = 1000,
                   .cluster = 1});
    }
    meter.end(20);
    const auto result = meter.take_result(0);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->rate, DataRate{});
}

TEST_F(ProbeMeterTest, WhatIsSentAtOnceMeasuresNothing) {
    meter.begin(1);
    for (int i = 0; i < 5; ++i) {
        meter.add({.sent = Instant{}, .arrived = Instant::from_ms(i), .size = 1000, .cluster = 1});
    }
    meter.end(5);
    EXPECT_FALSE(meter.take_result(own_loss));
}

}  // namespace
}  // namespace conclave::bwe
