#include "bwe/prober.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

constexpr DataRate kEstimate = DataRate::kbps(300);

class ProberTest : public testing::Test {
 protected:
    // Sends a cluster of packets of 300 bytes, as due; returns how long that took.
    Duration send() {
        const Instant began = now;
        for (bool is_over = false; !is_over; now = std::max(now, prober.next_timeout(kEstimate))) {
            while (!is_over && prober.due(now) > 0) is_over = prober.handle_sent(now, 300);
            if (is_over) break;
        }
        return now - began;
    }
    bool begin(DataRate estimate, bool is_congested = false) {
        return prober.begin(now, estimate, is_congested);
    }
    Prober prober;
    Instant now = Instant::from_ms(1000);
};

TEST_F(ProberTest, AsksForThreeTimesAsMuchAtFirstThenForTwice) {
    EXPECT_FALSE(begin(kEstimate)) << "nothing is wanted";
    EXPECT_TRUE(prober.next_timeout(kEstimate).is_never());
    prober.want(DataRate::kbps(5000));
    ASSERT_TRUE(begin(kEstimate));
    EXPECT_EQ(prober.rate(), DataRate::kbps(900));
    const Duration length = send();
    EXPECT_LE(length, Prober::kLength - Prober::kBurst) << "the last burst ends the cluster";
    EXPECT_GT(length, Prober::kLength - Prober::kBurst * 2);
    EXPECT_EQ(prober.cluster(), 0);
    EXPECT_FALSE(begin(kEstimate)) << "not before the answer";
    prober.handle_result(now, DataRate::kbps(800));
    ASSERT_TRUE(begin(DataRate::kbps(800)));
    EXPECT_EQ(prober.rate(), DataRate::kbps(1600));
}

TEST_F(ProberTest, AfterANoItWaits) {
    prober.want(DataRate::kbps(5000));
    ASSERT_TRUE(begin(kEstimate));
    (void)send();
    prober.handle_result(now, DataRate::kbps(400));
    EXPECT_FALSE(begin(DataRate::kbps(400)));
    now = Instant::from_ms(1000) + Prober::kInterval;
    EXPECT_EQ(prober.next_timeout(kEstimate), now);
    EXPECT_TRUE(begin(DataRate::kbps(400)));
}

TEST_F(ProberTest, AnAnswerThatSaysNothingIsAskedForAgainSoon) {
    prober.want(DataRate::kbps(5000));
    ASSERT_TRUE(begin(kEstimate));
    (void)send();
    prober.repeat(now);
    EXPECT_EQ(prober.next_timeout(kEstimate), now + Prober::kRepeat);
}

TEST_F(ProberTest, AsksForLittleMoreThanIsWanted) {
    prober.want(DataRate::kbps(400));
    ASSERT_TRUE(begin(kEstimate));
    EXPECT_EQ(prober.rate(), DataRate::kbps(450));
    (void)send();
    prober.handle_result(now, DataRate::kbps(450));
    EXPECT_FALSE(begin(DataRate::kbps(450)));
}

TEST_F(ProberTest, ACongestedLinkIsNotAsked) {
    prober.want(DataRate::kbps(5000));
    EXPECT_FALSE(begin(kEstimate, true));
    now = prober.next_timeout(kEstimate);
    EXPECT_TRUE(begin(kEstimate));
}

TEST_F(ProberTest, ASlowClusterStillHasEnoughPacketsToMeasure) {
    prober.want(DataRate::kbps(5000));
    ASSERT_TRUE(begin(DataRate::kbps(30)));
    EXPECT_GT(send(), Prober::kLength);
    EXPECT_GE(prober.packets(), Prober::kPacketsMin);
}

TEST_F(ProberTest, AClusterThatNothingIsSentForIsGivenUp) {
    prober.want(DataRate::kbps(5000));
    ASSERT_TRUE(begin(kEstimate));
    now = now + Duration::millis(500);
    EXPECT_FALSE(begin(kEstimate));
    EXPECT_EQ(prober.cluster(), 0);
    EXPECT_EQ(prober.next_timeout(kEstimate), now + Prober::kInterval);
}

TEST_F(ProberTest, AnotherLinkIsAskedAtOnce) {
    prober.want(DataRate::kbps(5000));
    ASSERT_TRUE(begin(kEstimate));
    prober.restart();
    ASSERT_TRUE(begin(kEstimate));
    EXPECT_EQ(prober.rate(), DataRate::kbps(900));
}

}  // namespace
}  // namespace conclave::bwe
