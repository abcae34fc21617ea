#include "server/meeting_plane.h"

#include "server/test_site.h"

namespace conclave::server {
namespace {

// A page on the meeting socket.
class Page {
 public:
    Page(const SocketAddress& server, const std::string& host, const std::string& meeting,
         const std::string& origin, const std::string& cookie = {})
        : connection_(server) {
        std::string request = "GET /api/v1/meetings/" + meeting + "/live HTTP/1.1\r\nHost: " + host +
                              "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        if (!origin.empty()) request += "Origin: " + origin + "\r\n";
        if (!cookie.empty()) request += "Cookie: " + cookie + "\r\n";
        connection_.send(request + "\r\n");
        status = connection_.read_answer().status;
    }
    void send(const std::string& text) { connection_.send_frame(1, text); }
    std::string hello(const std::string& rejoin) {
        send(R"({"id":1,"do":"hello","rejoin":")" + rejoin + "\"}");
        return until("\"id\":1");
    }
    // Everything up to the first message with this in it; all of it is kept in `seen`.
    std::string until(const std::string& wanted) {
        for (;;) {
            const auto [opcode, text] = connection_.read_frame();
            if (opcode != 1) return "closed";
            seen += text + "\n";
            if (text.find(wanted) != std::string::npos) return text;
        }
    }
    bool is_closed() { return until("no such text") == "closed"; }

    int status = 0;
    std::string seen;

 private:
    Connection connection_;
};

class MeetingPlaneTest : public SiteTest {
 protected:
    MeetingPlaneTest() { start(); }
    Page page(const std::string& meeting, const std::string& cookie = {}) {
        return Page(address_, host(), meeting, "http://" + host(), cookie);
    }
    std::string create(const std::string& cookie, const std::string& more = {}) {
        return ask("POST", "/api/v1/meetings", own_page(cookie), R"({"title":"Budget")" + more + "}")
            .member("id");
    }
    std::unique_ptr<MeetingPlane> before_;
    conclave::conference::MediaRights rights_of(const std::string& identity) {
        conclave::conference::MediaRights rights;
        on_front([&] {
            ASSERT_FALSE(media_->rules.empty());
            const auto& named = media_->rules.back().named;
            const auto found = named.find(identity);
            if (found != named.end()) rights = found->second;
        });
        return rights;
    }
};

TEST_F(MeetingPlaneTest, A3_AGuestWaitsUntilTheOwnerLetsThemIn) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    const Answer bob = join(id, R"({"name":"Bob"})");
    EXPECT_EQ(bob.status, 200) << bob.body;
    EXPECT_EQ(bob.member("token"), "") << "no media before an admission";
    Page waiting = page(id);
    ASSERT_EQ(waiting.status, 101);
    EXPECT_EQ(waiting.hello(bob.member("rejoin")), R"({"id":1,"type":"done"})");
    EXPECT_EQ(waiting.seen.find("Budget"), std::string::npos) << waiting.seen;

    const Answer ada = join(id, "{}", cookie);
    EXPECT_NE(ada.member("token"), "") << "the owner never locks themselves out";
    Page chair = page(id, cookie);
    chair.hello(ada.member("rejoin"));
    EXPECT_NE(chair.seen.find(R"("lobby":[{"id":")" + bob.member("identity")), std::string::npos)
        << chair.seen;
    EXPECT_EQ(waiting.seen.find("Ada"), std::string::npos) << waiting.seen;

    chair.send(R"({"id":2,"do":"admit","person":")" + bob.member("identity") + "\"}");
    EXPECT_EQ(chair.until("\"id\":2"), R"({"id":2,"type":"done"})");
    const std::string inside = waiting.until("\"type\":\"meeting\"");
    EXPECT_NE(inside.find("\"token\":\""), std::string::npos);
    EXPECT_NE(inside.find("\"Ada\""), std::string::npos);
    EXPECT_TRUE(rights_of(bob.member("identity")).microphone);
}

TEST_F(MeetingPlaneTest, A3_WhatWasNotYetRecordedIsNotTold) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    const Answer ada = join(id, "{}", cookie);
    Page chair = page(id, cookie);
    chair.hello(ada.member("rejoin"));
    chair.send(R"({"id":2,"do":"say","text":"bonjour"})");
    EXPECT_NE(chair.until("bonjour").find("\"type\":\"update\""), std::string::npos);
    bool is_recorded = false;
    in_store([&](store::Database& database) -> Status {
        const auto state = TRY(database.replay(id));
        is_recorded = !state->messages.empty() && state->messages[0].text == "bonjour";
        return Ok{};
    });
    EXPECT_TRUE(is_recorded);
}

TEST_F(MeetingPlaneTest, A12_AnotherSiteOpensNoMeetingSocket) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    for (const char* origin : {"", "null", "https://evil.example"})
        EXPECT_EQ(Page(address_, host(), id, origin, cookie).status, 403) << origin;
}

TEST_F(MeetingPlaneTest, A2_TheSocketTakesTheTokenOfItsOwnPersonOnly) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie, R"(,"lobby":"nobody")");
    const std::string other = create(cookie);
    const Answer ada = join(id, "{}", cookie);
    const Answer bob = join(id, R"({"name":"Bob"})");
    const auto refused = [&](Page opened, const std::string& token) {
        return opened.hello(token).find("refused") != std::string::npos && opened.is_closed();
    };
    EXPECT_TRUE(refused(page(id), "nonsense"));
    EXPECT_TRUE(refused(page(id), ada.member("rejoin"))) << "signed out";
    EXPECT_TRUE(refused(page(id, cookie), bob.member("rejoin"))) << "signed in as somebody else";
    EXPECT_TRUE(refused(page(other, cookie), ada.member("rejoin"))) << "another meeting";
    EXPECT_TRUE(refused(page(id, cookie), ada.member("token"))) << "a token of another kind";
    Page rude = page(id);
    rude.send(R"({"id":1,"do":"say","text":"let me in"})");
    EXPECT_TRUE(rude.is_closed());
}

TEST_F(MeetingPlaneTest, A4_WhoeverIsRemovedHasNeitherSocketNorMediaNorToken) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie, R"(,"lobby":"nobody")");
    const Answer ada = join(id, "{}", cookie);
    Page chair = page(id, cookie);
    chair.hello(ada.member("rejoin"));
    const Answer bob = join(id, R"({"name":"Bob"})");
    ASSERT_NE(bob.member("token"), "");
    const std::string door = "/rtc/v1/validate?join_request=EgA=&access_token=" + bob.member("token");
    EXPECT_EQ(ask("GET", door).status, 200);
    Page guest = page(id);
    guest.hello(bob.member("rejoin"));

    chair.send(R"({"id":2,"do":"remove","for_good":true,"person":")" + bob.member("identity") + "\"}");
    EXPECT_EQ(chair.until("\"id\":2"), R"({"id":2,"type":"done"})");
    EXPECT_EQ(guest.until("over"), R"({"reason":"banned","type":"over"})");
    EXPECT_TRUE(guest.is_closed());
    on_front([&] {
        ASSERT_EQ(media_->meeting_calls.size(), 1u);
        const auto& removal = std::get<livekit::RemoveParticipant>(media_->meeting_calls[0]);
        EXPECT_EQ(removal.who.identity(), bob.member("identity"));
    });
    EXPECT_FALSE(rights_of(bob.member("identity")).may_publish);
    EXPECT_EQ(ask("GET", door).status, 404);
    const Answer again = join(id, R"({"name":"Bob","rejoin":")" + bob.member("rejoin") + "\"}");
    EXPECT_EQ(again.member("code"), "banned");
}

TEST_F(MeetingPlaneTest, AnAgentIsOnePersonWhateverTheBrowser) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    const Answer first = join(id, "{}", cookie);
    Page one = page(id, cookie);
    one.hello(first.member("rejoin"));
    const Answer second = join(id, "{}", cookie);
    EXPECT_EQ(first.member("identity"), second.member("identity"));
    Page two = page(id, cookie);
    EXPECT_EQ(two.hello(second.member("rejoin")), R"({"id":1,"type":"done"})");
    EXPECT_NE(one.until("over").find("replaced"), std::string::npos);
}

TEST_F(MeetingPlaneTest, A2_WhoeverIsSignedOutIsOutOfTheMeetingToo) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    const Answer ada = join(id, "{}", cookie);
    Page chair = page(id, cookie);
    chair.hello(ada.member("rejoin"));
    EXPECT_EQ(ask("DELETE", "/api/v1/session", {{"Origin", "http://" + host()}, {"Cookie", cookie}}).status,
              204);
    EXPECT_NE(chair.until("over").find("signed_out"), std::string::npos);
    EXPECT_TRUE(chair.is_closed());
    until([&] { return !media_->meeting_calls.empty(); });
    on_front(
        [&] { EXPECT_TRUE(std::holds_alternative<livekit::RemoveParticipant>(media_->meeting_calls[0])); });
}

TEST_F(MeetingPlaneTest, AirtimeIsTheServersMeasure) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    const Answer ada = join(id, "{}", cookie);
    Page chair = page(id, cookie);
    chair.hello(ada.member("rejoin"));
    on_front([&] {
        const int64_t slot = net::wall_now().unix_ms() / 100;
        meetings_->hear({id, slot, 10, {{ada.member("identity"), 0b111}, {"stranger", 0b1}}});
        meetings_->hear({"no meeting", slot, 10, {{"x", 1}}});
    });
    EXPECT_NE(chair.until("airtime\":{").find("\"" + ada.member("identity") + "\":300"), std::string::npos);
}

TEST_F(MeetingPlaneTest, AnInvitationOpensForItsFirstDeviceOnly) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie, R"(,"guests":"invited","lobby":"nobody")");
    const std::string invitations = "/api/v1/meetings/" + id + "/invitations";
    EXPECT_EQ(join(id, R"({"name":"Eve"})").member("code"), "guests_refused");
    EXPECT_EQ(ask("POST", invitations, own_page(), "{}").member("code"), "sign_in_required");
    const Answer invited = ask("POST", invitations, own_page(cookie), R"({"name":"Bob","role":"presenter"})");
    ASSERT_EQ(invited.status, 201) << invited.body;
    const std::string body = R"({"name":"Bob","invitation":")" + invited.member("secret") + "\"";
    const Answer bob = join(id, body + "}");
    EXPECT_EQ(bob.status, 200) << bob.body;
    EXPECT_EQ(join(id, body + "}").member("code"), "invitation_refused") << "another device";
    const std::string back = body + R"(,"rejoin":")" + bob.member("rejoin") + "\"}";
    EXPECT_EQ(join(id, back).member("identity"), bob.member("identity"));
    EXPECT_NE(ask("GET", invitations, {{"Cookie", cookie}}).body.find("\"state\":\"used\""),
              std::string::npos);

    const Answer revoked = ask("POST", invitations, own_page(cookie), "{}");
    EXPECT_EQ(ask("DELETE", invitations + "/" + revoked.member("id"), own_page(cookie)).status, 204);
    const std::string late = R"({"name":"Eve","invitation":")" + revoked.member("secret") + "\"}";
    EXPECT_EQ(join(id, late).member("code"), "invitation_refused");
}

TEST_F(MeetingPlaneTest, ABreakIsDueBeforeTheNextMeeting) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie);
    in_store([&](store::Database& database) {
        return database.set_rest("acc1", {net::wall_now() + Duration::minutes(3), "another"});
    });
    const Answer due = join(id, "{}", cookie);
    EXPECT_EQ(due.status, 409);
    EXPECT_EQ(due.member("code"), "rest_required");
    EXPECT_EQ(due.member("rest_rule"), "discourage");
    EXPECT_EQ(join(id, R"({"emergency":"\u202e"})", cookie).status, 400) << "the reason is recorded";
    EXPECT_EQ(join(id, R"({"insist":true})", cookie).status, 200);
}

TEST_F(MeetingPlaneTest, AfterARestartEverythingIsAsItWas) {
    const std::string cookie = sign_in();
    const std::string id = create(cookie, R"(,"lobby":"nobody")");
    const Answer ada = join(id, "{}", cookie);
    const Answer bob = [&] {
        Page chair = page(id, cookie);
        chair.hello(ada.member("rejoin"));
        const Answer joined = join(id, R"({"name":"Bob"})");
        Page guest = page(id);
        guest.hello(joined.member("rejoin"));
        guest.send(R"({"id":2,"do":"raise_hand","reason":"question"})");
        guest.until("\"id\":2");
        return joined;
    }();
    // Another plane over the same record. The first one stays, for what the HTTP server may still call.
    until([&] { return meetings_->connections() == 0; });
    on_front([&] {
        before_ = std::move(meetings_);
        meetings_ = std::make_unique<MeetingPlane>(*front_);
        front_->meetings = meetings_.get();
    });
    Page chair = page(id, cookie);
    chair.hello(ada.member("rejoin"));
    EXPECT_NE(chair.seen.find(R"("role":"chair")"), std::string::npos) << chair.seen;
    EXPECT_NE(chair.seen.find(R"("queue":[{"person":")" + bob.member("identity")), std::string::npos)
        << chair.seen;
}

}  // namespace
}  // namespace conclave::server
