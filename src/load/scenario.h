// What the participants of a load test do: rooms, groups of equal participants, cadence. From a small TOML
// file (docs/load.md) or from one of the ready shapes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace conclave::load {

constexpr size_t kEncodingsMax = 3;
constexpr uint32_t kParticipantsMax = 100'000;

// Which quality a subscriber asks for (UpdateTrackSettings). Shares of the subscribers; what is left over
// asks for nothing.
struct QualityShares {
    double low = 0;
    double medium = 0;
    double high = 0;
};

struct Group {
    std::string name;
    uint32_t count = 1;  // in each room
    bool audio = false;
    bool video = false;
    bool data = false;
    uint32_t encodings = 1;                                // of the video, as simulcast when more than one
    std::array<uint32_t, kEncodingsMax> kbps{1500, 0, 0};  // lowest first
    uint32_t fps = 30;
    uint32_t temporal_layers = 1;
    double talk = 0.3;       // share of the time with a voice
    uint32_t messages = 10;  // data packets a second
    uint32_t message_bytes = 200;
    bool reliable = true;  // the data channel
    bool subscribe = true;
    uint32_t tracks_max = 0;  // of each kind that it subscribes to; 0: all, as the server decides
    QualityShares quality;
    uint32_t reports = 1;  // on what it receives and how much it can take, a second
    bool late = false;     // joins when the others have been by themselves for Scenario::lead
};

struct Scenario {
    std::string name = "scenario";
    uint32_t rooms = 1;
    double join_rate = 20;      // joins a second
    double duration = 30;       // seconds after the last join
    double lead = 5;            // seconds between the joins and those of the late groups
    double late_rate = 20;      // joins of the late groups a second
    std::vector<Group> groups;  // the late ones last

    uint32_t participants_per_room() const;
    uint32_t participants() const { return rooms * participants_per_room(); }
    uint32_t late_participants() const;
    uint32_t early_participants() const { return participants() - late_participants(); }
};

// `source`: the file's name, for messages: "webinar.toml:7: fps must be between 1 and 60".
Result<Scenario> parse_scenario(std::string_view toml, const std::string& source);

// One person with a camera, everybody else watches.
Scenario webinar(uint32_t viewers);
// Everybody sends audio and video in three encodings and receives everybody.
Scenario meeting(uint32_t people);

}  // namespace conclave::load
