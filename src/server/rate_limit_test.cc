#include "server/rate_limit.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

constexpr Instant kStart = Instant::from_ms(1'000'000);

SocketAddress v4(uint32_t n) {
    return SocketAddress::v4(10, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8),
                             static_cast<uint8_t>(n), 1);
}
SocketAddress v6(const char* text) {
    return *SocketAddress::parse(text, 1);
}

TEST(RateLimiter, ABurstThenAnEvenRefill) {
    RateLimiter limiter(6, 1000);
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(limiter.allow(kStart, v4(1)));
    EXPECT_FALSE(limiter.allow(kStart, v4(1)));
    EXPECT_FALSE(limiter.allow(kStart + Duration::millis(9'990), v4(1)));
    EXPECT_TRUE(limiter.allow(kStart + Duration::millis(10'010), v4(1)));
    EXPECT_FALSE(limiter.allow(kStart + Duration::millis(10'020), v4(1)));
}

TEST(RateLimiter, OneAddressDoesNotUseUpAnother) {
    RateLimiter limiter(2, 1000);
    for (int i = 0; i < 100; ++i) (void)limiter.allow(kStart, v4(1));
    EXPECT_TRUE(limiter.allow(kStart, v4(2)));
}

TEST(RateLimiter, ASlash64IsOneAddressAndAnIpv4AddressIsItself) {
    RateLimiter limiter(1, 1000);
    EXPECT_TRUE(limiter.allow(kStart, v6("2001:db8:1:2::1")));
    EXPECT_FALSE(limiter.allow(kStart, v6("2001:db8:1:2:ffff::9")));
    EXPECT_TRUE(limiter.allow(kStart, v6("2001:db8:1:3::1")));
    EXPECT_TRUE(limiter.allow(kStart, v4(1)));
    EXPECT_TRUE(limiter.allow(kStart, v4(2)));
}

TEST(RateLimiter, EverybodyTogetherIsLimitedToo) {
    RateLimiter limiter(10, 20);
    int allowed = 0;
    for (uint32_t i = 0; i < 100; ++i) allowed += limiter.allow(kStart, v4(i)) ? 1 : 0;
    EXPECT_EQ(allowed, 20);
}

TEST(RateLimiter, AClockThatStandsStillOrStepsBackRefillsNothing) {
    RateLimiter limiter(1, 1000);
    EXPECT_TRUE(limiter.allow(kStart, v4(1)));
    EXPECT_FALSE(limiter.allow(kStart, v4(1)));
    EXPECT_FALSE(limiter.allow(kStart - Duration::minutes(5), v4(1)));
}

TEST(RateLimiter, WhatIsGivenBackCountsForNobodyAndNeverBeyondTheLimit) {
    RateLimiter limiter(2, 3);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(limiter.allow(kStart, v4(1)));
        limiter.give_back(v4(1));
    }
    limiter.give_back(v4(1));
    EXPECT_TRUE(limiter.allow(kStart, v4(1)));
    EXPECT_TRUE(limiter.allow(kStart, v4(1)));
    EXPECT_FALSE(limiter.allow(kStart, v4(1)));
    EXPECT_TRUE(limiter.allow(kStart, v4(2)));
    EXPECT_FALSE(limiter.allow(kStart, v4(3))) << "three for everybody";
}

TEST(RateLimiter, TheTableIsBoundedAndRecovers) {
    RateLimiter limiter(1, 1'000'000);
    for (uint32_t i = 0; i < RateLimiter::kAddressesMax + 1000; ++i) (void)limiter.allow(kStart, v4(i));
    EXPECT_EQ(limiter.addresses(), RateLimiter::kAddressesMax);
    // Those beyond the table share one bucket, which is empty by now.
    EXPECT_FALSE(limiter.allow(kStart, v4(200'000)));
    // A minute later the first ones are forgotten.
    EXPECT_TRUE(limiter.allow(kStart + Duration::minutes(1), v4(200'000)));
    EXPECT_EQ(limiter.addresses(), 1u);
}

}  // namespace
}  // namespace conclave::server
