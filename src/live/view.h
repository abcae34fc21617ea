// What each is told of a meeting, as the sections of proto/openapi.yaml (MeetingMessage, UpdateMessage).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "meeting/state.h"

namespace conclave::live {

using Json = nlohmann::json;

// How much one may know.
enum class Audience : uint8_t {
    Viewer,  // of a webinar: those on the stage, and not the other viewers
    Member,
    Leader,  // also: the lobby, airtime, questions before they are shown
};
Audience audience_of(const meeting::State&, const meeting::Person&);

// Whether somebody of this audience is told of this person.
bool may_see(const meeting::State&, Audience, const meeting::Person&);

// What changed, since the last message.
struct Changes {
    struct Seen {  // before the change
        bool by_members = false;
        bool by_viewers = false;
    };
    std::map<meeting::PersonId, Seen> people;
    std::set<int64_t> messages;
    std::set<int64_t> erased;
    bool meeting = false;
    bool count = false;  // of people, in the same section
    bool floor = false;
    bool clock = false;
    bool motion = false;
    bool agenda = false;
    bool questions = false;
    bool lobby = false;
    bool airtime = false;
    // Of an event that is about to be applied to `before`.
    void note(const meeting::State& before, const meeting::Event&);
};

Json meeting_section(const meeting::State&);
// What somebody is told of themselves.
struct Me {
    meeting::Role role = meeting::Role::Observer;
    bool is_owner = false;
    bool leads = false;
    bool may_vote = false;
    bool may_write = false;
    bool may_publish = false;
    bool is_heard = false;
    meeting::Sending microphone = meeting::Sending::Free;
    meeting::Sending camera = meeting::Sending::Free;
    meeting::Sending screen = meeting::Sending::Free;
    std::optional<bool> ballot;  // in the vote that goes on
    bool operator==(const Me&) const = default;
};
Me me_of(const meeting::State&, const meeting::Person&);
Json me_section(const meeting::PersonId&, const Me&);
// A viewer's queue has those whom the viewer is told of, and `of` with the own place among all who wait.
Json floor_section(const meeting::State&, Audience, const meeting::PersonId& of);
Json clock_section(const meeting::State&, WallTime now);
// Null before more time was asked for. Of a vote nothing is told but its result, and viewers not who asked.
Json motion_section(const meeting::State&, Audience);
Json agenda_section(const meeting::State&);
Json lobby_section(const meeting::State&);
Json airtime_section(const meeting::State&);
Json questions_section(const meeting::State&, Audience, const meeting::PersonId& of);
// Null when there is nothing that this audience is told.
Json people_section(const meeting::State&, Audience, const Changes&);
Json everybody_section(const meeting::State&, Audience);
Json message_json(const meeting::State&, const meeting::Message&);

// The whole, for whoever is let in now.
Json snapshot(const meeting::State&, const meeting::Person&, WallTime now);

}  // namespace conclave::live
