// What is written: chat, questions, the agenda; and the two halves of a webinar.
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

Sitting with_bob_and_eve(const policy::Terms& terms = {}) {
    Sitting s = Sitting::begun(terms);
    s.come("bob");
    s.come("eve");
    return s;
}
Say say(std::string text, PersonId to = {}) {
    return {std::move(to), std::move(text)};
}

TEST(Chat, TextRules) {
    Sitting s = with_bob_and_eve();
    const auto said = [&](std::string text) -> std::string {
        const auto refusal = s.run("bob", say(std::move(text)));
        return refusal ? std::string(code(*refusal)) : "\"" + s.state.messages.back().text + "\"";
    };
    EXPECT_EQ(said("hello"), "\"hello\"");
    EXPECT_EQ(said("  a\r\n\r\n b \n\n"), "\"a\n\nb\"");
    EXPECT_EQ(said("\n\n"), "text_required");
    EXPECT_EQ(said(""), "text_required");
    EXPECT_EQ(said("a\xe2\x80\xae"
                   "b"),
              "bad_request");
    EXPECT_EQ(said("\xff"), "bad_request");
    EXPECT_EQ(said(std::string("a\0b", 3)), "bad_request");
    EXPECT_EQ(said(std::string(kMessageCharactersMax, 'x')).size(), kMessageCharactersMax + 2);
    EXPECT_EQ(said(std::string(kMessageCharactersMax + 1, 'x')), "text_too_long");
    std::string lines;
    for (int i = 0; i < 3; ++i) lines += std::string(2000, 'y') + "\n";
    EXPECT_EQ(said(lines), "text_too_long") << "line by line it would fit";
    std::string accents;
    for (size_t i = 0; i < kMessageCharactersMax; ++i) accents += "\xc3\xa9";
    EXPECT_EQ(said(accents).size(), kMessageCharactersMax * 2 + 2) << "characters, not bytes";
}

TEST(Chat, PrivateMessagesAreForSomebodyWhoIsIn) {
    Sitting s = with_bob_and_eve();
    s.come("kim", knocking());
    EXPECT_EQ(s.run("bob", say("psst", "eve")), std::nullopt);
    EXPECT_EQ(s.state.messages.back().to, "eve");
    EXPECT_EQ(s.run("bob", say("psst", "kim")), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("bob", say("psst", "nobody")), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("kim", say("hello?")), Refusal::NotInMeeting);
    EXPECT_EQ(s.run("kim", say("/main")), Refusal::NotInMeeting);
}

TEST(Chat, ErasingIsForOnesOwnAndForModeratorsOfWhatAllRead) {
    Sitting s = with_bob_and_eve();
    ASSERT_EQ(s.run("bob", say("to all")), std::nullopt);
    const int64_t open = s.state.messages.back().number;
    ASSERT_EQ(s.run("bob", say("to eve", "eve")), std::nullopt);
    const int64_t secret = s.state.messages.back().number;
    EXPECT_EQ(s.run("eve", Erase{open}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("eve", Erase{secret}), Refusal::NoSuchThing);
    EXPECT_EQ(s.run("ada", Erase{secret}), Refusal::NoSuchThing) << "the chair does not even learn of it";
    EXPECT_EQ(s.run("ada", Erase{open}), std::nullopt);
    EXPECT_EQ(s.run("bob", Erase{secret}), std::nullopt);
    EXPECT_TRUE(s.state.messages.empty());
    EXPECT_EQ(s.run("bob", Erase{secret}), Refusal::NoSuchThing);
    EXPECT_EQ(s.run("bob", Erase{1}), Refusal::NoSuchThing) << "an event that is no message";
    EXPECT_EQ(s.run("bob", Erase{-1}), Refusal::NoSuchThing);
}

TEST(Chat, KeepsTheNewest) {
    Sitting s = with_bob_and_eve();
    for (size_t i = 0; i < kMessagesMax + 5; ++i)
        ASSERT_EQ(s.run("bob", say(std::to_string(i))), std::nullopt);
    EXPECT_EQ(s.state.messages.size(), kMessagesMax);
    EXPECT_EQ(s.state.messages.front().text, "5");
}

TEST(Questions, AreAskedByAllAndMovedByModerators) {
    Sitting s = with_bob_and_eve();
    ASSERT_EQ(s.run("ada", SetRole{"bob", Role::Observer}), std::nullopt);
    EXPECT_EQ(s.run("bob", Ask{"why?"}), std::nullopt);
    const int64_t number = s.state.questions.back().number;
    EXPECT_EQ(s.run("bob", Ask{" "}), Refusal::TextRequired);
    EXPECT_EQ(s.run("eve", MoveQuestion{number, QuestionState::Shown}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", MoveQuestion{number + 1, QuestionState::Shown}), Refusal::NoSuchThing);
    EXPECT_EQ(s.run("ada", MoveQuestion{number, QuestionState::Shown}), std::nullopt);
    EXPECT_EQ(s.state.questions.back().state, QuestionState::Shown);
    EXPECT_EQ(s.run("eve", Erase{number}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("bob", Erase{number}), std::nullopt) << "one's own";
    EXPECT_TRUE(s.state.questions.empty());
    for (size_t i = 0; i < kQuestionsMax; ++i) ASSERT_EQ(s.run("eve", Ask{"?"}), std::nullopt);
    EXPECT_EQ(s.run("eve", Ask{"?"}), Refusal::Full);
}

TEST(Agenda, IsSetByWhoLeadsOrTheOwnerBefore) {
    const auto item = [](std::string title, Duration length) {
        return AgendaSet::Item{std::move(title), length};
    };
    Sitting s;
    EXPECT_EQ(s.run(kOwner, SetAgenda{{item("Welcome", Duration::minutes(5))}}), std::nullopt);
    s.come("ada", owner());
    s.come("bob");
    EXPECT_EQ(s.run("bob", SetAgenda{}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("bob", MoveAgenda{1}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", SetAgenda{{item("", {})}}), Refusal::TextRequired);
    EXPECT_EQ(s.run("ada", SetAgenda{{item("x", Duration::millis(-1))}}), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", SetAgenda{{item("x", Duration::minutes(24 * 60 + 1))}}), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", SetAgenda{std::vector(kAgendaMax + 1, item("x", {}))}), Refusal::Full);
    EXPECT_EQ(s.run("ada", SetAgenda{{item(" One ", Duration::minutes(10)), item("Two", {})}}), std::nullopt);
    EXPECT_EQ(s.state.agenda[0], item("One", Duration::minutes(10)));
    EXPECT_EQ(s.run("ada", MoveAgenda{3}), Refusal::NoSuchThing);
    EXPECT_EQ(s.run("ada", MoveAgenda{-1}), Refusal::NoSuchThing);
    s.pass(Duration::minutes(7));
    EXPECT_EQ(s.run("ada", MoveAgenda{2}), std::nullopt) << "all done";
    EXPECT_EQ(s.state.agenda_since, kStart + Duration::minutes(7));
    EXPECT_EQ(s.run("ada", MoveAgenda{0}), std::nullopt) << "and back";
}

TEST(Webinar, RehearsesBehindClosedDoorsAndGoesLiveOnce) {
    Sitting s = Sitting::begun({.format = policy::Format::Webinar});
    s.come("vic");
    EXPECT_EQ(s.role("vic"), Role::Observer);
    EXPECT_EQ(s.presence("vic"), Presence::Waiting);
    ASSERT_EQ(s.run(kOwner, Invite{.id = "i", .secret_hash = "h", .name = {}, .role = Role::Presenter}),
              std::nullopt);
    s.come("pia", {.invitation = "i"});
    EXPECT_EQ(s.presence("pia"), Presence::In);
    EXPECT_EQ(s.run("pia", GoLive{}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("vic", GoLive{}), Refusal::NotInMeeting);
    EXPECT_EQ(s.run("ada", GoLive{}), std::nullopt);
    EXPECT_EQ(s.presence("vic"), Presence::In);
    EXPECT_EQ(s.run("ada", GoLive{}), std::nullopt);
    EXPECT_TRUE(s.last.empty());
    EXPECT_EQ(Sitting::begun().run("ada", GoLive{}), Refusal::NotNow) << "of a meeting";
}

TEST(Webinar, ViewersAskAndSpeakForOneTurnAndWriteNothing) {
    Sitting s = Sitting::begun({.format = policy::Format::Webinar});
    ASSERT_EQ(s.run("ada", GoLive{}), std::nullopt);
    s.come("vic");
    EXPECT_EQ(s.run("vic", say("hello")), Refusal::NotAllowed);
    EXPECT_EQ(s.run("vic", say("psst", "ada")), Refusal::NotAllowed);
    EXPECT_EQ(s.run("vic", Ask{"why?"}), std::nullopt);
    EXPECT_EQ(s.run("vic", say("/main")), std::nullopt) << "the word is the button";
    EXPECT_EQ(s.right("vic"), Rights{});
    EXPECT_EQ(s.run("ada", GiveFloor{}), std::nullopt);
    EXPECT_TRUE(s.right("vic").microphone);
    EXPECT_EQ(s.run("ada", ReleaseFloor{}), std::nullopt);
    EXPECT_EQ(s.right("vic"), Rights{});
    EXPECT_EQ(s.role("vic"), Role::Observer);
}

}  // namespace
}  // namespace conclave::meeting
