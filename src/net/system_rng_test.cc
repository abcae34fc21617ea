#include "net/system_rng.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "net/clock.h"

namespace conclave::net {
namespace {

TEST(SystemRng, NeverRepeatsAcrossItsBlocks) {
    SystemRng rng;
    std::set<uint64_t> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(rng.u64()).second);
    SystemRng other;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(other.u64()).second);
}

TEST(SystemRng, FillsEveryByteOfAnySize) {
    SystemRng rng;
    for (const size_t size : {0u, 1u, 3u, 511u, 512u, 513u, 5000u}) {
        // Each byte must become non-zero in one of some draws.
        std::vector<uint8_t> seen(size), bytes(size);
        for (int draw = 0; draw < 16; ++draw) {
            rng.fill(bytes);
            for (size_t i = 0; i < size; ++i) seen[i] |= bytes[i];
        }
        for (size_t i = 0; i < size; ++i) EXPECT_NE(seen[i], 0) << size << " " << i;
    }
}

TEST(Clock, IsMonotonicAndKnowsTheCentury) {
    const Instant a = monotonic_now();
    EXPECT_LE(a, monotonic_now());
    EXPECT_GT(wall_now().unix_seconds(), 1'700'000'000);
    EXPECT_LT(wall_now().unix_seconds(), 4'102'444'800);
}

}  // namespace
}  // namespace conclave::net
