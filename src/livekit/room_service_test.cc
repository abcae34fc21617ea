#include "livekit/room_service.h"

#include <gtest/gtest.h>

#include "livekit/data_packet.h"

namespace conclave::livekit {
namespace {

template <class Call>
Call parsed(std::string_view method, std::string_view json) {
    const auto call = parse_room_call(method, TwirpForm::Json, json);
    EXPECT_TRUE(call) << json;
    const Call* wanted = call ? std::get_if<Call>(&*call) : nullptr;
    EXPECT_NE(wanted, nullptr) << method;
    return wanted ? *wanted : Call{};
}

TwirpCode refusal(std::string_view method, TwirpForm form, std::string_view body) {
    const auto call = parse_room_call(method, form, body);
    EXPECT_FALSE(call) << body;
    return call ? TwirpCode::Internal : call.error().code;
}

TEST(RoomService, JsonIsReadInBothStylesOfNames) {
    for (const char* json : {R"({"name":"a","emptyTimeout":7,"maxParticipants":3,"tags":{"k":"v"}})",
                             R"({"name":"a","empty_timeout":7,"max_participants":3,"tags":{"k":"v"}})"}) {
        const auto call = parsed<pb::CreateRoomRequest>("CreateRoom", json);
        EXPECT_EQ(call.name(), "a");
        EXPECT_EQ(call.empty_timeout(), 7u);
        EXPECT_EQ(call.max_participants(), 3u);
        EXPECT_EQ(call.tags().at("k"), "v");
    }
}

TEST(RoomService, UnknownFieldsAreIgnoredInBothForms) {
    EXPECT_EQ(parsed<pb::DeleteRoomRequest>("DeleteRoom", R"({"room":"r","new":{"x":[1]}})").room(), "r");
    pb::DeleteRoomRequest request;
    request.set_room("r");
    const std::string bytes = request.SerializeAsString() + std::string("\xfa\x01\x01x", 4);
    const auto call = parse_room_call("DeleteRoom", TwirpForm::Protobuf, bytes);
    ASSERT_TRUE(call);
    EXPECT_EQ(room_of(*call), "r");
}

TEST(RoomService, BadInputIsTold) {
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Json, ""), TwirpCode::Malformed);
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Json, "[]"), TwirpCode::Malformed);
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Json, R"({"name":7)"), TwirpCode::Malformed);
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Json, R"({"emptyTimeout":-1})"), TwirpCode::Malformed);
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Json, "{\"name\":\"\xff\"}"), TwirpCode::Malformed);
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Protobuf, "\x0a\x7f"), TwirpCode::Malformed);
    EXPECT_EQ(refusal("createRoom", TwirpForm::Json, "{}"), TwirpCode::BadRoute);
    EXPECT_EQ(refusal("", TwirpForm::Json, "{}"), TwirpCode::BadRoute);
    EXPECT_EQ(refusal("MoveParticipant", TwirpForm::Json, "{}"), TwirpCode::Unimplemented);
    EXPECT_EQ(refusal("ForwardParticipant", TwirpForm::Json, "{}"), TwirpCode::Unimplemented);
}

TEST(RoomService, JsonNestedWithoutEndIsMalformed) {
    std::string json = R"({"x":)";
    for (int i = 0; i < 100'000; ++i) json += '[';
    EXPECT_EQ(refusal("CreateRoom", TwirpForm::Json, json), TwirpCode::Malformed);
}

TEST(RoomService, FormsAreTheTwoOfTwirp) {
    EXPECT_EQ(twirp_form("application/json"), TwirpForm::Json);
    EXPECT_EQ(twirp_form("application/json;charset=UTF-8"), TwirpForm::Json);
    EXPECT_EQ(twirp_form("Application/JSON ; charset=utf-8"), TwirpForm::Json);
    EXPECT_EQ(twirp_form("application/protobuf"), TwirpForm::Protobuf);
    EXPECT_EQ(twirp_form("application/jsonp"), std::nullopt);
    EXPECT_EQ(twirp_form("text/plain"), std::nullopt);
    EXPECT_EQ(twirp_form(""), std::nullopt);
}

TEST(RoomService, RepliesAreProto3Json) {
    EXPECT_EQ(render_room_reply(Ok{}, TwirpForm::Json), "{}");
    EXPECT_EQ(render_room_reply(Ok{}, TwirpForm::Protobuf), "");
    pb::Room room;
    room.set_name("a");
    room.set_creation_time(12);
    room.set_num_participants(3);
    EXPECT_EQ(render_room_reply(room, TwirpForm::Json),
              R"({"name":"a","creationTime":"12","numParticipants":3})");
    pb::Room again;
    ASSERT_TRUE(again.ParseFromString(render_room_reply(room, TwirpForm::Protobuf)));
    EXPECT_EQ(again.creation_time(), 12);
}

TEST(RoomService, ErrorsAreTwirps) {
    EXPECT_EQ(twirp_error_json({TwirpCode::NotFound, "no \"such\" room"}),
              R"({"code":"not_found","msg":"no \"such\" room"})");
    EXPECT_EQ(twirp_error_json({TwirpCode::Internal, "x", {{"k", "v"}}}),
              R"({"code":"internal","meta":{"k":"v"},"msg":"x"})");
    EXPECT_EQ(http_status(TwirpCode::Malformed), 400u);
    EXPECT_EQ(http_status(TwirpCode::DeadlineExceeded), 408u);
    EXPECT_EQ(http_status(TwirpCode::FailedPrecondition), 412u);
    EXPECT_EQ(http_status(TwirpCode::ResourceExhausted), 429u);
    EXPECT_EQ(http_status(TwirpCode::Unavailable), 503u);
}

// Which grant opens which method; everything else is closed.
TEST(RoomService, GrantsOfEveryMethod) {
    const char* admin_methods[] = {"ListParticipants",  "GetParticipant",     "RemoveParticipant",
                                   "UpdateParticipant", "MutePublishedTrack", "UpdateSubscriptions",
                                   "SendData",          "UpdateRoomMetadata", "PerformRpc"};
    const auto allowed = [](const char* method, const VideoGrant& grant) {
        // CreateRoom alone calls it `name`.
        const auto call = parse_room_call(method, TwirpForm::Json, R"({"room":"r","name":"r"})");
        EXPECT_TRUE(call);
        const auto status = check_room_grant(*call, grant);
        EXPECT_TRUE(status || status.error().message == "permissions denied");
        return status.has_value();
    };
    VideoGrant create;
    create.room_create = true;
    VideoGrant list;
    list.room_list = true;
    VideoGrant admin;
    admin.room_admin = true;
    admin.room = "r";
    VideoGrant join = admin;
    join.room_admin = false;
    join.room_join = true;
    for (const char* method : {"CreateRoom", "DeleteRoom"}) {
        EXPECT_TRUE(allowed(method, create));
        for (const VideoGrant* grant : {&list, &admin, &join}) EXPECT_FALSE(allowed(method, *grant));
    }
    EXPECT_TRUE(allowed("ListRooms", list));
    for (const VideoGrant* grant : {&create, &admin, &join}) EXPECT_FALSE(allowed("ListRooms", *grant));
    VideoGrant elsewhere = admin;
    elsewhere.room = "s";
    VideoGrant everywhere = admin;
    everywhere.room.clear();
    for (const char* method : admin_methods) {
        EXPECT_TRUE(allowed(method, admin));
        for (const VideoGrant* grant : {&create, &list, &join, &elsewhere, &everywhere})
            EXPECT_FALSE(allowed(method, *grant)) << method;
    }
    // A token for no room opens no room without a name.
    const auto nameless = parse_room_call("ListParticipants", TwirpForm::Json, "{}");
    EXPECT_FALSE(check_room_grant(*nameless, everywhere));
}

struct Limit {
    const char* method;
    std::string prefix;
    std::string suffix;
    size_t max;
};

TEST(RoomService, EveryTextHasItsLimit) {
    const TextLimits limits{20, 30, 40};
    const Limit cases[] = {
        {"CreateRoom", R"({"name":")", R"("})", 20},
        {"CreateRoom", R"({"name":"r","metadata":")", R"("})", 30},
        {"CreateRoom", R"({"name":"r","tags":{"k":")", R"("}})", 39},
        {"DeleteRoom", R"({"room":")", R"("})", 20},
        {"UpdateParticipant", R"({"name":")", R"("})", 20},
        {"UpdateParticipant", R"({"metadata":")", R"("})", 30},
        {"UpdateParticipant", R"({"attributes":{"k":")", R"("}})", 39},
        {"UpdateRoomMetadata", R"({"metadata":")", R"("})", 30},
        {"SendData", R"({"topic":")", R"("})", 20},
        {"PerformRpc", R"({"method":")", R"("})", 20},
        {"PerformRpc", R"({"method":"m","payload":")", R"("})", kRpcPayloadMax},
    };
    for (const Limit& limit : cases) {
        for (const size_t size : {limit.max, limit.max + 1}) {
            const std::string json = limit.prefix + std::string(size, 'x') + limit.suffix;
            const auto call = parse_room_call(limit.method, TwirpForm::Json, json);
            ASSERT_TRUE(call) << json;
            const auto status = check_room_call(*call, limits);
            EXPECT_EQ(status.has_value(), size == limit.max) << limit.method << limit.prefix << size;
            EXPECT_TRUE(status || status.error().code == TwirpCode::InvalidArgument);
        }
    }
}

TEST(RoomService, DataHasANonceOf16BytesOrNone) {
    for (const size_t size : {0u, 15u, 16u, 17u}) {
        pb::SendDataRequest request;
        request.set_nonce(std::string(size, 'n'));
        EXPECT_EQ(check_room_call(request, {}).has_value(), size == 0 || size == 16) << size;
    }
    pb::SendDataRequest request;
    request.set_data(std::string(64'000, 'd'));
    EXPECT_TRUE(check_room_call(request, {}));
    request.set_data(std::string(64'001, 'd'));
    EXPECT_FALSE(check_room_call(request, {}));
}

TEST(RoomService, ADestinationListIsBounded) {
    pb::SendDataRequest request;
    for (int i = 0; i < 1024; ++i) request.add_destination_identities("x");
    EXPECT_TRUE(check_room_call(request, {}));
    request.add_destination_sids("x");
    EXPECT_FALSE(check_room_call(request, {}));
}

TEST(RoomService, AnRpcMayNotOutliveItsHttpRequest) {
    pb::PerformRpcRequest request;
    request.set_method("m");
    request.set_response_timeout_ms(kRpcTimeoutMaxMs);
    EXPECT_TRUE(check_room_call(request, {}));
    request.set_response_timeout_ms(kRpcTimeoutMaxMs + 1);
    EXPECT_FALSE(check_room_call(request, {}));
}

TEST(RoomService, WhatNeedsAnEgressServiceIsRefused) {
    const auto call = parse_room_call("CreateRoom", TwirpForm::Json, R"({"name":"r","egress":{"room":{}}})");
    ASSERT_TRUE(call);
    const auto status = check_room_call(*call, {});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, TwirpCode::Unimplemented);
}

TEST(RoomService, ARoomConfigurationIsTheClaimsObject) {
    const auto configuration = parse_room_configuration(
        R"({"name":"x","emptyTimeout":5,"departureTimeout":6,"maxParticipants":2,"metadata":"m","agents":[{}]})",
        {});
    ASSERT_TRUE(configuration);
    EXPECT_EQ(configuration->empty_timeout(), 5u);
    EXPECT_EQ(configuration->departure_timeout(), 6u);
    EXPECT_EQ(configuration->metadata(), "m");
    EXPECT_FALSE(parse_room_configuration(R"({"emptyTimeout":"soon"})", {}));
    EXPECT_FALSE(parse_room_configuration(R"({"metadata":"four"})", {.metadata = 3}));
}

ClientPacket client_packet(const pb::DataPacket& packet) {
    const std::string bytes = packet.SerializeAsString();
    auto parsed = parse_client_packet(as_bytes(bytes), DataChannel::Reliable, {"PA_x", "bob"});
    CHECK(parsed);
    return std::move(*parsed);
}

TEST(ServerRpc, AsksAnonymouslyAndReadsTheThreeAnswers) {
    pb::DataPacket request;
    ASSERT_TRUE(request.ParseFromString(server_rpc_request("id", "m", "p", 1500)));
    EXPECT_EQ(request.participant_identity(), "");
    EXPECT_EQ(request.participant_sid(), "");
    EXPECT_EQ(request.rpc_request().method(), "m");
    EXPECT_EQ(request.rpc_request().response_timeout_ms(), 1500u);
    EXPECT_EQ(request.rpc_request().version(), 1u);

    pb::DataPacket packet;
    packet.mutable_rpc_ack()->set_request_id("id");
    EXPECT_EQ(parse_rpc_answer(client_packet(packet))->kind, RpcAnswer::Kind::Acknowledged);
    packet.mutable_rpc_response()->set_request_id("id");
    packet.mutable_rpc_response()->set_payload("yes");
    EXPECT_EQ(parse_rpc_answer(client_packet(packet))->payload, "yes");
    packet.mutable_rpc_response()->mutable_error()->set_code(1500);
    const auto failed = parse_rpc_answer(client_packet(packet));
    EXPECT_EQ(failed->kind, RpcAnswer::Kind::Failed);
    EXPECT_EQ(failed->error_code, 1500u);
    EXPECT_EQ(failed->request_id, "id");
    packet.mutable_user()->set_payload("x");
    EXPECT_FALSE(parse_rpc_answer(client_packet(packet)));
}

}  // namespace
}  // namespace conclave::livekit
