#include "conference/connection_quality.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

namespace pb = ::livekit;

QualityMeter::Sample sample(float loss, MediaWeight media, Duration rtt = Duration::millis(40)) {
    return {true, loss, rtt, media};
}

pb::ConnectionQuality after(std::initializer_list<QualityMeter::Sample> samples) {
    QualityMeter meter;
    for (const auto& one : samples) meter.handle_sample(one);
    return meter.info()->quality();
}

TEST(QualityMeter, SaysNothingBeforeItKnows) {
    EXPECT_FALSE(QualityMeter().info());
}

TEST(QualityMeter, ACleanLineIsExcellent) {
    QualityMeter meter;
    meter.handle_sample(sample(0, MediaWeight::Video));
    EXPECT_EQ(meter.info()->quality(), pb::EXCELLENT);
    EXPECT_GT(meter.info()->score(), 4.2F);
}

TEST(QualityMeter, LossWeighsByWhatItHits) {
    EXPECT_EQ(after({sample(0.03F, MediaWeight::Video)}), pb::GOOD);
    EXPECT_EQ(after({sample(0.03F, MediaWeight::Audio)}), pb::EXCELLENT);
    EXPECT_EQ(after({sample(0.08F, MediaWeight::Video)}), pb::POOR);
    EXPECT_EQ(after({sample(0.08F, MediaWeight::Audio)}), pb::GOOD);
    EXPECT_EQ(after({sample(0.08F, MediaWeight::RedundantAudio)}), pb::GOOD);
    EXPECT_EQ(after({sample(0.04F, MediaWeight::RedundantAudio)}), pb::EXCELLENT);
    EXPECT_EQ(after({sample(0.5F, MediaWeight::None)}), pb::EXCELLENT) << "nobody misses anything";
}

TEST(QualityMeter, DelayCountsOnceItIsFelt) {
    EXPECT_EQ(after({sample(0, MediaWeight::Audio, Duration::millis(250))}), pb::EXCELLENT);
    EXPECT_EQ(after({sample(0, MediaWeight::Audio, Duration::millis(800))}), pb::GOOD);
    EXPECT_EQ(after({sample(0, MediaWeight::Audio, Duration::seconds(2))}), pb::POOR);
}

TEST(QualityMeter, WorkingBadlyIsNotLost) {
    EXPECT_EQ(after({sample(1, MediaWeight::Video, Duration::seconds(10))}), pb::POOR);
    EXPECT_EQ(after({sample(0, MediaWeight::Video), {}}), pb::LOST);
}

TEST(QualityMeter, RecoveryTakesLongerThanDecline) {
    const auto bad = sample(0.07F, MediaWeight::Video);
    const auto good = sample(0, MediaWeight::Video);
    EXPECT_EQ(after({good, bad}), pb::GOOD);
    EXPECT_EQ(after({good, bad, bad}), pb::POOR);
    EXPECT_EQ(after({bad, good}), pb::GOOD);
    EXPECT_EQ(after({bad, good, good}), pb::GOOD);
    EXPECT_EQ(after({bad, good, good, good}), pb::EXCELLENT);
    EXPECT_EQ(after({bad, {}, good}), pb::EXCELLENT) << "a new path";
}

}  // namespace
}  // namespace conclave::conference
