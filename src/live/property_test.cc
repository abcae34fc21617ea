// Random clients, commands and delays: each client's picture, made of its frames alone, is always the one of
// the meeting; and nobody is sent what is not theirs.
#include "live/test_hall.h"
#include "meeting/test_chance.h"

namespace conclave::live {
namespace {

using namespace meeting;

const std::vector<PersonId> kPeople = {"xx-ada", "xx-dan", "xx-eve", "xx-bob",
                                       "xx-kim", "xx-leo", "xx-pia", "xx-nobody"};

// The queue as this person may see it.
std::vector<PersonId> queue_for(const State& state, const Person& person) {
    std::vector<PersonId> ids;
    for (const FloorRequest& request : state.floor.queue) {
        const bool is_told = request.person == person.id ||
                             may_see(state, audience_of(state, person), *state.find(request.person));
        if (is_told) ids.push_back(request.person);
    }
    return ids;
}

void check_chat(const State& state, const Client& client) {
    for (const auto& [number, told] : client.chat) {
        const auto found = std::find_if(state.messages.begin(), state.messages.end(),
                                        [&](const Message& message) { return message.number == number; });
        ASSERT_NE(found, state.messages.end()) << "erased, and still shown";
        EXPECT_EQ(told["text"], found->text);
        const bool is_theirs = found->to == client.person || found->from == client.person;
        EXPECT_TRUE(found->to.empty() || is_theirs) << "another's private message";
    }
}

void check_client(const House& house, const Client& client) {
    const State& state = house.state();
    const Person* person = state.find(client.person);
    ASSERT_TRUE(person);
    if (!person->is_in()) {
        EXPECT_FALSE(client.waiting.empty()) << client.person;
        return;
    }
    Json expected = snapshot(state, *person, house.now);
    Json told = client.whole;
    // The number of people may be told later.
    for (Json* whole : {&expected, &told}) (*whole)["meeting"].erase("people_count");
    for (const char* section : {"meeting", "me", "floor", "motion", "agenda", "questions", "lobby"})
        EXPECT_EQ(told.value(section, Json()), expected.value(section, Json())) << section;
    for (const char* member : {"ends_at", "warned", "paused_until", "suspended", "live_at", "started_at"})
        EXPECT_EQ(client.whole["clock"][member], expected["clock"][member]) << member;
    // Whoever is not listed was not heard.
    if (expected.contains("airtime")) {
        const Json& heard = client.whole.at("airtime");
        for (const auto& [id, spoken] : expected["airtime"].items())
            EXPECT_EQ(heard.contains(id) ? heard[id] : Json(0), spoken) << id;
    }
    // Beside the code that makes the sections:
    EXPECT_EQ(client.queue(), queue_for(state, *person));
    EXPECT_EQ(client.whole["floor"]["holder"],
              state.floor.holder.empty() ? Json() : Json(state.floor.holder));
    EXPECT_EQ(client.whole["clock"]["ends_at"], state.ends_at.unix_ms());
    std::map<PersonId, Json> people;
    for (const Json& one : expected["people"]["set"]) people[one["id"]] = one;
    EXPECT_EQ(client.people, people);
    check_chat(state, client);
    for (const Json& message : expected["chat"]["messages"])
        EXPECT_TRUE(client.chat.contains(message["number"])) << "not told: " << message;
}

// Who was not in, before and after a call, was told that they wait, or goodbye, and no word more.
void check_frames(const House& house, const std::set<PersonId>& in_before) {
    for (const Frame& frame : house.last.frames) {
        const PersonId& id = house.clients.at(frame.connection).person;
        const Person* person = house.state().find(id);
        if (in_before.contains(id) || (person && person->is_in())) continue;
        const Json json = Json::parse(frame.text);
        const std::string type = json["type"];
        EXPECT_TRUE(type == "waiting" || type == "over" || type == "done" || type == "refused") << json;
        EXPECT_EQ(frame.text.find("xx-"), std::string::npos) << json;
        EXPECT_EQ(frame.text.find("Budget"), std::string::npos) << json;
    }
}

struct Life {
    explicit Life(uint64_t seed) : chance(seed), house(any_terms(chance)) {}

    void step() {
        std::set<PersonId> in;
        for (const auto& [id, person] : house.state().people) {
            if (person.is_in()) in.insert(id);
        }
        act(chance.one_in(3) ? "xx-ada" : chance.of(kPeople));
        check_frames(house, in);
        note_stage();
        for (const auto& [connection, client] : house.clients) {
            if (!client.is_closed) check_client(house, client);
        }
    }

    void act(const PersonId& id) {
        const auto open = house.connections.find(id);
        const bool is_open = open != house.connections.end() && !house.client(id).is_closed;
        switch (chance.below(12)) {
            case 0:
                arrive(id);
                break;
            case 1:
                if (chance.one_in(2)) house.connect(id);
                break;
            case 2:
                if (is_open && chance.one_in(2)) house.drop(id);
                break;
            case 3:
                house.pass(chance.delay());
                break;
            case 4:
                (void)house.command("", NoteAirtime{.shares = {{id, Duration::seconds(3)}},
                                                    .overlap = Duration::seconds(chance.one_in(2))});
                break;
            case 5:
                if (is_open) (void)house.send_text(id, 1, R"({"id":1,"do":"react","reaction":"laugh"})");
                break;
            default:
                if (!is_open) return arrive(id);
                (void)house.send(id, any_wish(chance, house.state(), kPeople));
                if (chance.one_in(3)) house.now = house.now + Duration::millis(100);
        }
    }

    void arrive(const PersonId& id) {
        Who who = id == "xx-ada" ? owner() : id == "xx-dan" || id == "xx-eve" ? agent(id) : guest();
        who.needs_admission = chance.one_in(3);
        if (!house.arrive(id, who)) house.connect(id);
    }

    // A second of quiet later everybody knows how many there are.
    void check_counts() {
        house.pass(Duration::seconds(1));
        for (const auto& [connection, client] : house.clients) {
            const Person* person = house.state().find(client.person);
            if (client.is_closed || !person || !person->is_in()) continue;
            EXPECT_EQ(client.whole["meeting"], meeting_section(house.state())) << client.person;
        }
    }

    // Viewers learn of who was on the stage, and of nobody else.
    void note_stage() {
        const State& state = house.state();
        for (const auto& [id, person] : state.people) {
            if (person.role >= Role::Presenter || state.floor.holder == id) on_stage.insert(id);
            if (person.role > Role::Observer) no_viewer.insert(id);
        }
        for (const Event& event : house.last.events) {
            if (const auto* given = std::get_if<FloorGiven>(&event.what)) on_stage.insert(given->person);
        }
    }
    void check_viewers() {
        if (house.state().terms.format != policy::Format::Webinar) return;
        for (const auto& [connection, client] : house.clients) {
            if (no_viewer.contains(client.person)) continue;
            for (const PersonId& other : kPeople) {
                if (on_stage.contains(other) || other == client.person) continue;
                for (const Json& frame : client.frames) {
                    Json ids = frame;
                    ids.erase("questions");  // shown ones have the name that was asked under, as here the id
                    EXPECT_EQ(text_of(ids).find(other), std::string::npos)
                        << client.person << " was told of " << other << ": " << ids;
                }
            }
        }
    }

    Chance chance;
    House house;
    std::set<PersonId> on_stage;
    std::set<PersonId> no_viewer;
};

TEST(Property, EveryClientsPictureIsTheMeetings) {
    size_t meetings = 0;
    size_t updates = 0;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        Life life(seed);
        for (int step = 0; step < 80; ++step) {
            life.step();
            if (testing::Test::HasFailure()) return;
        }
        life.check_viewers();
        life.check_counts();
        for (const auto& [connection, client] : life.house.clients) {
            meetings += client.count("meeting");
            updates += client.count("update");
        }
        // What was recorded makes the same meeting.
        State replayed;
        for (const Event& event : life.house.recorded) evolve(replayed, event);
        ASSERT_EQ(text_of_state(replayed), text_of_state(life.house.state()));
    }
    EXPECT_GT(meetings, 500u);
    EXPECT_GT(updates, 5000u);
}

}  // namespace
}  // namespace conclave::live
