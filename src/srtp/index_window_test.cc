#include "srtp/index_window.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"

namespace conclave::srtp {
namespace {

TEST(IndexWindow, BeginsEmptyWithEverythingUnused) {
    const IndexWindow<128> window;
    EXPECT_TRUE(window.is_empty());
    EXPECT_EQ(window.state(0), IndexState::Unused);
    EXPECT_EQ(window.state(1 << 20), IndexState::Unused);
}

TEST(IndexWindow, KnowsExactlyItsSize_RFC3711_3_3_2) {
    IndexWindow<128> window;
    window.mark(1000);
    EXPECT_EQ(window.state(1000), IndexState::Used);
    EXPECT_EQ(window.state(1000 - 127), IndexState::Unused);
    EXPECT_EQ(window.state(1000 - 128), IndexState::TooOld);
    EXPECT_EQ(window.state(-1), IndexState::TooOld);
}

TEST(IndexWindow, NothingExistsBelowZero) {
    IndexWindow<128> window;
    window.mark(3);
    EXPECT_EQ(window.state(0), IndexState::Unused);
    EXPECT_EQ(window.state(-1), IndexState::TooOld);
}

// Against a set of all indices ever marked, with jumps of every size.
TEST(IndexWindow, EqualsAnUnboundedMemory) {
    SeededRng rng{11};
    IndexWindow<256> window;
    std::set<int64_t> all;
    int64_t newest = -1;
    for (int i = 0; i < 200'000; ++i) {
        const uint32_t kind = rng.u32() % 100;
        const int64_t index = kind < 60   ? newest + 1 + rng.u32() % 3
                              : kind < 98 ? newest - rng.u32() % 300
                                          : newest + rng.u32() % 600;
        if (index < 0) continue;
        const IndexState expected = newest >= 0 && index <= newest - 256 ? IndexState::TooOld
                                    : all.count(index)                   ? IndexState::Used
                                                                         : IndexState::Unused;
        ASSERT_EQ(window.state(index), expected) << index << " newest " << newest;
        if (expected != IndexState::Unused) continue;
        window.mark(index);
        all.insert(index);
        newest = std::max(newest, index);
        ASSERT_EQ(window.newest(), newest);
    }
}

}  // namespace
}  // namespace conclave::srtp
