#include "server/webhook_queue.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

using Outcome = WebhookQueue::Outcome;

std::string body_of(const std::optional<WebhookQueue::Delivery>& delivery) {
    return delivery ? delivery->body : "";
}

class WebhookQueueTest : public testing::Test {
 protected:
    WebhookQueue queue{10};
    Instant now = Instant::from_ms(1000);
};

TEST_F(WebhookQueueTest, OneRoomsEventsGoOneByOneInOrder) {
    queue.push("a", "1");
    queue.push("a", "2");
    queue.push("b", "3");
    const auto first = queue.next(now);
    EXPECT_EQ(body_of(first), "1");
    EXPECT_EQ(body_of(queue.next(now)), "3");
    EXPECT_FALSE(queue.next(now));
    queue.done(first->id, Outcome::Delivered, now);
    EXPECT_EQ(body_of(queue.next(now)), "2");
    EXPECT_EQ(queue.counters().delivered, 1u);
}

TEST_F(WebhookQueueTest, WhatFailsIsTriedAgainLaterAndHoldsUpItsRoomOnly) {
    queue.push("a", "1");
    queue.push("a", "2");
    queue.push("b", "3");
    queue.done(queue.next(now)->id, Outcome::Failed, now);
    EXPECT_EQ(body_of(queue.next(now)), "3");
    EXPECT_FALSE(queue.next(now + Duration::millis(999)));
    EXPECT_EQ(body_of(queue.next(now + Duration::seconds(1))), "1");
}

TEST_F(WebhookQueueTest, GivesUpAfterSevenAttempts) {
    queue.push("a", "1");
    Duration delay = Duration::seconds(1);
    for (int attempt = 1; attempt <= 7; ++attempt) {
        const auto delivery = queue.next(now);
        ASSERT_TRUE(delivery) << attempt;
        queue.done(delivery->id, Outcome::Failed, now);
        if (attempt == 7) break;
        EXPECT_FALSE(queue.next(now + delay - Duration::micros(1)));
        now = now + delay;
        delay = delay * 2;
    }
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_EQ(queue.counters().retried, 6u);
    EXPECT_EQ(queue.counters().failed, 1u);
}

TEST_F(WebhookQueueTest, WhatIsRefusedIsNotTriedAgain) {
    queue.push("a", "1");
    queue.done(queue.next(now)->id, Outcome::Refused, now);
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_EQ(queue.counters().failed, 1u);
}

TEST_F(WebhookQueueTest, WhenFullTheOldestThatIsNotUnderWayIsDropped) {
    for (int i = 0; i < 10; ++i) queue.push("a", std::to_string(i));
    const auto under_way = queue.next(now);
    EXPECT_EQ(queue.counters().dropped, 0u);
    queue.push("a", "new");
    EXPECT_EQ(queue.counters().dropped, 1u);
    EXPECT_EQ(queue.size(), 10u);
    queue.done(under_way->id, Outcome::Delivered, now);
    EXPECT_EQ(body_of(queue.next(now)), "2");
}

TEST_F(WebhookQueueTest, EightAreUnderWayAtMost) {
    for (int i = 0; i < 9; ++i) queue.push("room " + std::to_string(i), "x");
    uint64_t last = 0;
    for (int i = 0; i < 8; ++i) last = queue.next(now)->id;
    EXPECT_FALSE(queue.next(now));
    queue.done(last, Outcome::Delivered, now);
    EXPECT_TRUE(queue.next(now));
}

}  // namespace
}  // namespace conclave::server
