// The server API: Twirp calls of livekit.RoomService as values. Parsing, the rights that a call needs, its
// limits, and the answer's text; what a call does to a room is the conference's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "livekit/protocol.h"
#include "livekit/token.h"
#include "livekit_room.pb.h"

namespace conclave::livekit {

// Twirp v7, "Error Codes"; the names and HTTP statuses are in the functions below.
enum class TwirpCode : uint8_t {
    Malformed,
    InvalidArgument,
    Unauthenticated,
    PermissionDenied,
    NotFound,
    BadRoute,
    DeadlineExceeded,
    AlreadyExists,
    FailedPrecondition,
    ResourceExhausted,
    Internal,
    Unimplemented,
    Unavailable,
};
struct TwirpError {
    TwirpCode code = TwirpCode::Internal;
    std::string message;
    std::map<std::string, std::string> meta = {};
};
unsigned http_status(TwirpCode code);
// {"code":…,"msg":…,"meta":{…}}
std::string twirp_error_json(const TwirpError& error);

// Two methods take the same message.
struct GetParticipant {
    pb::RoomParticipantIdentity who;
};
struct RemoveParticipant {
    pb::RoomParticipantIdentity who;
};
using RoomCall =
    std::variant<pb::CreateRoomRequest, pb::ListRoomsRequest, pb::DeleteRoomRequest,
                 pb::ListParticipantsRequest, GetParticipant, RemoveParticipant, pb::MuteRoomTrackRequest,
                 pb::UpdateParticipantRequest, pb::UpdateSubscriptionsRequest, pb::SendDataRequest,
                 pb::UpdateRoomMetadataRequest, pb::PerformRpcRequest>;
// Ok: an answer without fields.
using RoomReply = std::variant<Ok, pb::Room, pb::ListRoomsResponse, pb::ListParticipantsResponse,
                               pb::ParticipantInfo, pb::MuteRoomTrackResponse, pb::PerformRpcResponse>;

enum class TwirpForm : uint8_t { Json, Protobuf };
// Parameters such as ;charset=UTF-8 are allowed; nullopt: neither of the two.
std::optional<TwirpForm> twirp_form(std::string_view content_type);
std::string_view content_type(TwirpForm form);

// As in the path.
std::vector<std::string_view> room_methods();

// `method` as in the path. JSON with snake_case and camelCase names alike; unknown fields are ignored.
Result<RoomCall, TwirpError> parse_room_call(std::string_view method, TwirpForm form, std::string_view body);
std::string render_room_reply(const RoomReply& reply, TwirpForm form);

// The room that a call is about; empty for ListRooms.
const std::string& room_of(const RoomCall& call);

// Whom it takes to answer, when a room is spread over workers.
enum class Audience : uint8_t { Server, Room, Home, Person };
Audience audience_of(const RoomCall& call);
// The participant that a call is about; empty for Audience other than Person.
const std::string& identity_of(const RoomCall& call);

// Unauthenticated "permissions denied" when the grant of an API token does not suffice.
StatusOf<TwirpError> check_room_grant(const RoomCall& call, const VideoGrant& grant);

// UserPacket.nonce: all or nothing, so that it identifies a packet.
constexpr size_t kNonceBytes = 16;
// What client SDKs accept as well (v1 RPC travels in one data packet).
constexpr size_t kRpcPayloadMax = 15 * 1024;
// An answer has to come while the HTTP request still waits.
constexpr uint32_t kRpcTimeoutMaxMs = 50'000;
constexpr uint32_t kRpcTimeoutDefaultMs = 15'000;

// Names, metadata, attributes, nonce, payloads: invalid_argument.
StatusOf<TwirpError> check_room_call(const RoomCall& call, const TextLimits& limits);

// Claim `roomConfig`. The name in it does not matter: the token names the room. nullopt: not such an object,
// or beyond `limits`.
std::optional<pb::RoomConfiguration> parse_room_configuration(std::string_view json,
                                                              const TextLimits& limits);

// The body of a webhook.
std::string webhook_json(const pb::WebhookEvent& event);

}  // namespace conclave::livekit
