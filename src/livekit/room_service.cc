#include "livekit/room_service.h"

#include <google/protobuf/util/json_util.h>

#include <array>

#include "base/text.h"
#include "livekit/data_packet.h"

namespace conclave::livekit {
namespace {

using google::protobuf::Message;

Unexpected<TwirpError> refuse(TwirpCode code, std::string message) {
    return Unexpected{TwirpError{code, std::move(message)}};
}
Unexpected<TwirpError> exceeds(std::string_view what) {
    return refuse(TwirpCode::InvalidArgument, std::string(what) + " exceeds limits");
}

bool parse_json(std::string_view text, Message& out) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    return google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &out, options).ok();
}

bool parse(std::string_view body, TwirpForm form, Message& out) {
    if (form == TwirpForm::Protobuf) return out.ParseFromArray(body.data(), static_cast<int>(body.size()));
    return is_utf8(body) && parse_json(body, out);
}

std::string json_of(const Message& message) {
    std::string text;
    return google::protobuf::util::MessageToJsonString(message, &text).ok() ? text : "{}";
}

using Parse = Result<RoomCall, TwirpError> (*)(TwirpForm, std::string_view);

template <class Request>
Result<RoomCall, TwirpError> parse_as(TwirpForm form, std::string_view body) {
    Request request;
    if (!parse(body, form, request)) return refuse(TwirpCode::Malformed, "the request could not be decoded");
    return RoomCall(std::move(request));
}
template <class Call>
Result<RoomCall, TwirpError> parse_identity(TwirpForm form, std::string_view body) {
    Call call;
    if (!parse(body, form, call.who)) return refuse(TwirpCode::Malformed, "the request could not be decoded");
    return RoomCall(std::move(call));
}
// Moving people between rooms takes a second server; the reference has none of it either.
Result<RoomCall, TwirpError> not_here(TwirpForm /*form*/, std::string_view /*body*/) {
    return refuse(TwirpCode::Unimplemented, "not implemented by this server");
}

struct Method {
    std::string_view name;
    Parse parse;
};
constexpr std::array<Method, 14> kMethods = {{
    {"CreateRoom", parse_as<pb::CreateRoomRequest>},
    {"ListRooms", parse_as<pb::ListRoomsRequest>},
    {"DeleteRoom", parse_as<pb::DeleteRoomRequest>},
    {"ListParticipants", parse_as<pb::ListParticipantsRequest>},
    {"GetParticipant", parse_identity<GetParticipant>},
    {"RemoveParticipant", parse_identity<RemoveParticipant>},
    {"MutePublishedTrack", parse_as<pb::MuteRoomTrackRequest>},
    {"UpdateParticipant", parse_as<pb::UpdateParticipantRequest>},
    {"UpdateSubscriptions", parse_as<pb::UpdateSubscriptionsRequest>},
    {"SendData", parse_as<pb::SendDataRequest>},
    {"UpdateRoomMetadata", parse_as<pb::UpdateRoomMetadataRequest>},
    {"PerformRpc", parse_as<pb::PerformRpcRequest>},
    {"ForwardParticipant", not_here},
    {"MoveParticipant", not_here},
}};

struct RoomOf {
    const std::string& operator()(const pb::CreateRoomRequest& call) const { return call.name(); }
    const std::string& operator()(const pb::ListRoomsRequest& /*call*/) const {
        static const std::string none;
        return none;
    }
    const std::string& operator()(const GetParticipant& call) const { return call.who.room(); }
    const std::string& operator()(const RemoveParticipant& call) const { return call.who.room(); }
    template <class Call>
    const std::string& operator()(const Call& call) const {
        return call.room();
    }
};

struct IdentityOf {
    const std::string& operator()(const GetParticipant& call) const { return call.who.identity(); }
    const std::string& operator()(const RemoveParticipant& call) const { return call.who.identity(); }
    const std::string& operator()(const pb::PerformRpcRequest& call) const {
        return call.destination_identity();
    }
    template <class Call>
    const std::string& operator()(const Call& call) const {
        if constexpr (requires { call.identity(); }) {
            return call.identity();
        } else {
            static const std::string none;
            return none;
        }
    }
};

template <class Map>
size_t bytes_of(const Map& attributes) {
    size_t bytes = 0;
    for (const auto& [key, value] : attributes) bytes += key.size() + value.size();
    return bytes;
}

// What one request may hold besides its room's name.
struct Check {
    const TextLimits& limits;

    StatusOf<TwirpError> operator()(const pb::CreateRoomRequest& call) const {
        if (call.name().empty()) return refuse(TwirpCode::InvalidArgument, "a room needs a name");
        if (call.metadata().size() > limits.metadata) return exceeds("metadata");
        if (bytes_of(call.tags()) > limits.attributes) return exceeds("tags");
        if (call.has_egress()) return refuse(TwirpCode::Unimplemented, "there is no egress on this server");
        return Ok{};
    }
    StatusOf<TwirpError> operator()(const pb::UpdateParticipantRequest& call) const {
        if (call.name().size() > limits.name) return exceeds("name");
        if (call.metadata().size() > limits.metadata) return exceeds("metadata");
        if (bytes_of(call.attributes()) > limits.attributes) return exceeds("attributes");
        return Ok{};
    }
    StatusOf<TwirpError> operator()(const pb::SendDataRequest& call) const {
        if (!call.nonce().empty() && call.nonce().size() != kNonceBytes)
            return refuse(TwirpCode::InvalidArgument, "nonce should be 16 bytes or not present");
        if (call.data().size() > kServerDataMax || call.topic().size() > limits.name) return exceeds("data");
        const int destinations = call.destination_identities_size() + call.destination_sids_size();
        if (static_cast<size_t>(destinations) > kDestinationsMax) return exceeds("list of destinations");
        return Ok{};
    }
    StatusOf<TwirpError> operator()(const pb::UpdateRoomMetadataRequest& call) const {
        if (call.metadata().size() > limits.metadata) return exceeds("metadata");
        return Ok{};
    }
    StatusOf<TwirpError> operator()(const pb::PerformRpcRequest& call) const {
        if (call.method().empty() || call.method().size() > limits.name) return exceeds("method");
        if (call.payload().size() > kRpcPayloadMax) return exceeds("payload");
        if (call.response_timeout_ms() > kRpcTimeoutMaxMs) return exceeds("response timeout");
        return Ok{};
    }
    template <class Call>
    StatusOf<TwirpError> operator()(const Call& /*call*/) const {
        return Ok{};
    }
};

}  // namespace

std::vector<std::string_view> room_methods() {
    std::vector<std::string_view> names;
    names.reserve(std::size(kMethods));
    for (const Method& method : kMethods) names.push_back(method.name);
    return names;
}

Result<RoomCall, TwirpError> parse_room_call(std::string_view method, TwirpForm form, std::string_view body) {
    for (const Method& known : kMethods) {
        if (known.name == method) return known.parse(form, body);
    }
    return refuse(TwirpCode::BadRoute, "no such method");
}

std::string render_room_reply(const RoomReply& reply, TwirpForm form) {
    return std::visit(
        [form](const auto& message) -> std::string {
            if constexpr (std::is_same_v<std::decay_t<decltype(message)>, Ok>) {
                return form == TwirpForm::Json ? "{}" : "";
            } else {
                return form == TwirpForm::Json ? json_of(message) : message.SerializeAsString();
            }
        },
        reply);
}

const std::string& room_of(const RoomCall& call) {
    return std::visit(RoomOf{}, call);
}

Audience audience_of(const RoomCall& call) {
    return std::visit(
        [](const auto& message) {
            using Call = std::decay_t<decltype(message)>;
            if constexpr (std::is_same_v<Call, pb::ListRoomsRequest>) return Audience::Server;
            constexpr bool kIsOfAllParts = std::is_same_v<Call, pb::DeleteRoomRequest> ||
                                           std::is_same_v<Call, pb::ListParticipantsRequest> ||
                                           std::is_same_v<Call, pb::SendDataRequest>;
            constexpr bool kIsOfRoom = std::is_same_v<Call, pb::CreateRoomRequest> ||
                                       std::is_same_v<Call, pb::UpdateRoomMetadataRequest>;
            return kIsOfAllParts ? Audience::Room : kIsOfRoom ? Audience::Home : Audience::Person;
        },
        call);
}

const std::string& identity_of(const RoomCall& call) {
    return std::visit(IdentityOf{}, call);
}

StatusOf<TwirpError> check_room_grant(const RoomCall& call, const VideoGrant& grant) {
    const bool is_granted = std::visit(
        [&](const auto& message) {
            using Call = std::decay_t<decltype(message)>;
            if constexpr (std::is_same_v<Call, pb::ListRoomsRequest>) {
                return grant.room_list;
            } else if constexpr (std::is_same_v<Call, pb::CreateRoomRequest> ||
                                 std::is_same_v<Call, pb::DeleteRoomRequest>) {
                return grant.room_create;
            } else {
                return grant.room_admin && !grant.room.empty() && grant.room == RoomOf{}(message);
            }
        },
        call);
    if (!is_granted) return refuse(TwirpCode::Unauthenticated, "permissions denied");
    return Ok{};
}

StatusOf<TwirpError> check_room_call(const RoomCall& call, const TextLimits& limits) {
    if (room_of(call).size() > limits.name) return exceeds("room name");
    return std::visit(Check{limits}, call);
}

std::optional<pb::RoomConfiguration> parse_room_configuration(std::string_view json,
                                                              const TextLimits& limits) {
    pb::RoomConfiguration configuration;
    if (!parse_json(json, configuration) || configuration.metadata().size() > limits.metadata ||
        bytes_of(configuration.tags()) > limits.attributes)
        return std::nullopt;
    return configuration;
}

std::string webhook_json(const pb::WebhookEvent& event) {
    return json_of(event);
}

}  // namespace conclave::livekit
