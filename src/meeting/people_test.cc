// The door: who waits, who is let in, who comes back.
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

TEST(Door, WaitsForAChairAndStartsWhenOneIsHere) {
    Sitting s;
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::Waiting);
    EXPECT_EQ(s.arrive("ada", owner()), std::nullopt);
    EXPECT_EQ(s.presence("ada"), Presence::In);
    EXPECT_FALSE(s.state.started_at) << "a chair who is expected is not here";
    s.pass(Duration::seconds(30));
    EXPECT_EQ(s.run("ada", Connect{}), std::nullopt);
    EXPECT_EQ(s.state.started_at, kStart + Duration::seconds(30));
    EXPECT_EQ(s.chair(), "ada");
    EXPECT_EQ(s.presence("bob"), Presence::In) << "the door opens with the meeting";
}

TEST(Door, ADeputyStartsItWhileTheOwnerIsOnTheWay) {
    Sitting s;
    ASSERT_EQ(s.run(kOwner, Invite{.id = "i", .secret_hash = "h", .name = {}, .role = Role::Deputy}),
              std::nullopt);
    EXPECT_EQ(s.arrive("ada", owner()), std::nullopt);  // has a seat, and no connection yet
    s.come("dan", {.invitation = "i"});
    EXPECT_TRUE(s.state.is_running());
    EXPECT_EQ(s.chair(), "dan");
    EXPECT_EQ(s.role("ada"), Role::Deputy);
}

TEST(Door, WhoNeedsAnAdmissionWaitsForOne) {
    Sitting s = Sitting::begun();
    s.come("bob", knocking());
    EXPECT_EQ(s.presence("bob"), Presence::Waiting);
    EXPECT_EQ(s.run("bob", Admit{"bob"}), Refusal::NotInMeeting);
    EXPECT_EQ(s.run("ada", Admit{"eve"}), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("ada", Admit{"ada"}), Refusal::NoSuchPerson) << "is in already";
    EXPECT_EQ(s.run("ada", Admit{"bob"}), std::nullopt);
    EXPECT_EQ(s.presence("bob"), Presence::In);
}

TEST(Door, AdmitAllMeansWhoeverWaitsForAYes) {
    Sitting s = Sitting::begun();
    for (const char* id : {"bob", "eve", "kim"}) s.come(id, knocking());
    EXPECT_EQ(s.run("ada", Admit{}), std::nullopt);
    for (const char* id : {"bob", "eve", "kim"}) EXPECT_EQ(s.presence(id), Presence::In);
    EXPECT_EQ(s.run("ada", Admit{}), std::nullopt);
    EXPECT_TRUE(s.last.empty());
}

TEST(Door, SayingYesTwiceOpensNothingSooner) {
    Sitting s = Sitting::begun({.format = policy::Format::Webinar});
    s.come("bob", knocking());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(s.run("ada", Admit{"bob"}), std::nullopt);
    EXPECT_EQ(s.presence("bob"), Presence::Waiting) << "the rehearsal is for who presents";
    EXPECT_EQ(s.run("ada", GoLive{}), std::nullopt);
    EXPECT_EQ(s.presence("bob"), Presence::In);
}

TEST(Door, ALockMakesNewcomersWaitAndLeadersAndWhoWasInNot) {
    Sitting s = Sitting::begun();
    s.come("bob");
    EXPECT_EQ(s.run("bob", Lock{true}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", Lock{true}), std::nullopt);
    s.come("eve");
    EXPECT_EQ(s.presence("eve"), Presence::Waiting);
    EXPECT_TRUE(s.person("eve").needs_admission);
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::In);
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    s.come("ada", owner());
    EXPECT_EQ(s.presence("ada"), Presence::In);
    EXPECT_EQ(s.run("ada", Lock{false}), std::nullopt);
    EXPECT_EQ(s.presence("eve"), Presence::Waiting) << "who asked still asks";
    s.come("kim");
    EXPECT_EQ(s.presence("kim"), Presence::In);
}

TEST(Door, TheOwnerIsLetInWhateverAdmissionAndLockSay) {
    Sitting s = Sitting::begun();
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    Who asked = owner();
    asked.needs_admission = true;
    s.come("ada", asked);
    EXPECT_EQ(s.presence("ada"), Presence::In);
    EXPECT_EQ(s.chair(), "ada");
}

TEST(Door, WhoIsInKeepsTheSeatFromAnotherDevice) {
    Sitting s = Sitting::begun();
    s.come("bob");
    const int64_t number = s.state.number;
    EXPECT_EQ(s.arrive("bob", guest("Other")), std::nullopt);
    EXPECT_EQ(s.run("bob", Connect{}), std::nullopt);
    EXPECT_EQ(s.state.number, number);
    EXPECT_EQ(s.person("bob").name, "bob");
}

TEST(Door, RefusedAtTheDoorMayKnockAgainAndWaits) {
    Sitting s = Sitting::begun();
    s.come("bob", knocking());
    EXPECT_EQ(s.run("ada", Refuse{"bob"}), std::nullopt);
    EXPECT_EQ(s.presence("bob"), Presence::Refused);
    EXPECT_EQ(s.run("ada", Refuse{"bob"}), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("ada", Admit{"bob"}), Refusal::NoSuchPerson) << "is gone";
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::Waiting);
}

// A3: the lobby is not walked around.
TEST(Door, A3_RemovedGivesUpWaitingAndComesBackAndStillWaits) {
    Sitting s = Sitting::begun();
    s.come("bob");
    EXPECT_EQ(s.run("ada", Remove{"bob", false}), std::nullopt);
    EXPECT_EQ(s.presence("bob"), Presence::Refused);
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::Waiting);
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::Waiting) << "leaving the queue does not make one welcome";
    s.drop("bob");
    s.pass(kSeatKept);
    EXPECT_EQ(s.presence("bob"), Presence::Left);
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::Waiting);
    EXPECT_EQ(s.run("ada", Admit{"bob"}), std::nullopt);
    EXPECT_EQ(s.presence("bob"), Presence::In);
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    s.come("bob");
    EXPECT_EQ(s.presence("bob"), Presence::In) << "forgiven";
}

TEST(Door, A3_ADeputyWhoWasRemovedAsksLikeAnybody) {
    Sitting s = Sitting::begun();
    s.come("dan", agent("dan"));
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Deputy}), std::nullopt);
    EXPECT_EQ(s.run("ada", Remove{"dan", false}), std::nullopt);
    s.come("dan", agent("dan"));
    EXPECT_EQ(s.presence("dan"), Presence::Waiting);
    EXPECT_EQ(s.run("ada", Admit{"dan"}), std::nullopt);
    EXPECT_EQ(s.presence("dan"), Presence::In);
}

TEST(Door, BannedIsForTheMeetingNotForTheSitting) {
    Sitting s = Sitting::begun();
    s.come("bob");
    s.come("dan", agent("dan"));
    EXPECT_EQ(s.run("ada", Remove{"bob", true}), std::nullopt);
    EXPECT_EQ(s.run("ada", Remove{"dan", true}), std::nullopt);
    for (const char* id : {"bob", "dan"}) {
        EXPECT_EQ(s.presence(id), Presence::Banned);
        EXPECT_EQ(s.arrive(id), Refusal::NotAllowed);
        EXPECT_EQ(s.run(id, Connect{}), Refusal::NotInMeeting);
        EXPECT_EQ(s.run("ada", Admit{id}), Refusal::NoSuchPerson);
    }
    EXPECT_EQ(s.run("ada", Close{}), std::nullopt);
    EXPECT_EQ(s.arrive("bob"), Refusal::NotAllowed);
    EXPECT_EQ(s.arrive("dan", agent("dan")), Refusal::NotAllowed);
    EXPECT_EQ(s.person("bob").name, "") << "guests are forgotten with the sitting";
}

TEST(Door, NobodyThrowsOutWhoStandsAboveOrTheOwnerOrThemselves) {
    Sitting s = Sitting::begun();
    s.come("dan", agent("dan"));
    s.come("eve", agent("eve"));
    for (const char* id : {"dan", "eve"}) ASSERT_EQ(s.run("ada", SetRole{id, Role::Deputy}), std::nullopt);
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Chair}), std::nullopt);
    EXPECT_EQ(s.run("eve", Remove{"dan", false}), Refusal::NotAllowed) << "the chair";
    EXPECT_EQ(s.run("eve", Remove{"eve", false}), Refusal::NotAllowed) << "themselves";
    EXPECT_EQ(s.run("dan", Remove{"ada", true}), Refusal::NotAllowed) << "the owner";
    EXPECT_EQ(s.run("dan", Remove{"eve", false}), std::nullopt);
    EXPECT_EQ(s.run("ada", Remove{"dan", false}), std::nullopt) << "by the owner, whatever the role";
    EXPECT_EQ(s.chair(), "ada");
}

TEST(Door, ASeatIsKeptForAMinuteAndThenGivenUp) {
    Sitting s = Sitting::begun();
    s.come("bob");
    s.pass(Duration::minutes(5));
    s.drop("bob");
    s.pass(kSeatKept - Duration::millis(1));
    EXPECT_EQ(s.presence("bob"), Presence::In);
    EXPECT_EQ(s.run("bob", Connect{}), std::nullopt);
    s.pass(kSeatKept);
    EXPECT_EQ(s.presence("bob"), Presence::In);
    s.drop("bob");
    s.pass(kSeatKept);
    EXPECT_EQ(s.presence("bob"), Presence::Left);
    EXPECT_EQ(s.run("bob", Connect{}), Refusal::NotInMeeting);
}

TEST(Door, AGuestWhoNeverConnectsOrGivesUpLeavesNoTrace) {
    Sitting s = Sitting::begun();
    EXPECT_EQ(s.arrive("bob", knocking()), std::nullopt);
    s.pass(kSeatKept);
    EXPECT_FALSE(s.state.find("bob"));
    EXPECT_EQ(s.arrive("eve", knocking()), std::nullopt);
    EXPECT_EQ(s.run("eve", Leave{}), std::nullopt);
    EXPECT_FALSE(s.state.find("eve"));
    s.come("kim", {.invitation = "unknown", .needs_admission = true});
    EXPECT_EQ(s.run("kim", Leave{}), std::nullopt);
    EXPECT_TRUE(s.state.find("kim")) << "an invitation is somebody's";
}

TEST(Door, NamesakesAreToldApartAlsoAfterARenaming) {
    Sitting s = Sitting::begun();
    s.come("g1", guest("Bob"));
    s.come("g2", guest("Bob"));
    s.come("g3", guest("Eve"));
    EXPECT_EQ(s.person("g1").namesake, 1);
    EXPECT_EQ(s.person("g2").namesake, 2);
    EXPECT_EQ(s.person("g3").namesake, 1);
    for (const char* id : {"g1", "g3"}) EXPECT_EQ(s.run(id, Leave{}), std::nullopt);
    s.come("g3", guest("Bob"));
    EXPECT_EQ(s.person("g3").namesake, 3) << "a name that was taken on the way";
    s.come("g1", guest("Bob"));
    EXPECT_EQ(s.person("g1").namesake, 1) << "who keeps the name keeps the number";
}

TEST(Door, A8_NamesThatLookTheSameAreToldApartAsWell) {
    Sitting s = Sitting::begun();
    s.come("g1", guest("Bob Martin"));
    s.come("g2", guest("B\xe2\x80\x8dob Martin"));
    s.come("g3", guest("Bob  Martin (2)"));
    EXPECT_EQ(s.person("g1").namesake, 1);
    EXPECT_EQ(s.person("g2").namesake, 2);
    EXPECT_EQ(s.person("g3").namesake, 3) << "who is called so is shown as another number";
}

TEST(Door, TheLobbyAndTheSeatsHaveTheirLimits) {
    Sitting s = Sitting::begun();
    for (size_t i = 0; i < kWaitingMax; ++i)
        ASSERT_EQ(s.arrive("w" + std::to_string(i), knocking()), std::nullopt);
    EXPECT_EQ(s.arrive("late", knocking()), Refusal::Full);
    EXPECT_EQ(s.arrive("welcome"), std::nullopt) << "whoever need not wait";
    EXPECT_EQ(s.run("welcome", Leave{}), std::nullopt);
}

Person someone(const PersonId& id, Presence presence) {
    Person person;
    person.id = id;
    person.presence = presence;
    person.needs_admission = presence == Presence::Waiting;
    return person;
}

TEST(Door, AFullMeetingTakesNobodyButWhoLeads) {
    State state = Sitting::begun().state;
    for (size_t i = 1; i < kPeopleMax; ++i) {
        const std::string id = "p" + std::to_string(i);
        state.people[id] = someone(id, Presence::In);
    }
    const auto arrive = [&](Arrive wish) {
        const Decision decision = decide(state, {{}, std::move(wish)}, kStart);
        return decision ? std::nullopt : std::optional(decision.error());
    };
    Arrive late{.person = "late", .account = {}, .name = "L", .invitation = {}};
    EXPECT_EQ(arrive(late), Refusal::Full);
    state.people["ada"].presence = Presence::Left;
    state.people["late2"] = someone("late2", Presence::In);
    EXPECT_EQ(arrive({.person = "ada", .account = kOwner, .name = "A", .invitation = {}}), std::nullopt);
    state.people["knocks"] = someone("knocks", Presence::Waiting);
    state.people["ada"].presence = Presence::In;
    EXPECT_EQ(decide(state, {"ada", Admit{"knocks"}}, kStart).error(), Refusal::Full);
    // A table full of strangers does not keep the owner out.
    while (state.people.size() < 4 * kPeopleMax) {
        const std::string id = "q" + std::to_string(state.people.size());
        state.people[id] = someone(id, Presence::Refused);
    }
    state.people.erase("p1");
    state.people["q"] = someone("q", Presence::Refused);
    EXPECT_EQ(arrive(late), Refusal::Full);
    EXPECT_EQ(arrive({.person = "ada2", .account = kOwner, .name = "A", .invitation = {}}), std::nullopt);
}

Invite invite(std::string id, Role role) {
    return {.id = std::move(id), .secret_hash = "h", .name = "Kim", .role = role};
}

TEST(Invitations, GiveTheirRoleOnceAndToOneDevice) {
    Sitting s;
    EXPECT_EQ(s.run(kOwner, invite("i1", Role::Presenter)), std::nullopt);
    s.come("ada", owner());
    s.come("kim", {.invitation = "i1"});
    EXPECT_EQ(s.role("kim"), Role::Presenter);
    EXPECT_EQ(s.state.invitations.at("i1").used_by, "kim");
    s.come("eve", {.invitation = "i1"});
    EXPECT_EQ(s.state.invitations.at("i1").used_by, "kim") << "the first device's";
}

TEST(Invitations, NobodyGivesARoleAboveTheirOwn) {
    Sitting s = Sitting::begun();
    s.come("dan", agent("dan"));
    s.come("bob");
    EXPECT_EQ(s.run("dan", invite("a", Role::Participant)), std::nullopt);
    EXPECT_EQ(s.run("dan", invite("b", Role::Presenter)), Refusal::NotAllowed);
    EXPECT_EQ(s.run("bob", invite("c", Role::Observer)), Refusal::NotAllowed) << "guests invite nobody";
    EXPECT_EQ(s.run("eve", invite("d", Role::Observer)), Refusal::NotInMeeting);
    EXPECT_EQ(s.run("ada", invite("e", Role::Deputy)), std::nullopt);
    EXPECT_EQ(s.run("ada", invite("f", Role::Chair)), Refusal::NotAllowed);
    EXPECT_EQ(s.run(kOwner, invite("g", Role::Chair)), Refusal::NotAllowed);
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Observer}), std::nullopt);
    EXPECT_EQ(s.run("dan", invite("h", Role::Observer)), Refusal::NotAllowed);
}

TEST(Invitations, A7_AreRevokedByWhoMadeThemOrWhoLeads) {
    Sitting s = Sitting::begun();
    s.come("dan", agent("dan"));
    s.come("eve", agent("eve"));
    ASSERT_EQ(s.run("dan", invite("a", Role::Participant)), std::nullopt);
    ASSERT_EQ(s.run(kOwner, invite("b", Role::Participant)), std::nullopt);
    EXPECT_EQ(s.run("eve", RevokeInvitation{"a"}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("dan", RevokeInvitation{"b"}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("dan", RevokeInvitation{"c"}), Refusal::NoSuchThing);
    EXPECT_EQ(s.run("dan", RevokeInvitation{"a"}), std::nullopt);
    EXPECT_TRUE(s.state.invitations.at("a").is_revoked);
    EXPECT_EQ(s.run("ada", RevokeInvitation{"a"}), std::nullopt);
    EXPECT_TRUE(s.last.empty()) << "once is enough";
    EXPECT_EQ(s.run(kOwner, RevokeInvitation{"b"}), std::nullopt);
}

TEST(Invitations, HaveLimits) {
    Sitting s;
    const auto valid = [](Duration duration) {
        Invite wish = invite("x", Role::Participant);
        wish.valid = duration;
        return wish;
    };
    EXPECT_EQ(s.run(kOwner, valid(Duration::seconds(59))), Refusal::TooMuch);
    EXPECT_EQ(s.run(kOwner, valid(kInvitationValidMax + Duration::seconds(1))), Refusal::TooMuch);
    for (size_t i = 0; i < kInvitationsMax; ++i)
        ASSERT_EQ(s.run(kOwner, invite(std::to_string(i), Role::Participant)), std::nullopt);
    EXPECT_EQ(s.run(kOwner, invite("one more", Role::Participant)), Refusal::Full);
    Sitting closed({.guests = policy::Guests::None});
    EXPECT_EQ(closed.run(kOwner, invite("i", Role::Participant)), Refusal::NotAllowed);
}

}  // namespace
}  // namespace conclave::meeting
