// Who is told what.
#include "live/hall.h"

#include "live/test_hall.h"

namespace conclave::live {
namespace {

using meeting::agent;
using meeting::knocking;
using meeting::owner;
using meeting::Role;
using meeting::Source;

constexpr auto kWebinar = policy::Format::Webinar;

House with(const std::vector<PersonId>& people, const policy::Terms& terms = {}) {
    House house(terms);
    house.come("ada", owner());
    for (const PersonId& id : people) house.come(id);
    return house;
}

TEST(Hall, WhoComesInGetsTheWholeAndATokenAndThenTheAnswer) {
    House house = with({"bob"});
    const Client& bob = house.client("bob");
    ASSERT_EQ(bob.frames.size(), 2u);
    EXPECT_EQ(bob.frames[0]["type"], "meeting");
    EXPECT_EQ(bob.frames[1]["type"], "done");
    EXPECT_EQ(bob.token, "token of bob");
    EXPECT_EQ(bob.people.size(), 2u);
    EXPECT_FALSE(bob.whole.contains("lobby"));
    EXPECT_FALSE(bob.whole.contains("airtime"));
    EXPECT_TRUE(house.client("ada").whole.contains("lobby"));
    EXPECT_EQ(house.client("ada").people.size(), 2u);
    house.pass(Duration::seconds(1));
    EXPECT_EQ(house.client("ada").whole["meeting"]["people_count"], 2);
}

// A3: whoever waits is told that they wait, and nothing else.
TEST(Hall, A3_WhoWaitsIsToldNothingOfTheMeeting) {
    House house = with({"bob"});
    house.come("eve", knocking());
    ASSERT_EQ(house.send("bob", meeting::Say{{}, "SECRET TEXT"}), "done");
    ASSERT_EQ(house.send("ada", meeting::SetAgenda{{{"SECRET ITEM", {}}}}), "done");
    ASSERT_EQ(house.send("bob", meeting::RaiseHand{}), "done");
    ASSERT_EQ(house.send_text("bob", 77, R"({"id":77,"do":"react","reaction":"laugh"})"), "done");
    house.come("kim", knocking());
    house.pass(Duration::minutes(31));
    EXPECT_EQ(house.send("eve", meeting::Say{"bob", "psst"}), "not_in_meeting");
    EXPECT_EQ(house.send_text("eve", 78, R"({"id":78,"do":"react","reaction":"laugh"})"), "not_in_meeting");
    EXPECT_EQ(house.send_text("eve", 79, R"({"id":79,"do":"hello","rejoin":"x"})"), "not_now");
    const Client& eve = house.client("eve");
    for (const Json& frame : eve.frames) {
        const std::string type = frame["type"];
        EXPECT_TRUE(type == "waiting" || type == "done" || type == "refused") << frame;
        EXPECT_LE(frame.size(), 3u) << frame;
    }
    EXPECT_EQ(eve.waiting, "admission");
    EXPECT_EQ(eve.count("waiting"), 1u) << "and told once";
    for (const char* secret : {"ada", "bob", "kim", "Budget", "SECRET", "00000", "people", "number", "token"})
        EXPECT_FALSE(eve.was_told(secret)) << secret;
    EXPECT_FALSE(house.client("bob").was_told("eve")) << "nor do members learn who knocks";
    EXPECT_FALSE(house.client("bob").was_told("kim"));
    EXPECT_EQ(house.client("ada").whole["lobby"].size(), 2u);
}

TEST(Hall, AnAdmissionTellsTheWholeAndARefusalSaysGoodbye) {
    House house = with({});
    house.come("eve", knocking());
    house.come("kim", knocking());
    EXPECT_EQ(house.send("ada", meeting::Admit{"eve"}), "done");
    EXPECT_EQ(house.client("eve").token, "token of eve");
    EXPECT_EQ(house.send("ada", meeting::Refuse{"kim"}), "done");
    EXPECT_EQ(house.client("kim").over, "refused");
    EXPECT_TRUE(house.client("kim").is_closed);
    EXPECT_EQ(house.last.sent_away, std::vector<PersonId>{"kim"});
    EXPECT_TRUE(house.client("ada").whole["lobby"].empty());
}

TEST(Hall, WaitingHasItsReason) {
    House house;
    house.come("bob");
    EXPECT_EQ(house.client("bob").waiting, "start");
    House webinar = with({}, {.format = kWebinar});
    webinar.come("vic");
    EXPECT_EQ(webinar.client("vic").waiting, "rehearsal");
    EXPECT_EQ(webinar.send("ada", meeting::GoLive{}), "done");
    EXPECT_EQ(webinar.client("vic").token, "token of vic");
}

TEST(Hall, APrivateMessageReachesTwoPeople) {
    House house = with({"bob", "eve", "kim"});
    EXPECT_EQ(house.send("bob", meeting::Say{"eve", "PSST"}), "done");
    for (const char* id : {"bob", "eve"})
        EXPECT_EQ(house.client(id).texts(), std::vector<std::string>{"PSST"});
    for (const char* id : {"ada", "kim"}) EXPECT_FALSE(house.client(id).was_told("PSST")) << id;
    house.come("leo");
    EXPECT_FALSE(house.client("leo").was_told("PSST"));
    house.connect("eve");
    EXPECT_EQ(house.client("eve").texts(), std::vector<std::string>{"PSST"}) << "after a reload";
    EXPECT_EQ(house.send("bob", meeting::Say{"bob", "note"}), "done");
    EXPECT_EQ(house.client("bob").texts(), (std::vector<std::string>{"PSST", "note"}));
}

TEST(Hall, ErasedMessagesAreGoneForAll) {
    House house = with({"bob", "eve"});
    ASSERT_EQ(house.send("bob", meeting::Say{{}, "rude"}), "done");
    ASSERT_EQ(house.send("bob", meeting::Say{{}, "kind"}), "done");
    const int64_t number = house.client("eve").chat.begin()->first;
    EXPECT_EQ(house.send("eve", meeting::Erase{number}), "not_allowed");
    EXPECT_EQ(house.send("ada", meeting::Erase{number}), "done");
    for (const char* id : {"ada", "bob", "eve"})
        EXPECT_EQ(house.client(id).texts(), std::vector<std::string>{"kind"}) << id;
}

TEST(Hall, LateJoinersReadTheHistoryOnlyIfTheTermsSaySo) {
    for (const bool has_history : {true, false}) {
        House house = with({"bob"}, {.has_history = has_history});
        ASSERT_EQ(house.send("bob", meeting::Say{{}, "before"}), "done");
        house.come("eve", knocking());
        ASSERT_EQ(house.send("bob", meeting::Say{{}, "while eve waits"}), "done");
        ASSERT_EQ(house.send("ada", meeting::Admit{}), "done");
        ASSERT_EQ(house.send("bob", meeting::Say{{}, "after"}), "done");
        const std::vector<std::string> all = {"before", "while eve waits", "after"};
        EXPECT_EQ(house.client("eve").texts(), has_history ? all : std::vector<std::string>{"after"});
        house.connect("eve");
        EXPECT_EQ(house.client("eve").texts(), has_history ? all : std::vector<std::string>{"after"});
    }
}

TEST(Hall, AirtimeIsForWhoLeads) {
    House house = with({"bob"});
    const meeting::NoteAirtime note{.shares = {{"bob", Duration::seconds(12)}},
                                    .overlap = Duration::seconds(3)};
    EXPECT_EQ(house.command("", note), std::nullopt);
    EXPECT_EQ(house.client("ada").whole["airtime"]["bob"], 12'000);
    EXPECT_FALSE(house.client("bob").was_told("airtime"));
    for (const char* id : {"ada", "bob"}) EXPECT_EQ(house.client(id).whole["floor"]["overlap"], 3000) << id;
}

TEST(Hall, AllowingEverybodyIsToldToAllAtOnce) {
    House house = with({"bob", "eve"});
    ASSERT_EQ(house.send("ada", meeting::Stop{{}, Source::Microphone, true}), "done");
    EXPECT_FALSE(house.rights["bob"].microphone);
    ASSERT_EQ(house.send("ada", meeting::Allow{{}, Source::Microphone}), "done");
    EXPECT_EQ(house.last.events.size(), 1u);
    EXPECT_TRUE(house.rights["bob"].microphone) << "and the media plane with them";
    for (const char* id : {"bob", "eve"}) {
        EXPECT_EQ(house.client(id).whole["me"]["microphone"], "free") << id;
        EXPECT_EQ(house.client("ada").people[id]["microphone"], "free") << id;
    }
}

TEST(Hall, WhatSomebodyVotesIsToldToThemAlone) {
    House house = with({"bob", "eve"});
    ASSERT_EQ(house.send("ada", meeting::CallVote{Duration::minutes(5), "more"}), "done");
    EXPECT_EQ(house.client("eve").whole["motion"]["stage"], "voting");
    EXPECT_EQ(house.client("bob").whole["me"]["ballot"], Json());
    const std::map<std::string, size_t> before = {{"ada", house.client("ada").frames.size()},
                                                  {"eve", house.client("eve").frames.size()}};
    ASSERT_EQ(house.send("bob", meeting::CastVote{true}), "done");
    EXPECT_EQ(house.client("bob").whole["me"]["ballot"], true);
    for (const auto& [id, frames] : before)
        EXPECT_EQ(house.client(id).frames.size(), frames) << id << " is not even told that somebody voted";
    house.connect("bob");
    EXPECT_EQ(house.client("bob").whole["me"]["ballot"], true) << "after a reload";
    house.come("kim");
    EXPECT_EQ(house.client("kim").whole["motion"]["yes"], 0) << "how it stands is told when it is over";
    house.pass(meeting::kVoteLength);
    for (const char* id : {"ada", "bob", "eve", "kim"}) {
        const Json& motion = house.client(id).whole["motion"];
        EXPECT_EQ(motion["stage"], "carried") << id;
        EXPECT_EQ(motion["yes"], 1) << id;
        EXPECT_EQ(house.client(id).whole["me"]["ballot"], Json()) << id;
        EXPECT_EQ(house.client(id).whole["clock"]["ends_at"],
                  (meeting::kStart + Duration::minutes(45)).unix_ms());
    }
}

TEST(Hall, AThousandViewersComeInWithoutTellingEachOfEach) {
    House house = with({}, {.format = kWebinar});
    ASSERT_EQ(house.send("ada", meeting::GoLive{}), "done");
    constexpr size_t kViewers = meeting::kPeopleMax - 1;
    constexpr int64_t kSeconds = 10;
    for (size_t i = 0; i < kViewers; ++i) {
        house.come("v" + std::to_string(i));
        house.pass(Duration::micros(kSeconds * 1'000'000 / static_cast<int64_t>(kViewers)));
    }
    house.pass(Duration::seconds(2));
    size_t frames = 0;
    for (const auto& [connection, client] : house.clients) frames += client.frames.size();
    // Each: the whole and the answer to hello; the chair: each one's arrival and connection; and the number,
    // to all who are there, once a second.
    EXPECT_LE(frames, kViewers * (2 + 2 + kSeconds + 2));
    for (const char* id : {"ada", "v0", "v998"})
        EXPECT_EQ(house.client(id).whole["meeting"]["people_count"], meeting::kPeopleMax) << id;
    const size_t before = house.client("v0").frames.size();
    for (const char* id : {"v1", "v2", "v3"}) ASSERT_EQ(house.send(id, meeting::RaiseHand{}), "done");
    EXPECT_EQ(house.client("v0").frames.size(), before) << "nor of each hand that is raised";
    EXPECT_EQ(house.client("v3").whole["floor"]["place"], 3);
    EXPECT_EQ(house.client("v1").whole["floor"]["waiting"], 3);
    ASSERT_EQ(house.send("v1", meeting::LowerHand{}), "done");
    EXPECT_EQ(house.client("v3").whole["floor"]["place"], 2);
    EXPECT_FALSE(house.client("v1").whole["floor"].contains("place"));
    ASSERT_EQ(house.send("v500", meeting::Leave{}), "done");
    EXPECT_EQ(house.client("v0").whole["meeting"]["people_count"], kViewers) << "after a quiet while at once";
    EXPECT_EQ(house.hall.next_tick(house.now), meeting::next_tick(house.state(), house.now));
}

TEST(Hall, AnotherRoleMeansTheWholeAgainWithoutAToken) {
    House house = with({"bob"});
    ASSERT_EQ(house.send("ada", meeting::SetRole{"bob", Role::Deputy}), "done");
    EXPECT_EQ(house.client("bob").count("meeting"), 2u);
    EXPECT_TRUE(house.client("bob").whole.contains("lobby"));
    EXPECT_FALSE(house.client("bob").whole.contains("token"));
    ASSERT_EQ(house.send("ada", meeting::SetRole{"bob", Role::Participant}), "done");
    EXPECT_FALSE(house.client("bob").whole.contains("lobby")) << "and what was known is replaced";
    ASSERT_EQ(house.send("ada", meeting::SetRole{"bob", Role::Presenter}), "done");
    EXPECT_EQ(house.client("bob").count("meeting"), 3u);
    EXPECT_EQ(house.client("bob").whole["me"]["role"], "presenter");
}

TEST(Hall, ViewersOfAWebinarDoNotLearnOfEachOther) {
    House house = with({}, {.format = kWebinar});
    ASSERT_EQ(house.send("ada", meeting::GoLive{}), "done");
    for (const char* id : {"vic", "val", "vera"}) house.come(id);
    EXPECT_EQ(house.send("val", meeting::RaiseHand{}), "done");
    EXPECT_EQ(house.send("vic", meeting::RaiseHand{}), "done");
    EXPECT_EQ(house.send_text("val", 77, R"({"id":77,"do":"react","reaction":"laugh"})"), "done");
    EXPECT_EQ(house.send("val", meeting::Ask{"why?"}), "done");
    ASSERT_EQ(house.send("ada", meeting::SetRole{"val", Role::Participant}), "done");
    ASSERT_EQ(house.send("ada", meeting::SetRole{"val", Role::Observer}), "done");
    EXPECT_EQ(house.send("val", meeting::Leave{}), "done");
    house.pass(Duration::seconds(1));
    const Client& vic = house.client("vic");
    EXPECT_FALSE(vic.was_told("val"));
    EXPECT_FALSE(vic.was_told("why?"));
    EXPECT_EQ(vic.people.size(), 1u) << "those on the stage";
    EXPECT_EQ(vic.whole["meeting"]["people_count"], 3);
    EXPECT_EQ(vic.queue(), std::vector<PersonId>{"vic"});
    EXPECT_TRUE(house.client("ada").was_told("laugh"));
    EXPECT_FALSE(vic.was_told("laugh"));
    EXPECT_EQ(house.send("ada", meeting::GiveFloor{"vera"}), "done");
    EXPECT_TRUE(house.client("vic").people.contains("vera")) << "for one turn";
    EXPECT_EQ(house.send("ada", meeting::Stop{"vera", Source::Microphone, false}), "done");
    EXPECT_EQ(house.client("vic").people["vera"]["microphone"], "stopped");
    EXPECT_EQ(house.send("vera", meeting::ReleaseFloor{}), "done");
    EXPECT_FALSE(house.client("vic").people.contains("vera"));
}

TEST(Hall, AnotherConnectionOfTheSamePersonReplacesTheFirst) {
    House house = with({"bob"});
    const ConnectionId first = house.connections["bob"];
    house.connect("bob");
    EXPECT_EQ(house.clients[first].over, "replaced");
    EXPECT_TRUE(house.clients[first].is_closed);
    EXPECT_EQ(house.client("bob").token, "token of bob");
    const size_t events = house.recorded.size();
    house.take(house.hall.close(first, house.now));
    EXPECT_EQ(house.recorded.size(), events) << "the old one's end is nobody's";
    EXPECT_TRUE(house.state().find("bob")->is_connected);
    house.take(house.hall.receive(first, request_text(1, meeting::Leave{}), house.now));
    EXPECT_EQ(house.recorded.size(), events) << "nor is it heard";
}

TEST(Hall, GoodbyesHaveTheirReasons) {
    House house = with({"bob", "eve", "kim", "leo"});
    EXPECT_EQ(house.send("bob", meeting::Leave{}), "done");
    EXPECT_EQ(house.send("ada", meeting::Remove{"eve", false}), "done");
    EXPECT_EQ(house.send("ada", meeting::Remove{"kim", true}), "done");
    EXPECT_EQ(house.send("ada", meeting::Close{}), "done");
    EXPECT_TRUE(house.last.is_over);
    EXPECT_TRUE(house.rights.empty());
    const std::map<PersonId, std::string> reasons = {
        {"bob", "left"}, {"eve", "removed"}, {"kim", "banned"}, {"leo", "closed"}, {"ada", "closed"}};
    for (const auto& [id, reason] : reasons) {
        EXPECT_EQ(house.client(id).over, reason) << id;
        EXPECT_TRUE(house.client(id).is_closed) << id;
    }
    EXPECT_EQ(house.client("leo").frames.back()["rest"], 300'000);

    House timed = with({});
    timed.pass(Duration::minutes(41));
    EXPECT_EQ(timed.client("ada").over, "time");
    House ended = with({});
    EXPECT_EQ(ended.command(meeting::kOwner, meeting::End{}), std::nullopt);
    EXPECT_EQ(ended.client("ada").over, "ended");
    House empty = with({});
    EXPECT_EQ(empty.send("ada", meeting::Leave{}), "done");
    empty.come("bob", knocking());
    empty.pass(Duration::minutes(5));
    EXPECT_EQ(empty.client("bob").over, "abandoned");
}

TEST(Hall, WhoSatTenMinutesRestsHoweverItEnds) {
    for (const int how : {0, 1, 2}) {
        House house = with({"bob"});
        house.come("dan", agent("dan"));
        house.pass(Duration::minutes(9));
        house.come("eve", agent("eve"));
        house.pass(Duration::minutes(1));
        if (how == 0) {
            EXPECT_EQ(house.send("ada", meeting::Close{}), "done");
        } else if (how == 1) {
            EXPECT_EQ(house.command(meeting::kOwner, meeting::End{}), std::nullopt);
        } else {
            EXPECT_EQ(house.send("dan", meeting::Leave{}), "done");
        }
        std::map<std::string, WallTime> resting(house.last.resting.begin(), house.last.resting.end());
        EXPECT_EQ(resting["dan"], house.now + Duration::minutes(5)) << how;
        EXPECT_FALSE(resting.contains("eve")) << "sat for a minute only";
        EXPECT_EQ(resting.contains(meeting::kOwner), how != 2);
    }
}

TEST(Hall, AFloodOfRequestsIsRefusedAndForgivenWithTime) {
    House house = with({"bob"});
    for (int i = 0; i < 30; ++i) ASSERT_EQ(house.send("bob", meeting::RaiseHand{}), "done") << i;
    EXPECT_EQ(house.send("bob", meeting::Leave{}), "too_many_requests");
    EXPECT_EQ(house.send("ada", meeting::RaiseHand{}), "done") << "everybody has their own";
    house.pass(Duration::millis(99));
    EXPECT_EQ(house.send("bob", meeting::Leave{}), "too_many_requests");
    house.pass(Duration::millis(1));
    EXPECT_EQ(house.send("bob", meeting::RaiseHand{}), "done");
    EXPECT_EQ(house.send("bob", meeting::Leave{}), "too_many_requests");
    house.pass(Duration::minutes(5));
    for (int i = 0; i < 30; ++i) ASSERT_EQ(house.send("bob", meeting::RaiseHand{}), "done") << i;
    EXPECT_EQ(house.send("bob", meeting::RaiseHand{}), "too_many_requests");
}

TEST(Hall, WhoeverGoesOnFloodingLosesTheConnection) {
    House house = with({"bob"});
    for (int i = 0; i < 30; ++i) house.send_text("bob", i, "nonsense");
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(house.send_text("bob", 1000 + i, "{\"id\":" + std::to_string(1000 + i) + "}"),
                  "too_many_requests")
            << i;
    }
    EXPECT_FALSE(house.client("bob").is_closed);
    house.send_text("bob", 2000, R"({"id":2000})");
    EXPECT_TRUE(house.client("bob").is_closed);
}

TEST(Hall, WhatCannotBeReadIsRefusedAndChangesNothing) {
    House house = with({"bob"});
    const size_t events = house.recorded.size();
    EXPECT_EQ(house.send_text("bob", 0, "nonsense"), "done") << "the answer to hello has the same id";
    EXPECT_EQ(house.client("bob").frames.back()["code"], "bad_request");
    EXPECT_EQ(house.send_text("bob", 9, R"({"id":9,"do":"lock","locked":"x"})"), "bad_request");
    // Whose default would unlock, empty the agenda, or stop whatever comes first.
    EXPECT_EQ(house.send_text("ada", 10, R"({"id":10,"do":"lock"})"), "bad_request");
    EXPECT_EQ(house.send_text("ada", 11, R"({"id":11,"do":"set_agenda"})"), "bad_request");
    EXPECT_EQ(house.send_text("ada", 12, R"({"id":12,"do":"stop"})"), "bad_request");
    EXPECT_EQ(house.recorded.size(), events);
    EXPECT_FALSE(house.client("bob").is_closed);
}

TEST(Hall, NobodyOpensAConnectionWithoutAPlace) {
    House house = with({});
    house.connect("stranger");
    EXPECT_EQ(house.client("stranger").answer(0), "not_in_meeting");
    EXPECT_TRUE(house.client("stranger").is_closed);
    EXPECT_EQ(house.client("stranger").frames.size(), 1u);
}

// A refused command at a moment at which something is due: the record must not miss what was due.
TEST(Hall, ARefusedCommandLosesNoEvents) {
    House house = with({"bob"});
    house.drop("bob");
    house.now = house.now + meeting::kSeatKept;  // due, and not ticked yet
    EXPECT_EQ(house.command("nobody", meeting::Invite{}), meeting::Refusal::NotInMeeting);
    EXPECT_EQ(house.state().number, house.recorded.back().number);
    house.take(house.hall.tick(house.now));
    EXPECT_EQ(house.state().find("bob")->presence, meeting::Presence::Left);
    EXPECT_EQ(house.state().number, house.recorded.back().number);
    EXPECT_EQ(
        house.command("", meeting::Arrive{.person = "bob", .account = {}, .name = "bob", .invitation = {}}),
        std::nullopt);
    EXPECT_EQ(house.state().number, house.recorded.back().number);
}

}  // namespace
}  // namespace conclave::live
