#include "server/pending_commands.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

using livekit::TwirpCode;

class PendingCommandsTest : public testing::Test {
 protected:
    std::optional<conference::CommandId> add(size_t workers, int64_t deadline_ms = 1000) {
        return pending.add(workers, Instant::from_ms(deadline_ms), [this](PendingCommands::Outcome outcome) {
            outcomes.push_back(std::move(outcome));
        });
    }
    static livekit::RoomReply rooms(std::initializer_list<const char*> names) {
        livekit::pb::ListRoomsResponse list;
        for (const char* name : names) list.add_rooms()->set_name(name);
        return list;
    }

    PendingCommands pending{3};
    std::vector<PendingCommands::Outcome> outcomes;
};

TEST_F(PendingCommandsTest, AnAnswerReachesWhoAsked) {
    const auto first = add(1);
    const auto second = add(1);
    livekit::pb::Room room;
    room.set_name("r");
    pending.answer({*second, livekit::RoomReply(room)});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(std::get<livekit::pb::Room>(*outcomes[0]).name(), "r");
    EXPECT_EQ(pending.size(), 1u);
    // Only once, and not for numbers that nobody has.
    pending.answer({*second, livekit::RoomReply(room)});
    pending.answer({99, livekit::RoomReply(room)});
    EXPECT_EQ(outcomes.size(), 1u);
    EXPECT_NE(first, second);
}

TEST_F(PendingCommandsTest, ListsOfAllWorkersAreOne) {
    const auto id = add(3);
    pending.answer({*id, rooms({"a"})});
    pending.answer({*id, rooms({"b", "c"})});
    EXPECT_TRUE(outcomes.empty());
    pending.answer({*id, rooms({})});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(std::get<livekit::pb::ListRoomsResponse>(*outcomes[0]).rooms_size(), 3);
}

TEST_F(PendingCommandsTest, OneWorkersErrorIsTheAnswer) {
    const auto id = add(2);
    pending.answer({*id, Unexpected{livekit::TwirpError{TwirpCode::Unavailable, "busy"}}});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].error().code, TwirpCode::Unavailable);
    pending.answer({*id, rooms({"late"})});
    EXPECT_EQ(outcomes.size(), 1u);
}

TEST_F(PendingCommandsTest, ARoomInSeveralPartsIsListedOnce) {
    const auto id = add(2);
    pending.answer({*id, rooms({"a", "b"})});
    pending.answer({*id, rooms({"b", "c"})});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(std::get<livekit::pb::ListRoomsResponse>(*outcomes[0]).rooms_size(), 3);
}

TEST_F(PendingCommandsTest, PeopleOfAllPartsAreListed) {
    const auto id = add(2);
    livekit::pb::ListParticipantsResponse list;
    list.add_participants()->set_identity("x");
    for (int i = 0; i < 2; ++i) pending.answer({*id, livekit::RoomReply(list)});
    EXPECT_EQ(std::get<livekit::pb::ListParticipantsResponse>(*outcomes.at(0)).participants_size(), 2);
}

TEST_F(PendingCommandsTest, APartThatHasEndedDoesNotSpoilTheOthersAnswer) {
    const livekit::TwirpError gone{TwirpCode::NotFound, "requested room does not exist"};
    const auto id = add(2);
    pending.answer({*id, Unexpected{gone}});
    pending.answer({*id, livekit::RoomReply(Ok{})});
    EXPECT_TRUE(outcomes.at(0));
    const auto absent = add(2);
    for (int i = 0; i < 2; ++i) pending.answer({*absent, Unexpected{gone}});
    EXPECT_EQ(outcomes.at(1).error().code, TwirpCode::NotFound);
}

TEST_F(PendingCommandsTest, WhoWaitsTooLongIsTold) {
    const auto id = add(1, 1000);
    pending.expire(Instant::from_ms(999));
    EXPECT_TRUE(outcomes.empty());
    pending.expire(Instant::from_ms(1000));
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].error().code, TwirpCode::DeadlineExceeded);
    EXPECT_EQ(pending.expired(), 1u);
    pending.answer({*id, rooms({})});
    EXPECT_EQ(outcomes.size(), 1u);
}

TEST_F(PendingCommandsTest, NoMoreThanTheLimitWait) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(add(1));
    EXPECT_FALSE(add(1));
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].error().code, TwirpCode::ResourceExhausted);
    EXPECT_EQ(pending.refused(), 1u);
}

}  // namespace
}  // namespace conclave::server
