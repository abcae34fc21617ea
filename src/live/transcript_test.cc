// Meetings as stories that anybody can read: tests/transcripts/*.txt, line by line against a hall on a fake
// clock. What the sentences are is listed below (`sentences`, `facts`); tests/transcripts/README.md says how
// to write one.
#include <filesystem>
#include <fstream>
#include <functional>

#include "live/test_hall.h"
#include "meeting/names.h"

namespace conclave::live {
namespace {

using namespace meeting;
using Words = std::vector<std::string>;  // what stands at the holes of a pattern
using Names = std::vector<PersonId>;

// "{} gives the floor to {}" against "Ada gives the floor to Bob": a hole takes as little as it can.
bool fits(std::string_view pattern, std::string_view text, Words& holes) {
    const size_t hole = pattern.find("{}");
    if (hole == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, hole))) return false;
    text.remove_prefix(hole);
    pattern.remove_prefix(hole + 2);
    for (size_t size = 1; size <= text.size(); ++size) {
        Words rest;
        if (!fits(pattern, text.substr(size), rest)) continue;
        holes = {std::string(text.substr(0, size))};
        holes.insert(holes.end(), rest.begin(), rest.end());
        return true;
    }
    return false;
}

Names split(std::string text) {
    Names names;
    if (text == "nobody") return names;
    for (size_t comma = text.find(", "); comma != std::string::npos; comma = text.find(", ")) {
        names.push_back(text.substr(0, comma));
        text.erase(0, comma + 2);
    }
    names.push_back(text);
    return names;
}
std::string unquoted(std::string text) {
    EXPECT_TRUE(text.size() >= 2 && text.front() == '"' && text.back() == '"') << text;
    return text.substr(1, text.size() - 2);
}
Duration minutes(const std::string& text) {
    return Duration::minutes(std::stoll(text));
}
template <class E>
E named(const std::string& text) {
    const std::optional<E> value = parse_name<E>(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(E{});
}
std::string join(const Names& names) {
    std::string text;
    for (const PersonId& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "nobody" : text;
}

class Story {
 public:
    // One line of the file.
    void tell(std::string line) {
        if (const size_t hash = line.find('#'); hash != std::string::npos) line.erase(hash);
        while (line.ends_with(' ')) line.pop_back();
        if (line.size() > 5 && line[2] == ':' && line[5] == ' ') {
            const auto at =
                Duration::seconds(std::stoll(line.substr(0, 2)) * 60 + std::stoll(line.substr(3, 2)));
            ASSERT_GE((begins() + at - house().now).us, 0) << "time goes forward";
            house().pass(begins() + at - house().now);
            line.erase(0, 5);
        }
        line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
        if (line.empty()) return;
        std::string expected = "done";
        if (const size_t arrow = line.find(" -> "); arrow != std::string::npos) {
            expected = line.substr(arrow + 4);
            line.erase(arrow);
        }
        answer_ = "done";
        ASSERT_TRUE(is_rule(line) || act(line)) << "no such sentence";
        std::replace(answer_.begin(), answer_.end(), '_', ' ');
        EXPECT_EQ(answer_, expected);
        if (house_) note();
    }

 private:
    static WallTime begins() { return kStart; }
    House& house() {
        if (!house_) house_.emplace(terms_);
        return *house_;
    }
    const State& state() { return house().state(); }

    // Before the first sentence.
    bool is_rule(const std::string& line) {
        Words w;
        if (!fits("rule: {} {}", line, w)) return false;
        EXPECT_FALSE(house_) << "rules come first";
        if (w[0] == "floor") terms_.floor_mode = named<policy::FloorMode>(w[1]);
        if (w[0] == "lobby") terms_.lobby = named<policy::Lobby>(w[1]);
        if (w[0] == "format") terms_.format = named<policy::Format>(w[1]);
        if (w[0] == "history") terms_.has_history = w[1] == "yes";
        return true;
    }

    void say(const PersonId& who, const Wanted& wish) { answer_ = house().send(who, wish); }
    void answered(const std::optional<Refusal>& refusal) {
        if (refusal) answer_ = code(*refusal);
    }
    void comes(const PersonId& id, const std::string& kind) {
        kinds_[id] = kind;
        Who who = kind == "owner" ? owner() : kind == "agent" ? agent("account of " + id) : guest();
        const bool is_asked = terms_.lobby == policy::Lobby::Everyone ||
                              (terms_.lobby == policy::Lobby::Guests && who.kind == Kind::Guest);
        const Person* known = state().find(id);
        who.needs_admission = is_asked && kind != "owner" && !(known && known->was_in);
        answered(house().arrive(id, who));
        if (answer_ == "done") house().connect(id);
    }

    struct Sentence {
        const char* pattern;
        std::function<void(const Words&)> mean;
    };
    bool act(const std::string& line) {
        for (const auto& list : {&Story::door, &Story::floor, &Story::course, &Story::facts}) {
            for (const Sentence& sentence : (this->*list)()) {
                Words words;
                if (!fits(sentence.pattern, line, words)) continue;
                sentence.mean(words);
                return true;
            }
        }
        return false;
    }

    std::vector<Sentence> door() {
        return {
            {"{} ({}) comes", [&](const Words& w) { comes(w[0], w[1]); }},
            {"{} comes back", [&](const Words& w) { comes(w[0], kinds_[w[0]]); }},
            {"{} loses the connection", [&](const Words& w) { house().drop(w[0]); }},
            {"{} is connected again", [&](const Words& w) { house().connect(w[0]); }},
            {"{} leaves", [&](const Words& w) { say(w[0], Leave{}); }},
            {"{} admits everybody", [&](const Words& w) { say(w[0], Admit{}); }},
            {"{} admits {}", [&](const Words& w) { say(w[0], Admit{w[1]}); }},
            {"{} turns {} away", [&](const Words& w) { say(w[0], Refuse{w[1]}); }},
            {"{} removes {}",
             [&](const Words& w) {
                 say(w[0], Remove{w[1], false});
             }},
            {"{} bans {}",
             [&](const Words& w) {
                 say(w[0], Remove{w[1], true});
             }},
            {"{} makes {} the {}",
             [&](const Words& w) {
                 say(w[0], SetRole{w[1], named<Role>(w[2])});
             }},
            {"{} makes {} a {}",
             [&](const Words& w) {
                 say(w[0], SetRole{w[1], named<Role>(w[2])});
             }},
            {"{} locks the meeting", [&](const Words& w) { say(w[0], Lock{true}); }},
            {"{} writes to {}: {}",
             [&](const Words& w) {
                 say(w[0], Say{w[1], unquoted(w[2])});
             }},
            {"{} writes: {}",
             [&](const Words& w) {
                 say(w[0], Say{{}, unquoted(w[1])});
             }},
            {"{} asks: {}", [&](const Words& w) { say(w[0], Ask{unquoted(w[1])}); }},
        };
    }
    std::vector<Sentence> floor() {
        const auto mode = [](const std::string& name) {
            return SetFloor{.mode = named<policy::FloorMode>(name), .order = {}, .turn_limit = {}};
        };
        return {
            {"{} raises a hand", [&](const Words& w) { say(w[0], RaiseHand{}); }},
            {"{} lowers the hand", [&](const Words& w) { say(w[0], LowerHand{}); }},
            {"{} gives the floor to the next", [&](const Words& w) { say(w[0], GiveFloor{}); }},
            {"{} gives the floor to {}", [&](const Words& w) { say(w[0], GiveFloor{w[1]}); }},
            {"{} gives the floor back", [&](const Words& w) { say(w[0], ReleaseFloor{}); }},
            {"{} takes the floor back", [&](const Words& w) { say(w[0], ReleaseFloor{}); }},
            {"{} makes the floor {}", [=, this](const Words& w) { say(w[0], mode(w[1])); }},
            {"{} moves {} to place {}",
             [&](const Words& w) {
                 say(w[0], MoveHand{w[1], std::stoll(w[2]) - 1});
             }},
            {"{} stops the microphone of {}",
             [&](const Words& w) {
                 say(w[0], Stop{w[1], Source::Microphone, false});
             }},
            {"{} blocks the microphone of {}",
             [&](const Words& w) {
                 say(w[0], Stop{w[1], Source::Microphone, true});
             }},
            {"{} turns the microphone on again",
             [&](const Words& w) { say(w[0], Resume{Source::Microphone}); }},
        };
    }
    std::vector<Sentence> course() {
        return {
            {"{} extends the meeting by {} minutes: {}",
             [&](const Words& w) {
                 say(w[0], Extend{minutes(w[1]), unquoted(w[2])});
             }},
            {"{} asks for {} minutes more: {}",
             [&](const Words& w) {
                 say(w[0], AskTime{minutes(w[1]), unquoted(w[2])});
             }},
            {"{} puts it to the vote", [&](const Words& w) { say(w[0], CallVote{}); }},
            {"{} votes yes", [&](const Words& w) { say(w[0], CastVote{true}); }},
            {"{} votes no", [&](const Words& w) { say(w[0], CastVote{false}); }},
            {"{} withdraws the motion", [&](const Words& w) { say(w[0], WithdrawMotion{}); }},
            {"{} pauses for {} minutes", [&](const Words& w) { say(w[0], Pause{minutes(w[1])}); }},
            {"{} ends the pause", [&](const Words& w) { say(w[0], Continue{}); }},
            {"{} sets the agenda: {}",
             [&](const Words& w) {
                 SetAgenda wish;
                 for (const std::string& title : split(w[1])) wish.items.push_back({unquoted(title), {}});
                 say(w[0], wish);
             }},
            {"{} goes to item {}", [&](const Words& w) { say(w[0], MoveAgenda{std::stoll(w[1]) - 1}); }},
            {"{} goes live", [&](const Words& w) { say(w[0], GoLive{}); }},
            {"{} closes the meeting", [&](const Words& w) { say(w[0], Close{}); }},
            {"{} skips the break: {}",
             [&](const Words& w) {
                 answered(house().command("", OverrideRest{w[0], unquoted(w[1])}));
             }},
        };
    }

    // What is expected.
    std::vector<Sentence> facts() {
        return {
            {"{} waits: {}",
             [&](const Words& w) {
                 EXPECT_EQ(house().client(w[0]).waiting, w[1]);
                 EXPECT_TRUE(house().client(w[0]).whole.is_null()) << "and is told nothing else";
             }},
            {"{} is told goodbye: {}",
             [&](const Words& w) {
                 EXPECT_EQ(house().client(w[0]).over, w[1]);
                 EXPECT_TRUE(house().client(w[0]).is_closed);
             }},
            {"everyone sees: {}",
             [&](const Words& w) {
                 size_t seen = 0;
                 for (const auto& [id, person] : state().people) {
                     if (person.is_here() && ++seen) sees(id, w[0]);
                 }
                 EXPECT_GT(seen, 0u) << "nobody is there to see it";
             }},
            {"{} sees: {}", [&](const Words& w) { sees(w[0], w[1]); }},
            {"{} was never told {}",
             [&](const Words& w) { EXPECT_FALSE(house().client(w[0]).was_told(unquoted(w[1]))); }},
            {"heard: {}", [&](const Words& w) { heard(split(w[0])); }},
            {"the meeting goes on", [&](const Words&) { EXPECT_TRUE(state().is_running()); }},
            {"the meeting is over", [&](const Words&) { EXPECT_FALSE(state().is_running()); }},
            {"the room rests", [&](const Words&) { EXPECT_TRUE(state().rests(house().now)); }},
            {"the room is free", [&](const Words&) { EXPECT_FALSE(state().rests(house().now)); }},
            {"{} needs a break until {}:{}",
             [&](const Words& w) {
                 const auto until = Duration::seconds(std::stoll(w[1]) * 60 + std::stoll(w[2]));
                 EXPECT_EQ((resting_[account(w[0])] - begins()).ms(), until.ms());
             }},
            {"{} needs no break", [&](const Words& w) { EXPECT_FALSE(resting_.contains(account(w[0]))); }},
        };
    }
    std::string account(const PersonId& id) { return kinds_[id] == "owner" ? kOwner : "account of " + id; }
    void note() {
        for (const auto& [who, until] : house().last.resting) resting_[who] = until;
    }
    void heard(const Names& expected) {
        Names names;
        for (const auto& [id, right] : house().rights) {
            if (right.microphone) names.push_back(id);
        }
        EXPECT_EQ(join(names), join(expected));
    }
    void sees(const PersonId& id, const std::string& what) {
        SCOPED_TRACE(id);
        const Client& client = house().client(id);
        ASSERT_FALSE(client.whole.is_null()) << "is not in";
        for (const Sight& sight : sights()) {
            Words words;
            if (!fits(sight.pattern, what, words)) continue;
            EXPECT_EQ(sight.seen(client), words.empty() ? "yes" : words[0]);
            return;
        }
        const Names texts = client.texts();
        Words words;
        const bool is_absent = fits("no message {}", what, words);
        ASSERT_TRUE(is_absent || fits("message {}", what, words)) << "no such fact";
        EXPECT_EQ(std::count(texts.begin(), texts.end(), unquoted(words[0])), is_absent ? 0 : 1);
    }
    struct Sight {
        const char* pattern;
        std::function<std::string(const Client&)> seen;  // what must stand at the hole, or "yes"
    };
    static const std::vector<Sight>& sights() {
        const auto yes = [](bool is_so) { return std::string(is_so ? "yes" : "no"); };
        const auto left = [](const Client& client) {
            const Json& warned = client.whole["clock"]["warned"];
            return warned.is_null() ? "more than 10" : std::to_string(warned.get<int64_t>());
        };
        static const std::vector<Sight> kAll = {
            {"queue {}", [](const Client& client) { return join(client.queue()); }},
            {"floor {}",
             [](const Client& client) {
                 const Json& holder = client.whole["floor"]["holder"];
                 return holder.is_null() ? "nobody" : holder.get<std::string>();
             }},
            {"chair {}", [](const Client& client) { return join(of_role(client, "chair")); }},
            {"people {}", [](const Client& client) { return join(of_role(client, "")); }},
            {"lobby {}",
             [](const Client& client) {
                 Names names;
                 for (const Json& person : client.whole["lobby"]) names.push_back(person["name"]);
                 return join(names);
             }},
            {"{} minutes left", left},
            {"{} minute left", left},
            {"time is up", [=](const Client& client) { return yes(left(client) == "0"); }},
            {"motion {}",
             [](const Client& client) {
                 const Json& motion = client.whole["motion"];
                 return motion.is_null() ? "none" : motion["stage"].get<std::string>();
             }},
            {"result {}",
             [](const Client& client) {
                 const Json& motion = client.whole["motion"];
                 return motion["yes"].dump() + " to " + motion["no"].dump();
             }},
            {"a pause", [=](const Client& c) { return yes(!c.whole["clock"]["paused_until"].is_null()); }},
            {"no pause", [=](const Client& c) { return yes(c.whole["clock"]["paused_until"].is_null()); }},
            {"nobody chairs", [=](const Client& c) { return yes(c.whole["clock"]["suspended"] == true); }},
            {"item \"{}\"",
             [](const Client& client) {
                 const Json& agenda = client.whole["agenda"];
                 return agenda["items"][agenda["item"].get<size_t>()]["title"].get<std::string>();
             }},
        };
        return kAll;
    }
    static Names of_role(const Client& client, const std::string& role) {
        Names names;
        for (const auto& [id, person] : client.people) {
            if (role.empty() || person["role"] == role) names.push_back(id);
        }
        return names;
    }

    policy::Terms terms_;
    std::optional<House> house_;
    std::map<PersonId, std::string> kinds_;
    std::map<std::string, WallTime> resting_;
    std::string answer_;
};

std::vector<std::string> stories() {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(TESTDATA "/../tests/transcripts")) {
        if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, IsHowItGoes) {
    std::ifstream file(GetParam());
    Story story;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        SCOPED_TRACE(GetParam() + ":" + std::to_string(++number) + ": " + line);
        story.tell(line);
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(number, 5);
}
INSTANTIATE_TEST_SUITE_P(Stories, Transcript, testing::ValuesIn(stories()), [](const auto& story) {
    std::string name = std::filesystem::path(story.param).stem();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(Transcripts, AreEightOrMore) {
    EXPECT_GE(stories().size(), 8u);
}

}  // namespace
}  // namespace conclave::live
