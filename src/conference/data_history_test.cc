#include "conference/data_history.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

DataHistory::Message message(Instant at, size_t size, std::string sender = "PA_1") {
    DataHistory::Message message;
    message.at = at;
    message.sender_sid = std::move(sender);
    message.bytes.assign(size, 'x');
    return message;
}

TEST(DataHistory, ForgetsAfterTwoSeconds) {
    DataHistory history;
    const Instant start = Instant::from_ms(1000);
    history.add(message(start, 10));
    history.add(message(start + Duration::millis(500), 10, "PA_2"));
    EXPECT_EQ(history.recent(start + DataHistory::kAge).size(), 2u);
    const auto& left = history.recent(start + DataHistory::kAge + Duration::millis(1));
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].sender_sid, "PA_2");
    EXPECT_TRUE(history.recent(start + Duration::seconds(60)).empty());
    EXPECT_EQ(history.bytes(), 0u);
}

TEST(DataHistory, TheOldestGoWhenThereIsTooMuch) {
    DataHistory history;
    const Instant now = Instant::from_ms(1000);
    for (int i = 0; i < 10'000; ++i) {
        history.add(message(now, 100));
        ASSERT_LE(history.bytes(), DataHistory::kBytesMax);
    }
    EXPECT_GT(history.recent(now).size(), 400u);
    history.add(message(now, 60'000, "big"));
    history.add(message(now, 60'000, "bigger"));
    ASSERT_EQ(history.recent(now).size(), 1u);
    EXPECT_EQ(history.recent(now)[0].sender_sid, "bigger");
}

TEST(DataHistory, ManyDestinationsCount) {
    DataHistory history;
    DataHistory::Message many = message(Instant::from_ms(1), 1);
    many.destination_identities.assign(1024, "a");
    history.add(std::move(many));
    EXPECT_TRUE(history.recent(Instant::from_ms(1)).empty()) << "more than the whole history may hold";
}

TEST(DataHistory, ANonceCountsOnce) {
    DataHistory history;
    EXPECT_TRUE(history.is_first(""));
    EXPECT_TRUE(history.is_first(""));
    EXPECT_TRUE(history.is_first("0123456789abcdef"));
    EXPECT_FALSE(history.is_first("0123456789abcdef"));
    for (size_t i = 1; i < DataHistory::kNoncesMax; ++i) ASSERT_TRUE(history.is_first(std::to_string(i)));
    EXPECT_FALSE(history.is_first("0123456789abcdef")) << "at the limit";
    EXPECT_TRUE(history.is_first("one more"));
    EXPECT_TRUE(history.is_first("0123456789abcdef")) << "forgotten";
}

}  // namespace
}  // namespace conclave::conference
