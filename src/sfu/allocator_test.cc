#include "sfu/allocator.h"

#include <gtest/gtest.h>

namespace conclave::sfu {
namespace {

// A camera in three sizes with three frame rates: 60/100/150, 200/350/500, 600/1100/1700 kbit/s.
Demand camera(SubscriptionId id) {
    Demand demand;
    demand.id = id;
    demand.bitrates = {{{60'000, 100'000, 150'000, 150'000},
                        {200'000, 350'000, 500'000, 500'000},
                        {600'000, 1'100'000, 1'700'000, 1'700'000},
                        {}}};
    return demand;
}

Demand screen(SubscriptionId id) {
    Demand demand;
    demand.id = id;
    demand.priority = kScreenPriority;
    demand.bitrates = {{{400'000, 800'000, 800'000, 800'000}, {}, {}, {}}};
    return demand;
}

class AllocatorTest : public ::testing::Test {
 protected:
    void forget() { allocator = {}; }
    std::vector<Allocator::Allocation> at(int64_t ms, std::optional<uint64_t> estimate) {
        bandwidth.estimate_bps = estimate;
        const auto result = allocator.allocate(Instant::from_ms(ms), bandwidth, videos);
        return {result.begin(), result.end()};
    }
    uint64_t cost(const std::vector<Allocator::Allocation>& allocations) const {
        uint64_t sum = 0;
        for (size_t i = 0; i < allocations.size(); ++i) {
            if (!allocations[i].cap) continue;
            const Layer layer = lower_of(*allocations[i].cap, videos[i].wanted);
            for (int s = layer.spatial; s >= 0; --s) {
                const uint32_t rate = videos[i].bitrates[static_cast<size_t>(s)][layer.temporal];
                if (rate == 0) continue;
                sum += rate;
                break;
            }
        }
        return sum;
    }
    Allocator allocator;
    Bandwidth bandwidth;
    std::vector<Demand> videos;
};

TEST_F(AllocatorTest, WithoutAnEstimateEverybodyGetsWhatTheyWant) {
    videos = {camera(1), screen(2)};
    for (const auto& allocation : at(0, std::nullopt)) EXPECT_EQ(allocation.cap, kTopLayer);
}

TEST_F(AllocatorTest, AudioIsPaidFirst) {
    videos = {camera(1)};
    bandwidth.audio_bps = 100'000;
    EXPECT_EQ(at(0, 660'000)[0].cap, (Layer{1, 2})) << "nine tenths of 560 are enough for 500";
    bandwidth.audio_bps = 200'000;
    EXPECT_EQ(at(500, 660'000)[0].cap, (Layer{1, 1})) << "down at once";
}

TEST_F(AllocatorTest, EverybodysLowestLayerComesFirstThenTheScreen) {
    videos = {camera(1), screen(2), camera(3)};
    const auto tight = at(0, 540'000);
    EXPECT_EQ(tight[0].cap, (Layer{0, 0}));
    EXPECT_EQ(tight[1].cap, (Layer{0, 0}));
    EXPECT_EQ(tight[2].cap, (Layer{0, 0}));
    forget();
    const auto more = at(0, 1'050'000);
    EXPECT_EQ(more[1].cap, kTopLayer) << "the screen is whole before a camera gets better";
    EXPECT_GT(cost(more), 900'000u);
}

TEST_F(AllocatorTest, NothingIsPausedUnlessThatIsAllowed) {
    videos = {camera(1), screen(2)};
    auto result = at(0, 450'000);
    EXPECT_TRUE(result[0].cap && result[1].cap);
    bandwidth.may_pause = true;
    result = at(500, 420'000);
    EXPECT_FALSE(result[0].cap) << "the camera goes first";
    EXPECT_TRUE(result[1].cap);
    result = at(1500, 2'000'000);
    EXPECT_FALSE(result[0].cap) << "not before it has been calm";
    result = at(2500, 2'000'000);
    EXPECT_TRUE(result[0].cap);
}

TEST_F(AllocatorTest, WhatIsShownLargeClimbsBeforeThumbnails) {
    videos = {camera(1), camera(2), camera(3)};
    videos[0].wanted = videos[2].wanted = {0, kTopLayer.temporal};
    const auto result = at(0, 700'000);
    EXPECT_EQ(result[0].cap, (Layer{0, 0}));
    EXPECT_EQ(result[1].cap, (Layer{1, 2}));
    EXPECT_EQ(result[2].cap, (Layer{0, 0}));
}

TEST_F(AllocatorTest, DownAtOnceUpWithMargin) {
    videos = {camera(1)};
    EXPECT_EQ(at(0, 1'750'000)[0].cap, (Layer{2, 1})) << "the whole would leave no margin";
    EXPECT_EQ(at(500, 1'900'000)[0].cap, kTopLayer);
    EXPECT_EQ(at(1000, 1'600'000)[0].cap, (Layer{2, 1}));
    EXPECT_EQ(at(1500, 5'000'000)[0].cap, (Layer{2, 1})) << "it has just gone down";
    EXPECT_EQ(at(5000, 5'000'000)[0].cap, kTopLayer);
}

TEST_F(AllocatorTest, AVideoMayCostMoreForAMoment) {
    videos = {camera(1)};
    ASSERT_EQ(at(0, 2'000'000)[0].cap, kTopLayer);
    videos[0].bitrates[2] = {1'000'000, 1'800'000, 2'600'000, 2'600'000};
    EXPECT_EQ(at(500, 2'000'000)[0].cap, kTopLayer);
    EXPECT_EQ(at(1500, 2'000'000)[0].cap, kTopLayer);
    videos = {camera(1)};
    EXPECT_EQ(at(2000, 2'000'000)[0].cap, kTopLayer);
    videos[0].bitrates[2] = {1'000'000, 1'800'000, 2'600'000, 2'600'000};
    EXPECT_EQ(at(2500, 2'000'000)[0].cap, kTopLayer) << "the moment begins anew";
    EXPECT_NE(at(4500, 2'000'000)[0].cap, kTopLayer) << "two seconds are no moment";
}

// An estimate that rises when less is sent and falls when more is.
TEST_F(AllocatorTest, DoesNotSwingToAndFro) {
    videos = {camera(1)};
    std::optional<Layer> before;
    std::vector<int64_t> changes;
    uint64_t estimate = 520'000;
    for (int64_t ms = 0; ms < 300'000; ms += 500) {
        const auto result = at(ms, estimate);
        if (result[0].cap != before) changes.push_back(ms);
        before = result[0].cap;
        estimate = cost(result) > 480'000 ? 440'000 : 600'000;
    }
    ASSERT_GE(changes.size(), 4u);
    EXPECT_LE(changes.size(), 42u);
    EXPECT_GT(changes.back() - changes[changes.size() - 2], 0);
    EXPECT_GE(changes[changes.size() - 1] - changes[changes.size() - 3], 16'000);
}

TEST_F(AllocatorTest, SaysWhatWouldBeSentIfThereWereEnough) {
    videos = {camera(1), screen(2)};
    bandwidth.audio_bps = 100'000;
    (void)at(0, 300'000);
    EXPECT_EQ(allocator.wanted_bps(), 2'860'000u);
    videos[0].wanted = {0, 0};
    (void)at(500, 300'000);
    EXPECT_EQ(allocator.wanted_bps(), 1'056'000u);
}

TEST_F(AllocatorTest, OnlyWhatIsWantedIsBought) {
    videos = {camera(1)};
    videos[0].wanted = {0, kTopLayer.temporal};
    const auto result = at(0, 5'000'000);
    EXPECT_EQ(cost(result), 150'000u);
    videos[0].wanted = kTopLayer;
    EXPECT_GT(cost(at(500, 5'000'000)), 1'000'000u);
}

TEST_F(AllocatorTest, WhatIsNotMeasuredIsNotHeldBack) {
    videos = {Demand{7, kTopLayer, 1, {}}};
    EXPECT_EQ(at(0, 10'000)[0].cap, kTopLayer);
    EXPECT_TRUE(at(500, 10'000).size() == 1);
    videos.clear();
    EXPECT_TRUE(at(1000, 10'000).empty());
}

TEST_F(AllocatorTest, ALayerThatOnlyExistsAboveTheWantedOneIsShown) {
    videos = {Demand{7, {0, 3}, 1, {}}};
    videos[0].bitrates[2].fill(900'000);
    EXPECT_TRUE(at(0, 2'000'000)[0].cap);
    bandwidth.may_pause = true;
    EXPECT_FALSE(at(500, 100'000)[0].cap);
}

}  // namespace
}  // namespace conclave::sfu
