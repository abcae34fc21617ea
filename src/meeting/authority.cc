#include "meeting/authority.h"

namespace conclave::meeting {
namespace {

Role least_role(const State& state, Act act) {
    const bool is_webinar = state.terms.format == policy::Format::Webinar;
    switch (act) {
        case Act::SetRole:
        case Act::Close:
            return Role::Chair;
        case Act::Admit:
        case Act::Remove:
        case Act::Lock:
        case Act::LeadFloor:
        case Act::StopOthers:
        case Act::Extend:
        case Act::Pause:
        case Act::LeadAgenda:
        case Act::Moderate:
        case Act::GoLive:
            return Role::Deputy;
        case Act::Invite:
        case Act::TakePart:
            return Role::Participant;
        case Act::Write:
            return is_webinar ? Role::Presenter : Role::Observer;
        case Act::Speak:
        case Act::Ask:
            return Role::Observer;
    }
    return Role::Chair;
}

}  // namespace

bool is_owner(const State& state, const Person& person) {
    return !person.account.empty() && person.account == state.owner;
}

bool may(const State& state, const Person& person, Act act) {
    if (!person.is_in()) return false;
    // Guests come by an agent's invitation only.
    if (act == Act::Invite && person.kind != Kind::Agent) return false;
    return is_owner(state, person) || person.role >= least_role(state, act);
}

bool leads(const State& state, const Person& person) {
    return may(state, person, Act::LeadFloor);
}

}  // namespace conclave::meeting
