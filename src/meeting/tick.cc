// What follows from the state of things and the time, without anybody asking. Each call takes the first step
// that is due; whoever ticks does so until nothing is.
#include <algorithm>
#include <array>

#include "meeting/deciding.h"

namespace conclave::meeting {
namespace {

constexpr std::array<int64_t, 4> kWarnings = {0, 1, 5, 10};  // minutes left

bool may_chair(const State& state, const Person& person) {
    return person.role >= Role::Deputy || is_owner(state, person);
}

// Who leads on when the chair does not: deputies, the owner, presenters, other agents, the first come first.
const Person* successor(const State& state) {
    const auto rank = [&](const Person& person) {
        if (person.role == Role::Deputy) return 4;
        if (is_owner(state, person)) return 3;
        if (person.role == Role::Presenter) return 2;
        return person.kind == Kind::Agent && person.role == Role::Participant ? 1 : 0;
    };
    const Person* best = nullptr;
    for (const auto& [id, person] : state.people) {
        if (!person.is_here() || person.role == Role::Chair || rank(person) == 0) continue;
        const bool is_better = !best || rank(person) > rank(*best) ||
                               (rank(person) == rank(*best) && person.number < best->number);
        if (is_better) best = &person;
    }
    return best;
}

Events start(const Deciding& context) {
    const State& state = context.state;
    if (state.started_at) return {};
    const Person* first = nullptr;
    for (const auto& [id, person] : state.people) {
        if (!person.is_here() || !may_chair(state, person)) continue;
        if (!first || person.role > first->role) first = &person;
    }
    if (!first) return {};
    Draft draft(context);
    if (first->role != Role::Chair) {
        // One who was to chair may have a seat and not be here.
        if (const Person* absent = state.chair()) draft.add(RoleChanged{absent->id, Role::Deputy});
        draft.add(RoleChanged{first->id, Role::Chair});
    }
    return draft.add(Started{}).take();
}

// Seats of whoever does not come back, and waits given up.
Events clear_seats(const Deciding& context) {
    Draft draft(context);
    for (const auto& [id, person] : context.state.people) {
        const bool holds = person.is_in() || person.presence == Presence::Waiting;
        if (holds && !person.is_connected && context.now >= person.connected_since + kSeatKept)
            draft.add(Gone{id, Presence::Left});
    }
    return draft.take();
}

Events open_door(const Deciding& context) {
    const State& state = context.state;
    if (!state.started_at) return {};
    const bool is_rehearsal = state.terms.format == policy::Format::Webinar && !state.live_at;
    auto seats = static_cast<int64_t>(kPeopleMax) -
                 std::count_if(state.people.begin(), state.people.end(),
                               [](const auto& entry) { return entry.second.is_in(); });
    Draft draft(context);
    for (const auto& [id, person] : state.people) {
        if (person.presence != Presence::Waiting || person.needs_admission) continue;
        if (is_rehearsal && person.role < Role::Presenter) continue;
        if (--seats < 0) break;
        draft.add(Admitted{id});
    }
    return draft.take();
}

// Of a chair who is not here: whether the seat was given up since or not.
WallTime chair_lost_at(const State& state) {
    const Person* chair = state.chair();
    return chair ? chair->connected_since : state.started_at.value_or(state.created_at);
}

// No meeting runs without a chair.
Events keep_chair(const Deciding& context) {
    const State& state = context.state;
    if (!state.started_at) return {};
    const Person* chair = state.chair();
    if (chair && chair->is_here())
        return state.is_suspended ? Draft(context).add(Suspended{false}).take() : Events{};
    const bool may_return = chair && chair->is_in();
    const WallTime lost = chair_lost_at(state);
    if (may_return && context.now < lost + kSuccessionAfter) return {};
    Draft draft(context);
    if (const Person* next = successor(state)) {
        if (chair) draft.add(RoleChanged{chair->id, Role::Deputy});
        draft.add(RoleChanged{next->id, Role::Chair});
        if (state.is_suspended) draft.add(Suspended{false});
        return draft.take();
    }
    if (state.is_suspended || context.now < lost + kSuspendAfter) return {};
    return draft.add(Suspended{true}).take();
}

// A holder who is gone holds nobody up.
Events keep_floor(const Deciding& context) {
    const PersonId& holder = context.state.floor.holder;
    if (holder.empty()) return {};
    const Person* person = context.state.find(holder);
    if (person && person->is_in()) {
        const bool may_return =
            person->is_connected || context.now < person->connected_since + kSuccessionAfter;
        if (may_return) return {};
    }
    return Draft(context).add(FloorGiven{{}}).take();
}

Events keep_time(const Deciding& context) {
    const State& state = context.state;
    if (!state.started_at) return {};
    Draft draft(context);
    if (state.paused_until) {
        if (context.now < *state.paused_until) return {};
        return draft.add(Continued{}).take();
    }
    if (context.now >= state.ends_at + state.terms.grace) return draft.add(Closed{Closing::Time}).take();
    // A meeting that is shorter than a warning goes without it.
    const Duration length = state.terms.length + state.extended;
    const int64_t warned = std::min(state.warned, length.us / Duration::minutes(1).us);
    for (const int64_t minutes : kWarnings) {
        if (minutes < warned && state.ends_at - context.now <= Duration::minutes(minutes))
            return draft.add(Warned{minutes}).take();
    }
    return {};
}

Events abandon(const Deciding& context) {
    const State& state = context.state;
    if (!state.started_at || context.now < state.empty_since + kAbandonAfter) return {};
    for (const auto& [id, person] : state.people) {
        if (person.is_in()) return {};
    }
    return Draft(context).add(Closed{Closing::Abandoned}).take();
}

}  // namespace

Decision decide(const Deciding& context, const Tick&) {
    if (!context.by.empty()) return deny(Refusal::NotAllowed);
    for (const auto step :
         {close_vote, keep_time, abandon, clear_seats, start, keep_chair, open_door, keep_floor}) {
        if (Events events = step(context); !events.empty()) return events;
    }
    return nothing();
}

std::optional<WallTime> next_tick(const State& state, WallTime now) {
    std::optional<WallTime> next;
    const auto consider = [&](WallTime at) {
        if (at > now && (!next || at < *next)) next = at;
    };
    if (state.phase != State::Phase::Open) return next;
    for (const auto& [id, person] : state.people) {
        const bool holds = person.is_in() || person.presence == Presence::Waiting;
        if (!holds || person.is_connected) continue;
        consider(person.connected_since + kSeatKept);
        consider(person.connected_since + kSuccessionAfter);
    }
    if (!state.started_at) return next;
    consider(state.empty_since + kAbandonAfter);
    consider(chair_lost_at(state) + kSuspendAfter);
    if (state.paused_until) consider(*state.paused_until);
    if (state.is_voting()) consider(state.motion->until);
    consider(state.ends_at + state.terms.grace);
    for (const int64_t minutes : kWarnings)
        consider(WallTime{state.ends_at.us - Duration::minutes(minutes).us});
    return next;
}

}  // namespace conclave::meeting
