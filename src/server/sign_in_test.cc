// The doors of agents: passwords.
#include "crypto/password_hash.h"
#include "server/test_site.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

constexpr const char* kPath = "/api/v1/sign-in/password";
constexpr const char* kPassword = "Kx7#mQ2!vB9$";

class PasswordDoorTest : public SiteTest {
 protected:
    PasswordDoorTest() {
        config_.limits.sign_ins_per_minute_per_address = 1000;
        start();
        in_store([this](store::Database& database) -> Status {
            TRY(database.insert_account({"acc1", "Ada", account::Role::Agent, "ada@ville.fr"},
                                        net::wall_now()));
            TRY(database.insert_account({"acc2", "Bob", account::Role::Agent, "bob@ville.fr"},
                                        net::wall_now()));
            const std::string hash = TRY(crypto::hash_password(kPassword, kCheap, client_rng_));
            return database.set_password("acc1", hash);
        });
    }
    Answer sign_in_as(const std::string& email, const std::string& password, const std::string& cookie = {}) {
        return ask("POST", kPath, own_page(cookie),
                   R"({"email":")" + email + R"(","password":")" + password + "\"}");
    }
};

TEST_F(PasswordDoorTest, TheRightOneSignsIn) {
    const Answer answer = sign_in_as(" ADA@ville.fr ", kPassword);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, R"({"account":{"id":"acc1","name":"Ada","role":"agent"}})");
    const std::string cookie = answer.header("set-cookie");
    EXPECT_NE(cookie.find("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800"), std::string::npos);
    const std::string own = cookie.substr(0, cookie.find(';'));
    EXPECT_EQ(ask("GET", "/api/v1/session", {{"Cookie", own}}).member("name"), "Ada");
    EXPECT_EQ(sign_in_as("ada@ville.fr", kPassword, own).status, 200);
    EXPECT_EQ(ask("GET", "/api/v1/session", {{"Cookie", own}}).body, R"({"account":null})")
        << "one browser, one session";
}

// Row A15: who is there and who is not cannot be told apart.
TEST_F(PasswordDoorTest, A15_WrongUnknownDisabledAndPasswordlessAnswerAlike) {
    in_store([](store::Database& database) -> Status {
        TRY(database.insert_account({"acc3", "Eve", account::Role::Agent, "eve@ville.fr"}, net::wall_now()));
        TRY(database.set_password("acc3", (*database.credentials("ada@ville.fr"))->password));
        TRY(database.disable_account("acc3", net::wall_now()));
        return Ok{};
    });
    const Answer wrong = sign_in_as("ada@ville.fr", "wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.member("code"), "wrong_credentials");
    for (const auto& [email, password] : {std::pair{"nobody@ville.fr", kPassword},
                                          {"bob@ville.fr", kPassword},
                                          {"bob@ville.fr", ""},
                                          {"eve@ville.fr", kPassword},
                                          {"no address", kPassword},
                                          {"", kPassword}}) {
        const Answer answer = sign_in_as(email, password);
        EXPECT_EQ(answer.status, 401) << email;
        EXPECT_EQ(answer.body, wrong.body) << email;
        EXPECT_EQ(answer.headers.size(), wrong.headers.size()) << email;
    }
    EXPECT_EQ(wrong.header("set-cookie"), "");
}

TEST_F(PasswordDoorTest, A15_AfterFiveFailuresOneWaitsWhetherOrNotThereIsAnAccount) {
    for (const char* email : {"ada@ville.fr", "nobody@ville.fr"}) {
        for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in_as(email, "wrong").status, 401);
        const Answer answer = sign_in_as(email, kPassword);
        EXPECT_EQ(answer.status, 429) << email;
        EXPECT_EQ(answer.member("code"), "too_many_attempts");
        EXPECT_EQ(answer.header("retry-after"), "60");
        EXPECT_EQ(answer.header("set-cookie"), "");
    }
    EXPECT_EQ(sign_in_as("bob@ville.fr", "x").status, 401) << "others do not wait";
}

TEST_F(PasswordDoorTest, SuccessForgetsTheFailuresBefore) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) EXPECT_EQ(sign_in_as("ada@ville.fr", "wrong").status, 401);
        EXPECT_EQ(sign_in_as("ada@ville.fr", kPassword).status, 200);
    }
}

// Row A15: many at once cost no more than the pool has threads, and nobody else waits for them.
TEST_F(PasswordDoorTest, A15_AFullPoolRefusesSignInsAndNothingElse) {
    const std::string meeting = create_meeting(sign_in());
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    on_front([&] {
        while (hashing_->run([opened] { opened.wait(); }, [] {})) {
        }
    });
    for (int i = 0; i < 10; ++i) {
        const Answer answer = sign_in_as("ada@ville.fr", kPassword);
        EXPECT_EQ(answer.status, 503);
        EXPECT_EQ(answer.member("code"), "sign_in_busy");
        EXPECT_EQ(answer.header("retry-after"), "5");
    }
    EXPECT_EQ(join(meeting, R"({"name":"Bob"})").status, 200);
    gate.set_value();
    until([&] { return hashing_->run([] {}, [] {}); });
    EXPECT_EQ(sign_in_as("ada@ville.fr", kPassword).status, 200) << "what was not tried does not count";
}

TEST_F(PasswordDoorTest, BodiesThatAreNoSuchObjectAreRefusedUnhashed) {
    for (const char* body : {"{}", "[]", R"({"email":"a@b.fr"})", R"({"password":"x"})",
                             R"({"email":1,"password":"x"})", R"({"email":"a@b.fr","password":null})"})
        EXPECT_EQ(ask("POST", kPath, own_page(), body).status, 400) << body;
    EXPECT_EQ(sign_in_as("ada@ville.fr", std::string(257, 'x')).status, 400);
}

TEST_F(PasswordDoorTest, A12_AnotherSiteCannotSignSomebodyIn) {
    const std::string body = std::string(R"({"email":"ada@ville.fr","password":")") + kPassword + "\"}";
    EXPECT_EQ(
        ask("POST", kPath, {{"Origin", "https://evil.example"}, {"Content-Type", "application/json"}}, body)
            .status,
        403);
    EXPECT_EQ(ask("GET", kPath).status, 405);
}

TEST_F(PasswordDoorTest, TheDoorsThereAreAreToldAndOthersAreClosed) {
    EXPECT_EQ(ask("GET", "/api/v1/sign-in").body,
              R"({"email_code":false,"password":true,"single_sign_on":null})");
    EXPECT_EQ(ask("POST", "/api/v1/sign-in", own_page(), "{}").status, 405);
    EXPECT_EQ(ask("GET", "/api/v1/sign-in/other").status, 404);
    EXPECT_EQ(ask("GET", "/api/v1/sign-inother").status, 404);
}

class ClosedDoorTest : public SiteTest {
 protected:
    ClosedDoorTest() {
        config_.sign_in.passwords = false;
        config_.limits.sign_ins_per_minute_per_address = 2;
        start();
    }
};

TEST_F(ClosedDoorTest, ADoorThatIsNotConfiguredDoesNotExist) {
    EXPECT_EQ(ask("GET", "/api/v1/sign-in").body,
              R"({"email_code":false,"password":false,"single_sign_on":null})");
    EXPECT_EQ(ask("POST", kPath, own_page(), R"({"email":"a@b.fr","password":"x"})").status, 404);
}

class LimitedDoorTest : public SiteTest {
 protected:
    LimitedDoorTest() {
        config_.limits.sign_ins_per_minute_per_address = 2;
        start();
    }
};

TEST_F(LimitedDoorTest, OneAddressTriesAFewTimesAMinuteWhateverTheNames) {
    for (int i = 0; i < 3; ++i) {
        const std::string body = R"({"email":"u)" + std::to_string(i) + R"(@b.fr","password":"x"})";
        EXPECT_EQ(ask("POST", kPath, own_page(), body).status, i < 2 ? 401 : 429);
    }
}

// Row A11: wherever the text comes from, one lands on this site.
TEST(WebRulesNext, A11_LeadsToOwnPagesOnly) {
    EXPECT_EQ(own_path("/m/Ab3-_9"), "/m/Ab3-_9");
    for (const char* next : {"",
                             "/",
                             "//evil.example",
                             "/\\evil.example",
                             "\\evil.example",
                             "\\\\evil.example",
                             "https:evil.example",
                             "https://evil.example/m/abc",
                             "javascript:alert(1)",
                             "m/abc",
                             "/m/",
                             "/m//evil.example",
                             "/m/a/b",
                             "/m/../x",
                             "/m/a?x",
                             "/m/a#x",
                             "/m/a\r\nX: y",
                             "/m/a b",
                             "/m/\xc3\xa9",
                             "/sign-in",
                             "/api/v1/session",
                             " /m/abc",
                             "/M/abc"})
        EXPECT_EQ(own_path(next), "/") << next;
    EXPECT_EQ(own_path("/m/" + std::string(65, 'a')), "/");
}

TEST(KeysFlow, AWayToTheProviderExpiresAndIsNothingElse) {
    SeededRng rng(1);
    const Keys keys(std::string(kMasterKeyBytes, 'a'), rng);
    const Keys others(std::string(kMasterKeyBytes, 'b'), rng);
    const WallTime now = WallTime::from_unix_seconds(1'800'000'000);
    const account::oidc::Flow flow = account::oidc::make_flow(rng, "/m/abc");
    const std::string token = keys.sign_flow(flow, now);
    const auto back = keys.verify_flow(token, now);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->state, flow.state);
    EXPECT_EQ(back->nonce, flow.nonce);
    EXPECT_EQ(back->verifier, flow.verifier);
    EXPECT_EQ(back->next, "/m/abc");
    EXPECT_FALSE(keys.verify_flow(token, now + account::oidc::kFlowLifetime));
    EXPECT_FALSE(others.verify_flow(token, now));
    EXPECT_FALSE(keys.verify_rejoin(token, now));
    EXPECT_FALSE(keys.verify_flow(keys.sign_rejoin({"room", "guest-1", "Bob", ""}, now), now));
    EXPECT_FALSE(keys.verify_flow("", now));
}

}  // namespace
}  // namespace conclave::server
