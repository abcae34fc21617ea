#include "meeting/rights.h"

namespace conclave::meeting {

Rights rights_of(const State& state, const Person& person) {
    Rights rights;
    const bool is_holder = state.floor.holder == person.id;
    const bool is_chair = person.role == Role::Chair;
    if (!person.is_in() || !state.is_running() || state.is_suspended) return rights;
    // An observer speaks for the one turn that the floor was given for.
    rights.may_publish = person.role > Role::Observer || is_holder;
    if (!rights.may_publish) return rights;
    const bool is_pause = state.paused_until.has_value();
    const bool is_heard = state.floor.mode != policy::FloorMode::Strict || is_holder || is_chair;
    rights.microphone = person.microphone == Sending::Free && is_heard && (!is_pause || is_chair);
    rights.camera = person.camera == Sending::Free && !is_pause;
    rights.screen = person.screen == Sending::Free && !is_pause;
    return rights;
}

RightsOfAll rights(const State& state) {
    RightsOfAll all;
    for (const auto& [id, person] : state.people) {
        const Rights rights = rights_of(state, person);
        if (rights.may_publish) all.emplace(id, rights);
    }
    return all;
}

}  // namespace conclave::meeting
