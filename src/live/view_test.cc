#include "live/view.h"

#include "live/test_hall.h"

namespace conclave::live {
namespace {

using meeting::Role;

meeting::State webinar() {
    meeting::Sitting s = meeting::Sitting::begun({.format = policy::Format::Webinar});
    EXPECT_EQ(s.run("ada", meeting::GoLive{}), std::nullopt);
    for (const char* id : {"vic", "val"}) s.come(id);
    return s.state;
}

TEST(View, AudiencesAreByWhatOneMayDo) {
    meeting::State state = webinar();
    EXPECT_EQ(audience_of(state, *state.find("ada")), Audience::Leader);
    EXPECT_EQ(audience_of(state, *state.find("vic")), Audience::Viewer);
    state.people["vic"].role = Role::Presenter;
    EXPECT_EQ(audience_of(state, *state.find("vic")), Audience::Member);
    state.terms.format = policy::Format::Meeting;
    state.people["vic"].role = Role::Observer;
    EXPECT_EQ(audience_of(state, *state.find("vic")), Audience::Member);
}

TEST(View, AViewersQueueHasTheirOwnPlaceAndNobodyElse) {
    meeting::State state = webinar();
    state.floor.queue = {{"val", {}, {}}, {"vic", {}, {}}};
    const Json seen = floor_section(state, Audience::Viewer, "vic");
    ASSERT_EQ(seen["queue"].size(), 1u);
    EXPECT_EQ(seen["queue"][0]["person"], "vic");
    EXPECT_EQ(seen["place"], 2);
    EXPECT_EQ(seen["waiting"], 2);
    EXPECT_FALSE(floor_section(state, Audience::Viewer, "vera").contains("place"));
    EXPECT_EQ(floor_section(state, Audience::Leader, "ada")["queue"][0]["person"], "val");
}

TEST(View, PeopleAreGoneOnlyForWhoSawThem) {
    const meeting::State state = webinar();
    Changes changes;
    changes.people["vic"] = {.by_members = true, .by_viewers = false};
    changes.people["nobody"] = {};
    EXPECT_TRUE(people_section(state, Audience::Viewer, changes).is_null());
    const Json members = people_section(state, Audience::Member, changes);
    EXPECT_EQ(members["set"].size(), 1u);
    EXPECT_TRUE(members["gone"].empty());
}

TEST(View, MessagesOfARehearsalAreForWhoWasThereOrPresents) {
    meeting::Sitting s = meeting::Sitting::begun({.format = policy::Format::Webinar});
    ASSERT_EQ(s.run("ada", meeting::Say{{}, "is this on?"}), std::nullopt);
    s.pass(Duration::minutes(1));
    ASSERT_EQ(s.run("ada", meeting::GoLive{}), std::nullopt);
    ASSERT_EQ(s.run("ada", meeting::Say{{}, "welcome"}), std::nullopt);
    s.come("vic");
    const auto texts = [&](const PersonId& id) {
        std::vector<std::string> all;
        const Json whole = snapshot(s.state, *s.state.find(id), s.now);
        for (const Json& message : whole["chat"]["messages"]) all.push_back(message["text"]);
        return all;
    };
    EXPECT_EQ(texts("vic"), std::vector<std::string>{"welcome"});
    EXPECT_EQ(texts("ada"), (std::vector<std::string>{"is this on?", "welcome"}));
}

TEST(View, QuestionsAreForLeadersUntilTheyAreShown) {
    meeting::State state = webinar();
    state.questions = {{1, {}, "vic", "mine", meeting::QuestionState::Asked},
                       {2, {}, "val", "shown", meeting::QuestionState::Shown},
                       {3, {}, "val", "hidden", meeting::QuestionState::Dismissed}};
    const Json seen = questions_section(state, Audience::Viewer, "vic");
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0]["from"], "vic");
    EXPECT_FALSE(seen[1].contains("from"));
    EXPECT_EQ(questions_section(state, Audience::Leader, "ada").size(), 3u);
}

}  // namespace
}  // namespace conclave::live
