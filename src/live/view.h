// What each is told of a meeting, as the sections of proto/openapi.yaml (MeetingMessage, UpdateMessage).
#pragma once

#include <nlohmann/json.hpp>
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

// What changed, since the last message.
struct Changes {
    std::set<meeting::PersonId> people;
    std::set<meeting::PersonId> stage;  // who may have come on it or left it
    std::set<int64_t> messages;
    std::set<int64_t> erased;
    bool meeting = false;
    bool floor = false;
    bool clock = false;
    bool agenda = false;
    bool questions = false;
    bool lobby = false;
    bool airtime = false;
    // `after` is the meeting with the event applied; `holder` had the floor before.
    void note(const meeting::State& after, const meeting::Event&, const meeting::PersonId& holder);
};

Json meeting_section(const meeting::State&);
Json me_section(const meeting::State&, const meeting::Person&);
Json floor_section(const meeting::State&);
Json clock_section(const meeting::State&, WallTime now);
Json agenda_section(const meeting::State&);
Json lobby_section(const meeting::State&);
Json airtime_section(const meeting::State&);
Json questions_section(const meeting::State&, Audience, const meeting::PersonId& of);
Json people_section(const meeting::State&, Audience, const std::set<meeting::PersonId>& who);
Json everybody_section(const meeting::State&, Audience);
Json message_json(const meeting::State&, const meeting::Message&);

// The whole, for whoever is let in now.
Json snapshot(const meeting::State&, const meeting::Person&, WallTime now);

}  // namespace conclave::live
