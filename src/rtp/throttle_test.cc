#include "rtp/throttle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"
#include "rtp/report_schedule.h"

namespace conclave::rtp {
namespace {

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

TEST(Throttle, TheFirstRequestPassesAndTheNextOnesShareOneTrailing) {
    Throttle throttle;
    EXPECT_TRUE(throttle.next_timeout().is_never());
    EXPECT_TRUE(throttle.request(at(0)));
    EXPECT_TRUE(throttle.next_timeout().is_never());
    EXPECT_FALSE(throttle.request(at(1)));
    EXPECT_FALSE(throttle.request(at(400)));
    EXPECT_EQ(throttle.next_timeout(), at(500));
    EXPECT_FALSE(throttle.handle_timeout(at(499)));
    EXPECT_TRUE(throttle.handle_timeout(at(500)));
    EXPECT_FALSE(throttle.handle_timeout(at(2000)));
    EXPECT_TRUE(throttle.request(at(2000)));
}

TEST(Throttle, AKeyframeSatisfiesTheWaitingRequest) {
    Throttle throttle;
    EXPECT_TRUE(throttle.request(at(0)));
    EXPECT_FALSE(throttle.request(at(10)));
    throttle.satisfy();
    EXPECT_TRUE(throttle.next_timeout().is_never());
    EXPECT_FALSE(throttle.handle_timeout(at(600)));
}

TEST(Throttle, AStormOfAThousandRequestsASecondBecomesTwo) {
    Throttle throttle;
    int made = 0;
    for (int64_t ms = 0; ms < 10'000; ++ms) {
        made += throttle.handle_timeout(at(ms));
        made += throttle.request(at(ms));
    }
    EXPECT_EQ(made, 20);
}

TEST(ReportSchedule, IsIdleUntilStartedThenReportsSoon) {
    SeededRng rng(1);
    ReportSchedule schedule(kSenderReportInterval);
    EXPECT_TRUE(schedule.next_timeout().is_never());
    EXPECT_FALSE(schedule.handle_timeout(at(1'000'000), rng));
    schedule.start(at(1000));
    schedule.start(at(5000));
    EXPECT_EQ(schedule.next_timeout(), at(1000) + kFirstReportDelay);
    EXPECT_FALSE(schedule.handle_timeout(at(1100), rng));
    EXPECT_TRUE(schedule.handle_timeout(at(1200), rng));
    EXPECT_FALSE(schedule.handle_timeout(at(1200), rng));
}

TEST(ReportSchedule, VariesTheIntervalByHalf_Rfc3550_6_3_1) {
    SeededRng rng(2);
    ReportSchedule schedule(kReceiverReportInterval);
    Instant now = at(0);
    schedule.start(now);
    Duration shortest = kReceiverReportInterval;
    Duration longest = kReceiverReportInterval;
    now = schedule.next_timeout();
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(schedule.handle_timeout(now, rng));
        const Duration pause = schedule.next_timeout() - now;
        shortest = std::min(shortest, pause);
        longest = std::max(longest, pause);
        now = schedule.next_timeout();
    }
    EXPECT_GE(shortest, Duration::millis(500));
    EXPECT_LT(shortest, Duration::millis(550));
    EXPECT_LE(longest, Duration::millis(1500));
    EXPECT_GT(longest, Duration::millis(1450));
}

}  // namespace
}  // namespace conclave::rtp
