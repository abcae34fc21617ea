// Calls of the server API as anybody with a key may send them. The first byte chooses method and form.
#include <array>

#include "base/check.h"
#include "livekit/room_service.h"

using namespace conclave;
using namespace conclave::livekit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    constexpr std::array<std::string_view, 12> kMethods = {
        "CreateRoom",     "ListRooms",           "DeleteRoom",         "ListParticipants",
        "GetParticipant", "RemoveParticipant",   "UpdateParticipant",  "MutePublishedTrack",
        "SendData",       "UpdateSubscriptions", "UpdateRoomMetadata", "PerformRpc"};
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto form = (data[0] & 0x80) != 0 ? TwirpForm::Protobuf : TwirpForm::Json;
    const size_t method = data[0] & 0x7f;
    if (method == kMethods.size()) {
        (void)parse_room_configuration(body, {});
        return 0;
    }
    const auto call = parse_room_call(kMethods[method % kMethods.size()], form, body);
    if (!call) {
        CHECK(call.error().code == TwirpCode::Malformed);
        return 0;
    }
    // A grant for another room, or for none, never opens a room.
    VideoGrant grant;
    grant.room_admin = true;
    grant.room = room_of(*call) + "x";
    CHECK(!check_room_grant(*call, grant));
    grant.room.clear();
    CHECK(!check_room_grant(*call, grant));
    (void)check_room_call(*call, {});
    (void)twirp_form(body);
    return 0;
}
