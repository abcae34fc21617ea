#include "bwe/rate_control.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

constexpr Duration kRtt = Duration::millis(100);

class RateControlTest : public testing::Test {
 protected:
    DataRate run(int64_t ms, Usage usage, std::optional<DataRate> acknowledged) {
        for (int64_t passed = 0; passed < ms; passed += 100) {
            now = now + Duration::millis(100);
            control.update(now, usage, acknowledged, kRtt);
        }
        return control.rate();
    }
    RateControl control{DataRate::kbps(1000)};
    Instant now = Instant::from_ms(1000);
};

TEST_F(RateControlTest, GrowsByEightPercentASecondWhereNoLimitIsKnown) {
    (void)run(100, Usage::Normal, DataRate::kbps(1000));
    const uint64_t grown = run(1000, Usage::Normal, DataRate::kbps(1000)).bps;
    EXPECT_GT(grown, 1'075'000u);
    EXPECT_LT(grown, 1'090'000u);
}

TEST_F(RateControlTest, FallsBelowWhatArrivesOnceForEachAnswer) {
    EXPECT_EQ(run(100, Usage::Over, DataRate::kbps(800)), DataRate::kbps(680));
    EXPECT_EQ(run(100, Usage::Over, DataRate::kbps(700)), DataRate::kbps(680)) << "no answer yet";
    EXPECT_EQ(run(100, Usage::Over, DataRate::kbps(700)), DataRate::kbps(595));
    EXPECT_EQ(run(100, Usage::Over, DataRate::kbps(200)), DataRate::kbps(170)) << "far off: at once";
    EXPECT_EQ(control.lowered_at(), now);
}

TEST_F(RateControlTest, CreepsNearAKnownLimitAndRunsBeyondIt) {
    (void)run(100, Usage::Over, DataRate::kbps(800));
    (void)run(100, Usage::Normal, DataRate::kbps(800));
    const uint64_t before = control.rate().bps;
    const uint64_t step = run(1000, Usage::Normal, DataRate::kbps(800)).bps - before;
    EXPECT_NEAR(static_cast<double>(step), 48'000, 1'000) << "a packet each 200 ms";
    // More arrives than the link was thought to carry.
    (void)run(100, Usage::Normal, DataRate::kbps(1500));
    const uint64_t free = control.rate().bps;
    EXPECT_GT(run(1000, Usage::Normal, DataRate::kbps(1500)).bps - free, 55'000u);
}

TEST_F(RateControlTest, HoldsWhileQueuesEmptyAndWithoutAnythingToShowForMore) {
    EXPECT_EQ(run(5000, Usage::Under, DataRate::kbps(1000)), DataRate::kbps(1000));
    EXPECT_EQ(run(5000, Usage::Normal, std::nullopt), DataRate::kbps(1000));
    EXPECT_EQ(run(5000, Usage::Normal, DataRate::kbps(100)), DataRate::kbps(1000));
    EXPECT_EQ(run(60'000, Usage::Normal, DataRate::kbps(700)), DataRate::kbps(1060));
}

TEST_F(RateControlTest, HasBothLimits) {
    (void)run(10'000, Usage::Over, DataRate::kbps(1));
    EXPECT_EQ(control.rate(), RateControl::kMin);
    (void)run(200'000, Usage::Normal, DataRate::kbps(1'000'000));
    EXPECT_EQ(control.rate(), RateControl::kMax);
}

}  // namespace
}  // namespace conclave::bwe
