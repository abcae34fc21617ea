#include "server/room_service.h"

#include "server/api_keys.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

class RoomServiceTest : public SiteTest {
 protected:
    void start_with_key() {
        start();
        in_store([](store::Database& database) {
            return database.insert_api_key({"APIkey", "s3cret", "bot", net::wall_now(), {}});
        });
    }
    static livekit::VideoGrant creator() {
        livekit::VideoGrant grant;
        grant.room_create = true;
        grant.room_list = true;
        return grant;
    }
    static livekit::VideoGrant admin(const std::string& room) {
        livekit::VideoGrant grant;
        grant.room_admin = true;
        grant.room = room;
        return grant;
    }
    static std::string token(const livekit::VideoGrant& grant, const std::string& id = "APIkey",
                             const std::string& secret = "s3cret") {
        livekit::Claims claims;
        claims.video = grant;
        return livekit::mint_token(claims, id, as_bytes(secret), net::wall_now(), Duration::minutes(5));
    }
    Answer call(const std::string& method, const livekit::VideoGrant& grant, const std::string& body = "{}",
                const std::string& type = "application/json") {
        return call_with(token(grant), method, body, type);
    }
    Answer call_with(const std::string& token, const std::string& method, const std::string& body = "{}",
                     const std::string& type = "application/json") {
        return ask("POST", "/twirp/livekit.RoomService/" + method,
                   {{"Authorization", "Bearer " + token}, {"Content-Type", type}}, body);
    }
    size_t calls() {
        size_t count = 0;
        on_front([&] { count = media_->calls.size(); });
        return count;
    }
};

TEST_F(RoomServiceTest, ACallReachesTheMediaPlaneAndItsAnswerTheCaller) {
    start_with_key();
    livekit::pb::Room room;
    room.set_name("r");
    room.set_creation_time(5);
    on_front([&] { media_->api_outcome = livekit::RoomReply(room); });
    const Answer json = call("CreateRoom", creator(), R"({"name":"r","emptyTimeout":9})");
    EXPECT_EQ(json.status, 200);
    EXPECT_EQ(json.header("content-type"), "application/json");
    EXPECT_EQ(json.body, R"({"name":"r","creationTime":"5"})");
    on_front([&] {
        ASSERT_EQ(media_->calls.size(), 1u);
        EXPECT_EQ(std::get<livekit::pb::CreateRoomRequest>(media_->calls[0]).empty_timeout(), 9u);
    });
    livekit::pb::UpdateRoomMetadataRequest request;
    request.set_room("r");
    const Answer protobuf =
        call("UpdateRoomMetadata", admin("r"), request.SerializeAsString(), "application/protobuf");
    EXPECT_EQ(protobuf.header("content-type"), "application/protobuf");
    EXPECT_EQ(protobuf.body, room.SerializeAsString());
}

TEST_F(RoomServiceTest, ACallNeedsAKeyAndTheRightToIt) {
    start_with_key();
    const auto status = [&](const std::string& token) { return call_with(token, "ListRooms").status; };
    EXPECT_EQ(ask("POST", "/twirp/livekit.RoomService/ListRooms", {}, "{}").status, 401);
    EXPECT_EQ(status("x.y.z"), 401);
    EXPECT_EQ(status(token(creator(), "APIother")), 401);
    EXPECT_EQ(status(token(creator(), "APIkey", "wrong")), 401);
    // The server's own key, which opens meetings, is none of the API's.
    EXPECT_EQ(status(token(creator(), std::string(kMeetingKeyId),
                           std::string(as_text(front_->keys.meeting_secret())))),
              401);
    const Answer ungranted = call("DeleteRoom", admin("r"), R"({"room":"r"})");
    EXPECT_EQ(ungranted.status, 401);
    EXPECT_EQ(ungranted.body, R"({"code":"unauthenticated","msg":"permissions denied"})");
    EXPECT_EQ(call("ListParticipants", admin("other"), R"({"room":"r"})").status, 401);
    EXPECT_EQ(calls(), 0u);
    EXPECT_EQ(call("ListParticipants", admin("r"), R"({"room":"r"})").status, 200);
    in_store([](store::Database& database) -> Status {
        (void)TRY(database.revoke_api_key("APIkey", net::wall_now()));
        return Ok{};
    });
    EXPECT_EQ(status(token(creator())), 401);
    EXPECT_EQ(calls(), 1u);
}

TEST_F(RoomServiceTest, WhatIsWrongIsToldInTwirpsWay) {
    start_with_key();
    const auto expect = [](const Answer& answer, int status, const char* code) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(answer.header("content-type"), "application/json");
        EXPECT_EQ(answer.member("code"), code);
    };
    expect(call("Nothing", creator()), 404, "bad_route");
    expect(call("ListRooms", creator(), "{}", "text/plain"), 404, "bad_route");
    expect(call("ListRooms", creator(), "{"), 400, "malformed");
    expect(call("CreateRoom", creator(), "{}"), 400, "invalid_argument");
    expect(call("MoveParticipant", creator()), 501, "unimplemented");
    expect(ask("GET", "/twirp/livekit.RoomService/ListRooms"), 404, "bad_route");
    for (const char* service : {"Egress/ListEgress", "Ingress/ListIngress", "SIP/ListSIPTrunk",
                                "AgentDispatchService/ListDispatch"}) {
        expect(ask("POST", std::string("/twirp/livekit.") + service,
                   {{"Authorization", "Bearer " + token(creator())}, {"Content-Type", "application/json"}},
                   "{}"),
               404, "bad_route");
    }
    on_front([&] {
        media_->api_outcome =
            Unexpected{livekit::TwirpError{livekit::TwirpCode::DeadlineExceeded, "too late", {{"a", "b"}}}};
    });
    const Answer late = call("ListRooms", creator());
    expect(late, 408, "deadline_exceeded");
    EXPECT_NE(late.body.find(R"("meta":{"a":"b"})"), std::string::npos);
}

TEST_F(RoomServiceTest, TheLimitsOfTheConfigurationHold) {
    config_.limits.metadata_bytes = 10;
    start_with_key();
    const auto status = [&](size_t size) {
        return call("UpdateRoomMetadata", admin("r"),
                    R"({"room":"r","metadata":")" + std::string(size, 'x') + "\"}")
            .status;
    };
    EXPECT_EQ(status(10), 200);
    EXPECT_EQ(status(11), 400);
}

// Whether anybody is in the meeting or not: an application cannot take its name, nor learn its title.
TEST_F(RoomServiceTest, TheNameOfAMeetingIsTaken) {
    start_with_key();
    const std::string id = create_meeting(sign_in());
    const Answer answer = call("CreateRoom", creator(), R"({"name":")" + id + "\"}");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.member("code"), "permission_denied");
    EXPECT_EQ(calls(), 0u);
}

TEST_F(RoomServiceTest, TheDevelopmentKeyOpensNothingOutsideDevelopment) {
    start_with_key();
    const std::string dev = token(creator(), std::string(kDevKeyId), std::string(kDevKeySecret));
    EXPECT_EQ(call_with(dev, "ListRooms").status, 401);
    EXPECT_EQ(ask("GET", "/healthz").body, "ok\n");
}

TEST_F(RoomServiceTest, TheDevelopmentModeSaysSo) {
    config_.dev = true;
    start();
    const std::string dev = token(creator(), std::string(kDevKeyId), std::string(kDevKeySecret));
    EXPECT_EQ(call_with(dev, "ListRooms").status, 200);
    EXPECT_NE(ask("GET", "/healthz").body.find("development mode"), std::string::npos);
    EXPECT_NE(ask("GET", "/metrics").body.find("\nconclave_dev_mode 1\n"), std::string::npos);
}

}  // namespace
}  // namespace conclave::server
