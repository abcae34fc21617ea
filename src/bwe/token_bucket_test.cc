#include "bwe/token_bucket.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

TEST(TokenBucketTest, LetsABurstThroughThenKeepsTheRate) {
    TokenBucket bucket;
    Instant now = Instant::from_ms(5000);
    bucket.set_rate(now, DataRate::kbps(800));
    size_t burst = 0;
    for (; bucket.has_credit(now); burst += 1000) bucket.take(1000);
    EXPECT_EQ(burst, 9000u) << "a small frame, and the packet that passes the limit";
    size_t sent = 0;
    for (const Instant end = now + Duration::seconds(2); now < end; now = bucket.next_credit()) {
        while (bucket.has_credit(now)) {
            bucket.take(1000);
            sent += 1000;
        }
    }
    EXPECT_NEAR(static_cast<double>(sent), 200'000, 2'000);
}

TEST(TokenBucketTest, SavesUpAMomentAtMost) {
    TokenBucket bucket;
    Instant now = Instant::from_ms(5000);
    bucket.set_rate(now, DataRate::kbps(8000));
    now = now + Duration::seconds(60);
    size_t burst = 0;
    for (; bucket.has_credit(now); burst += 1000) bucket.take(1000);
    EXPECT_EQ(burst, 40'000u);
    EXPECT_EQ(bucket.next_credit(), now + Duration{2});
}

}  // namespace
}  // namespace conclave::bwe
