// Who speaks: the floor, and what the chair stops.
#include <algorithm>

#include "meeting/deciding.h"

namespace conclave::meeting {
Decision decide(const Deciding& context, const GiveFloor& wish) {
    TRY(context.require(Act::LeadFloor));
    if (!context.state.is_running()) return deny(Refusal::NotNow);
    const Floor& floor = context.state.floor;
    if (wish.person.empty() && floor.queue.empty()) return deny(Refusal::NotNow);
    const PersonId next = wish.person.empty() ? floor.queue.front().person : wish.person;
    TRY(context.require_in(next));
    if (floor.holder == next) return nothing();
    Draft draft(context);
    if (floor.find(next)) draft.add(HandLowered{next});
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

Decision decide(const Deciding& context, const Stop& wish) {
    TRY(context.require(Act::StopOthers));
    const State& state = context.state;
    const Sending target = wish.is_blocked ? Sending::Blocked : Sending::Stopped;
    if (!wish.person.empty()) {
        const Person* person = TRY(context.require_in(wish.person));
        // Nobody silences who stands above them.
        const Person& actor = *context.actor();
        if (person->role > actor.role && !is_owner(state, actor)) return deny(Refusal::NotAllowed);
        if (person->sending(wish.source) >= target) return nothing();
        return one(context, SendingChanged{wish.person, wish.source, target});
    }
    Draft draft(context);
    for (const auto& [id, person] : state.people) {
        const bool is_meant = person.is_in() && !leads(state, person) && id != state.floor.holder;
        if (is_meant && person.sending(wish.source) < target)
            draft.add(SendingChanged{id, wish.source, target});
    }
    return draft.take();
}

Decision decide(const Deciding& context, const Allow& wish) {
    TRY(context.require(Act::StopOthers));
    if (wish.person.empty()) {
        const auto& people = context.state.people;
        const bool is_any_held = std::any_of(people.begin(), people.end(), [&](const auto& entry) {
            return entry.second.sending(wish.source) != Sending::Free;
        });
        return is_any_held ? one(context, AllFreed{wish.source}) : nothing();
    }
    const Person* person = TRY(context.require_in(wish.person));
    if (person->sending(wish.source) == Sending::Free) return nothing();
    return one(context, SendingChanged{wish.person, wish.source, Sending::Free});
}

Decision decide(const Deciding& context, const Resume& wish) {
    const Person* person = context.actor();
    if (!person) return deny(Refusal::NotInMeeting);
    switch (person->sending(wish.source)) {
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
