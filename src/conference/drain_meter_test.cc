#include "conference/drain_meter.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

constexpr Duration kLatency = Duration::millis(100);
constexpr size_t kFloor = 8 * 1024;

// A second on a line of `rate` bytes a second that always has `backlog` waiting.
size_t after_a_second(DrainMeter& meter, Instant& now, size_t rate, size_t backlog) {
    size_t allowance = 0;
    for (int i = 0; i < 100; ++i) {
        now = now + Duration::millis(10);
        meter.handle_accepted(rate / 100);
        allowance = meter.allowance(now, backlog, kLatency, kFloor);
    }
    return allowance;
}

TEST(DrainMeter, AnUnknownChannelMayHoldTheFloor) {
    DrainMeter meter;
    EXPECT_EQ(meter.allowance(Instant::from_ms(1000), 0, kLatency, kFloor), kFloor);
    EXPECT_EQ(meter.allowance(Instant::from_ms(1000), 100'000, kLatency, kFloor), kFloor);
}

TEST(DrainMeter, AFastLineMayHoldWhatItDrainsInTime) {
    DrainMeter meter;
    Instant now = Instant::from_ms(1000);
    meter.handle_accepted(5000);
    EXPECT_NEAR(static_cast<double>(after_a_second(meter, now, 1'000'000, 5000)), 100'000, 5'000);
}

TEST(DrainMeter, ASlowLineMayHoldTheFloor) {
    DrainMeter meter;
    Instant now = Instant::from_ms(1000);
    meter.handle_accepted(5000);
    EXPECT_EQ(after_a_second(meter, now, 10'000, 5000), kFloor);
}

TEST(DrainMeter, ALineThatSlowsDownIsNoticed) {
    DrainMeter meter;
    Instant now = Instant::from_ms(1000);
    meter.handle_accepted(5000);
    after_a_second(meter, now, 1'000'000, 5000);
    EXPECT_LT(after_a_second(meter, now, 20'000, 5000), 2 * kFloor);
}

TEST(DrainMeter, SilenceIsNotSlowness) {
    DrainMeter meter;
    Instant now = Instant::from_ms(1000);
    meter.handle_accepted(5000);
    after_a_second(meter, now, 1'000'000, 5000);
    EXPECT_GT(after_a_second(meter, now, 0, 0), 40'000u) << "nothing was to be sent";
}

TEST(DrainMeter, NoLineMayHoldWithoutLimit) {
    DrainMeter meter;
    Instant now = Instant::from_ms(1000);
    meter.handle_accepted(5000);
    EXPECT_EQ(after_a_second(meter, now, 100'000'000, 5000), DrainMeter::kAllowanceMax);
}

}  // namespace
}  // namespace conclave::conference
