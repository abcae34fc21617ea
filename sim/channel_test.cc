#include "sim/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace conclave::sim {
namespace {

using Arrivals = std::vector<std::optional<Instant>>;

std::optional<Instant> send_one(Channel& channel, Instant now, size_t size = 1000) {
    const Channel::Arrivals arrivals = channel.send(now, size);
    return arrivals.empty() ? std::nullopt : std::optional(arrivals[0]);
}

Arrivals send(Channel& channel, size_t count, Duration apart = Duration::millis(1), size_t size = 1000) {
    Arrivals arrivals;
    for (size_t i = 0; i < count; ++i) {
        arrivals.push_back(send_one(channel, Instant{} + apart * static_cast<int64_t>(i), size));
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
    EXPECT_EQ(send_one(channel, Instant::from_ms(100)), Instant::from_ms(108));
}

TEST(Channel, SaysHowLongAPacketWaitsInItsQueue) {
    Channel channel({.delay = Duration::millis(50), .bits_per_second = 1'000'000}, 6);
    EXPECT_EQ(channel.queueing_delay({}), Duration{});
    send(channel, 3, Duration{});
    EXPECT_EQ(channel.queueing_delay({}), Duration::millis(24));
    EXPECT_EQ(channel.queueing_delay(Instant::from_ms(20)), Duration::millis(4));
    EXPECT_EQ(channel.queueing_delay(Instant::from_ms(30)), Duration{});
}

TEST(Channel, AQueueMayBeBoundedByTimeWhateverItsBytes) {
    Channel channel({.delay = {},
                     .bits_per_second = 1'000'000,
                     .queue_bytes_max = 1'000'000,
                     .queue_time_max = Duration::millis(16)},
                    6);
    const Arrivals arrivals = send(channel, 5, Duration{});
    EXPECT_EQ(std::count(arrivals.begin(), arrivals.end(), std::nullopt), 2) << "the third waits 16 ms";
    EXPECT_EQ(channel.counters().overflowed, 2U);
}

// Lengths of the runs of lost packets.
std::vector<size_t> bursts_of(const Arrivals& arrivals) {
    std::vector<size_t> bursts;
    for (size_t i = 0; i < arrivals.size(); ++i) {
        if (arrivals[i]) continue;
        if (i == 0 || arrivals[i - 1]) bursts.push_back(0);
        ++bursts.back();
    }
    return bursts;
}

TEST(Channel, LosesInBurstsAsGilbertAndElliottDescribe) {
    Channel channel({.bursts = {.to_bad = 0.01, .to_good = 0.25}}, 7);
    const std::vector<size_t> bursts = bursts_of(send(channel, 100'000));
    const auto lost = static_cast<double>(channel.counters().lost);
    EXPECT_NEAR(lost / 100'000, 0.01 / 0.26, 0.004);
    EXPECT_NEAR(lost / static_cast<double>(bursts.size()), 4, 0.3);
}

TEST(Channel, BurstsNeedNotLoseAllNorSpareAllBetween) {
    Channel channel(
        {.bursts = {.to_bad = 0.5, .to_good = 0.5, .loss_while_bad = 0.4, .loss_while_good = 0.1}}, 8);
    send(channel, 100'000);
    EXPECT_NEAR(static_cast<double>(channel.counters().lost) / 100'000, 0.25, 0.01);
}

TEST(Channel, SomePacketsArriveTwice) {
    Channel channel({.duplicates = 0.1}, 9);
    size_t twice = 0;
    for (int64_t i = 0; i < 10'000; ++i) {
        if (channel.send(Instant::from_ms(i), 100).size() == 2) ++twice;
    }
    EXPECT_NEAR(static_cast<double>(twice), 1000, 100);
    EXPECT_EQ(channel.counters().duplicated, twice);
    EXPECT_EQ(channel.counters().delivered_bytes, (10'000 + twice) * 100);
}

TEST(Channel, StragglersAreOvertakenByWhatFollows) {
    Channel channel({.reorders = false, .stragglers = 0.1, .straggle = Duration::millis(5)}, 10);
    const Arrivals arrivals = send(channel, 1000);
    int stragglers = 0;
    for (size_t i = 0; i < arrivals.size(); ++i) {
        const Duration travelled = *arrivals[i] - Instant::from_ms(static_cast<int64_t>(i));
        if (travelled == Duration::millis(25))
            ++stragglers;
        else
            EXPECT_EQ(travelled, Duration::millis(20));
    }
    EXPECT_GT(stragglers, 70);
    EXPECT_LT(stragglers, 130);
}

TEST(Channel, WhatIsLargerThanTheMtuVanishes) {
    Channel channel({.mtu = 1280}, 11);
    EXPECT_TRUE(send_one(channel, {}, 1280));
    EXPECT_FALSE(send_one(channel, {}, 1281));
    EXPECT_EQ(channel.counters().too_large, 1U);
}

TEST(Channel, TheFateOfAPacketDoesNotHangOnOtherSettings) {
    Channel plain({.loss = 0.1}, 12);
    Channel rich({.loss = 0.1, .jitter = Duration::millis(9), .duplicates = 0.5, .stragglers = 0.5}, 12);
    for (int64_t i = 0; i < 1000; ++i) {
        EXPECT_EQ(plain.send(Instant::from_ms(i), 100).empty(), rich.send(Instant::from_ms(i), 100).empty());
    }
}

TEST(Channel, AnOutageLosesWhatEntersAndWhatLeavesTheQueue) {
    const Link up{.delay = Duration::millis(20), .bits_per_second = 1'000'000};
    Link down = up;
    down.is_down = true;
    Channel channel({{{}, up}, {Duration::millis(100), down}, {Duration::millis(200), up}}, 13,
                    Instant::from_ms(1000));
    EXPECT_EQ(send_one(channel, Instant::from_ms(1090)), Instant::from_ms(1118))
        << "on its way when the link went";
    EXPECT_FALSE(send_one(channel, Instant::from_ms(1095))) << "still in the queue then";
    EXPECT_FALSE(send_one(channel, Instant::from_ms(1150)));
    EXPECT_TRUE(send_one(channel, Instant::from_ms(1200)));
    EXPECT_EQ(channel.counters().cut, 2U);
}

TEST(Channel, FollowsStepsOfCapacityWhileAPacketIsInTheQueue) {
    Channel channel({{{}, {.delay = {}, .bits_per_second = 1'000'000}},
                     {Duration::millis(4), {.delay = {}, .bits_per_second = 100'000}},
                     {Duration::millis(100), {.delay = {}, .bits_per_second = 0}}},
                    14, {});
    // 1000 bytes: half of them in 4 ms, the other half in 40.
    EXPECT_EQ(send_one(channel, {}), Instant::from_ms(44));
    // 80 ms at this rate, of which 56 are left before there is no limit.
    EXPECT_EQ(send_one(channel, {}), Instant::from_ms(100));
    EXPECT_EQ(channel.counters().overflowed, 0U);
    EXPECT_EQ(send_one(channel, Instant::from_ms(150)), Instant::from_ms(150));
}

TEST(Channel, CountsWhatWaitsAcrossSteps) {
    Channel channel(
        {{{}, {.delay = {}, .bits_per_second = 1'000'000, .queue_bytes_max = 3000}},
         {Duration::millis(12), {.delay = {}, .bits_per_second = 100'000, .queue_bytes_max = 3000}}},
        15, {});
    send(channel, 3, Duration{});
    EXPECT_FALSE(send_one(channel, {}));
    EXPECT_FALSE(send_one(channel, Instant::from_ms(12), 1501)) << "1500 bytes wait";
    EXPECT_TRUE(send_one(channel, Instant::from_ms(12), 1500));
}

TEST(Channel, ChangesOnDemandAndForgetsWhatWasScheduled) {
    Channel channel({{{}, {}}, {Duration::seconds(1), {.is_down = true}}}, 16, {});
    channel.change(Instant::from_ms(500), {.delay = Duration::millis(1)});
    EXPECT_EQ(send_one(channel, Instant::from_ms(500)), Instant::from_ms(501));
    EXPECT_EQ(send_one(channel, Instant::from_ms(2000)), Instant::from_ms(2001));
    Channel fresh(Link{}, 16);
    fresh.change({}, {.is_down = true});
    EXPECT_FALSE(send_one(fresh, {}));
}

}  // namespace
}  // namespace conclave::sim
