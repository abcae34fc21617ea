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

// What conferences say to applications, in order. `id` and `created_at` of the events are the front's to
// fill.
struct Outlet {
    std::vector<RoomAnswer> answers;
    std::vector<pb::WebhookEvent> events;
};

// Chosen when the room is created, by the server API or by the token of the first join.
struct RoomOptions {
    Duration empty_timeout;      // nobody ever came
    Duration departure_timeout;  // the last one left
    size_t participants_max = 0;
    std::string metadata;
};

}  // namespace conclave::conference
