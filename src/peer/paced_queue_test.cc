#include "peer/paced_queue.h"

#include <gtest/gtest.h>

namespace conclave::peer {
namespace {

class PacedQueueTest : public testing::Test {
 protected:
    void push(uint32_t frame, int64_t sequence, int64_t ms = 0, EgressId egress = 1) {
        Outgoing as;
        as.egress = egress;
        as.sequence = ExtSeqNo{sequence};
        as.timestamp = frame;
        queue.push({as, pool.copy(Bytes{1, 2, 3}), Codec::Vp8, false, Instant::from_ms(ms)});
    }
    using Bytes = std::vector<uint8_t>;
    PacketPool pool{1024};
    PacedQueue queue;
};

TEST_F(PacedQueueTest, KeepsTheOrderAndLetsGo) {
    for (int64_t i = 0; i < 10'000; ++i) {
        push(1, 2 * i);
        push(1, 2 * i + 1);
        EXPECT_EQ(queue.front().as.sequence.value, i);
        queue.pop();
        if (queue.size() < 200) continue;
        for (int64_t next = i + 1; !queue.empty(); ++next) {
            EXPECT_EQ(queue.front().as.sequence.value, next);
            queue.pop();
        }
        break;
    }
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.dropped(), 0u);
    EXPECT_EQ(pool.available(), 1024u);
}

TEST_F(PacedQueueTest, AWholeFrameGivesWayWhenItIsFull) {
    push(1, 1);
    push(1, 2);
    push(1, 3, 0, 2);  // of another track
    for (size_t i = 3; i < PacedQueue::kPacketsMax; ++i) push(2, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(queue.dropped(), 0u);
    push(3, 1000);
    EXPECT_EQ(queue.dropped(), 2u);
    EXPECT_EQ(queue.size(), PacedQueue::kPacketsMax - 1);
    EXPECT_EQ(queue.front().as.egress, 2u);
    EXPECT_EQ(pool.available(), 1024 - queue.size());
}

TEST_F(PacedQueueTest, WhatIsLateIsGivenUp) {
    push(1, 1, 0);
    push(1, 2, 5);
    push(2, 3, 33);
    queue.expire(Instant::from_ms(500));
    EXPECT_EQ(queue.size(), 3u);
    queue.expire(Instant::from_ms(501));
    EXPECT_EQ(queue.size(), 1u) << "the whole frame";
    EXPECT_EQ(queue.dropped(), 2u);
}

}  // namespace
}  // namespace conclave::peer
