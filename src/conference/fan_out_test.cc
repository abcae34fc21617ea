#include "conference/fan_out.h"

#include <gtest/gtest.h>

#include <map>

namespace conclave::conference {
namespace {

using Sent = std::map<sfu::SubscriberId, std::vector<std::pair<uint32_t, int64_t>>>;  // ssrc, sequence number

class FanOutTest : public testing::Test {
 protected:
    void packet(uint32_t ssrc, const std::vector<sfu::SubscriberId>& to, size_t size = 100) {
        peer::Media media;
        media.ssrc = ssrc;
        media.packet = pool_.take();
        media.packet.set_size(size);
        fan_out_.begin(media);
        for (const sfu::SubscriberId id : to) {
            sfu::Forward forward;
            forward.subscriber = id;
            forward.sequence = ExtSeqNo{++sequence_};
            fan_out_.add(forward);
            expected_[id].push_back({ssrc, sequence_});
        }
    }
    // Everything, person by person, in the order in which they are named.
    Sent send_all() {
        Sent sent;
        while (const auto id = fan_out_.next()) {
            EXPECT_FALSE(sent.contains(*id));
            order_.push_back(*id);
            fan_out_.send_next([&](const sfu::Forward& forward, const peer::Media& media, uint8_t padding) {
                EXPECT_EQ(forward.subscriber, *id);
                paddings_.push_back(padding);
                sent[*id].push_back({media.ssrc, forward.sequence.value});
            });
        }
        return sent;
    }

    PacketPool pool_{32};
    FanOut fan_out_;
    std::vector<uint8_t> paddings_;
    int64_t sequence_ = 0;
    Sent expected_;
    std::vector<sfu::SubscriberId> order_;
};

TEST_F(FanOutTest, ReturnsPacketsPersonByPersonInOrder) {
    packet(1, {10, 11, 12});
    packet(1, {10, 11, 12});
    packet(2, {12, 13, 10});
    EXPECT_EQ(send_all(), expected_);
    EXPECT_EQ(order_, (std::vector<sfu::SubscriberId>{10, 11, 12, 13}));
    EXPECT_TRUE(fan_out_.empty());
}

TEST_F(FanOutTest, BeginsAnewAfterTheLast) {
    packet(1, {10, 11});
    send_all();
    expected_.clear();
    packet(3, {11, 74, 10});  // 74 and 10 want the same slot
    EXPECT_EQ(send_all(), expected_);
    EXPECT_EQ(fan_out_.next(), std::nullopt);
}

TEST_F(FanOutTest, GrowsWithThePeopleAndSaysWhenItIsFull) {
    std::vector<sfu::SubscriberId> people;
    for (sfu::SubscriberId id = 0; id < 1000; ++id) people.push_back(7 * id);
    while (!fan_out_.is_full()) packet(1, people);
    EXPECT_EQ(expected_.at(7).size(), FanOut::kItemsFull / people.size() + 1);
    EXPECT_EQ(send_all(), expected_);
    EXPECT_FALSE(fan_out_.is_full());
}

TEST_F(FanOutTest, KeepsAPacketAsLongAsItIsNeeded) {
    packet(1, {1});
    EXPECT_EQ(pool_.available(), 31U);
    send_all();
    EXPECT_EQ(pool_.available(), 32U);
}

TEST_F(FanOutTest, PadsWhatLacksAFewBytesToTheLargestButNotTheLast) {
    for (const size_t size : {1100, 1099, 1084, 1083, 80, 1100, 1099}) packet(1, {7}, size);
    send_all();
    EXPECT_EQ(paddings_, (std::vector<uint8_t>{0, 1, 16, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace conclave::conference
