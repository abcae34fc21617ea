#include "sim/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace conclave::sim {
namespace {

using Arrivals = std::vector<std::optional<Instant>>;

Arrivals send(Channel& channel, size_t count, Duration apart = Duration::millis(1), size_t size = 1000) {
    Arrivals arrivals;
    for (size_t i = 0; i < count; ++i) {
        arrivals.push_back(channel.send(Instant{} + apart * static_cast<int64_t>(i), size));
    }
    return arrivals;
}

TEST(Channel, DeliversEverythingAfterTheDelayWhenNothingElseIsSet) {
    Channel channel({.delay = Duration::millis(30)}, 1);
    const Arrivals arrivals = send(channel, 100);
    for (size_t i = 0; i < arrivals.size(); ++i) {
        EXPECT_EQ(arrivals[i], Instant::from_ms(static_cast<int64_t>(i) + 30));
    }
}

TEST(Channel, LosesTheAskedShareAndCountsIt) {
    Channel channel({.loss = 0.05}, 2);
    const Arrivals arrivals = send(channel, 100'000);
    const auto lost = static_cast<uint64_t>(std::count(arrivals.begin(), arrivals.end(), std::nullopt));
    EXPECT_GT(lost, 4'700U);
    EXPECT_LT(lost, 5'300U);
    EXPECT_EQ(channel.counters().lost, lost);
    EXPECT_EQ(channel.counters().packets, 100'000U);
    EXPECT_EQ(channel.counters().bytes, 100'000'000U);
}

TEST(Channel, RepeatsItselfForTheSameSeedAndNotForAnother) {
    const Link link{.loss = 0.1, .jitter = Duration::millis(5)};
    Channel first(link, 3);
    Channel same(link, 3);
    Channel other(link, 4);
    const Arrivals arrivals = send(first, 1000);
    EXPECT_EQ(arrivals, send(same, 1000));
    EXPECT_NE(arrivals, send(other, 1000));
}

TEST(Channel, JitterStaysInItsBoundsAndReorders) {
    Channel channel({.delay = Duration::millis(20), .jitter = Duration::millis(10)}, 5);
    const Arrivals arrivals = send(channel, 1000);
    for (size_t i = 0; i < arrivals.size(); ++i) {
        const Duration travelled = *arrivals[i] - Instant::from_ms(static_cast<int64_t>(i));
        EXPECT_GE(travelled, Duration::millis(20));
        EXPECT_LT(travelled, Duration::millis(30));
    }
    EXPECT_FALSE(std::is_sorted(arrivals.begin(), arrivals.end()));
}

TEST(Channel, JitterWithoutReorderingKeepsPacketsInLine) {
    Channel channel({.jitter = Duration::millis(10), .reorders = false}, 5);
    const Arrivals arrivals = send(channel, 1000);
    EXPECT_TRUE(std::is_sorted(arrivals.begin(), arrivals.end()));
}

TEST(Channel, SpacesPacketsByTheRateAndDropsWhatItsQueueCannotHold) {
    // 1000 bytes take 8 ms; ten at once wait in a queue for four.
    Channel channel({.delay = {}, .bits_per_second = 1'000'000, .queue_bytes_max = 4000}, 6);
    const Arrivals arrivals = send(channel, 10, Duration{});
    for (int64_t i = 0; i < 4; ++i) {
        EXPECT_EQ(arrivals[static_cast<size_t>(i)], Instant::from_ms(8 * (i + 1)));
    }
    for (size_t i = 4; i < 10; ++i) EXPECT_EQ(arrivals[i], std::nullopt);
    EXPECT_EQ(channel.counters().overflowed, 6U);
    EXPECT_EQ(channel.counters().lost, 0U);
    EXPECT_EQ(channel.send(Instant::from_ms(100), 1000), Instant::from_ms(108));
}

}  // namespace
}  // namespace conclave::sim
