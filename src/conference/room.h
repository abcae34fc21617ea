// A conference as the server API sees it: commands come from the front thread, answers and events go back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "livekit/room_service.h"

namespace conclave::conference {

namespace pb = ::livekit;

// Applications have rooms of their own. A meeting of the product is none of theirs: for the server API and
// for webhooks it does not exist.
enum class Owner : uint8_t { Meetings, Applications };

using CommandId = uint64_t;
struct RoomCommand {
    CommandId id = 0;
    livekit::RoomCall call;
    Owner by = Owner::Applications;  // to whom the rooms of others do not exist
};
// Exactly one for each command, perhaps much later (PerformRpc).
struct RoomAnswer {
    CommandId id = 0;
    Result<livekit::RoomReply, livekit::TwirpError> result;
};

// Who of one part of a meeting was heard when. Slots are tenths of a second of the wall clock, so what parts
// say of one slot is of the same moment. Each part tells of its own people only: about once a second of the
// slots that are over, and of whoever leaves at once, up to the slot under way; nothing while all are silent.
struct Voices {
    struct Voice {
        std::string identity;
        uint64_t slots = 0;  // bit n: heard in slot `first_slot` + n
    };
    std::string room;
    int64_t first_slot = 0;  // milliseconds since 1970 / 100
    uint32_t slots = 0;      // 64 at most
    std::vector<Voice> heard;
};

// What conferences say to others than their clients, in order. `id` and `created_at` of the events are the
// front's to fill.
struct Outlet {
    std::vector<RoomAnswer> answers;
    std::vector<pb::WebhookEvent> events;  // of applications' rooms
    std::vector<Voices> voices;            // of meetings
};

// Chosen when the room is created, by the server API or by the token of the first join.
struct RoomOptions {
    Duration empty_timeout;      // nobody ever came
    Duration departure_timeout;  // the last one left
    size_t participants_max = 0;
    std::string metadata;
};

}  // namespace conclave::conference
