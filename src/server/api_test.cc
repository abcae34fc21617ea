#include "server/api.h"

#include "livekit/token.h"
#include "meeting/id.h"
#include "server/api_json.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

class ApiTest : public SiteTest {
 protected:
    ApiTest() { start(); }
};

TEST_F(ApiTest, NobodyIsSignedInAtFirst) {
    const Answer answer = ask("GET", "/api/v1/session");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"account":null})");
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_EQ(ask("GET", "/api/v1/session", {{"Cookie", "__Host-conclave=nonsense"}}).body,
              R"({"account":null})");
}

TEST_F(ApiTest, ALinkSignsInOnceWithAStrictCookie) {
    const std::string secret = link_for({"acc1", "Ada", account::Role::Administrator});
    const std::string body = R"({"secret":")" + secret + "\"}";
    const Answer first = ask("POST", "/api/v1/session", own_page(), body);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, R"({"account":{"id":"acc1","name":"Ada","role":"administrator"}})");
    const std::string cookie = first.header("set-cookie");
    EXPECT_EQ(cookie.substr(0, 16), "__Host-conclave=");
    EXPECT_EQ(cookie.substr(cookie.find(';')), "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800");
    EXPECT_EQ(cookie.find(secret), std::string::npos);

    const Answer second = ask("POST", "/api/v1/session", own_page(), body);
    EXPECT_EQ(second.status, 401);
    EXPECT_EQ(second.member("code"), "sign_in_refused");
    EXPECT_EQ(second.header("content-type"), "application/problem+json");
    EXPECT_EQ(second.header("set-cookie"), "");
}

TEST_F(ApiTest, UsedExpiredAndUnknownLinksAnswerAlike) {
    const std::string expired = link_for({"acc1", "Ada", account::Role::Agent}, Duration::seconds(-1));
    const std::string used = link_for({"acc1", "Ada", account::Role::Agent});
    (void)ask("POST", "/api/v1/session", own_page(), R"({"secret":")" + used + "\"}");
    std::string bodies;
    for (const std::string& secret : {expired, used, std::string(43, 'A'), std::string("x")}) {
        const Answer answer = ask("POST", "/api/v1/session", own_page(), R"({"secret":")" + secret + "\"}");
        EXPECT_EQ(answer.status, 401) << secret;
        if (bodies.empty()) bodies = answer.body;
        EXPECT_EQ(answer.body, bodies);
    }
}

TEST_F(ApiTest, TheCookieIsTheSessionUntilSignOut) {
    const std::string cookie = sign_in();
    EXPECT_EQ(ask("GET", "/api/v1/session", {{"Cookie", "other=1; " + cookie}}).member("name"), "Ada");
    const Answer out = ask("DELETE", "/api/v1/session", {{"Origin", "http://" + host()}, {"Cookie", cookie}});
    EXPECT_EQ(out.status, 204);
    EXPECT_NE(
        out.header("set-cookie").find("__Host-conclave=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
        std::string::npos);
    EXPECT_EQ(ask("GET", "/api/v1/session", {{"Cookie", cookie}}).body, R"({"account":null})");
}

TEST_F(ApiTest, SigningInAgainEndsTheSessionBefore) {
    const std::string first = sign_in();
    const std::string secret = link_for({"acc1", "Ada", account::Role::Administrator});
    EXPECT_EQ(ask("POST", "/api/v1/session", own_page(first), R"({"secret":")" + secret + "\"}").status, 200);
    EXPECT_EQ(ask("GET", "/api/v1/session", {{"Cookie", first}}).body, R"({"account":null})");
}

TEST_F(ApiTest, A7_ListsAndCreatesOnlyOwnMeetings) {
    EXPECT_EQ(ask("GET", "/api/v1/meetings").member("code"), "sign_in_required");
    EXPECT_EQ(ask("POST", "/api/v1/meetings", own_page(), R"({"title":"x"})").status, 401);
    const std::string ada = sign_in();
    const std::string bob = sign_in({"acc2", "Bob", account::Role::Agent});
    const std::string id = create_meeting(ada, "Budget \\u00e9t\\u00e9");
    EXPECT_TRUE(meeting::is_id(id));
    const Answer list = ask("GET", "/api/v1/meetings", {{"Cookie", ada}});
    EXPECT_EQ(list.status, 200);
    EXPECT_EQ(list.member("id"), id);
    EXPECT_EQ(list.member("title"), "Budget été");
    EXPECT_EQ(list.member("created_at").size(), 24u);
    const std::string none = ask("GET", "/api/v1/meetings", {{"Cookie", bob}}).body;
    EXPECT_NE(none.find(R"("meetings":[],"rules":{"length":2400000,)"), std::string::npos) << none;
}

TEST_F(ApiTest, TitleRulesHaveTheirCodes) {
    const std::string cookie = sign_in();
    const auto code = [&](const std::string& body) {
        return ask("POST", "/api/v1/meetings", own_page(cookie), body).member("code");
    };
    EXPECT_EQ(code(R"({"title":" "})"), "title_required");
    EXPECT_EQ(code(R"({"title":")" + std::string(201, 'x') + "\"}"), "title_too_long");
    EXPECT_EQ(code(R"({"title":"a\u202eb"})"), "bad_request");
    EXPECT_EQ(code(R"({"title":7})"), "bad_request");
    EXPECT_EQ(code(R"({})"), "bad_request");
    EXPECT_EQ(code("[1]"), "bad_request");
    EXPECT_EQ(code(R"({"title":"a","title":"b"})"), "bad_request");
}

// Status, fields and body, on every way in.
TEST_F(ApiTest, A14_UnknownEndedAndMalformedMeetingsAnswerAlike) {
    const std::string owner = sign_in();
    const std::string ended = create_meeting(owner);
    record(ended, meeting::Ended{}, "acc1");
    const std::string agent = sign_in({"acc2", "Bob", account::Role::Agent, "bob@ville.fr"});
    const std::string rejoin = front_->keys.sign_rejoin({ended, "guest-1", "Eve", ""}, net::wall_now());
    const auto answers = [&](const std::string& id) {
        const std::string path = "/api/v1/meetings/" + id;
        std::vector<Answer> all = {ask("GET", path),
                                   ask("GET", path, own_page(owner)),
                                   join(id, R"({"name":"Eve"})"),
                                   join(id, R"({"name":"Eve","invitation":"x"})"),
                                   join(id, R"({"rejoin":")" + rejoin + "\"}"),
                                   join(id, "{}", agent),
                                   join(id, "{}", owner),
                                   ask("DELETE", path, own_page(agent)),
                                   ask("GET", path + "/invitations", own_page(agent)),
                                   ask("POST", path + "/invitations", own_page(agent), "{}"),
                                   ask("DELETE", path + "/invitations/x", own_page(agent))};
        for (Answer& answer : all) answer.headers.erase("date");
        return all;
    };
    const std::vector<Answer> expected = answers("00000-00000-00000-00000");
    for (const std::string& id :
         {ended, std::string("x"), std::string(64, 'Z'), std::string("%F0%9F%92%A9")}) {
        const std::vector<Answer> all = answers(id);
        for (size_t way = 0; way < all.size(); ++way) {
            EXPECT_EQ(all[way].status, 404) << id << " way " << way;
            EXPECT_EQ(all[way].body, expected[way].body) << id << " way " << way;
            EXPECT_EQ(all[way].headers, expected[way].headers) << id << " way " << way;
        }
    }
}

TEST_F(ApiTest, AHolderOfTheLinkSeesTheTitle) {
    const std::string id = create_meeting(sign_in());
    EXPECT_EQ(ask("GET", "/api/v1/meetings/" + id).body, R"({"id":")" + id + R"(","title":"Budget"})");
}

TEST_F(ApiTest, A2_AGuestGetsATokenForThisMeetingOnly) {
    const std::string id = begun_meeting(sign_in());
    const Answer answer = join(id, R"({"name":"  Bob "})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.member("name"), "Bob");
    EXPECT_EQ(answer.member("identity").substr(0, 6), "guest-");

    const auto secret = [this](std::string_view key) -> std::optional<ByteView> {
        if (key != kMeetingKeyId) return std::nullopt;
        return ByteView(front_->keys.meeting_secret());
    };
    const auto claims = livekit::verify_token(answer.member("token"), secret, net::wall_now());
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->identity, answer.member("identity"));
    EXPECT_EQ(claims->name, "Bob");
    EXPECT_EQ(claims->video.room, id);
    EXPECT_TRUE(claims->video.room_join);
    EXPECT_FALSE(claims->video.room_admin);
    EXPECT_TRUE(livekit::may_publish(claims->video) && livekit::may_subscribe(claims->video));
    EXPECT_FALSE(livekit::may_update_own_metadata(claims->video));
    EXPECT_EQ(claims->attributes.at("conclave.kind"), "guest");
    EXPECT_LE(claims->expires - net::wall_now(), Duration::minutes(10));
}

TEST_F(ApiTest, AnAgentJoinsUnderTheAccountsNameWhateverIsTyped) {
    const std::string cookie = sign_in();
    const std::string id = create_meeting(cookie);
    const Answer answer = join(id, R"({"name":"Somebody else"})", cookie);
    EXPECT_EQ(answer.member("name"), "Ada");
    EXPECT_EQ(answer.member("identity").substr(0, 6), "agent-");
}

TEST_F(ApiTest, NamesOfGuestsAreChecked) {
    const std::string id = create_meeting(sign_in());
    const auto code = [&](const std::string& body) { return join(id, body).member("code"); };
    EXPECT_EQ(code("{}"), "name_required");
    EXPECT_EQ(code(R"({"name":" "})"), "name_required");
    EXPECT_EQ(code(R"({"name":null})"), "name_required");
    EXPECT_EQ(code(R"({"name":")" + std::string(81, 'n') + "\"}"), "name_too_long");
    EXPECT_EQ(code(R"({"name":"a\u202eb"})"), "bad_request");
    EXPECT_EQ(code(R"({"name":1})"), "bad_request");
    EXPECT_EQ(code("not json"), "bad_request");
}

TEST_F(ApiTest, ARejoinTokenGivesTheIdentityBackHereAndToThisPersonOnly) {
    const std::string cookie = sign_in();
    const std::string here = begun_meeting(cookie);
    const std::string elsewhere = create_meeting(cookie);
    const Answer first = join(here, R"({"name":"Bob"})");
    const std::string body = R"({"name":"Bob","rejoin":")" + first.member("rejoin") + "\"}";
    EXPECT_EQ(join(here, body).member("identity"), first.member("identity"));
    EXPECT_NE(join(elsewhere, body).member("identity"), first.member("identity"));
    EXPECT_NE(join(here, body, cookie).member("identity"), first.member("identity"));
    // Tokens of one purpose mean nothing for another: the access token is no rejoin token.
    const std::string crossed = R"({"name":"Bob","rejoin":")" + first.member("token") + "\"}";
    EXPECT_NE(join(here, crossed).member("identity"), first.member("identity"));
    EXPECT_EQ(join(here, crossed).status, 200);
}

TEST_F(ApiTest, AFullServerRefusesNewcomersButNotWhoeverComesBack) {
    const std::string id = create_meeting(sign_in());
    const Answer first = join(id, R"({"name":"Bob"})");
    on_front([this] { media_->participants_now = 1000; });
    EXPECT_EQ(join(id, R"({"name":"Eve"})").member("code"), "server_full");
    EXPECT_EQ(join(id, R"({"name":"Bob","rejoin":")" + first.member("rejoin") + "\"}").status, 200);
}

TEST_F(ApiTest, AnOverloadedServerSaysWhenToComeBack) {
    const std::string id = create_meeting(sign_in());
    const Answer first = join(id, R"({"name":"Bob"})");
    on_front([this] { media_->has_time = false; });
    const Answer refused = join(id, R"({"name":"Eve"})");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.member("code"), "server_overloaded");
    EXPECT_GE(std::stoi(refused.header("retry-after")), 30);
    EXPECT_EQ(join(id, R"({"name":"Bob","rejoin":")" + first.member("rejoin") + "\"}").status, 200);
}

// Row A12: foreign, null and missing origins.
TEST_F(ApiTest, A12_RequestsOfOtherSitesChangeNothing) {
    const std::string cookie = sign_in();
    const std::string title = R"({"title":"x"})";
    const std::string json = "application/json";
    const Fields foreign[] = {
        {{"Origin", "https://evil.example"}},
        {{"Origin", "null"}},
        {{"Origin", "http://" + host() + ".evil.example"}},
        {{"Origin", "ftp://" + host()}},
        {{"Origin", ""}},
        {},
        {{"Sec-Fetch-Site", "cross-site"}},
        {{"Sec-Fetch-Site", "same-site"}},
        {{"Origin", "http://" + host()}, {"Origin", "https://evil.example"}},
        {{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-origin"}},
    };
    for (Fields fields : foreign) {
        fields.emplace_back("Content-Type", json);
        fields.emplace_back("Cookie", cookie);
        EXPECT_EQ(ask("POST", "/api/v1/meetings", fields, title).status, 403);
        EXPECT_EQ(ask("DELETE", "/api/v1/session", fields).status, 403);
        EXPECT_EQ(ask("POST", "/api/v1/session", fields, R"({"secret":"x"})").status, 403);
    }
    EXPECT_EQ(ask("GET", "/api/v1/meetings", {{"Cookie", cookie}}).body.find("\"id\""), std::string::npos);
    EXPECT_EQ(ask("POST", "/api/v1/meetings",
                  {{"Sec-Fetch-Site", "same-origin"}, {"Content-Type", json}, {"Cookie", cookie}}, title)
                  .status,
              201);
}

TEST_F(ApiTest, A12_AFormOfAnotherSiteIsNoJson) {
    const std::string cookie = sign_in();
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                             "application/jsonp", ""}) {
        const Fields fields{{"Origin", "http://" + host()}, {"Content-Type", type}, {"Cookie", cookie}};
        EXPECT_EQ(ask("POST", "/api/v1/meetings", fields, R"({"title":"x"})").status, 415) << type;
    }
    const Fields fields{{"Origin", "http://" + host()},
                        {"Content-Type", "Application/JSON; charset=utf-8"},
                        {"Cookie", cookie}};
    EXPECT_EQ(ask("POST", "/api/v1/meetings", fields, R"({"title":"x"})").status, 201);
}

TEST_F(ApiTest, TheOwnerEndsAMeetingForAll) {
    const std::string ada = sign_in();
    const std::string bob = sign_in({"acc2", "Bob", account::Role::Agent});
    const std::string id = create_meeting(ada, "Budget");
    const std::string path = "/api/v1/meetings/" + id;
    const auto end = [&](const std::string& cookie, const std::string& where) {
        return ask("DELETE", where, {{"Origin", "http://" + host()}, {"Cookie", cookie}});
    };
    EXPECT_EQ(end("", path).member("code"), "sign_in_required");
    EXPECT_EQ(end(bob, path).status, 403);
    EXPECT_EQ(end(bob, path).member("code"), "not_owner");
    EXPECT_EQ(end(ada, "/api/v1/meetings/" + std::string(23, '0')).member("code"), "meeting_not_found");
    EXPECT_EQ(ask("DELETE", path, {{"Origin", "https://evil.example"}, {"Cookie", ada}}).status, 403);
    EXPECT_EQ(ask("GET", path).status, 200);
    EXPECT_TRUE(media_->meeting_calls.empty());

    EXPECT_EQ(end(ada, path).status, 204);
    ASSERT_EQ(media_->meeting_calls.size(), 1u);
    EXPECT_EQ(std::get<livekit::pb::DeleteRoomRequest>(media_->meeting_calls[0]).room(), id);
    EXPECT_EQ(ask("GET", path).member("code"), "meeting_not_found");
    EXPECT_EQ(ask("POST", path + "/join", own_page(), R"({"name":"Eve"})").status, 404);
    EXPECT_EQ(ask("GET", "/api/v1/meetings", {{"Cookie", ada}}).body.find("\"id\""), std::string::npos);
    EXPECT_EQ(end(bob, path).member("code"), "meeting_not_found") << "as if it had never been";
}

TEST_F(ApiTest, AMeetingThatTheMediaPlaneDidNotEndIsEndedOnceMore) {
    const std::string ada = sign_in();
    const std::string path = "/api/v1/meetings/" + create_meeting(ada, "Budget");
    on_front([&] {
        media_->api_outcome = Unexpected{livekit::TwirpError{livekit::TwirpCode::Unavailable, "busy"}};
    });
    EXPECT_EQ(ask("DELETE", path, {{"Origin", "http://" + host()}, {"Cookie", ada}}).status, 204);
    until([&] { return media_->meeting_calls.size() >= 3; });
    on_front([&] {
        media_->api_outcome =
            Unexpected{livekit::TwirpError{livekit::TwirpCode::NotFound, "nobody is in it"}};
    });
    EXPECT_EQ(ask("GET", path).status, 404);
}

TEST_F(ApiTest, OtherPathsAndMethodsAreRefused) {
    EXPECT_EQ(ask("GET", "/api/v1/nothing").status, 404);
    EXPECT_EQ(ask("GET", "/api/v1/meetings/a/b").status, 404);
    EXPECT_EQ(ask("GET", "/api/v1/meetings/a/join").status, 405);
    EXPECT_EQ(ask("PUT", "/api/v1/session", own_page(), "{}").status, 405);
    EXPECT_EQ(ask("PUT", "/api/v1/session", own_page(), "{}").header("allow"), "GET, HEAD, POST, DELETE");
}

class LimitedApiTest : public SiteTest {
 protected:
    LimitedApiTest() {
        config_.limits.sign_ins_per_minute_per_address = 3;
        config_.limits.joins_per_minute_per_address = 2;
        start();
    }
};

TEST_F(LimitedApiTest, GuessingIsSlowedDown) {
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask("POST", "/api/v1/session", own_page(), R"({"secret":"x"})").status, 401);
    const Answer limited = ask("POST", "/api/v1/session", own_page(), R"({"secret":"x"})");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.member("code"), "too_many_requests");
    EXPECT_EQ(limited.header("retry-after"), "30");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(join("x", R"({"name":"a"})").status, 404);
    EXPECT_EQ(join("x", R"({"name":"a"})").status, 429);
}

TEST(ApiJson, TimesAreRfc3339) {
    EXPECT_EQ(rfc3339({1'800'000'000'123'456}), "2027-01-15T08:00:00.123Z");
    EXPECT_EQ(rfc3339({0}), "1970-01-01T00:00:00.000Z");
}

TEST(ApiJson, A6_BodiesThatAreNoSuchObjectAreRefused) {
    for (const char* body :
         {"", "null", "[]", "\"secret\"", "{\"secret\":", "{\"secret\":1}", "{\"other\":\"x\"}",
          "{\"secret\":\"a\",\"secret\":\"b\"}", "{\"secret\":\"a\",\"x\":[[[[[[1]]]]]]}",
          "{\"secret\":\"\xff\"}", "{\"secret\":\"\xed\xa0\x80\"}", "{\"secret\":\"\xc0\xaf\"}",
          "{\"secret\":\"\\ud800\"}", "{\"secret\":NaN}", "{\"secret\":1e309}",
          "\xef\xbb\xbf{\"secret\":\"a\"}", "{\"secret\":\"a\"} x"}) {
        EXPECT_FALSE(parse_sign_in(body)) << body;
    }
    EXPECT_EQ(parse_sign_in(R"({"secret":"a","more":{"secret":"b"}})"), "a");
    EXPECT_FALSE(parse_sign_in(std::string(60'000, '[')));
}

TEST(Keys, ARejoinTokenExpiresAndBelongsToItsServer) {
    SeededRng rng(1);
    const Keys keys(std::string(kMasterKeyBytes, 'a'), rng);
    const Keys others(std::string(kMasterKeyBytes, 'b'), rng);
    const WallTime now = WallTime::from_unix_seconds(1'800'000'000);
    const std::string token = keys.sign_rejoin({"room", "guest-1", "Bob", ""}, now);
    ASSERT_TRUE(keys.verify_rejoin(token, now));
    EXPECT_EQ(keys.verify_rejoin(token, now)->identity, "guest-1");
    EXPECT_FALSE(keys.verify_rejoin(token, now + kRejoinLifetime));
    EXPECT_FALSE(others.verify_rejoin(token, now));
    EXPECT_FALSE(keys.verify_rejoin("", now));
}

}  // namespace
}  // namespace conclave::server
