// The doors of agents: codes by e-mail.
#include "account/sign_in_code.h"

#include "server/test_site.h"

namespace conclave::server {
namespace {

constexpr const char* kAsk = "/api/v1/sign-in/code";
constexpr const char* kVerify = "/api/v1/sign-in/code/verify";

class CodeDoorTest : public SiteTest {
 protected:
    CodeDoorTest() {
        config_.sign_in.email_codes = true;
        config_.sign_in.email_domains = {"ville.fr", "region.fr"};
        config_.limits.sign_ins_per_minute_per_address = 1000;
        config_.http.public_url = "https://visio.ville.fr";
    }
    void open(bool creates = true) {
        config_.sign_in.create_accounts = creates;
        start();
        in_store([](store::Database& database) -> Status {
            TRY(database.insert_account({"acc1", "Ada", account::Role::Agent, "ada@ville.fr"},
                                        net::wall_now()));
            return database.insert_account({"acc2", "Eve", account::Role::Agent, "eve@elsewhere.fr"},
                                           net::wall_now());
        });
    }
    Answer ask_code(const std::string& email, const std::string& language = "fr", Fields more = {}) {
        Fields fields = own_page();
        fields.insert(fields.end(), more.begin(), more.end());
        return ask("POST", kAsk, fields,
                   R"({"email":")" + email + "\"" +
                       (language.empty() ? "" : R"(,"language":")" + language + "\"") + "}");
    }
    static std::string cookie_of(const Answer& answer) {
        const std::string cookie = answer.header("set-cookie");
        return cookie.substr(0, cookie.find(';'));
    }
    static std::string code_in(const std::string& mail) {
        const size_t at = mail.find("\r\n    ");
        return at == std::string::npos ? "" : mail.substr(at + 6, 9);
    }
    Answer verify(const std::string& code, const std::string& cookie) {
        return ask("POST", kVerify, own_page(cookie), R"({"code":")" + code + "\"}");
    }
};

TEST_F(CodeDoorTest, TheCodeOfTheMailSignsIn) {
    open();
    const Answer asked = ask_code("Ada@Ville.fr");
    EXPECT_EQ(asked.status, 202);
    EXPECT_EQ(asked.body, "");
    EXPECT_NE(asked.header("set-cookie").find("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"),
              std::string::npos);
    ASSERT_EQ(mails().size(), 1u);
    const std::string mail = mails()[0];
    EXPECT_NE(mail.find("To: <ada@ville.fr>\r\n"), std::string::npos);
    EXPECT_NE(mail.find("visio.ville.fr"), std::string::npos);
    const Answer in = verify(code_in(mail), cookie_of(asked));
    EXPECT_EQ(in.status, 200) << in.body;
    EXPECT_EQ(in.member("name"), "Ada");
    EXPECT_EQ(in.headers.count("set-cookie"), 2u) << "the session's, and the code's is cleared";
    EXPECT_EQ(verify(code_in(mail), cookie_of(asked)).member("code"), "code_expired") << "used up";
}

TEST_F(CodeDoorTest, ACodeIsWorthNothingOnAnotherBrowser) {
    open();
    const Answer victims = ask_code("ada@ville.fr");
    const std::string code = code_in(mails()[0]);
    EXPECT_EQ(verify(code, "").member("code"), "code_expired");
    EXPECT_EQ(verify(code, "__Host-conclave-code=" + std::string(43, 'A')).status, 401);
    const Answer attackers = ask_code("mallory@ville.fr");
    EXPECT_EQ(verify(code, cookie_of(attackers)).member("code"), "wrong_code");
    EXPECT_EQ(verify(code, cookie_of(victims)).status, 200);
}

// Row A15: whether there is an account, or may be one, shows in no answer.
TEST_F(CodeDoorTest, A15_EveryAddressIsAnsweredAlikeAndOnlyAllowedOnesGetMail) {
    open(false);
    in_store([](store::Database& database) -> Status {
        TRY(database.insert_account({"acc3", "Max", account::Role::Agent, "max@ville.fr"}, net::wall_now()));
        TRY(database.disable_account("acc3", net::wall_now()));
        return Ok{};
    });
    const Answer known = ask_code("ada@ville.fr");
    for (const char* email : {"nobody@ville.fr", "max@ville.fr", "eve@elsewhere.fr", "x@sub.ville.fr"}) {
        const Answer answer = ask_code(email);
        EXPECT_EQ(answer.status, 202) << email;
        EXPECT_EQ(answer.body, known.body);
        EXPECT_EQ(answer.headers.size(), known.headers.size());
        EXPECT_EQ(cookie_of(answer).size(), cookie_of(known).size());
        EXPECT_EQ(verify("00000000", cookie_of(answer)).member("code"), "wrong_code") << email;
    }
    EXPECT_EQ(mails().size(), 1u);
}

TEST_F(CodeDoorTest, AnAccountIsMadeAtTheFirstSignInOnlyWhenConfigured) {
    open(true);
    const Answer asked = ask_code("jean-paul.martin@region.fr");
    const Answer in = verify(code_in(mails()[0]), cookie_of(asked));
    EXPECT_EQ(in.status, 200) << in.body;
    EXPECT_EQ(in.member("name"), "Jean-Paul Martin");
    EXPECT_EQ(in.member("role"), "agent");
    const std::string id = in.member("id");
    const Answer again = ask_code("jean-paul.martin@region.fr");
    EXPECT_EQ(verify(code_in(mails().back()), cookie_of(again)).member("id"), id) << "the same account";
    EXPECT_EQ(ask_code("eve@elsewhere.fr").status, 202);
    EXPECT_EQ(mails().size(), 2u) << "an account does not open a domain";
}

TEST_F(CodeDoorTest, WhoWasDisabledMeanwhileStaysOut) {
    open();
    const Answer asked = ask_code("ada@ville.fr");
    const std::string code = code_in(mails()[0]);
    in_store([](store::Database& database) -> Status {
        TRY(database.disable_account("acc1", net::wall_now()));
        return Ok{};
    });
    EXPECT_EQ(verify(code, cookie_of(asked)).status, 401);
}

TEST_F(CodeDoorTest, FiveTriesUseACodeUp) {
    open();
    const Answer asked = ask_code("ada@ville.fr");
    const std::string code = code_in(mails()[0]);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(verify("1", cookie_of(asked)).member("code"), "wrong_code");
    EXPECT_EQ(verify("1", cookie_of(asked)).member("code"), "code_expired");
    EXPECT_EQ(verify(code, cookie_of(asked)).member("code"), "code_expired");
}

TEST_F(CodeDoorTest, OneMailboxGetsFiveMailsAnHourWhoeverAsks) {
    open();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask_code("ada@ville.fr").status, 202);
    EXPECT_EQ(ask_code("ADA@ville.fr").status, 429);
    EXPECT_EQ(ask_code("bob@ville.fr").status, 202);
    for (int i = 0; i < 5; ++i) (void)ask_code("nobody@elsewhere.fr");
    EXPECT_EQ(ask_code("nobody@elsewhere.fr").status, 429) << "also where no mail is sent";
    EXPECT_EQ(mails().size(), 6u);
}

TEST_F(CodeDoorTest, IsInThePagesLanguageElseInTheBrowsers) {
    open();
    (void)ask_code("ada@ville.fr", "en", {{"Accept-Language", "fr"}});
    (void)ask_code("ada@ville.fr", "", {{"Accept-Language", "de, en-GB;q=0.8, fr;q=0.5"}});
    (void)ask_code("ada@ville.fr", "xx", {{"Accept-Language", "de"}});
    const auto all = mails();
    ASSERT_EQ(all.size(), 3u);
    int english = 0;
    for (const std::string& mail : all)
        english += mail.find("Content-Language: en") != std::string::npos ? 1 : 0;
    EXPECT_EQ(english, 2);
}

TEST_F(CodeDoorTest, A19_WhatIsNoAddressReachesNoMail) {
    open();
    for (const char* email : {"", "ada", "ada@ville.fr\\r\\nBcc: eve@x.fr", "ada@ville.fr,eve@x.fr",
                              "<ada@ville.fr>", "ada @ville.fr", "eve@x.fr\\u0000@ville.fr"})
        EXPECT_EQ(ask_code(email).status, 400) << email;
    EXPECT_TRUE(mails().empty());
    EXPECT_EQ(ask("POST", kAsk, {{"Origin", "https://evil.example"}, {"Content-Type", "application/json"}},
                  R"({"email":"ada@ville.fr"})")
                  .status,
              403);
    EXPECT_EQ(ask("GET", kAsk).status, 405);
    EXPECT_EQ(ask("POST", kVerify, own_page(), "{}").status, 400);
}

TEST_F(CodeDoorTest, TheMailSaysItAll) {
    for (const Language language : {Language::French, Language::English}) {
        const MailText mail = code_mail(language, "12345678", "visio.ville.fr");
        EXPECT_NE(mail.subject.find("1234 5678"), std::string::npos);
        EXPECT_NE(mail.text.find("\n    1234 5678\n"), std::string::npos);
        EXPECT_NE(mail.text.find("visio.ville.fr"), std::string::npos);
    }
    start();
}

}  // namespace
}  // namespace conclave::server
