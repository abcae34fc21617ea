#include "bwe/sent_history.h"

#include <gtest/gtest.h>

#include <array>

namespace conclave::bwe {
namespace {

using Arrivals = std::vector<wire::PacketArrival>;

class SentHistoryTest : public testing::Test {
 protected:
    // What feedback of these packets, from `base` on, says.
    std::vector<PacketResult> told(Instant now, int64_t base, const Arrivals& arrivals) {
        std::array<uint8_t, 1200> buffer;
        ByteWriter out(buffer);
        EXPECT_EQ(wire::write_transport_feedback(out, 1, 2, 0, ExtSeqNo{base}, arrivals), arrivals.size());
        std::vector<PacketResult> results;
        history.acknowledge(now, wire::parse_transport_feedback(out.written().subspan(4)).value(),
                            [&](const PacketResult& result) { results.push_back(result); });
        return results;
    }
    SentHistory history;
};

Instant ms(int64_t at) {
    return Instant::from_ms(at);
}

TEST_F(SentHistoryTest, SaysWhenWhatWasSentAndCame) {
    EXPECT_EQ(history.next_number(), 0);
    history.record(ms(1000), 100, 0);
    history.record(ms(1010), 200, 3);
    history.record(ms(1020), 300, 0);
    EXPECT_EQ(history.next_number(), 3);
    const auto results = told(ms(1100), 0, {{ExtSeqNo{0}, ms(640'000)}, {ExtSeqNo{2}, ms(640'021)}});
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(results[0].sent, ms(1000));
    EXPECT_EQ(results[0].size, 100);
    EXPECT_FALSE(results[1].is_received());
    EXPECT_EQ(results[1].cluster, 3);
    EXPECT_EQ(results[2].arrived - results[0].arrived, Duration::millis(21));
}

TEST_F(SentHistoryTest, EachPacketOnceAndALateOneOnceMore) {
    for (int i = 0; i < 3; ++i) history.record(ms(i), 100, 0);
    EXPECT_EQ(told(ms(100), 0, {{ExtSeqNo{0}, ms(50)}, {ExtSeqNo{2}, ms(52)}}).size(), 3u);
    const auto late = told(ms(110), 1, {{ExtSeqNo{1}, ms(60)}, {ExtSeqNo{2}, ms(52)}});
    ASSERT_EQ(late.size(), 1u);
    EXPECT_TRUE(late[0].was_lost);
    EXPECT_TRUE(late[0].is_received());
    EXPECT_TRUE(told(ms(120), 1, {{ExtSeqNo{1}, ms(60)}}).empty());
}

TEST_F(SentHistoryTest, PassesOverWhatWasNeverSentAndWhatIsLongAgo) {
    EXPECT_TRUE(told(ms(0), 0, {{ExtSeqNo{0}, ms(50)}}).empty());
    history.record(ms(0), 100, 0);
    EXPECT_TRUE(told(ms(10), 1, {{ExtSeqNo{1}, ms(50)}}).empty());
    EXPECT_TRUE(told(ms(10), 65'000, {{ExtSeqNo{65'000}, ms(50)}}).empty());
    EXPECT_TRUE(told(ms(3000), 0, {{ExtSeqNo{0}, ms(50)}}).empty()) << "kKept";
}

TEST_F(SentHistoryTest, GrowsWithWhatIsOnItsWayUpToALimit) {
    const size_t small = history.memory();
    for (int i = 0; i < 1000; ++i) history.record(ms(i * 100), 100, 0);
    EXPECT_EQ(history.memory(), small) << "30 packets within kKept";
    for (int i = 0; i < 2000; ++i) history.record(ms(100'000 + i), 100, 0);
    EXPECT_GT(history.memory(), small);
    EXPECT_EQ(told(ms(102'000), 1000, {{ExtSeqNo{1000}, ms(0)}}).size(), 1u) << "nothing is lost by growing";
    for (int i = 0; i < 100'000; ++i) history.record(ms(102'001), 100, 0);
    EXPECT_EQ(history.memory(), SentHistory::kPacketsMax * 8);
}

TEST_F(SentHistoryTest, NumbersAndTheReceiversClockGoRound) {
    for (int i = 0; i < 65'540; ++i) history.record(ms(i), 100, 0);
    const auto before = told(ms(65'540), 65'534, {{ExtSeqNo{65'534}, ms(64LL * ((1 << 24) - 1))}});
    const auto after = told(ms(65'550), 65'537, {{ExtSeqNo{65'537}, ms(64LL * ((1 << 24) + 1))}});
    ASSERT_EQ(before.size(), 1u);
    ASSERT_EQ(after.size(), 1u);
    EXPECT_EQ(after[0].arrived - before[0].arrived, Duration::millis(128));
}

TEST_F(SentHistoryTest, AClockThatJumpsGoesOnAsIfItHadNot) {
    for (int i = 0; i < 3; ++i) history.record(ms(i), 100, 0);
    const auto first = told(ms(100), 0, {{ExtSeqNo{0}, ms(640)}});
    const auto second = told(ms(100), 1, {{ExtSeqNo{1}, ms(64'000'000)}});
    const auto third = told(ms(100), 2, {{ExtSeqNo{2}, ms(64'000'064)}});
    EXPECT_EQ(second.at(0).arrived, first.at(0).arrived);
    EXPECT_EQ(third.at(0).arrived - second.at(0).arrived, Duration::millis(64));
}

}  // namespace
}  // namespace conclave::bwe
