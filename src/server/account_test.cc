// What people do to their own account: sessions and password.
#include "crypto/password_hash.h"
#include "server/account_api.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

constexpr const char* kSessions = "/api/v1/account/sessions";
constexpr const char* kPassword = "Kx7#mQ2!vB9$";
constexpr const char* kNewPassword = "t9)Wd4&zRp0;";
constexpr const char* kFirefox =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0";
const account::Account kAda{"acc1", "Ada", account::Role::Agent, "ada@ville.fr"};
const account::Account kBob{"acc2", "Bob", account::Role::Agent, "bob@ville.fr"};

class AccountTest : public SiteTest {
 protected:
    AccountTest() {
        config_.limits.sign_ins_per_minute_per_address = 1000;
        start();
    }
    void give_password(const account::Account& account) {
        in_store([&](store::Database& database) -> Status {
            return database.set_password(account.id,
                                         TRY(crypto::hash_password(kPassword, kCheap, client_rng_)));
        });
    }
    // Another browser each time.
    std::string sign_in_with(const std::string& password) {
        const Answer answer = ask("POST", "/api/v1/sign-in/password", own_page(),
                                  R"({"email":"ada@ville.fr","password":")" + password + "\"}");
        return answer.header("set-cookie").substr(0, answer.header("set-cookie").find(';'));
    }
    bool is_signed_in(const std::string& cookie) {
        return ask("GET", "/api/v1/session", {{"Cookie", cookie}}).member("name") != "";
    }
    std::string sessions(const std::string& cookie) {
        return ask("GET", kSessions, {{"Cookie", cookie}}).body;
    }
    std::string own_id(const std::string& cookie) {
        const std::string list = sessions(cookie);
        const size_t at = list.find("\"current\":true");
        return list.substr(list.find("\"id\":\"", at) + 6, 32);
    }
    Answer end(const std::string& id, const std::string& cookie) {
        return ask("DELETE", std::string(kSessions) + "/" + id, own_page(cookie));
    }
    Answer change(const std::string& cookie, const std::string& current, const std::string& password) {
        return ask("PUT", "/api/v1/account/password", own_page(cookie),
                   R"({"current":")" + current + R"(","password":")" + password + "\"}");
    }
};

TEST_F(AccountTest, SessionsAreToldInPlainWordsAndThisOneIsMarked) {
    const std::string secret = link_for(kAda);
    Fields fields = own_page();
    fields.emplace_back("User-Agent", kFirefox);
    const Answer answer = ask("POST", "/api/v1/session", fields, R"({"secret":")" + secret + "\"}");
    const std::string first = answer.header("set-cookie").substr(0, answer.header("set-cookie").find(';'));
    const std::string second = sign_in(kAda);
    const std::string list = sessions(first);
    EXPECT_NE(list.find(R"("browser":"firefox")"), std::string::npos) << list;
    EXPECT_NE(list.find(R"("system":"windows")"), std::string::npos) << list;
    EXPECT_NE(list.find(R"("door":"link")"), std::string::npos) << list;
    EXPECT_EQ(list.find("127.0.0.1"), std::string::npos) << "no addresses";
    EXPECT_EQ(list.find("Mozilla"), std::string::npos);
    EXPECT_EQ(list.find("\"current\":true"), list.rfind("\"current\":true"));
    EXPECT_NE(own_id(first), own_id(second));
    EXPECT_EQ(list.find(first.substr(16)), std::string::npos) << "no secrets";
}

TEST_F(AccountTest, OneSessionOrAllOthersEndAtOnce) {
    const std::string a = sign_in(kAda), b = sign_in(kAda), c = sign_in(kAda), bob = sign_in(kBob);
    EXPECT_EQ(end(own_id(b), a).status, 204);
    EXPECT_FALSE(is_signed_in(b));
    EXPECT_EQ(end(own_id(a), bob).status, 404) << "another's";
    EXPECT_EQ(end("0123", a).status, 404);
    EXPECT_TRUE(is_signed_in(a) && is_signed_in(c));
    EXPECT_EQ(ask("DELETE", kSessions, own_page(a)).status, 204);
    EXPECT_TRUE(is_signed_in(a) && is_signed_in(bob));
    EXPECT_FALSE(is_signed_in(c));
}

TEST_F(AccountTest, TheOldPasswordIsAskedForAndAllOtherSessionsEnd) {
    const std::string link = link_for(kAda);
    give_password(kAda);
    const std::string here = sign_in_with(kPassword), there = sign_in_with(kPassword);
    EXPECT_EQ(change(here, "wrong", kNewPassword).member("code"), "wrong_password");
    EXPECT_EQ(change(here, "", kNewPassword).status, 403);
    EXPECT_TRUE(is_signed_in(there));
    EXPECT_EQ(change(here, kPassword, kNewPassword).status, 204);
    EXPECT_TRUE(is_signed_in(here));
    EXPECT_FALSE(is_signed_in(there));
    EXPECT_EQ(ask("POST", "/api/v1/session", own_page(), R"({"secret":")" + link + "\"}").status, 401)
        << "links that nobody used yet as well";
    EXPECT_FALSE(is_signed_in(sign_in_with(kPassword)));
    EXPECT_TRUE(is_signed_in(sign_in_with(kNewPassword)));
}

TEST_F(AccountTest, ANewPasswordKeepsToTheRules) {
    (void)link_for(kAda);
    give_password(kAda);
    const std::string cookie = sign_in_with(kPassword);
    EXPECT_EQ(change(cookie, kPassword, "short1!").member("code"), "password_too_weak");
    EXPECT_EQ(change(cookie, kPassword, std::string(257, 'x')).member("code"), "password_too_long");
    EXPECT_EQ(change(cookie, kPassword, R"(Kx7#mQ2!\u0007vB9$x)").member("code"), "password_not_text");
    EXPECT_EQ(ask("PUT", "/api/v1/account/password", own_page(cookie), "{}").status, 400);
    EXPECT_EQ(change(cookie, std::string(257, 'x'), kNewPassword).status, 400);
}

// Row A15: guessing goes no faster here than at the door, nor there than here.
TEST_F(AccountTest, A15_FailuresCountWithThoseOfTheSignIn) {
    (void)link_for(kAda);
    give_password(kAda);
    const std::string cookie = sign_in_with(kPassword);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(change(cookie, "wrong", kNewPassword).status, 403);
    const Answer answer = change(cookie, kPassword, kNewPassword);
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.header("retry-after"), "60");
    EXPECT_FALSE(is_signed_in(sign_in_with(kPassword)));
}

TEST_F(AccountTest, AFirstPasswordTakesAFreshSignIn) {
    const std::string cookie = sign_in(kAda);
    EXPECT_EQ(ask("GET", "/api/v1/account", {{"Cookie", cookie}}).member("password"), "set");
    in_store([&](store::Database& database) -> Status {
        account::Session old{.hash = {7}, .account_id = kAda.id};
        old.created_at = WallTime{net::wall_now().us - Duration::minutes(11).us};
        old.seen_at = net::wall_now();
        old.hash = *account::hash_of_secret(cookie.substr(16));
        TRY(database.delete_session(old.hash));
        TRY(database.start_session(old));
        return Ok{};
    });
    EXPECT_EQ(change(cookie, "", kNewPassword).member("code"), "fresh_sign_in_required");
    EXPECT_EQ(change(sign_in(kAda), "", kNewPassword).status, 204);
    EXPECT_TRUE(is_signed_in(sign_in_with(kNewPassword)));
}

TEST_F(AccountTest, WhomAProviderVouchesForSetsNone) {
    const std::string cookie = sign_in(kAda);
    in_store([](store::Database& database) { return database.set_subject(kAda.id, "https://op", "s"); });
    const Answer account = ask("GET", "/api/v1/account", {{"Cookie", cookie}});
    EXPECT_EQ(account.body,
              R"({"email":"ada@ville.fr","name":"Ada","password":"none","provider":null,"role":"agent"})");
    EXPECT_EQ(change(cookie, "", kNewPassword).member("code"), "password_not_allowed");
    give_password(kAda);
    EXPECT_EQ(change(cookie, kPassword, kNewPassword).status, 204) << "one that the operator gave";
}

class NoPasswordsTest : public SiteTest {
 protected:
    NoPasswordsTest() {
        config_.sign_in.passwords = false;
        start();
    }
};

TEST_F(NoPasswordsTest, WhereThereAreNoneNobodySetsOne) {
    const std::string cookie = sign_in(kAda);
    EXPECT_EQ(ask("GET", "/api/v1/account", {{"Cookie", cookie}}).member("password"), "none");
    EXPECT_EQ(ask("PUT", "/api/v1/account/password", own_page(cookie), R"({"password":"x"})").status, 404);
}

}  // namespace
}  // namespace conclave::server
