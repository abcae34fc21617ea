// Rows A1 and A2 of docs/security.md at the front door: every kind of secret that this server gives out,
// shown wherever one is taken.
#include <set>

#include "server/test_site.h"

namespace conclave::server {
namespace {

class HostileTokensTest : public SiteTest {
 protected:
    HostileTokensTest() {
        start();
        in_store([](store::Database& database) {
            return database.insert_api_key({"APIkey", "s3cret", "bot", net::wall_now(), {}});
        });
        const std::string cookie = sign_in();
        meeting = begun_meeting(cookie);
        const Answer joined = join(meeting, R"({"name":"Bob"})");
        rejoin_identity = joined.member("identity");
        livekit::Claims claims;
        claims.identity = "me";
        claims.video.room_join = true;
        claims.video.room = "a room";
        secrets = {
            {"session", cookie.substr(cookie.find('=') + 1)},
            {"join", joined.member("token")},
            {"rejoin", joined.member("rejoin")},
            {"key", livekit::mint_token(claims, "APIkey", as_bytes("s3cret"), net::wall_now(),
                                        Duration::minutes(5))},
            {"link", link_for({"acc1", "Ada", account::Role::Administrator})},
            {"metrics", "metrics-token"},
            {"API secret", "s3cret"},
            {"master key", std::string(kMasterKeyBytes, 'k')},
            {"nothing", ""},
        };
    }
    // Every secret is shown there; only these kinds open it.
    template <class Opens>
    void expect_only(const std::set<std::string>& kinds, const char* where, Opens opens) {
        for (const auto& [kind, secret] : secrets) {
            EXPECT_NE(secret, kind == "nothing" ? "x" : "") << kind;
            EXPECT_EQ(opens(secret), kinds.contains(kind)) << kind << " at " << where;
        }
    }

    std::string meeting;
    std::string rejoin_identity;
    std::map<std::string, std::string> secrets;
};

TEST_F(HostileTokensTest, A2_EverySecretOpensItsOwnDoorOnly) {
    const std::string join_request = "&join_request=EgA=";
    expect_only({"join", "key"}, "the room, in the query", [&](const std::string& secret) {
        return ask("GET", "/rtc/v1/validate?access_token=" + secret + join_request).status == 200;
    });
    expect_only({"join", "key"}, "the room, in the header", [&](const std::string& secret) {
        return ask("GET", "/rtc/v1/validate?join_request=EgA=", {{"Authorization", "Bearer " + secret}})
                   .status == 200;
    });
    expect_only({}, "the room, as a cookie", [&](const std::string& secret) {
        return ask("GET", "/rtc/v1/validate?join_request=EgA=", {{"Cookie", "__Host-conclave=" + secret}})
                   .status == 200;
    });
    expect_only({"session"}, "the meetings, as a cookie", [&](const std::string& secret) {
        return ask("GET", "/api/v1/meetings", {{"Cookie", "__Host-conclave=" + secret}}).status == 200;
    });
    expect_only({}, "the meetings, in the header", [&](const std::string& secret) {
        return ask("GET", "/api/v1/meetings", {{"Authorization", "Bearer " + secret}}).status == 200;
    });
    expect_only({}, "the meetings, in the query", [&](const std::string& secret) {
        return ask("GET", "/api/v1/meetings?access_token=" + secret).status == 200;
    });
    expect_only({"metrics"}, "the metrics from elsewhere", [&](const std::string& secret) {
        return ask("GET", "/metrics",
                   {{"X-Forwarded-For", "192.0.2.1"}, {"Authorization", "Bearer " + secret}})
                   .status == 200;
    });
    expect_only({"rejoin"}, "the former identity", [&](const std::string& secret) {
        return join(meeting, R"({"name":"Bob","rejoin":")" + secret + "\"}").member("identity") ==
               rejoin_identity;
    });
    expect_only({"link"}, "signing in", [&](const std::string& secret) {
        return ask("POST", "/api/v1/session", own_page(), R"({"secret":")" + secret + "\"}").status == 200;
    });
}

TEST_F(HostileTokensTest, A2_WhatWasRevokedOpensNothingAnyMore) {
    const Fields session{{"Origin", "http://" + host()}, {"Cookie", "__Host-conclave=" + secrets["session"]}};
    EXPECT_EQ(ask("DELETE", "/api/v1/meetings/" + meeting, session).status, 204);
    EXPECT_EQ(ask("DELETE", "/api/v1/session", session).status, 204);
    EXPECT_EQ(ask("GET", "/api/v1/meetings", session).status, 401);

    const auto validate = [&](const std::string& kind) {
        return ask("GET", "/rtc/v1/validate?join_request=EgA=&access_token=" + secrets[kind]).status;
    };
    EXPECT_EQ(validate("join"), 404);
    EXPECT_EQ(validate("key"), 200);
    const std::string rejoining = R"({"name":"Bob","rejoin":")" + secrets["rejoin"] + "\"}";
    EXPECT_EQ(join(meeting, rejoining).status, 404);
}

TEST_F(HostileTokensTest, A1_ForgedTokensAreAnsweredAlikeAtTheDoor) {
    livekit::Claims claims;
    claims.identity = "eve";
    claims.video.room_join = true;
    std::set<std::string> bodies;
    for (const std::string& room : {std::string("a room"), meeting, std::string("*")}) {
        for (const char* key : {"APIkey", "APInobody", "conclave"}) {
            claims.video.room = room;
            const std::string forged =
                livekit::mint_token(claims, key, as_bytes("guess"), net::wall_now(), Duration::minutes(5));
            const Answer answer = ask("GET", "/rtc/v1/validate?join_request=EgA=&access_token=" + forged);
            EXPECT_EQ(answer.status, 401);
            bodies.insert(answer.body);
        }
    }
    EXPECT_EQ(bodies.size(), 1u);
}

}  // namespace
}  // namespace conclave::server
