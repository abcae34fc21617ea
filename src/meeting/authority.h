// What each role may do, in one table.
#pragma once

#include "meeting/state.h"

namespace conclave::meeting {

enum class Act : uint8_t {
    Admit,
    Remove,
    SetRole,
    Lock,
    Invite,
    LeadFloor,  // order the queue, give and take the floor, choose the mode
    StopOthers,
    Extend,
    Pause,
    LeadAgenda,
    Moderate,  // erase, answer questions
    GoLive,
    Close,
    TakePart,  // ask for more time, vote
    Speak,     // raise a hand
    Write,     // in the chat
    Ask,
};

// The owner may do what a chair may, whatever the role at the moment.
bool may(const State&, const Person&, Act);
bool is_owner(const State&, const Person&);
// Leads the meeting: sees the lobby, the airtime, the questions.
bool leads(const State&, const Person&);

}  // namespace conclave::meeting
