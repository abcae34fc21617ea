#include "bwe/acknowledged_rate.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

TEST(AcknowledgedRateTest, IsWhatCameInTheWindow) {
    AcknowledgedRate rate;
    for (int64_t ms = 0; ms < 400; ms += 10) rate.add(Instant::from_ms(ms), 1250);
    EXPECT_FALSE(rate.rate()) << "it is not over yet";
    for (int64_t ms = 400; ms < 1000; ms += 10) rate.add(Instant::from_ms(ms), 1250);
    EXPECT_EQ(rate.rate(), DataRate::kbps(1000));
    for (int64_t ms = 1000; ms < 1401; ms += 20) rate.add(Instant::from_ms(ms), 1250);
    EXPECT_EQ(rate.rate(), DataRate::kbps(500));
}

TEST(AcknowledgedRateTest, PausesCountAndLongOnesBeginAnew) {
    AcknowledgedRate rate;
    for (int64_t ms = 0; ms < 1000; ms += 10) rate.add(Instant::from_ms(ms), 1250);
    rate.add(Instant::from_ms(1220), 1250);
    EXPECT_EQ(rate.rate(), DataRate::kbps(500));
    rate.add(Instant::from_ms(3000), 1250);
    EXPECT_FALSE(rate.rate());
}

TEST(AcknowledgedRateTest, TheClockMayBeBeforeItsBeginning) {
    AcknowledgedRate rate;
    for (int64_t ms = -1000; ms <= 0; ms += 10) rate.add(Instant::from_ms(ms), 1250);
    EXPECT_EQ(rate.rate(), DataRate::kbps(1000));
}

TEST(AcknowledgedRateTest, ALatePacketIsOfItsTime) {
    AcknowledgedRate rate;
    for (int64_t ms = 0; ms <= 1000; ms += 10) rate.add(Instant::from_ms(ms), 1250);
    rate.add(Instant::from_ms(960), 5000);
    rate.add(Instant::from_ms(100), 50'000);  // before the window
    EXPECT_EQ(rate.rate(), DataRate::kbps(1100));
}

}  // namespace
}  // namespace conclave::bwe
