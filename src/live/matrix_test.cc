// A7: every message of every role with every kind of target, against a table that was written apart from the
// code. A new message that is not in the table fails this test.
#include <gtest/gtest.h>

#include "live/test_hall.h"

namespace conclave::live {
namespace {

using namespace meeting;

enum Target { kOwn, kOther, kAbsent, kUnnamed };
const std::vector<std::string> kRoles = {"observer", "participant", "presenter", "deputy", "chair",
                                         "owner",    "waiting",     "left",      "banned"};

// What is answered to whoever is in: to those below `least`, and to the others, by target.
struct Line {
    std::string word;
    std::string least;
    std::string low[4];
    std::string high[4];
};
const std::string kDone = "done";
const std::string kNo = "not_allowed";
const std::string kWho = "no_such_person";
const std::string kThing = "no_such_thing";
const std::string kNow = "not_now";
const std::vector<Line> kTable = {
    {"leave", "observer", {}, {kDone, kDone, kDone, kDone}},
    {"admit", "deputy", {kNo, kNo, kNo, kNo}, {kWho, kWho, kWho, kDone}},  // only who waits
    {"refuse", "deputy", {kNo, kNo, kNo, kNo}, {kWho, kWho, kWho, kWho}},
    {"remove", "deputy", {kNo, kNo, kNo, kNo}, {kNo, kDone, kWho, kWho}},
    {"set_role", "chair", {kNo, kNo, kNo, kNo}, {kDone, kDone, kWho, kWho}},
    {"lock", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"raise_hand", "observer", {}, {kDone, kDone, kDone, kDone}},
    {"lower_hand", "deputy", {kDone, kNo, kNo, kDone}, {kDone, kDone, kWho, kDone}},
    {"move_hand", "deputy", {kNo, kNo, kNo, kNo}, {kWho, kDone, kWho, kWho}},  // only the other one raised it
    {"give_floor", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kWho, kDone}},
    {"release_floor", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},  // the other one has it
    {"set_floor", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"stop", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kWho, kDone}},
    {"allow", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kWho, kDone}},
    {"resume", "observer", {}, {kDone, kDone, kDone, kDone}},
    {"extend", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"ask_time", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"call_vote", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"vote", "participant", {kNo, kNo, kNo, kNo}, {kNow, kNow, kNow, kNow}},  // there is none
    {"withdraw_motion", "deputy", {kNo, kNo, kNo, kNo}, {kNow, kNow, kNow, kNow}},
    {"pause", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"continue", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"set_agenda", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
    {"move_agenda", "deputy", {kNo, kNo, kNo, kNo}, {kThing, kThing, kThing, kThing}},  // there is none
    {"say", "observer", {}, {kDone, kDone, kWho, kDone}},
    {"erase", "deputy", {kDone, kNo, kThing, kThing}, {kDone, kDone, kThing, kThing}},
    {"ask", "observer", {}, {kDone, kDone, kDone, kDone}},
    {"move_question", "deputy", {kNo, kNo, kNo, kNo}, {kDone, kDone, kThing, kThing}},
    {"go_live", "deputy", {kNo, kNo, kNo, kNo}, {kNow, kNow, kNow, kNow}},  // no webinar
    {"close", "chair", {kNo, kNo, kNo, kNo}, {kDone, kDone, kDone, kDone}},
};

size_t rank_of(const std::string& role) {
    return static_cast<size_t>(std::find(kRoles.begin(), kRoles.end(), role) - kRoles.begin());
}

std::string expected(const std::string& word, const std::string& role, Target target) {
    // Whoever waits may only give that up.
    if (role == "waiting") return word == "leave" ? kDone : "not_in_meeting";
    if (role == "left" || role == "banned") return "not_in_meeting";
    if (word == "set_role" && role == "chair" && target == kOwn) return "chair_needed";
    if (word == "move_hand" && role == "other") return kDone;
    // Long before the end only who leads may ask for more time.
    if (word == "ask_time" && (role == "participant" || role == "presenter")) return kNow;
    for (const Line& line : kTable) {
        if (line.word != word) continue;
        const bool is_high = role == "owner" || rank_of(role) >= rank_of(line.least);
        return is_high ? line.high[target] : line.low[target];
    }
    return "missing in the table";
}

// Everybody is called by their role; "other" takes part, has the floor, a raised hand, a message and a
// question.
House prepared() {
    House house;
    house.come("owner", owner());
    for (const std::string& role : kRoles) {
        if (role == "owner") continue;
        const bool waits = role == "waiting";
        house.come(role, waits ? knocking() : agent("account-" + role));
        if (!waits) {
            EXPECT_EQ(house.send(role, Say{{}, "message"}), kDone);
            EXPECT_EQ(house.send(role, Ask{"question"}), kDone);
        }
    }
    EXPECT_EQ(house.send("owner", Say{{}, "message"}), kDone);
    EXPECT_EQ(house.send("owner", Ask{"question"}), kDone);
    house.come("other");
    EXPECT_EQ(house.send("other", Say{{}, "message"}), kDone);
    EXPECT_EQ(house.send("other", Ask{"question"}), kDone);
    for (const Role role : {Role::Observer, Role::Presenter, Role::Deputy, Role::Chair})
        EXPECT_EQ(house.send("owner", SetRole{std::string(name_of(role)), role}), kDone);
    EXPECT_EQ(house.send("owner", SetRole{"owner", Role::Observer}), kDone) << "an owner is one in any role";
    EXPECT_EQ(house.send("left", Leave{}), kDone);
    EXPECT_EQ(house.send("owner", Remove{"banned", true}), kDone);
    EXPECT_EQ(house.send("chair", GiveFloor{"other"}), kDone);
    return house;
}

template <class Things>
int64_t number_of(const Things& things, const PersonId& from) {
    for (const auto& thing : things) {
        if (thing.from == from) return thing.number;
    }
    return 999'999;
}

// The message of this kind that concerns the target, otherwise without a fault.
template <class Wish>
Wanted aimed(const State& state, const PersonId& target) {
    Wish wish;
    if constexpr (requires { wish.person; }) wish.person = target;
    if constexpr (requires { wish.to; }) wish.to = target;
    if constexpr (requires { wish.text; }) wish.text = "hello";
    if constexpr (requires { wish.reason.size(); }) wish.reason = "because";
    if constexpr (requires { wish.length; }) wish.length = Duration::minutes(5);
    if constexpr (requires { wish.role; }) wish.role = Role::Participant;
    if constexpr (std::is_same_v<Wish, Lock>) wish.is_locked = true;
    if constexpr (std::is_same_v<Wish, SetRole>) wish.role = Role::Presenter;
    if constexpr (std::is_same_v<Wish, SetAgenda>) wish.items = {{"one", {}}};
    if constexpr (std::is_same_v<Wish, MoveAgenda>) wish.item = 1;
    if constexpr (std::is_same_v<Wish, Erase>) wish.number = number_of(state.messages, target);
    if constexpr (std::is_same_v<Wish, MoveQuestion>) {
        wish.number = number_of(state.questions, target);
        wish.state = QuestionState::Shown;
    }
    return wish;
}

// One cell: in a house of its own.
void check(House house, const std::string& word, const std::string& role, Target target, const Wanted& wish) {
    SCOPED_TRACE(word + " by " + role + ", target " + std::to_string(target));
    const Decision decision = decide(house.state(), {role, wish}, house.now);
    const std::string answer = decision ? kDone : std::string(code(decision.error()));
    EXPECT_EQ(answer, expected(word, role, target));
    const std::string before = text_of_state(house.state());
    const std::string sent = house.send(role, wish);
    const bool has_socket = role != "left" && role != "banned";
    EXPECT_EQ(sent, has_socket ? answer : "") << "the socket says the same, or nothing";
    if (answer != kDone) {
        EXPECT_EQ(text_of_state(house.state()), before) << "a refusal changes nothing";
        EXPECT_TRUE(house.last.events.empty());
    }
}

template <size_t I = 0>
size_t check_all(const House& house) {
    if constexpr (I == std::variant_size_v<Wanted>) {
        return 0;
    } else {
        using Wish = std::variant_alternative_t<I, Wanted>;
        size_t cells = check_all<I + 1>(house);
        if constexpr (requires { Wish::kDo; }) {
            const std::string word(Wish::kDo);
            for (const std::string& role : kRoles) {
                const PersonId people[] = {role, "other", "absent", ""};
                for (const Target target : {kOwn, kOther, kAbsent, kUnnamed}) {
                    // Nobody raised a hand but the other one, once the floor is somebody else's.
                    check(house, word, role, target, aimed<Wish>(house.state(), people[target]));
                    ++cells;
                }
            }
        }
        return cells;
    }
}

TEST(Matrix, A7_EveryMessageOfEveryRoleWithEveryTarget) {
    House house = prepared();
    // The holder asks for another turn after giving the floor back to the chair and getting it again.
    ASSERT_EQ(house.send("other", ReleaseFloor{}), kDone);
    ASSERT_EQ(house.send("other", RaiseHand{}), kDone);
    ASSERT_EQ(house.send("presenter", RaiseHand{}), kDone);
    ASSERT_EQ(house.send("chair", MoveHand{"other", 1}), kDone);
    ASSERT_EQ(house.send("presenter", LowerHand{}), kDone);
    EXPECT_EQ(check_all(house), kTable.size() * kRoles.size() * 4);
}

}  // namespace
}  // namespace conclave::live
