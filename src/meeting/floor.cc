// Who speaks: the queue, the floor, and what the chair stops.
#include <algorithm>

#include "meeting/deciding.h"

namespace conclave::meeting {
namespace {

// Two people who spoke about as long count as equal: then the first come is first.
constexpr Duration kAirtimeStep = Duration::seconds(10);

int64_t airtime_steps(const State& state, const PersonId& id) {
    const Person* person = state.find(id);
    return person ? person->spoken.us / kAirtimeStep.us : 0;
}

auto find_request(const Floor& floor, const PersonId& person) {
    return std::find_if(floor.queue.begin(), floor.queue.end(),
                        [&](const FloorRequest& request) { return request.person == person; });
}

// Where a new request stands; the chair's order of those who are there already is kept.
uint32_t position_for(const State& state, const PersonId& person) {
    const std::vector<FloorRequest>& queue = state.floor.queue;
    auto place = queue.end();
    if (state.floor.order == policy::FloorOrder::LeastAirtime) {
        const int64_t own = airtime_steps(state, person);
        place = std::find_if(queue.begin(), queue.end(), [&](const FloorRequest& request) {
            return airtime_steps(state, request.person) > own;
        });
    }
    return static_cast<uint32_t>(place - queue.begin());
}

Sending sending_of(const Person& person, Source source) {
    switch (source) {
        case Source::Microphone:
            return person.microphone;
        case Source::Camera:
            return person.camera;
        case Source::Screen:
            return person.screen;
    }
    return Sending::Blocked;
}

}  // namespace

Decision decide(const Deciding& context, const NoteAirtime& wish) {
    if (!context.by.empty()) return deny(Refusal::NotAllowed);
    // As the record will have it: in whole milliseconds.
    AirtimeNoted noted{.shares = {}, .overlap = Duration::millis(wish.overlap.ms())};
    for (const AirtimeNoted::Share& share : wish.shares) {
        if (context.state.find(share.person))
            noted.shares.push_back({share.person, Duration::millis(share.spoken.ms())});
    }
    if (noted.shares.empty()) return nothing();
    return one(context, std::move(noted));
}

Decision decide(const Deciding& context, const RaiseHand& wish) {
    TRY(context.require(Act::Speak));
    if (!context.state.is_running()) return deny(Refusal::NotNow);
    const Floor& floor = context.state.floor;
    // Asked twice, wanted once: the place in the queue stays.
    if (find_request(floor, context.by) != floor.queue.end()) return nothing();
    if (floor.holder == context.by) return nothing();
    if (floor.queue.size() >= kQueueMax) return deny(Refusal::QueueFull);
    return one(context, HandRaised{context.by, wish.reason, position_for(context.state, context.by)});
}

Decision decide(const Deciding& context, const LowerHand& wish) {
    const bool is_own = wish.person.empty() || wish.person == context.by;
    TRY(context.require(is_own ? Act::Speak : Act::LeadFloor));
    const PersonId person = is_own ? context.by : wish.person;
    const Floor& floor = context.state.floor;
    if (find_request(floor, person) == floor.queue.end())
        return is_own ? nothing() : deny(Refusal::NoSuchPerson);
    return one(context, HandLowered{person});
}

Decision decide(const Deciding& context, const MoveHand& wish) {
    TRY(context.require(Act::LeadFloor));
    const Floor& floor = context.state.floor;
    const auto request = find_request(floor, wish.person);
    if (request == floor.queue.end()) return deny(Refusal::NoSuchPerson);
    if (wish.position < 0) return deny(Refusal::NoSuchThing);
    const auto last = static_cast<int64_t>(floor.queue.size()) - 1;
    const auto position = static_cast<uint32_t>(std::min(wish.position, last));
    if (position == static_cast<uint32_t>(request - floor.queue.begin())) return nothing();
    return one(context, HandMoved{wish.person, position});
}

Decision decide(const Deciding& context, const GiveFloor& wish) {
    TRY(context.require(Act::LeadFloor));
    if (!context.state.is_running()) return deny(Refusal::NotNow);
    const Floor& floor = context.state.floor;
    if (wish.person.empty() && floor.queue.empty()) return deny(Refusal::NotNow);
    const PersonId next = wish.person.empty() ? floor.queue.front().person : wish.person;
    TRY(context.require_in(next));
    if (floor.holder == next) return nothing();
    Draft draft(context);
    if (find_request(floor, next) != floor.queue.end()) draft.add(HandLowered{next});
    // To give the floor is to let speak: a microphone that the chair had stopped is free again.
    if (context.state.find(next)->microphone != Sending::Free)
        draft.add(SendingChanged{next, Source::Microphone, Sending::Free});
    return draft.add(FloorGiven{next}).take();
}

Decision decide(const Deciding& context, const ReleaseFloor&) {
    const Floor& floor = context.state.floor;
    const bool is_holder = !floor.holder.empty() && floor.holder == context.by;
    TRY(context.require(is_holder ? Act::Speak : Act::LeadFloor));
    if (floor.holder.empty()) return nothing();
    return one(context, FloorGiven{{}});
}

Decision decide(const Deciding& context, const SetFloor& wish) {
    TRY(context.require(Act::LeadFloor));
    const Floor& floor = context.state.floor;
    FloorChanged changed{wish.mode.value_or(floor.mode), wish.order.value_or(floor.order),
                         wish.turn_limit.value_or(floor.turn_limit)};
    if (changed.turn_limit < Duration{} || changed.turn_limit > policy::kTurnLimitMax)
        return deny(Refusal::TooMuch);
    if (changed.mode == floor.mode && changed.order == floor.order && changed.turn_limit == floor.turn_limit)
        return nothing();
    return one(context, changed);
}

Decision decide(const Deciding& context, const Stop& wish) {
    TRY(context.require(Act::StopOthers));
    const State& state = context.state;
    const Sending target = wish.is_blocked ? Sending::Blocked : Sending::Stopped;
    if (!wish.person.empty()) {
        const Person* person = TRY(context.require_in(wish.person));
        // Nobody silences who stands above them.
        const Person& actor = *context.actor();
        if (person->role > actor.role && !is_owner(state, actor)) return deny(Refusal::NotAllowed);
        if (sending_of(*person, wish.source) >= target) return nothing();
        return one(context, SendingChanged{wish.person, wish.source, target});
    }
    Draft draft(context);
    for (const auto& [id, person] : state.people) {
        const bool is_meant = person.is_in() && !leads(state, person) && id != state.floor.holder;
        if (is_meant && sending_of(person, wish.source) < target)
            draft.add(SendingChanged{id, wish.source, target});
    }
    return draft.take();
}

Decision decide(const Deciding& context, const Allow& wish) {
    TRY(context.require(Act::StopOthers));
    const Person* person = TRY(context.require_in(wish.person));
    if (sending_of(*person, wish.source) == Sending::Free) return nothing();
    return one(context, SendingChanged{wish.person, wish.source, Sending::Free});
}

Decision decide(const Deciding& context, const Resume& wish) {
    const Person* person = context.actor();
    if (!person) return deny(Refusal::NotInMeeting);
    switch (sending_of(*person, wish.source)) {
        case Sending::Free:
            return nothing();
        case Sending::Stopped:
            return one(context, SendingChanged{context.by, wish.source, Sending::Free});
        case Sending::Blocked:
            break;
    }
    return deny(Refusal::NotAllowed);
}

}  // namespace conclave::meeting
