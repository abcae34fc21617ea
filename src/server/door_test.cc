#include "server/door.h"

#include "base/base64.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

class DoorTest : public SiteTest {
 protected:
    DoorTest() { start(); }

    static std::string wrapped(const livekit::pb::JoinRequest& request) {
        livekit::pb::WrappedJoinRequest outer;
        outer.set_join_request(request.SerializeAsString());
        return base64url_encode(as_bytes(outer.SerializeAsString()));
    }
    static std::string join_request(bool reconnect = false, const std::string& metadata = {}) {
        livekit::pb::JoinRequest request;
        request.mutable_client_info()->set_protocol(16);
        request.set_reconnect(reconnect);
        request.set_metadata(metadata);
        return wrapped(request);
    }
    static livekit::Claims claims(const std::string& room) {
        livekit::Claims claims;
        claims.identity = "me";
        claims.video.room_join = true;
        claims.video.room = room;
        return claims;
    }
    std::string own_token(const livekit::Claims& claims, Duration lifetime = Duration::minutes(5)) {
        return livekit::mint_token(claims, kMeetingKeyId, front_->keys.meeting_secret(), net::wall_now(),
                                   lifetime);
    }
    static std::string key_token(const livekit::Claims& claims, const std::string& id = "APIkey",
                                 const std::string& secret = "s3cret") {
        return livekit::mint_token(claims, id, as_bytes(secret), net::wall_now(), Duration::minutes(5));
    }
    void add_key() {
        in_store([](store::Database& database) {
            return database.insert_api_key({"APIkey", "s3cret", "bot", net::wall_now(), {}});
        });
    }
    Answer validate(const std::string& token, const std::string& join = join_request()) {
        return ask("GET", "/rtc/v1/validate?access_token=" + token + "&join_request=" + join);
    }
    static Fields websocket() {
        return {{"Connection", "Upgrade"},
                {"Upgrade", "websocket"},
                {"Sec-WebSocket-Version", "13"},
                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    }
    Answer open(Connection& connection, const std::string& target, const Fields& more = {}) {
        std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n";
        for (const Fields& fields : {websocket(), more}) {
            for (const auto& [name, value] : fields) request += name + ": " + value + "\r\n";
        }
        connection.send(request + "\r\n");
        return connection.read_answer();
    }
    // In which "me" has a seat.
    std::string meeting() {
        const std::string id = begun_meeting(sign_in());
        seat(id, "me");
        return id;
    }
};

TEST_F(DoorTest, ATokenOfThePageOpensASocketThatCarriesMessagesBothWays) {
    const std::string id = meeting();
    const std::string token = join(id, R"({"name":"Bob"})").member("token");
    {
        Connection connection(address_);
        const Answer answer =
            open(connection, "/rtc/v1?access_token=" + token + "&join_request=" + join_request());
        ASSERT_EQ(answer.status, 101) << answer.body;
        EXPECT_EQ(connection.read_frame(), std::pair(2, std::string("welcome")));
        connection.send_frame(2, "hi");
        EXPECT_EQ(connection.read_frame(), std::pair(2, std::string("echo hi")));
        connection.send_frame(1, "{}");
        EXPECT_EQ(connection.read_frame(), std::pair(1, std::string("echo {}")));
        connection.send_frame(2, "bye");
        EXPECT_EQ(connection.read_frame().second, "echo bye");
        EXPECT_EQ(connection.read_frame().first, 8);
        connection.send_frame(8, "");
        EXPECT_FALSE(connection.read_more());
    }
    // The socket's end reaches the front thread on its own.
    until([this] { return site_->door().clients() == 0; });
    on_front([&] {
        ASSERT_EQ(media_->joins.size(), 1u);
        EXPECT_EQ(media_->joins[0].room, id);
        EXPECT_EQ(media_->joins[0].claims.name, "Bob");
        EXPECT_EQ(media_->joins[0].client_address_hash.size(), 12u);
        EXPECT_EQ(media_->joins[0].signing_secret, front_->keys.meeting_secret());
        EXPECT_EQ(media_->closes, std::vector<uint64_t>{media_->joins[0].connection});
    });
}

TEST_F(DoorTest, WhereOnlyApplicationsMakeRoomsTheRoomHasToBeThere) {
    add_key();
    const std::string token = key_token(claims("room"));
    EXPECT_EQ(validate(token).status, 200) << "the join would make it";
    livekit::pb::ListRoomsResponse rooms;
    on_front([&] {
        config_.rooms.auto_create = false;
        media_->api_outcome = livekit::RoomReply(rooms);
    });
    const Answer missing = validate(token);
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.body, "requested room does not exist");
    EXPECT_EQ(missing.header("access-control-allow-origin"), "*");
    EXPECT_EQ(validate(own_token(claims(meeting()))).status, 200) << "meetings are no rooms of applications";
    on_front([&] {
        rooms.add_rooms()->set_name("room");
        media_->api_outcome = livekit::RoomReply(rooms);
    });
    EXPECT_EQ(validate(token).status, 200);
    on_front([&] {
        const auto& asked = std::get<livekit::pb::ListRoomsRequest>(media_->calls.back());
        EXPECT_EQ(asked.names(0), "room");
        media_->api_outcome = Unexpected{livekit::TwirpError{livekit::TwirpCode::ResourceExhausted, ""}};
    });
    EXPECT_EQ(validate(token).status, 503);
}

TEST_F(DoorTest, TheTokenMayComeInTheHeader) {
    const std::string token = own_token(claims(meeting()));
    Connection connection(address_);
    EXPECT_EQ(
        open(connection, "/rtc/v1?join_request=" + join_request(), {{"Authorization", "Bearer " + token}})
            .status,
        101);
}

TEST_F(DoorTest, ARefusalOfTheMediaPlaneIsAnHttpAnswer) {
    const std::string token = own_token(claims(meeting()));
    on_front([this] { media_->refuse_with = 503; });
    Connection connection(address_);
    const Answer answer =
        open(connection, "/rtc/v1?access_token=" + token + "&join_request=" + join_request());
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, "no");
    on_front([this] {
        EXPECT_TRUE(media_->closes.empty());
        EXPECT_EQ(site_->door().clients(), 0u);
    });
}

TEST_F(DoorTest, ValidateSaysWhatAJoinWouldMeetAndEveryOriginMayRead) {
    const std::string id = meeting();
    const Answer ok = validate(own_token(claims(id)));
    EXPECT_EQ(ok.status, 200);
    EXPECT_EQ(ok.body, "success");
    EXPECT_EQ(ok.header("access-control-allow-origin"), "*");
    const Answer bad = validate("nonsense");
    EXPECT_EQ(bad.status, 401);
    EXPECT_EQ(bad.header("access-control-allow-origin"), "*");
    const Answer preflight = ask("OPTIONS", "/rtc/v1/validate", {{"Origin", "https://app.example"}});
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("access-control-allow-headers"), "*");
    on_front([this] { EXPECT_TRUE(media_->joins.empty()); });
}

TEST_F(DoorTest, TokensThatProveNothingAreTurnedAway) {
    const std::string id = meeting();
    livekit::Claims no_join = claims(id);
    no_join.video.room_join = false;
    livekit::Claims nobody = claims(id);
    nobody.identity.clear();
    EXPECT_EQ(ask("GET", "/rtc/v1/validate?join_request=" + join_request()).status, 401);
    EXPECT_EQ(validate(own_token(claims(id), Duration::minutes(-5))).status, 401);
    EXPECT_EQ(validate(livekit::mint_token(claims(id), kMeetingKeyId, as_bytes("guessed"), net::wall_now(),
                                           Duration::minutes(5)))
                  .status,
              401);
    EXPECT_EQ(validate(key_token(claims(id))).status, 401);  // nobody has this key
    EXPECT_EQ(validate(own_token(no_join)).body, "permissions denied");
    EXPECT_EQ(validate(own_token(nobody)).status, 400);
    // A rejoin token is signed by us, for another purpose.
    EXPECT_EQ(validate(join(id, R"({"name":"Bob"})").member("rejoin")).status, 401);
}

TEST_F(DoorTest, JoinRequestsAreCheckedOnceTheTokenIsGood) {
    const std::string token = own_token(claims(meeting()));
    EXPECT_EQ(ask("GET", "/rtc/v1/validate?access_token=" + token).status, 400);
    EXPECT_EQ(validate(token, "%25%25").status, 400);
    EXPECT_EQ(ask("GET", "/rtc/v1/validate?access_token=nonsense").status, 401);
    EXPECT_EQ(validate(token, join_request(false, "mine")).status, 401);
    EXPECT_EQ(validate(token, join_request(true)).status, 200);
}

TEST_F(DoorTest, OwnTokensLeadIntoExistingMeetingsOnly) {
    const Answer answer = validate(own_token(claims("no-such-room")));
    EXPECT_EQ(answer.status, 404);
    EXPECT_NE(answer.body.find("requested room does not exist"), std::string::npos);
}

TEST_F(DoorTest, AnApplicationHasItsOwnRoomsAndNoMeeting) {
    add_key();
    const std::string id = meeting();
    EXPECT_EQ(validate(key_token(claims("their-room"))).status, 200);
    EXPECT_EQ(validate(key_token(claims(id))).status, 403);
    EXPECT_EQ(validate(key_token(claims("their-room"), "APIkey", "wrong")).status, 401);
    Connection connection(address_);
    EXPECT_EQ(open(connection, "/rtc/v1?access_token=" + key_token(claims("their-room")) +
                                   "&join_request=" + join_request())
                  .status,
              101);
    on_front([this] {
        ASSERT_EQ(media_->joins.size(), 1u);
        const auto& secret = media_->joins[0].signing_secret;
        EXPECT_EQ(std::string(secret.begin(), secret.end()), "s3cret");
    });
}

TEST_F(DoorTest, ARevokedKeyOpensNothingAtOnce) {
    add_key();
    const std::string token = key_token(claims("their-room"));
    EXPECT_EQ(validate(token).status, 200);
    in_store([](store::Database& database) -> Status {
        (void)TRY(database.revoke_api_key("APIkey", net::wall_now()));
        return Ok{};
    });
    EXPECT_EQ(validate(token).status, 401);
}

TEST_F(DoorTest, AFullServerLetsResumesInOnly) {
    const std::string token = own_token(claims(meeting()));
    on_front([this] { media_->participants_now = 1000; });
    EXPECT_EQ(validate(token).status, 503);
    EXPECT_EQ(validate(token, join_request(true)).status, 200);
}

TEST_F(DoorTest, AnOverloadedServerTakesNobodyNewAndSaysWhenToComeBack) {
    add_key();
    const std::string app = key_token(claims("room"));
    const std::string seated = own_token(claims(meeting()));
    on_front([this] { media_->has_time = false; });
    const Answer rehearsal = validate(app);
    EXPECT_EQ(rehearsal.status, 503);
    EXPECT_EQ(rehearsal.body, "the server is overloaded");
    EXPECT_EQ(rehearsal.header("access-control-expose-headers"), "Retry-After");
    Connection connection(address_);
    const Answer refused =
        open(connection, "/rtc/v1?access_token=" + app + "&join_request=" + join_request());
    EXPECT_EQ(refused.status, 503);
    for (const Answer* answer : {&rehearsal, &refused}) {
        const int seconds = std::stoi(answer->header("retry-after"));
        EXPECT_GE(seconds, 30);
        EXPECT_LE(seconds, 45);
    }
    // Those who are in already stay in.
    EXPECT_EQ(validate(app, join_request(true)).status, 200);
    EXPECT_EQ(validate(seated).status, 200);
    on_front([this] { media_->has_time = true; });
    EXPECT_EQ(validate(app).status, 200);
}

TEST_F(DoorTest, TheClassicPathTakesSingleParameters) {
    const std::string token = own_token(claims(meeting()));
    {
        Connection connection(address_);
        // With the slash of a server URL that ends in one.
        ASSERT_EQ(open(connection, "//rtc?sdk=js&protocol=16&auto_subscribe=0&reconnect=1&sid=PA_x",
                       {{"Authorization", "Bearer " + token}, {"User-Agent", "Mozilla/5.0 Firefox/140.0"}})
                      .status,
                  101);
    }
    on_front([&] {
        ASSERT_EQ(media_->joins.size(), 1u);
        EXPECT_TRUE(media_->joins[0].is_classic);
        const livekit::pb::JoinRequest& request = *media_->joins[0].request;
        EXPECT_EQ(request.client_info().protocol(), 16);
        EXPECT_EQ(request.client_info().browser(), "firefox");
        EXPECT_FALSE(request.connection_settings().auto_subscribe());
        EXPECT_TRUE(request.reconnect());
        EXPECT_EQ(request.participant_sid(), "PA_x");
    });
}

TEST_F(DoorTest, AJoinRequestOnTheClassicPathMeansOnePeerConnection) {
    const std::string token = own_token(claims(meeting()));
    Connection connection(address_);
    ASSERT_EQ(
        open(connection, "/rtc?access_token=" + token + "&join_request=" + join_request() + "&protocol=1")
            .status,
        101);
    on_front([&] {
        ASSERT_EQ(media_->joins.size(), 1u);
        EXPECT_FALSE(media_->joins[0].is_classic);
        EXPECT_EQ(media_->joins[0].request->client_info().protocol(), 16);
    });
}

TEST_F(DoorTest, TheClassicPathIsAdmittedLikeTheOther) {
    const std::string token = own_token(claims(meeting()));
    const auto rehearse = [&](const std::string& parameters) {
        return ask("GET", "/rtc/validate?access_token=" + token + parameters);
    };
    EXPECT_EQ(rehearse("").body, "success");
    EXPECT_EQ(rehearse("&join_request=").status, 400);
    EXPECT_EQ(rehearse("&attributes=!").status, 400);
    EXPECT_EQ(rehearse("&publish=camera").status, 400);
    // {"a":"b"}: own attributes need a right of their own.
    EXPECT_EQ(rehearse("&attributes=eyJhIjoiYiJ9").status, 401);
    EXPECT_EQ(rehearse("&os=" + std::string(257, 'x')).status, 400);
    on_front([this] { media_->participants_now = 1000; });
    EXPECT_EQ(rehearse("").status, 503);
    EXPECT_EQ(rehearse("&reconnect=1").status, 200);
    EXPECT_EQ(ask("GET", "/rtc/validate").status, 401);
    EXPECT_EQ(ask("GET", "/rtc/validate").header("access-control-allow-origin"), "*");
}

TEST_F(DoorTest, NothingElseIsASignallingSocket) {
    EXPECT_EQ(ask("GET", "/rtc").status, 404);
    EXPECT_EQ(ask("GET", "/rtc/v1").status, 404);
    Connection connection(address_);
    EXPECT_EQ(open(connection, "/api/v1/session").status, 404);
}

TEST_F(DoorTest, NobodyIsLetInWhileStopping) {
    const std::string token = own_token(claims(meeting()));
    on_front([this] { front_->is_stopping = true; });
    EXPECT_EQ(validate(token).status, 503);
    EXPECT_EQ(ask("GET", "/healthz").status, 503);
}

}  // namespace
}  // namespace conclave::server
