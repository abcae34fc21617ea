#include "bwe/trendline.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

class TrendlineTest : public testing::Test {
 protected:
    // Groups of 20 ms, each so much later than the one before it should be.
    Usage run(int groups, int64_t later_us) {
        for (int i = 0; i < groups; ++i) {
            const Duration sent = Duration::millis(20);
            now = now + sent + Duration{later_us};
            trend.add({sent, sent + Duration{later_us}, now});
        }
        return trend.usage();
    }
    Trendline trend;
    Instant now;
};

TEST_F(TrendlineTest, AWayThatGrowsLongerIsOverused) {
    EXPECT_EQ(run(100, 0), Usage::Normal);
    EXPECT_EQ(run(15, 3'000), Usage::Over);
    EXPECT_EQ(run(30, -3'000), Usage::Under);
    EXPECT_EQ(run(100, 0), Usage::Normal);
}

TEST_F(TrendlineTest, ASingleLateGroupIsNothing) {
    (void)run(100, 0);
    EXPECT_EQ(run(1, 8'000), Usage::Normal);
    EXPECT_EQ(run(1, -8'000), Usage::Normal);
}

TEST_F(TrendlineTest, WhatIsUsualIsNoSign) {
    int over = 0;
    for (int i = 0; i < 2000; ++i) {
        if (run(1, i % 2 == 0 ? 12'000 : -12'000) == Usage::Over && i > 200) ++over;
    }
    EXPECT_EQ(over, 0);
}

TEST_F(TrendlineTest, TooFewGroupsSayNothing) {
    EXPECT_EQ(run(15, 5'000), Usage::Normal);
}

}  // namespace
}  // namespace conclave::bwe
