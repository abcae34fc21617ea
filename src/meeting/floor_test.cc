// One queue, one floor.
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

using Ids = std::vector<PersonId>;

Sitting with(const Ids& people, const policy::Terms& terms = {}) {
    Sitting s = Sitting::begun(terms);
    for (const PersonId& id : people) s.come(id);
    return s;
}

Say say(std::string text, PersonId to = {}) {
    return {std::move(to), std::move(text)};
}

TEST(Queue, ButtonAndChatWordMakeOneOrder) {
    Sitting s = with({"bob", "eve", "kim", "leo"});
    EXPECT_EQ(s.run("kim", RaiseHand{Reason::Question}), std::nullopt);
    EXPECT_EQ(s.run("bob", say("/main")), std::nullopt);
    EXPECT_EQ(s.run("eve", say(" /hand \n")), std::nullopt);
    EXPECT_EQ(s.run("leo", say("/parole")), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"kim", "bob", "eve", "leo"}));
    EXPECT_EQ(s.run("kim", RaiseHand{}), std::nullopt);
    EXPECT_TRUE(s.last.empty()) << "the place is kept";
    EXPECT_EQ(s.state.floor.queue.front().reason, Reason::Question);
    EXPECT_TRUE(s.state.messages.empty()) << "and nothing was said";
    EXPECT_EQ(s.run("bob", say("/main please")), std::nullopt);
    EXPECT_EQ(s.state.messages.size(), 1u) << "the word alone is a command";
}

TEST(Queue, LeastAirtimeGoesFirstAndTenSecondsAreNothing) {
    Sitting s = with({"bob", "eve", "kim"}, {.floor_order = policy::FloorOrder::LeastAirtime});
    EXPECT_EQ(s.run("", NoteAirtime{.shares = {{"bob", Duration::seconds(60)}, {"eve", Duration::seconds(7)}},
                                    .overlap = {}}),
              std::nullopt);
    for (const char* id : {"bob", "eve", "kim"}) EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"eve", "kim", "bob"}));
}

TEST(Queue, BecomesFairWhenTheChairSaysSo) {
    Sitting s = with({"bob", "eve", "kim"});
    EXPECT_EQ(
        s.run("", NoteAirtime{.shares = {{"bob", Duration::seconds(60)}, {"eve", Duration::seconds(30)}},
                              .overlap = {}}),
        std::nullopt);
    for (const char* id : {"bob", "eve", "kim"}) EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"bob", "eve", "kim"}));
    EXPECT_EQ(s.run("ada", SetFloor{.mode = {}, .order = policy::FloorOrder::LeastAirtime, .turn_limit = {}}),
              std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"kim", "eve", "bob"}));
}

TEST(Queue, IsMovedAndLoweredByWhoLeads) {
    Sitting s = with({"bob", "eve", "kim"});
    for (const char* id : {"bob", "eve", "kim"}) EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.run("bob", MoveHand{"kim", 0}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", MoveHand{"kim", 0}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"kim", "bob", "eve"}));
    EXPECT_EQ(s.run("ada", MoveHand{"kim", 1'000'000}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"bob", "eve", "kim"}));
    EXPECT_EQ(s.run("ada", MoveHand{"kim", -1}), Refusal::NoSuchThing);
    EXPECT_EQ(s.run("ada", MoveHand{"ada", 0}), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("eve", LowerHand{"bob"}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", LowerHand{"bob"}), std::nullopt);
    EXPECT_EQ(s.run("ada", LowerHand{"bob"}), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("kim", LowerHand{""}), std::nullopt);
    EXPECT_EQ(s.run("kim", LowerHand{"kim"}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"eve"}));
}

TEST(Queue, LosesWhoLeavesAndKeepsWhoIsOnlyAway) {
    Sitting s = with({"bob", "eve", "kim"});
    for (const char* id : {"bob", "eve", "kim"}) EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
    s.drop("eve");
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"eve", "kim"}));
    s.pass(kSeatKept);
    EXPECT_EQ(s.queue(), (Ids{"kim"}));
    EXPECT_EQ(s.run("ada", Remove{"kim", true}), std::nullopt);
    EXPECT_EQ(s.queue(), Ids{});
}

TEST(Queue, IsBounded) {
    State state = with({"bob"}).state;
    for (size_t i = 0; i < kQueueMax; ++i) state.floor.queue.push_back({"p" + std::to_string(i), {}, {}});
    EXPECT_EQ(decide(state, {"bob", RaiseHand{}}, kStart).error(), Refusal::QueueFull);
}

TEST(Floor, IsGivenPassedOnAndReleased) {
    Sitting s = with({"bob", "eve", "kim"});
    EXPECT_EQ(s.run("ada", GiveFloor{}), Refusal::NotNow) << "nobody waits for it";
    for (const char* id : {"bob", "eve"}) EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.run("eve", GiveFloor{"eve"}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", GiveFloor{}), std::nullopt);
    EXPECT_EQ(s.state.floor.holder, "bob");
    EXPECT_EQ(s.queue(), (Ids{"eve"}));
    EXPECT_EQ(s.run("bob", RaiseHand{}), std::nullopt);
    EXPECT_TRUE(s.last.empty()) << "has it already";
    EXPECT_EQ(s.run("ada", GiveFloor{"kim"}), std::nullopt);
    EXPECT_EQ(s.state.floor.holder, "kim");
    EXPECT_EQ(s.run("bob", ReleaseFloor{}), Refusal::NotAllowed) << "it is another's now";
    EXPECT_EQ(s.run("kim", ReleaseFloor{}), std::nullopt);
    EXPECT_EQ(s.state.floor.holder, "");
    EXPECT_EQ(s.run("ada", GiveFloor{}), std::nullopt);
    EXPECT_EQ(s.state.floor.holder, "eve");
    EXPECT_EQ(s.run("ada", ReleaseFloor{}), std::nullopt) << "taken back";
    EXPECT_EQ(s.run("ada", GiveFloor{"nobody"}), Refusal::NoSuchPerson);
}

TEST(Floor, AHolderWhoIsGoneHoldsNobodyUp) {
    Sitting s = with({"bob", "eve"});
    EXPECT_EQ(s.run("ada", GiveFloor{"bob"}), std::nullopt);
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    EXPECT_EQ(s.state.floor.holder, "");
    EXPECT_EQ(s.run("ada", GiveFloor{"eve"}), std::nullopt);
    s.pass(Duration::seconds(30));
    s.drop("eve");
    s.pass(kSuccessionAfter - Duration::millis(1));
    EXPECT_EQ(s.state.floor.holder, "eve");
    s.pass(Duration::millis(1));
    EXPECT_EQ(s.state.floor.holder, "");
    EXPECT_EQ(s.presence("eve"), Presence::In) << "the seat is kept longer";
}

TEST(Floor, ChangesWithinItsLimits) {
    Sitting s = with({"bob"});
    const auto limit = [](Duration d) { return SetFloor{.mode = {}, .order = {}, .turn_limit = d}; };
    EXPECT_EQ(s.run("bob", limit(Duration::minutes(2))), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", limit(policy::kTurnLimitMax + Duration::millis(1))), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", limit(Duration::millis(-1))), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", limit(Duration::minutes(2))), std::nullopt);
    EXPECT_EQ(s.state.floor.turn_limit, Duration::minutes(2));
    EXPECT_EQ(s.state.floor.mode, policy::FloorMode::Open) << "what is left out stays";
}

TEST(Stopping, StopMayBeTakenBackByOneselfBlockOnlyByWhoLeads) {
    Sitting s = with({"bob"});
    EXPECT_EQ(s.run("bob", Stop{"ada", Source::Microphone, false}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", Stop{"bob", Source::Microphone, false}), std::nullopt);
    EXPECT_FALSE(s.right("bob").microphone);
    EXPECT_TRUE(s.right("bob").camera);
    EXPECT_EQ(s.run("bob", Resume{Source::Microphone}), std::nullopt);
    EXPECT_TRUE(s.right("bob").microphone);
    EXPECT_EQ(s.run("ada", Stop{"bob", Source::Camera, true}), std::nullopt);
    EXPECT_EQ(s.run("bob", Resume{Source::Camera}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("bob", Allow{"bob", Source::Camera}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", Stop{"bob", Source::Camera, false}), std::nullopt);
    EXPECT_EQ(s.person("bob").camera, Sending::Blocked) << "to stop is no milder than to block";
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    s.come("bob");
    EXPECT_FALSE(s.right("bob").camera) << "coming back does not unblock";
    EXPECT_EQ(s.run("ada", Allow{"bob", Source::Camera}), std::nullopt);
    EXPECT_TRUE(s.right("bob").camera);
    EXPECT_EQ(s.run("ada", Stop{"nobody", Source::Screen, true}), Refusal::NoSuchPerson);
}

TEST(Stopping, NobodySilencesWhoStandsAboveThem) {
    Sitting s = with({"bob", "dan"});
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Deputy}), std::nullopt);
    ASSERT_EQ(s.run("ada", SetRole{"bob", Role::Chair}), std::nullopt);
    for (const Source source : {Source::Microphone, Source::Camera, Source::Screen})
        EXPECT_EQ(s.run("dan", Stop{"bob", source, true}), Refusal::NotAllowed);
    EXPECT_TRUE(s.right("bob").microphone);
    EXPECT_EQ(s.run("ada", Stop{"bob", Source::Microphone, true}), std::nullopt) << "the owner may";
}

TEST(Stopping, EverybodyMeansNeitherLeadersNorTheHolder) {
    Sitting s = with({"bob", "eve", "kim", "dan"});
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Deputy}), std::nullopt);
    ASSERT_EQ(s.run("ada", GiveFloor{"eve"}), std::nullopt);
    EXPECT_EQ(s.run("dan", Stop{"", Source::Microphone, true}), std::nullopt);
    for (const char* id : {"ada", "dan", "eve"}) EXPECT_TRUE(s.right(id).microphone) << id;
    for (const char* id : {"bob", "kim"}) EXPECT_FALSE(s.right(id).microphone) << id;
    EXPECT_EQ(s.run("ada", GiveFloor{"bob"}), std::nullopt);
    EXPECT_TRUE(s.right("bob").microphone) << "to give the floor is to let speak";
}

TEST(Stopping, AllowingEverybodyFreesOneSourceOfAllInOneEvent) {
    Sitting s = with({"bob", "eve", "kim", "leo"});
    EXPECT_EQ(s.run("ada", Allow{{}, Source::Microphone}), std::nullopt);
    EXPECT_TRUE(s.last.empty()) << "nobody was stopped";
    ASSERT_EQ(s.run("ada", Stop{{}, Source::Microphone, true}), std::nullopt);
    ASSERT_EQ(s.run("ada", Stop{"eve", Source::Camera, true}), std::nullopt);
    ASSERT_EQ(s.run("leo", Leave{}), std::nullopt);
    EXPECT_EQ(s.run("bob", Allow{{}, Source::Microphone}), Refusal::NotAllowed);
    EXPECT_FALSE(s.right("bob").microphone);
    EXPECT_EQ(s.run("ada", Allow{{}, Source::Microphone}), std::nullopt);
    EXPECT_EQ(s.last.size(), 1u);
    s.come("leo");
    for (const char* id : {"bob", "eve", "kim", "leo"}) EXPECT_TRUE(s.right(id).microphone) << id;
    EXPECT_FALSE(s.right("eve").camera) << "another source is another matter";
    EXPECT_EQ(text_of_state(s.replayed), text_of_state(s.state));
}

TEST(Airtime, IsAddedUpInWholeMillisecondsOfPeopleWhoExist) {
    Sitting s = with({"bob"});
    const NoteAirtime note{.shares = {{"bob", Duration::micros(1'500'700)}, {"ghost", Duration::seconds(9)}},
                           .overlap = Duration::micros(300'999)};
    EXPECT_EQ(s.run("", note), std::nullopt);
    EXPECT_EQ(s.run("", note), std::nullopt);
    EXPECT_EQ(s.person("bob").spoken, Duration::millis(3000));
    EXPECT_EQ(s.state.floor.overlap, Duration::millis(600));
    EXPECT_FALSE(s.state.find("ghost"));
    EXPECT_EQ(text_of_state(s.replayed), text_of_state(s.state));
}

}  // namespace
}  // namespace conclave::meeting
