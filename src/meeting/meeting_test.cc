#include "meeting/meeting.h"

#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

std::optional<Refusal> create(const State& state, const Create& wish) {
    const Decision decision = decide(state, {wish.owner, wish}, kStart);
    return decision ? std::nullopt : std::optional(decision.error());
}

TEST(Meeting, CreatingOpensItForItsOwnerWithATrimmedTitle) {
    State state;
    const Decision events = decide(state, {kOwner, Create{kMeeting, " Budget ", kOwner, {}}}, kStart);
    ASSERT_TRUE(events);
    for (const Event& event : *events) evolve(state, event);
    EXPECT_EQ(state.phase, State::Phase::Open);
    EXPECT_EQ(state.id, kMeeting);
    EXPECT_EQ(state.title, "Budget");
    EXPECT_EQ(state.owner, kOwner);
    EXPECT_EQ(state.created_at, kStart);
    EXPECT_EQ(state.number, 1);
    EXPECT_FALSE(state.is_running()) << "it starts when somebody is there who may chair";
}

TEST(Meeting, TitleRules) {
    const auto refusal = [](std::string title) {
        return create({}, {kMeeting, std::move(title), kOwner, {}});
    };
    EXPECT_EQ(refusal(""), Refusal::TitleRequired);
    EXPECT_EQ(refusal(" \t "), Refusal::TitleRequired);
    EXPECT_EQ(refusal(std::string(200, 'x')), std::nullopt);
    EXPECT_EQ(refusal(std::string(201, 'x')), Refusal::TitleTooLong);
    EXPECT_EQ(refusal("a\xe2\x80\xae"
                      "b"),
              Refusal::TextRefused);
    EXPECT_EQ(refusal("\xff"), Refusal::TextRefused);
}

TEST(Meeting, IsCreatedOnceAndUnderAnIdOfOurs) {
    EXPECT_EQ(create(Sitting().state, {kMeeting, "again", kOwner, {}}), Refusal::AlreadyExists);
    EXPECT_EQ(create({}, {"short", "t", kOwner, {}}), Refusal::BadId);
    EXPECT_EQ(create({}, {kMeeting, "t", "", {}}), Refusal::NotOwner);
}

TEST(Meeting, A7_OnlyTheOwnerEndsItAndOnlyOnce) {
    Sitting s;
    EXPECT_EQ(s.run("someone", End{}), Refusal::NotOwner);
    EXPECT_EQ(s.run("", End{}), Refusal::NotOwner);
    EXPECT_EQ(decide(State{}, {"", End{}}, kStart).error(), Refusal::NotOpen);
    s.pass(Duration::minutes(40));
    EXPECT_EQ(s.run(kOwner, End{}), std::nullopt);
    EXPECT_EQ(s.state.phase, State::Phase::Ended);
    EXPECT_EQ(s.state.ended_at, kStart + Duration::minutes(40));
    EXPECT_EQ(s.run(kOwner, End{}), std::nullopt);
    EXPECT_TRUE(s.last.empty());
    EXPECT_EQ(s.run("other", End{}), Refusal::NotOpen) << "as if it had never been";
    EXPECT_EQ(create(s.state, {kMeeting, "t", kOwner, {}}), Refusal::AlreadyExists);
}

TEST(Meeting, EndedInTheMiddleSendsEverybodyAwayForGood) {
    Sitting s = Sitting::begun();
    s.come("bob");
    EXPECT_EQ(s.run(kOwner, End{}), std::nullopt);
    EXPECT_TRUE(rights(s.state).empty());
    EXPECT_EQ(s.presence("ada"), Presence::Left);
    EXPECT_EQ(s.arrive("ada", owner()), Refusal::NotOpen);
    EXPECT_EQ(next_tick(s.state, s.now), std::nullopt);
}

TEST(Meeting, NobodyTicksOrMeasuresOrOverridesButTheServer) {
    Sitting s = Sitting::begun();
    s.come("bob");
    for (const std::string by : {"ada", "bob", "nobody"}) {
        EXPECT_EQ(s.run(by, Tick{}), Refusal::NotAllowed);
        EXPECT_EQ(s.run(by, NoteAirtime{.shares = {{"bob", Duration::seconds(1)}}, .overlap = {}}),
                  Refusal::NotAllowed);
        EXPECT_EQ(s.run(by, OverrideRest{"a", "because"}), Refusal::NotAllowed);
        EXPECT_EQ(s.run(by, Arrive{.person = "eve", .account = {}, .name = "Eve", .invitation = {}}),
                  Refusal::NotAllowed);
    }
}

// The codes are told to clients (proto/openapi.yaml).
TEST(Meeting, EveryRefusalHasACode) {
    for (int i = 0; i <= static_cast<int>(Refusal::ChairNeeded); ++i)
        EXPECT_FALSE(code(static_cast<Refusal>(i)).empty());
    EXPECT_EQ(code(Refusal::NotOpen), "meeting_not_found") << "as if it had never been";
    EXPECT_EQ(code(Refusal::NotAllowed), "not_allowed");
    EXPECT_EQ(code(Refusal::Full), "meeting_full");
}

}  // namespace
}  // namespace conclave::meeting
