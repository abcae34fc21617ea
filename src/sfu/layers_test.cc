#include "sfu/layers.h"

#include <gtest/gtest.h>

#include "sfu/layer_monitor.h"

namespace conclave::sfu {
namespace {

LayerInfos three() {
    LayerInfos layers;
    layers.push_back({Quality::Low, 320, 180, 0});
    layers.push_back({Quality::Medium, 640, 360, 0});
    layers.push_back({Quality::High, 1280, 720, 0});
    return layers;
}

TEST(WantedLayer, ASizeTakesTheSmallestLayerWithNineTenthsOfItsLines) {
    const auto of_height = [](uint32_t height) {
        return wanted_spatial({Quality::Low, 1, height, 0, 0}, three());
    };
    EXPECT_EQ(of_height(1), 0);
    EXPECT_EQ(of_height(200), 0);
    EXPECT_EQ(of_height(201), 1);
    EXPECT_EQ(of_height(400), 1);
    EXPECT_EQ(of_height(401), 2);
    EXPECT_EQ(of_height(4000), 2) << "the top is all there is";
}

TEST(WantedLayer, AQualityTakesTheHighestLayerUpToIt) {
    const auto of = [](Quality quality, const LayerInfos& layers) {
        return wanted_spatial({quality, 0, 0, 0, 0}, layers);
    };
    EXPECT_EQ(of(Quality::Low, three()), 0);
    EXPECT_EQ(of(Quality::Medium, three()), 1);
    EXPECT_EQ(of(Quality::High, three()), 2);
    LayerInfos two;
    two.push_back({Quality::Low, 320, 180, 0});
    two.push_back({Quality::Medium, 640, 360, 0});
    EXPECT_EQ(of(Quality::High, two), 1) << "the top declared one answers for HIGH";
    LayerInfos one;
    one.push_back({Quality::High, 1280, 720, 0});
    EXPECT_EQ(of(Quality::Low, one), 0);
    EXPECT_EQ(quality_of(0, one), Quality::High);
    EXPECT_EQ(quality_of(3, two), Quality::Medium);
}

TEST(WantedLayer, FramesTakeTheLowestTemporalLayerWithNineTenthsOfThem) {
    const std::array<float, kTemporalMax> rates{7.5F, 15, 30, 30};
    const auto of_fps = [&](uint32_t fps) { return wanted_temporal({Quality::High, 0, 0, fps, 0}, rates); };
    EXPECT_EQ(of_fps(0), kTopLayer.temporal);
    EXPECT_EQ(of_fps(5), 0);
    EXPECT_EQ(of_fps(8), 0);
    EXPECT_EQ(of_fps(9), 1);
    EXPECT_EQ(of_fps(30), 2);
    EXPECT_EQ(of_fps(60), kTopLayer.temporal);
}

class MonitorTest : public ::testing::Test {
 protected:
    static bool hear(LayerMonitor& monitor, int64_t ms, uint8_t encoding, bool is_key = false) {
        Packet packet;
        packet.encoding = encoding;
        packet.size = 1250;
        packet.timestamp = static_cast<uint32_t>(ms * 90);
        packet.starts_keyframe = is_key;
        return monitor.observe(Instant::from_ms(ms), packet);
    }
};

TEST_F(MonitorTest, ALayerIsDeadWhenOthersGoOnWithoutIt) {
    LayerMonitor monitor(false, false);
    EXPECT_TRUE(hear(monitor, 0, 0));
    EXPECT_TRUE(hear(monitor, 1, 2));
    EXPECT_FALSE(hear(monitor, 2, 2));
    EXPECT_EQ(monitor.alive(), 0b101);
    EXPECT_FALSE(hear(monitor, 1000, 0));
    EXPECT_TRUE(hear(monitor, 1002, 0));
    EXPECT_EQ(monitor.alive(), 0b001);
    EXPECT_TRUE(hear(monitor, 1100, 2)) << "and back at its first packet";
    EXPECT_EQ(monitor.alive(), 0b101);
}

TEST_F(MonitorTest, ATrackThatIsSilentAltogetherHasLostNoLayer) {
    LayerMonitor monitor(false, false);
    (void)hear(monitor, 0, 0);
    (void)hear(monitor, 1, 1);
    EXPECT_TRUE(hear(monitor, 60'000, 0)) << "the other one may be dead, it is too early to say more";
    EXPECT_TRUE(hear(monitor, 60'001, 1));
    EXPECT_EQ(monitor.alive(), 0b011);
}

TEST_F(MonitorTest, AScreenMayBeSilentForLonger) {
    LayerMonitor monitor(false, true);
    (void)hear(monitor, 0, 1);
    EXPECT_TRUE(hear(monitor, 1, 0));
    EXPECT_FALSE(hear(monitor, 3999, 0));
    EXPECT_TRUE(hear(monitor, 4000, 0));
    EXPECT_EQ(monitor.alive(), 0b001);
}

TEST_F(MonitorTest, AKeyFrameOfAnSvcStreamMayBringAllLayers) {
    LayerMonitor monitor(true, false);
    EXPECT_TRUE(hear(monitor, 0, 0, true));
    EXPECT_EQ(monitor.alive(), 0b1111);
    EXPECT_TRUE(hear(monitor, 1000, 0));
    EXPECT_EQ(monitor.alive(), 0b0001);
}

TEST_F(MonitorTest, MeasuresBitratesAndFrameRatesOverASecond) {
    LayerMonitor monitor(false, false);
    for (int64_t ms = 0; ms <= 2000; ms += 20) (void)hear(monitor, ms, 1);
    const LayerBitrates bitrates = monitor.bitrates(Instant::from_ms(2000));
    EXPECT_EQ(bitrates[0][3], 0u);
    EXPECT_NEAR(bitrates[1][0], 500'000, 20'000);
    EXPECT_EQ(bitrates[1][3], bitrates[1][0]) << "higher temporal layers add nothing";
    EXPECT_NEAR(monitor.frame_rates()[1][0], 50, 2);
    EXPECT_EQ(monitor.bitrates(Instant::from_ms(5000))[1][0], 0u) << "long ago";
}

}  // namespace
}  // namespace conclave::sfu
