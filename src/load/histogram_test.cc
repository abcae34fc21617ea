#include "load/histogram.h"

#include <gtest/gtest.h>

namespace conclave::load {
namespace {

TEST(Histogram, IsEmptyAtFirst) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.quantile(0.5), 0u);
}

TEST(Histogram, IsExactBelow64) {
    Histogram histogram;
    for (uint64_t v = 1; v <= 60; ++v) histogram.add(v);
    EXPECT_EQ(histogram.quantile(0.0), 1u);
    EXPECT_EQ(histogram.quantile(0.5), 31u);
    EXPECT_EQ(histogram.quantile(1.0), 60u);
}

TEST(Histogram, StaysWithinThreePercent) {
    for (uint64_t value = 64; value < uint64_t{1} << 39; value = value * 9 / 7 + 1) {
        Histogram histogram;
        histogram.add(value);
        const uint64_t found = histogram.quantile(0.5);
        EXPECT_GE(found, value);
        EXPECT_LE(static_cast<double>(found), static_cast<double>(value) * 1.032);
    }
}

TEST(Histogram, TellsQuantilesOfManyValues) {
    Histogram histogram;
    for (uint64_t v = 1; v <= 100'000; ++v) histogram.add(v);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(0.5)), 50'000, 1'600);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(0.99)), 99'000, 3'200);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(0.999)), 99'900, 3'200);
}

TEST(Histogram, TakesAnyValue) {
    Histogram histogram;
    histogram.add(UINT64_MAX);
    histogram.add((uint64_t{1} << 40) - 1);
    histogram.add(uint64_t{1} << 40);
    EXPECT_EQ(histogram.count(), 3u);
    EXPECT_EQ(histogram.quantile(1.0), (uint64_t{1} << 40) - 1);
}

TEST(Histogram, MergesAndClears) {
    Histogram a;
    Histogram b;
    a.add(10);
    b.add(20);
    a.merge(b);
    EXPECT_EQ(a.count(), 2u);
    EXPECT_EQ(a.quantile(1.0), 20u);
    a.clear();
    EXPECT_EQ(a.count(), 0u);
    EXPECT_EQ(a.quantile(1.0), 0u);
}

}  // namespace
}  // namespace conclave::load
