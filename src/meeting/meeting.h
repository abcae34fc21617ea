// The rules of a meeting: who may come in, who is heard, for how long.
//
// decide() says what a command leads to and changes nothing; evolve() applies an event and refuses nothing.
// So a meeting is the sum of its recorded events (state.h), and the same events make the same meeting
// anywhere.
#pragma once

#include "base/result.h"
#include "meeting/command.h"
#include "meeting/state.h"

namespace conclave::meeting {

enum class Refusal : uint8_t {
    TitleRequired,
    TitleTooLong,
    TextRefused,  // characters that hide or reorder, or no UTF-8
    TextRequired,
    TextTooLong,
    BadId,
    AlreadyExists,
    NotOpen,  // ended, or never was
    NotOwner,
    NotInMeeting,
    NotAllowed,  // not with this role
    NotNow,      // not in this state of things
    NoSuchPerson,
    NoSuchThing,  // message, question, invitation, agenda item
    Full,         // a table of the meeting
    QueueFull,
    TooMuch,      // beyond what the terms allow
    ChairNeeded,  // it would leave the meeting without a chair
};
// The stable code told to clients (proto/openapi.yaml).
std::string_view code(Refusal);

using Decision = Result<Events, Refusal>;
Decision decide(const State&, const Command&, WallTime now);
void evolve(State&, const Event&);

// After `now`, at which nothing was due: when decide() should next be asked with Tick. nullopt: not before
// somebody acts.
std::optional<WallTime> next_tick(const State&, WallTime now);

}  // namespace conclave::meeting
