// Planned meetings and mailed invitations over the REST API, with the spool for a mail server.
#include "base/base64.h"
#include "base/text.h"
#include "server/letters.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

constexpr int64_t kHour = 3'600'000;
constexpr int64_t kMinute = 60'000;

class PlanningTest : public SiteTest {
 protected:
    PlanningTest() {
        config_.sign_in.email_codes = true;  // mail goes into the spool
        config_.http.public_url = "https://visio.ville.fr";
    }
    void open(policy::RestRule rule = policy::RestRule::Discourage) {
        config_.meetings.rest_rule = rule;
        start();
        ada_ = sign_in({"acc1", "Ada", account::Role::Agent, "ada@ville.fr"});
        bob_ = sign_in({"acc2", "Bob", account::Role::Agent, "bob@ville.fr"});
        // A full hour, two days ahead.
        noon_ = (net::wall_now().unix_ms() / kHour + 48) * kHour;
    }
    static std::string plan_json(int64_t begin, const std::string& more = {}) {
        return R"({"begins_at":)" + std::to_string(begin) + R"(,"zone":"Europe/Paris","utc_offset":3600000)" +
               more + "}";
    }
    Answer create(const std::string& cookie, int64_t begin, const std::string& more = {}) {
        return ask("POST", "/api/v1/meetings", own_page(cookie),
                   R"({"title":"Budget","lobby":"nobody","plan":)" + plan_json(begin, more) + "}");
    }
    Answer invite(const std::string& cookie, const std::string& id, const std::string& emails,
                  const std::string& more = {}) {
        return ask("POST", "/api/v1/meetings/" + id + "/invitation-mails", own_page(cookie),
                   R"({"emails":[)" + emails + "]" + more + "}");
    }
    Answer list(const std::string& cookie) { return ask("GET", "/api/v1/meetings", {{"Cookie", cookie}}); }
    std::string mail_to(const std::string& email) {
        for (const std::string& mail : mails()) {
            if (mail.find("To: <" + email + ">") != std::string::npos) return mail;
        }
        return {};
    }
    // The calendar's text, unfolded.
    static std::string calendar_of(const std::string& mail) {
        const size_t part = mail.find("text/calendar");
        if (part == std::string::npos) return {};
        const size_t begin = mail.find("\r\n\r\n", part) + 4;
        std::string lines = mail.substr(begin, mail.find("--=_", begin) - begin);
        std::erase_if(lines, [](char c) { return c == '\r' || c == '\n'; });
        std::string text(as_text(*base64_decode(lines)));
        for (size_t fold = 0; (fold = text.find("\r\n ", fold)) != std::string::npos;) text.erase(fold, 3);
        return text;
    }
    static std::string secret_in(const std::string& calendar) {
        const size_t hash = calendar.find('#');
        return hash == std::string::npos ? "" : calendar.substr(hash + 1, 43);
    }

    std::string ada_, bob_;
    int64_t noon_ = 0;
};

TEST_F(PlanningTest, APlanIsListedWithItsTime) {
    open();
    const Answer created = create(ada_, noon_);
    ASSERT_EQ(created.status, 201) << created.body;
    const std::string body = list(ada_).body;
    EXPECT_NE(body.find("\"begins_at\":" + std::to_string(noon_)), std::string::npos) << body;
    EXPECT_NE(body.find("\"own\":true"), std::string::npos);
    EXPECT_EQ(body.find("\"people\""), std::string::npos) << "nobody is in it";
    EXPECT_NE(body.find("\"rest_rule\":\"discourage\""), std::string::npos);
    EXPECT_EQ(list(bob_).body.find("Budget"), std::string::npos);
}

TEST_F(PlanningTest, BackToBackIsRefusedWithTheNextSlot) {
    open();
    ASSERT_EQ(create(ada_, noon_).status, 201);
    const Answer close = create(ada_, noon_ + 44 * kMinute);
    EXPECT_EQ(close.status, 409);
    EXPECT_EQ(close.member("code"), "plan_too_close");
    EXPECT_NE(close.body.find("\"next_slot\":" + std::to_string(noon_ + kHour)), std::string::npos)
        << close.body;
    EXPECT_EQ(create(ada_, noon_ + 45 * kMinute).status, 201) << "five minutes of break";
    EXPECT_EQ(create(bob_, noon_).status, 201) << "another person's time";
}

TEST_F(PlanningTest, TheRuleOfTheBreakSaysHowBindingItIs) {
    open();
    ASSERT_EQ(create(ada_, noon_).status, 201);
    const Answer insisted = create(ada_, noon_ + 40 * kMinute, R"(,"insist":true)");
    EXPECT_EQ(insisted.status, 201);
    EXPECT_NE(insisted.body.find("\"too_close\":true"), std::string::npos);
}

TEST_F(PlanningTest, ABlockingRuleHearsNoInsisting) {
    open(policy::RestRule::Block);
    ASSERT_EQ(create(ada_, noon_).status, 201);
    EXPECT_EQ(create(ada_, noon_, R"(,"insist":true)").member("code"), "plan_too_close");
}

TEST_F(PlanningTest, WhatCannotBePlannedHasItsName) {
    open();
    EXPECT_EQ(create(ada_, noon_ - 72 * kHour).member("code"), "plan_in_past");
    EXPECT_EQ(create(ada_, noon_ + 366 * 24 * kHour).member("code"), "plan_too_far");
    EXPECT_EQ(create(ada_, noon_ + 1).member("code"), "bad_request");
    EXPECT_EQ(create(ada_, noon_, R"(,"length":3600000)").member("code"), "meeting_too_long");
    EXPECT_EQ(ask("POST", "/api/v1/meetings", own_page(ada_),
                  R"({"title":"x","plan":{"begins_at":)" + std::to_string(noon_) + R"(,"zone":"a b"}})")
                  .member("code"),
              "bad_request");
    EXPECT_EQ(ask("POST", "/api/v1/meetings", own_page(ada_), R"({"title":"x","plan":{}})").member("code"),
              "bad_request");
    EXPECT_EQ(list(ada_).body.find("\"id\""), std::string::npos) << "nothing was made";
}

TEST_F(PlanningTest, SlotsAreFreeForWhoeverAsks) {
    open();
    ASSERT_EQ(create(ada_, noon_ + kHour).status, 201);
    const std::string query = "/api/v1/slots?from=" + std::to_string(noon_) +
                              "&until=" + std::to_string(noon_ + 3 * kHour) + "&utc_offset=3600000";
    const std::string expected = R"({"length":2400000,"slots":[)" + std::to_string(noon_) + "," +
                                 std::to_string(noon_ + 2 * kHour) + "]}";
    EXPECT_EQ(ask("GET", query, {{"Cookie", ada_}}).body, expected);
    EXPECT_EQ(ask("GET", query).member("code"), "sign_in_required");
    EXPECT_EQ(ask("GET", "/api/v1/slots?from=x", {{"Cookie", ada_}}).member("code"), "bad_request");
    EXPECT_EQ(ask("GET", query + "&length=1", {{"Cookie", ada_}}).member("code"), "meeting_too_short");
    EXPECT_EQ(ask("POST", "/api/v1/slots", own_page(ada_), "{}").status, 405);
}

TEST_F(PlanningTest, OnlyItsOwnerMovesAMeeting) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    const std::string path = "/api/v1/meetings/" + id + "/plan";
    EXPECT_EQ(ask("PUT", path, own_page(bob_), plan_json(noon_ + kHour)).member("code"), "not_owner");
    const Answer moved =
        ask("PUT", path, own_page(ada_), plan_json(noon_ + 20 * kMinute, R"(,"length":1500000)"));
    ASSERT_EQ(moved.status, 200) << "its own time is no hindrance: " << moved.body;
    EXPECT_NE(list(ada_).body.find("\"length\":1500000"), std::string::npos);
    EXPECT_EQ(
        ask("PUT", "/api/v1/meetings/00000-00000-00000-00000/plan", own_page(ada_), plan_json(noon_)).status,
        404);
}

TEST_F(PlanningTest, AFileForTheCalendarSaysWhatTheLinkSays) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    const Answer file = ask("GET", "/api/v1/meetings/" + id + "/calendar.ics");
    ASSERT_EQ(file.status, 200);
    EXPECT_EQ(file.header("content-type"), "text/calendar; charset=utf-8; method=PUBLISH");
    EXPECT_NE(file.body.find("UID:" + id + "@visio.ville.fr\r\n"), std::string::npos) << file.body;
    EXPECT_NE(file.body.find("SEQUENCE:0\r\n"), std::string::npos);
    EXPECT_EQ(file.body.find("ada@"), std::string::npos);
    const std::string open_id = create_meeting(ada_);
    EXPECT_EQ(ask("GET", "/api/v1/meetings/" + open_id + "/calendar.ics").member("code"), "no_such_thing");
}

TEST_F(PlanningTest, AnInvitedAgentHasTheMeetingInTheirList) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    EXPECT_EQ(invite(ada_, id, R"("bob@ville.fr")").body,
              R"({"outcomes":[{"email":"bob@ville.fr","outcome":"sent"}]})");
    EXPECT_NE(list(bob_).body.find("\"own\":false"), std::string::npos);
    const std::string mail = mail_to("bob@ville.fr");
    const std::string calendar = calendar_of(mail);
    EXPECT_NE(calendar.find("URL:https://visio.ville.fr/m/" + id + "\r\n"), std::string::npos) << calendar;
    EXPECT_EQ(calendar.find('#'), std::string::npos) << "no secret for whoever signs in";
    EXPECT_NE(calendar.find("mailto:ada@ville.fr"), std::string::npos);

    EXPECT_EQ(create(bob_, noon_ + 30 * kMinute).member("code"), "plan_too_close") << "their time is taken";
    const std::string other = create(ada_, noon_ + 2 * kHour).member("id");
    ASSERT_EQ(create(bob_, noon_ + 3 * kHour).status, 201);
    EXPECT_EQ(ask("PUT", "/api/v1/meetings/" + id + "/plan", own_page(ada_), plan_json(noon_ + 3 * kHour))
                  .member("code"),
              "plan_too_close")
        << "of everybody invited";
    EXPECT_EQ(other.size(), id.size());
}

TEST_F(PlanningTest, AnAgentWhoWouldHaveNoBreakIsAskedOnlyOnInsisting) {
    open();
    ASSERT_EQ(create(bob_, noon_ + 40 * kMinute).status, 201);
    const std::string id = create(ada_, noon_).member("id");
    EXPECT_NE(invite(ada_, id, R"("bob@ville.fr")").body.find("\"busy\""), std::string::npos);
    EXPECT_TRUE(mails().empty());
    EXPECT_NE(invite(ada_, id, R"("bob@ville.fr")", R"(,"insist":true)").body.find("\"sent\""),
              std::string::npos);
}

// Each guest's letter opens the meeting once, on one device, and names no other guest.
TEST_F(PlanningTest, AGuestsLetterHoldsTheirOwnLinkAlone) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    ASSERT_EQ(invite(ada_, id, R"("eve@ailleurs.fr","Max@Ailleurs.fr")", R"(,"language":"en")").status, 200);
    const std::string eve = mail_to("eve@ailleurs.fr");
    const std::string max = mail_to("max@ailleurs.fr");
    EXPECT_NE(eve.find("Content-Language: en"), std::string::npos);
    EXPECT_NE(eve.find("method=REQUEST"), std::string::npos);
    const std::string secret = secret_in(calendar_of(eve));
    EXPECT_EQ(secret.size(), 43u);
    EXPECT_NE(secret, secret_in(calendar_of(max)));
    EXPECT_EQ(max.find("eve"), std::string::npos);
    EXPECT_EQ(calendar_of(max).find("eve"), std::string::npos);

    // Begun by its owner, who chairs it.
    const Answer chair = join(id, "{}", ada_);
    ASSERT_EQ(chair.status, 200) << chair.body;
    const std::string body = R"({"name":"Eve","invitation":")" + secret + "\"}";
    EXPECT_EQ(join(id, body).status, 200);
    EXPECT_EQ(join(id, body).member("code"), "invitation_refused") << "a second device";
    const std::string shown = ask("GET", "/api/v1/meetings/" + id + "/invitations", {{"Cookie", ada_}}).body;
    EXPECT_NE(shown.find("\"used_by\":\"Eve\""), std::string::npos) << shown;
    EXPECT_EQ(shown.find(secret), std::string::npos);
    EXPECT_NE(shown.find("\"can_mail\":true"), std::string::npos);
}

TEST_F(PlanningTest, MovingAndCancellingIsToldToAllWhoWereInvited) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    ASSERT_EQ(invite(ada_, id, R"("eve@ailleurs.fr")").status, 200);
    const std::string secret = secret_in(calendar_of(mails().at(0)));
    ASSERT_EQ(ask("PUT", "/api/v1/meetings/" + id + "/plan", own_page(ada_), plan_json(noon_ + kHour)).status,
              200);
    ASSERT_EQ(mails().size(), 2u);
    std::string texts;
    for (const std::string& mail : mails()) {
        texts += calendar_of(mail);
        EXPECT_EQ(secret_in(calendar_of(mail)), secret) << "the link in the change is the one they know";
    }
    EXPECT_NE(texts.find("SEQUENCE:1\r\n"), std::string::npos) << texts;

    EXPECT_EQ(ask("DELETE", "/api/v1/meetings/" + id, own_page(ada_)).status, 204);
    ASSERT_EQ(mails().size(), 3u);
    texts.clear();
    for (const std::string& mail : mails()) texts += calendar_of(mail);
    EXPECT_NE(texts.find("METHOD:CANCEL"), std::string::npos);
    EXPECT_NE(texts.find("SEQUENCE:2\r\n"), std::string::npos);
    EXPECT_EQ(create(ada_, noon_ + kHour).status, 201) << "the time is free again";
}

TEST_F(PlanningTest, WhoseInvitationIsWithdrawnIsTold) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    ASSERT_EQ(invite(ada_, id, R"("bob@ville.fr")").status, 200);
    const std::string invitations = "/api/v1/meetings/" + id + "/invitations";
    const Answer shown = ask("GET", invitations, {{"Cookie", ada_}});
    EXPECT_EQ(ask("DELETE", invitations + "/" + shown.member("id"), own_page(ada_)).status, 204);
    EXPECT_EQ(mails().size(), 2u);
    EXPECT_EQ(list(bob_).body.find("Budget"), std::string::npos);
    EXPECT_NE(ask("GET", invitations, {{"Cookie", ada_}}).body.find("\"revoked\""), std::string::npos);
}

TEST_F(PlanningTest, A7_OnlyWhoMayInviteMails) {
    open();
    const std::string id = create(ada_, noon_).member("id");
    EXPECT_EQ(invite("", id, R"("eve@ailleurs.fr")").member("code"), "sign_in_required");
    EXPECT_EQ(invite(bob_, id, R"("eve@ailleurs.fr")").member("code"), "not_in_meeting");
    EXPECT_TRUE(mails().empty());
}

TEST_F(PlanningTest, AddressesAreCheckedAndCounted) {
    config_.limits.mails_per_hour_per_account = 55;
    open();
    const std::string id = create(ada_, noon_).member("id");
    EXPECT_EQ(invite(ada_, id, "").member("code"), "bad_request");
    EXPECT_EQ(invite(ada_, id, R"("eve@ailleurs.fr\r\nBcc: x@y.fr","x","ada@ville.fr")").body,
              R"({"outcomes":[{"email":"eve@ailleurs.fr\r\nBcc: x@y.fr","outcome":"bad_address"},)"
              R"({"email":"x","outcome":"bad_address"},{"email":"ada@ville.fr","outcome":"already"}]})");
    EXPECT_TRUE(mails().empty());
    std::string many = "\"g0@ailleurs.fr\"";
    for (int i = 1; i < 50; ++i) many += ",\"g" + std::to_string(i) + "@ailleurs.fr\"";
    EXPECT_EQ(invite(ada_, id, many + ",\"g50@ailleurs.fr\"").member("code"), "too_much");
    EXPECT_EQ(invite(ada_, id, many).status, 200);
    EXPECT_EQ(mails().size(), 50u);
    EXPECT_EQ(invite(ada_, id, R"("a@ailleurs.fr","b@ailleurs.fr","c@ailleurs.fr")").status, 429);
    EXPECT_NE(invite(ada_, create_meeting(bob_), R"("eve@ailleurs.fr")").status, 200);
}

TEST(Letters, ALongTitleIsCutInTheSubjectAndWholeInTheText) {
    std::string title;
    for (int i = 0; i < 200; ++i) title += "é";
    Letter letter;
    letter.title = title;
    const MailText mail = text_of(letter);
    EXPECT_LE(mail.subject.size(), wire::kMailLineMax);
    EXPECT_TRUE(is_utf8(mail.subject));
    EXPECT_TRUE(mail.subject.ends_with("é…"));
    EXPECT_NE(mail.text.find(title), std::string::npos);
}

TEST(Letters, TheTimeIsThatOfThePlace) {
    const meeting::PlannedTime plan{
        .begin = WallTime::from_unix_seconds(1'798'759'800),  // 2026-12-31 23:30 UTC
        .length = Duration::minutes(40),
        .utc_offset = Duration::minutes(60),
        .zone = "Europe/Paris"};
    EXPECT_EQ(text_of(plan, Language::French), "vendredi 1er janvier 2027, 00:30 (Europe/Paris)");
    EXPECT_EQ(text_of(plan, Language::English), "Friday 1 January 2027, 00:30 (Europe/Paris)");
}

TEST(Letters, WithoutAPlanThereIsNoCalendar) {
    const MailText text = text_of(Letter{.title = "Budget",
                                         .link = "https://x/m/a#s",
                                         .is_personal = true,
                                         .host = {"Ada", "ada@ville.fr"},
                                         .guest = "eve@x.fr"});
    EXPECT_FALSE(text.calendar);
    EXPECT_EQ(text.subject, "Invitation : Budget");
    EXPECT_NE(text.text.find("https://x/m/a#s"), std::string::npos);
    EXPECT_NE(text.text.find("Ada (ada@ville.fr)"), std::string::npos);
}

}  // namespace
}  // namespace conclave::server
