// A meeting for tests: commands on a fake clock, ticked when it says it wants to be. After every event what
// must always hold is checked, and the record is replayed beside it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "meeting/authority.h"
#include "meeting/meeting.h"
#include "meeting/record.h"
#include "meeting/rights.h"
#include "meeting/test_state.h"

namespace conclave::meeting {

inline constexpr WallTime kStart = WallTime::from_unix_seconds(1'800'000'000);
inline const std::string kMeeting = "00000-00000-00000-00000";
inline const std::string kOwner = "owner-account";

inline void PrintTo(Refusal refusal, std::ostream* out) {
    *out << static_cast<int>(refusal) << " (" << code(refusal) << ")";
}

struct Who {
    Kind kind = Kind::Guest;
    std::string account = {};
    std::string name = {};
    std::string invitation = {};
    bool needs_admission = false;
};
inline Who guest(std::string name = {}) {
    return {.name = std::move(name)};
}
inline Who agent(std::string account) {
    return {.kind = Kind::Agent, .account = std::move(account)};
}
inline Who owner() {
    return agent(kOwner);
}
inline Who knocking() {
    return {.needs_admission = true};
}

// What holds between any two events.
inline void check_always(const State& state) {
    size_t chairs = 0;
    for (const auto& [id, person] : state.people) {
        EXPECT_EQ(id, person.id);
        if (person.role == Role::Chair) ++chairs;
        if (!person.is_in()) {
            EXPECT_EQ(rights_of(state, person), Rights{}) << id;
        }
        EXPECT_FALSE(person.needs_admission && person.presence != Presence::Waiting) << id;
    }
    EXPECT_LE(chairs, 1u) << "two chairs";
    std::set<PersonId> queued;
    for (const FloorRequest& request : state.floor.queue) {
        EXPECT_TRUE(queued.insert(request.person).second) << request.person << " is queued twice";
        const Person* person = state.find(request.person);
        EXPECT_TRUE(person && person->is_in()) << request.person << " is queued and not in";
    }
    EXPECT_LE(state.extended, state.terms.extension_max);
    if (state.motion) {
        EXPECT_TRUE(state.is_running());
        for (const auto& [id, is_yes] : state.motion->ballots) {
            const Person* person = state.find(id);
            EXPECT_TRUE(person && may(state, *person, Act::TakePart)) << id << " has a say";
        }
    }
    if (!state.is_running() || state.is_suspended) {
        EXPECT_TRUE(rights(state).empty());
    }
}

// What holds when nothing more is due.
inline void check_settled(const State& state) {
    const Person* holder = state.find(state.floor.holder);
    EXPECT_TRUE(state.floor.holder.empty() || (holder && holder->is_in()));
    if (state.floor.order == policy::FloorOrder::LeastAirtime) {
        int64_t least = 0;
        for (const FloorRequest& request : state.floor.queue) {
            if (request.is_pinned) continue;
            const int64_t steps = state.find(request.person)->spoken.ms() / 10'000;
            EXPECT_GE(steps, least) << request.person << " spoke less than somebody before";
            least = steps;
        }
    }
    for (const auto& [id, right] : rights(state)) EXPECT_TRUE(state.find(id)->is_in());
}

class Sitting {
 public:
    explicit Sitting(const policy::Terms& terms = {}) {
        EXPECT_EQ(run(kOwner, Create{kMeeting, "Budget", kOwner, terms}), std::nullopt);
    }
    // The owner is here and chairs.
    static Sitting begun(const policy::Terms& terms = {}) {
        Sitting sitting(terms);
        sitting.come("ada", owner());
        return sitting;
    }

    std::optional<Refusal> run(const std::string& by, Wanted wanted) {
        settle();
        const Decision decision = decide(state, {by, std::move(wanted)}, now);
        last.clear();
        if (!decision) return decision.error();
        for (const Event& event : *decision) apply(event);
        settle();
        return std::nullopt;
    }
    std::optional<Refusal> arrive(const PersonId& id, Who who = {}) {
        if (who.name.empty()) who.name = id;
        return run("", Arrive{.person = id,
                              .kind = who.kind,
                              .account = who.account,
                              .name = who.name,
                              .invitation = who.invitation,
                              .needs_admission = who.needs_admission});
    }
    // Comes to the door and opens the socket.
    void come(const PersonId& id, const Who& who = {}) {
        EXPECT_EQ(arrive(id, who), std::nullopt) << id;
        EXPECT_EQ(run(id, Connect{}), std::nullopt) << id;
    }
    void drop(const PersonId& id) { EXPECT_EQ(run(id, Disconnect{}), std::nullopt); }

    void settle() {
        for (int i = 0;; ++i) {
            ASSERT_LT(i, 100) << "it does not settle";
            const Decision decision = decide(state, {{}, Tick{}}, now);
            if (!decision || decision->empty()) break;
            for (const Event& event : *decision) apply(event);
        }
        check_settled(state);
    }
    // Ticks when next_tick says so, and at no other time.
    void pass(Duration duration) {
        const WallTime end = now + duration;
        settle();
        for (auto next = next_tick(state, now); next && *next <= end; next = next_tick(state, now)) {
            ASSERT_GT(*next, now);
            now = *next;
            settle();
        }
        now = end;
        settle();
    }

    const Person& person(const PersonId& id) const {
        static const Person kNobody;
        const Person* found = state.find(id);
        EXPECT_TRUE(found) << id;
        return found ? *found : kNobody;
    }
    Presence presence(const PersonId& id) const { return person(id).presence; }
    Role role(const PersonId& id) const { return person(id).role; }
    PersonId chair() const { return state.chair() ? state.chair()->id : PersonId(); }
    std::vector<PersonId> queue() const {
        std::vector<PersonId> ids;
        for (const FloorRequest& request : state.floor.queue) ids.push_back(request.person);
        return ids;
    }
    Rights right(const PersonId& id) const { return rights_of(state, person(id)); }
    // How many events of this kind there were.
    template <class Happened>
    size_t count() const {
        return static_cast<size_t>(std::count_if(events.begin(), events.end(), [](const Event& event) {
            return std::holds_alternative<Happened>(event.what);
        }));
    }
    // In minutes left, in the order in which they were given.
    std::vector<int64_t> warnings() const {
        std::vector<int64_t> minutes;
        for (const Event& event : events) {
            if (const auto* warned = std::get_if<Warned>(&event.what)) minutes.push_back(warned->minutes);
        }
        return minutes;
    }
    void apply(const Event& event) {
        EXPECT_EQ(event.number, state.number + 1) << "a gap";
        EXPECT_EQ(event.at, now);
        events.push_back(event);
        last.push_back(event);
        evolve(state, event);
        check_always(state);
        const Result<Event, RecordFault> read = event_of(record_of(event));
        ASSERT_TRUE(read) << kind_of(event);
        evolve(replayed, *read);
    }

    State state;
    State replayed;  // by what the record says
    WallTime now = kStart;
    Events events;
    Events last;  // of the last call
};

}  // namespace conclave::meeting
