#include "meeting/meeting.h"

#include <gtest/gtest.h>

#include <set>

namespace conclave::meeting {
namespace {

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
const std::string kId = "00000-00000-00000-00000";

State created() {
    State state;
    const auto events = decide(state, Create{kId, " Budget ", "owner"}, kNow);
    EXPECT_TRUE(events);
    for (const Event& event : *events) evolve(state, event);
    return state;
}

TEST(Meeting, CreatingOpensItForItsOwnerWithATrimmedTitle) {
    const State state = created();
    EXPECT_EQ(state.phase, State::Phase::Open);
    EXPECT_EQ(state.id, kId);
    EXPECT_EQ(state.title, "Budget");
    EXPECT_EQ(state.owner, "owner");
    EXPECT_EQ(state.created_at, kNow);
}

TEST(Meeting, TitleRules) {
    const auto refusal = [](std::string title) {
        const auto events = decide(State{}, Create{kId, std::move(title), "owner"}, kNow);
        return events ? std::optional<Refusal>{} : std::optional<Refusal>{events.error()};
    };
    EXPECT_EQ(refusal(""), Refusal::TitleRequired);
    EXPECT_EQ(refusal(" \t "), Refusal::TitleRequired);
    EXPECT_EQ(refusal(std::string(200, 'x')), std::nullopt);
    EXPECT_EQ(refusal(std::string(201, 'x')), Refusal::TitleTooLong);
    EXPECT_EQ(refusal("a\xe2\x80\xae"
                      "b"),
              Refusal::TitleRefused);
    EXPECT_EQ(refusal("\xff"), Refusal::TitleRefused);
}

TEST(Meeting, IsCreatedOnceAndUnderAnIdOfOurs) {
    EXPECT_EQ(decide(created(), Create{kId, "again", "owner"}, kNow).error(), Refusal::AlreadyExists);
    EXPECT_EQ(decide(State{}, Create{"short", "t", "owner"}, kNow).error(), Refusal::BadId);
    EXPECT_EQ(decide(State{}, Create{kId, "t", ""}, kNow).error(), Refusal::NotOwner);
}

TEST(Meeting, A7_OnlyTheOwnerEndsItAndOnlyOnce) {
    State state = created();
    EXPECT_EQ(decide(state, End{"someone"}, kNow).error(), Refusal::NotOwner);
    EXPECT_EQ(decide(State{}, End{""}, kNow).error(), Refusal::NotOpen);
    const auto events = decide(state, End{"owner"}, kNow + Duration::minutes(40));
    ASSERT_TRUE(events);
    evolve(state, (*events)[0]);
    EXPECT_EQ(state.phase, State::Phase::Ended);
    EXPECT_EQ(state.ended_at, kNow + Duration::minutes(40));
    const auto again = decide(state, End{"owner"}, kNow);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->empty());
    EXPECT_EQ(decide(state, End{"other"}, kNow).error(), Refusal::NotOpen) << "as if it had never been";
    EXPECT_EQ(decide(state, Create{kId, "t", "owner"}, kNow).error(), Refusal::AlreadyExists);
}

TEST(MeetingId, IsReadableAndUsesTheWholeAlphabet) {
    SeededRng rng(1);
    std::set<std::string> ids;
    std::set<char> letters;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = make_id(rng);
        EXPECT_TRUE(is_id(id)) << id;
        EXPECT_EQ(id.size(), 23u);
        letters.insert(id.begin(), id.end());
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 1000u);
    EXPECT_EQ(letters.size(), 33u);  // 32 symbols and the hyphen
}

TEST(MeetingId, OtherTextIsNoId) {
    for (const char* text :
         {"", "00000", "00000-00000-00000-0000", "00000-00000-00000-000000", "00000000000000000000000",
          "0000-000000-00000-00000", "00000-00000-00000-0000I", "00000-00000-00000-0000A",
          "00000-00000-00000-0000u", "00000/00000/00000/00000"}) {
        EXPECT_FALSE(is_id(text)) << text;
    }
}

}  // namespace
}  // namespace conclave::meeting
