// Time: the sitting's pauses, its agenda, its end.
#include "meeting/deciding.h"

namespace conclave::meeting {

Decision decide(const Deciding& context, const Pause& wish) {
    TRY(context.require(Act::Pause));
    const State& state = context.state;
    if (!state.is_running() || state.paused_until) return deny(Refusal::NotNow);
    if (wish.length < Duration::minutes(1)) return deny(Refusal::TooMuch);
    if (state.paused + wish.length > state.terms.pause_max) return deny(Refusal::TooMuch);
    return one(context, Paused{wish.length});
}

Decision decide(const Deciding& context, const Continue&) {
    TRY(context.require(Act::Pause));
    if (!context.state.paused_until) return nothing();
    return one(context, Continued{});
}

Decision decide(const Deciding& context, const SetAgenda& wish) {
    if (context.by != context.state.owner) TRY(context.require(Act::LeadAgenda));
    if (wish.items.size() > kAgendaMax) return deny(Refusal::Full);
    AgendaSet set;
    for (const AgendaSet::Item& item : wish.items) {
        if (item.length < Duration{} || item.length > Duration::minutes(24 * 60))
            return deny(Refusal::TooMuch);
        set.items.push_back({TRY(clean(item.title, kTitleCharactersMax)), item.length});
    }
    return one(context, std::move(set));
}

Decision decide(const Deciding& context, const MoveAgenda& wish) {
    TRY(context.require(Act::LeadAgenda));
    if (wish.item < 0 || wish.item > static_cast<int64_t>(context.state.agenda.size()))
        return deny(Refusal::NoSuchThing);
    if (wish.item == context.state.agenda_item) return nothing();
    return one(context, AgendaMoved{wish.item});
}

Decision decide(const Deciding& context, const GoLive&) {
    TRY(context.require(Act::GoLive));
    const State& state = context.state;
    if (state.terms.format != policy::Format::Webinar || !state.is_running()) return deny(Refusal::NotNow);
    if (state.live_at) return nothing();
    return one(context, WentLive{});
}

Decision decide(const Deciding& context, const Close&) {
    TRY(context.require(Act::Close));
    return one(context, Closed{Closing::Chair});
}

}  // namespace conclave::meeting
