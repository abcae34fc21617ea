#include "bwe/estimator.h"

#include <gtest/gtest.h>

#include "bwe/link_for_test.h"

namespace conclave::bwe {
namespace {

constexpr Duration kSecond = Duration::seconds(1);

TEST(EstimatorTest, FindsTheCapacityByAsking) {
    CallForTest call({.capacity_bps = 5'000'000});
    EXPECT_EQ(call.estimate(), Estimator::kStart);
    call.run(kSecond * 2);
    EXPECT_GT(call.estimate().bps, 4'000'000u);
    EXPECT_LT(call.estimate().bps, 5'500'000u);
    EXPECT_LE(call.estimator.clusters(), 6u);
}

TEST(EstimatorTest, StaysNearTheCapacityWithAShortQueue) {
    CallForTest call({.capacity_bps = 1'000'000});
    call.run(kSecond * 5);
    (void)call.arrived_bps(kSecond);
    (void)call.waited(1);
    call.run(kSecond * 60);
    EXPECT_GT(call.arrived_bps(kSecond * 60), 850'000u);
    EXPECT_LT(call.waited(0.95), Duration::millis(100));
}

TEST(EstimatorTest, GivesWayToADropAndEmptiesTheQueueItLeaves) {
    CallForTest call({.capacity_bps = 5'000'000});
    call.run(kSecond * 10);
    call.link.capacity_bps = 1'000'000;
    call.run(kSecond);
    EXPECT_LT(call.estimate().bps, 1'000'000u);
    call.run(kSecond * 2);
    (void)call.waited(1);
    call.run(kSecond * 5);
    EXPECT_LT(call.waited(0.9), Duration::millis(100)) << "three seconds after the drop it is gone";
    call.run(kSecond * 2);
    EXPECT_GT(call.estimate().bps, 750'000u);
}

TEST(EstimatorTest, TakesWhatARiseBrings) {
    CallForTest call({.capacity_bps = 300'000});
    call.run(kSecond * 15);
    EXPECT_LT(call.estimate().bps, 360'000u);
    call.link.capacity_bps = 2'000'000;
    call.run(kSecond * 4);
    (void)call.arrived_bps(kSecond);
    call.run(kSecond);
    EXPECT_GT(call.arrived_bps(kSecond), 1'600'000u);
}

struct RandomLoss {
    double lost = 0;
    double used = 0;  // of the capacity, at least
};
class RandomLossTest : public testing::TestWithParam<RandomLoss> {};

TEST_P(RandomLossTest, IsNoCongestion) {
    CallForTest call({.capacity_bps = 2'000'000, .loss = GetParam().lost}, 3);
    call.run(kSecond * 10);
    (void)call.arrived_bps(kSecond);
    call.run(kSecond * 20);
    const double arrived = static_cast<double>(call.arrived_bps(kSecond * 20));
    EXPECT_GT(arrived / (1 - GetParam().lost), GetParam().used * 2'000'000);
}

// Where much is lost few probes come through, and what is used grows slowly.
INSTANTIATE_TEST_SUITE_P(AtAnyRate, RandomLossTest,
                         testing::Values(RandomLoss{0.02, 0.8}, RandomLoss{0.05, 0.8}, RandomLoss{0.15, 0.7},
                                         RandomLoss{0.3, 0.3}));

TEST(EstimatorTest, AQueueTooShortForDelayIsFoundByItsLoss) {
    CallForTest call({.capacity_bps = 1'000'000, .queue_max = Duration::millis(15)});
    call.run(kSecond * 10);
    (void)call.arrived_bps(kSecond);
    call.run(kSecond * 20);
    EXPECT_LT(call.estimate().bps, 1'300'000u);
    EXPECT_LT(call.estimator.loss(), 0.25);
}

TEST(EstimatorTest, JitterIsNoCongestion) {
    CallForTest call({.capacity_bps = 3'000'000, .jitter = Duration::millis(20)});
    call.run(kSecond * 20);
    (void)call.arrived_bps(kSecond);
    call.run(kSecond * 20);
    EXPECT_GT(call.arrived_bps(kSecond * 20), 2'000'000u);
}

TEST(EstimatorTest, AsksOnlyForWhatIsWanted) {
    CallForTest call({.capacity_bps = 50'000'000});
    call.wanted_bps = call.source_bps = 1'500'000;
    call.run(kSecond * 10);
    EXPECT_GE(call.estimate().bps, 1'500'000u);
    EXPECT_LE(call.estimate().bps, 2'500'000u);
    const uint64_t clusters = call.estimator.clusters();
    call.run(kSecond * 20);
    EXPECT_EQ(call.estimator.clusters(), clusters) << "there is nothing to find out";
}

TEST(EstimatorTest, AnOutageOrAnotherRouteBeginsAnew) {
    CallForTest call({.capacity_bps = 5'000'000});
    call.run(kSecond * 5);
    call.is_heard = false;
    call.run(kSecond * 3);
    EXPECT_GT(call.estimate().bps, 4'000'000u) << "nothing is known better";
    call.link.capacity_bps = 400'000;
    call.is_heard = true;
    call.run(Duration::millis(500));
    EXPECT_LT(call.estimate().bps, 500'000u);
    call.link.capacity_bps = 5'000'000;
    call.run(kSecond * 6);
    EXPECT_GT(call.estimate().bps, 4'000'000u);
    call.estimator.handle_route_change();
    EXPECT_EQ(call.estimate(), Estimator::kStart);
}

TEST(EstimatorTest, WhoNeverSaysAnythingHasNoEstimate) {
    CallForTest call({});
    call.is_heard = false;
    call.run(kSecond);
    EXPECT_TRUE(call.estimator.estimate(call.now));
    call.run(kSecond * 2);
    EXPECT_FALSE(call.estimator.estimate(call.now));
    call.is_heard = true;
    call.run(kSecond);
    EXPECT_TRUE(call.estimator.estimate(call.now));
}

TEST(EstimatorTest, FeedbackOnWhatWasNeverSentIsNone) {
    Estimator estimator;
    const Instant now = Instant::from_ms(1);
    std::array<uint8_t, 200> buffer;
    ByteWriter out(buffer);
    const wire::PacketArrival arrivals[] = {{ExtSeqNo{7}, now}, {ExtSeqNo{8}, now}};
    ASSERT_EQ(wire::write_transport_feedback(out, 1, 2, 0, ExtSeqNo{7}, arrivals), 2u);
    const auto feedback = wire::parse_transport_feedback(out.written().subspan(4));
    ASSERT_TRUE(feedback);
    estimator.handle_sent(now, 100);
    estimator.handle_feedback(now, *feedback);
    EXPECT_FALSE(estimator.estimate(now + kSecond * 3));
}

TEST(EstimatorTest, TakesLittleMemory) {
    CallForTest call({.capacity_bps = 1'600'000});
    call.source_bps = 1'500'000;
    call.run(kSecond * 20);
    EXPECT_LT(call.estimator.memory(), 2'048u);
}

}  // namespace
}  // namespace conclave::bwe
