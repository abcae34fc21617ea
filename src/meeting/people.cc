// The door and the roles.
#include <algorithm>

#include "meeting/deciding.h"

namespace conclave::meeting {
namespace {

size_t count(const State& state, Presence presence) {
    return static_cast<size_t>(
        std::count_if(state.people.begin(), state.people.end(),
                      [&](const auto& entry) { return entry.second.presence == presence; }));
}

const Person* chair_in(const State& state) {
    const Person* chair = state.chair();
    return chair && chair->is_in() ? chair : nullptr;
}

Role arriving_role(const State& state, const Arrive& arrive) {
    const bool owns = !arrive.account.empty() && arrive.account == state.owner;
    if (owns && !chair_in(state)) return Role::Chair;
    if (const Person* known = state.find(arrive.person)) return known->role;
    const auto invitation = state.invitations.find(arrive.invitation);
    if (invitation != state.invitations.end()) return invitation->second.role;
    if (owns) return Role::Presenter;
    return state.terms.format == policy::Format::Webinar ? Role::Observer : Role::Participant;
}

// Whom the door opens for now, if nobody has to be asked.
bool is_open_for(const State& state, Role role, bool owns) {
    if (owns || role >= Role::Deputy) return true;
    if (!state.started_at) return false;
    const bool is_rehearsal = state.terms.format == policy::Format::Webinar && !state.live_at;
    return !is_rehearsal || role >= Role::Presenter;
}

}  // namespace

Decision decide(const Deciding& context, const Arrive& arrive) {
    const State& state = context.state;
    if (arrive.person.empty() || !context.by.empty()) return deny(Refusal::NotAllowed);
    const Person* known = state.find(arrive.person);
    if (known && known->presence == Presence::Banned) return deny(Refusal::NotAllowed);
    // Whoever is in or waits keeps the seat or the wait, whichever device they come from.
    if (known && (known->is_in() || known->presence == Presence::Waiting)) return nothing();

    Arrived arrived{.person = arrive.person, .kind = arrive.kind, .account = arrive.account};
    arrived.invitation = arrive.invitation;
    arrived.name = arrive.name;
    arrived.role = arriving_role(state, arrive);
    const bool owns = !arrive.account.empty() && arrive.account == state.owner;
    const bool leads = owns || arrived.role >= Role::Deputy;
    // Who was sent out asks again, leader or not (nobody sends out the owner); leaders never lock themselves
    // out; who was let in before need not ask.
    const bool was_sent_out = known && known->was_sent_out && !owns;
    const bool was_let_in = known && known->was_in;
    arrived.needs_admission =
        was_sent_out || (!leads && !was_let_in && (arrive.needs_admission || state.is_locked));
    arrived.is_let_in = !arrived.needs_admission && is_open_for(state, arrived.role, owns);
    if (arrived.is_let_in && !leads && count(state, Presence::In) >= kPeopleMax) return deny(Refusal::Full);
    if (!arrived.is_let_in && count(state, Presence::Waiting) >= kWaitingMax) return deny(Refusal::Full);
    if (!known && !leads && state.people.size() >= 4 * kPeopleMax) return deny(Refusal::Full);
    return one(context, std::move(arrived));
}

Decision decide(const Deciding& context, const Connect&) {
    const Person* person = context.state.find(context.by);
    const bool belongs = person && (person->is_in() || person->presence == Presence::Waiting);
    if (!belongs) return deny(Refusal::NotInMeeting);
    if (person->is_connected) return nothing();
    return one(context, Connected{context.by, true});
}

Decision decide(const Deciding& context, const Disconnect&) {
    const Person* person = context.state.find(context.by);
    if (!person || !person->is_connected) return nothing();
    return one(context, Connected{context.by, false});
}

Decision decide(const Deciding& context, const OverrideRest& wish) {
    if (!context.by.empty()) return deny(Refusal::NotAllowed);
    Result<std::string, Refusal> reason = clean(wish.reason, kReasonCharactersMax);
    if (!reason) return deny(reason.error());
    return one(context, RestOverridden{wish.account, std::move(*reason)});
}

Decision decide(const Deciding& context, const Leave&) {
    const Person* person = context.state.find(context.by);
    const bool belongs = person && (person->is_in() || person->presence == Presence::Waiting);
    if (!belongs) return deny(Refusal::NotInMeeting);
    return one(context, Gone{context.by, Presence::Left});
}

// The door itself is opened by Tick, when the meeting is going on: to say yes twice opens nothing sooner.
Decision decide(const Deciding& context, const Admit& wish) {
    TRY(context.require(Act::Admit));
    if (!wish.person.empty()) {
        const Person* person = context.state.find(wish.person);
        if (!person || person->presence != Presence::Waiting) return deny(Refusal::NoSuchPerson);
    }
    Draft draft(context);
    size_t seats = kPeopleMax - std::min(kPeopleMax, count(context.state, Presence::In));
    for (const auto& [id, person] : context.state.people) {
        const bool is_meant = wish.person.empty() || id == wish.person;
        if (!is_meant || person.presence != Presence::Waiting || !person.needs_admission) continue;
        if (seats == 0) return deny(Refusal::Full);
        --seats;
        draft.add(Admitted{id});
    }
    return draft.take();
}

Decision decide(const Deciding& context, const Refuse& wish) {
    TRY(context.require(Act::Admit));
    const Person* person = context.state.find(wish.person);
    if (!person || person->presence != Presence::Waiting) return deny(Refusal::NoSuchPerson);
    return one(context, Gone{wish.person, Presence::Refused});
}

Decision decide(const Deciding& context, const Remove& wish) {
    TRY(context.require(Act::Remove));
    const Person* person = context.state.find(wish.person);
    const bool belongs = person && (person->is_in() || person->presence == Presence::Waiting);
    if (!belongs) return deny(Refusal::NoSuchPerson);
    // Nobody throws out who stands above them, or the owner of the room, or themselves.
    const Person& actor = *context.actor();
    const bool stands_above = person->role >= actor.role && !is_owner(context.state, actor);
    if (stands_above || is_owner(context.state, *person) || person->id == actor.id)
        return deny(Refusal::NotAllowed);
    return one(context, Gone{wish.person, wish.for_good ? Presence::Banned : Presence::Refused});
}

Decision decide(const Deciding& context, const SetRole& wish) {
    TRY(context.require(Act::SetRole));
    const Person* person = TRY(context.require_in(wish.person));
    if (person->role == wish.role) return nothing();
    // The chair is handed over, never put down.
    const Person* chair = context.state.chair();
    if (chair == person) return deny(Refusal::ChairNeeded);
    Draft draft(context);
    if (wish.role == Role::Chair && chair) draft.add(RoleChanged{chair->id, Role::Deputy});
    return draft.add(RoleChanged{wish.person, wish.role}).take();
}

Decision decide(const Deciding& context, const Lock& wish) {
    TRY(context.require(Act::Lock));
    if (context.state.is_locked == wish.is_locked) return nothing();
    return one(context, Locked{wish.is_locked});
}

Decision decide(const Deciding& context, const Invite& wish) {
    // The owner invites before the meeting as well (`by` is then the account).
    const bool is_host = context.by == context.state.owner;
    if (!is_host) TRY(context.require(Act::Invite));
    const Person* actor = context.actor();
    // Nobody gives a role above their own.
    const bool leads = is_host || (actor && meeting::leads(context.state, *actor));
    if (wish.role >= Role::Presenter && !leads) return deny(Refusal::NotAllowed);
    if (wish.role == Role::Chair) return deny(Refusal::NotAllowed);
    const bool is_guest = wish.account.empty();
    if (is_guest && context.state.terms.guests == policy::Guests::None) return deny(Refusal::NotAllowed);
    if (context.state.invitations.size() >= kInvitationsMax) return deny(Refusal::Full);
    if (wish.valid < Duration::minutes(1) || wish.valid > kInvitationValidMax) return deny(Refusal::TooMuch);
    std::string name;
    if (!wish.name.empty()) name = TRY(clean(wish.name, kTitleCharactersMax));
    WallTime until = context.now + wish.valid;
    if (const auto& plan = context.state.plan; plan && !wish.email.empty())
        until = std::max(until, plan->end() + kInvitationAfter);
    // As the record will have it: in whole milliseconds.
    const WallTime expires_at{until.unix_ms() * 1000};
    Draft draft(context);
    draft.add(Invited{wish.id, wish.secret_hash, std::move(name), wish.role, expires_at});
    if (!wish.email.empty()) draft.add(InvitationMailed{wish.id, wish.account, wish.language, wish.email});
    return draft.take();
}

Decision decide(const Deciding& context, const RevokeInvitation& wish) {
    const bool is_host = context.by == context.state.owner;
    if (!is_host) TRY(context.require(Act::Invite));
    const auto invitation = context.state.invitations.find(wish.id);
    if (invitation == context.state.invitations.end()) return deny(Refusal::NoSuchThing);
    // One's own, or by who leads.
    if (!is_host && invitation->second.from != context.by) TRY(context.require(Act::LeadFloor));
    if (invitation->second.is_revoked) return nothing();
    return one(context, InvitationRevoked{wish.id});
}

}  // namespace conclave::meeting
