#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "store/migrations.h"
#include "store/store.h"

namespace conclave::store {
namespace {

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
constexpr Duration kHour = Duration::minutes(60);
const account::Account kAda{"a1", "Ada", account::Role::Administrator, "ada@ville.fr"};
const account::Account kBob{"a2", "Bob", account::Role::Agent, ""};

class AccountsTest : public testing::Test {
 protected:
    AccountsTest() {
        std::string pattern = testing::TempDir() + "accounts_test_XXXXXX";
        directory_ = mkdtemp(pattern.data());
        database_ = open();
        EXPECT_TRUE(database_->insert_account(kAda, kNow));
        EXPECT_TRUE(database_->insert_account(kBob, kNow));
    }
    ~AccountsTest() override { std::filesystem::remove_all(directory_); }

    std::unique_ptr<Database> open() { return std::move(*Database::open(directory_ + "/conclave.db")); }
    bool is_in(uint8_t session) {
        return (*database_->account_of_session(hash(session), rules_, kNow)).has_value();
    }
    static account::SecretHash hash(uint8_t fill) {
        account::SecretHash h;
        h.fill(fill);
        return h;
    }
    bool start(uint8_t session, const std::string& account,
               account::DoorKind door = account::DoorKind::Password, const std::string& sid = "") {
        return *database_->start_session({hash(session), account, kNow, kNow, door, sid});
    }

    std::string directory_;
    std::unique_ptr<Database> database_;
    const account::SessionRules rules_;
};

TEST_F(AccountsTest, AreFoundByTheirAddress) {
    EXPECT_EQ((*database_->account_by_email("ada@ville.fr"))->id, "a1");
    EXPECT_FALSE(*database_->account_by_email("ADA@ville.fr")) << "callers fold";
    EXPECT_FALSE(*database_->account_by_email("")) << "nobody, though Bob has none";
    ASSERT_TRUE(database_->set_email("a2", "bob@ville.fr"));
    EXPECT_EQ((*database_->account_by_email("bob@ville.fr"))->name, "Bob");
    ASSERT_TRUE(database_->set_email("a2", ""));
    EXPECT_FALSE(*database_->account_by_email("bob@ville.fr"));
}

TEST_F(AccountsTest, AnAddressAndASubjectBelongToOneAccount) {
    EXPECT_FALSE(database_->insert_account({"a3", "Eve", account::Role::Agent, "ada@ville.fr"}, kNow));
    EXPECT_FALSE(database_->set_email("a2", "ada@ville.fr"));
    ASSERT_TRUE(database_->set_subject("a1", "https://op", "s1"));
    EXPECT_FALSE(database_->set_subject("a2", "https://op", "s1"));
    EXPECT_TRUE(database_->set_subject("a2", "https://other", "s1"));
    EXPECT_EQ((*database_->account_of_subject("https://op", "s1"))->id, "a1");
    EXPECT_EQ((*database_->account_of_subject("https://other", "s1"))->id, "a2");
    EXPECT_FALSE(*database_->account_of_subject("https://op", "s2"));
}

TEST_F(AccountsTest, CredentialsAreThoseOfWhoMaySignIn) {
    EXPECT_FALSE(*database_->credentials("ada@ville.fr")) << "no password";
    ASSERT_TRUE(database_->set_password("a1", "$hash"));
    EXPECT_EQ((*database_->credentials("ada@ville.fr"))->password, "$hash");
    EXPECT_EQ((*database_->credentials("ada@ville.fr"))->account.id, "a1");
    ASSERT_TRUE(*database_->disable_account("a1", kNow));
    EXPECT_FALSE(*database_->credentials("ada@ville.fr"));
    ASSERT_TRUE(*database_->enable_account("a1"));
    EXPECT_TRUE(*database_->credentials("ada@ville.fr"));
}

TEST_F(AccountsTest, DisablingClosesEveryDoor) {
    ASSERT_TRUE(start(1, "a1"));
    ASSERT_TRUE(start(2, "a2"));
    ASSERT_TRUE(database_->insert_sign_in_link({hash(3), "a1", kNow + kHour}));
    EXPECT_TRUE(*database_->disable_account("a1", kNow));
    EXPECT_FALSE(*database_->disable_account("a1", kNow)) << "it is already";
    EXPECT_FALSE(is_in(1));
    EXPECT_TRUE(is_in(2));
    EXPECT_FALSE(*database_->redeem_sign_in_link(
        hash(3), {.hash = hash(4), .created_at = kNow, .seen_at = kNow}, kNow));
    EXPECT_FALSE(start(5, "a1"));
    ASSERT_TRUE(database_->insert_sign_in_link({hash(6), "a1", kNow + kHour}));
    EXPECT_FALSE(*database_->redeem_sign_in_link(
        hash(6), {.hash = hash(7), .created_at = kNow, .seen_at = kNow}, kNow));
    EXPECT_TRUE(*database_->enable_account("a1"));
    EXPECT_FALSE(*database_->enable_account("a1"));
    EXPECT_FALSE(is_in(1)) << "what was ended stays ended";
    EXPECT_TRUE(start(8, "a1"));
    EXPECT_FALSE(start(9, "nobody"));
}

// The command line beside a running server: two connections to one file.
TEST_F(AccountsTest, WhatAnotherProcessRevokedIsRefusedByTheNextQuestion) {
    ASSERT_TRUE(start(1, "a1"));
    ASSERT_TRUE(is_in(1));
    const auto other = open();
    EXPECT_EQ(*other->delete_sessions_of("a1"), 1);
    EXPECT_FALSE(is_in(1));
    ASSERT_TRUE(start(2, "a1"));
    ASSERT_TRUE(*other->disable_account("a1", kNow));
    EXPECT_FALSE(is_in(2));
}

TEST_F(AccountsTest, SessionsAreListedNewestFirst) {
    ASSERT_TRUE(start(1, "a1", account::DoorKind::Code));
    ASSERT_TRUE(*database_->start_session({hash(2), "a1", kNow + kHour, kNow + kHour}));
    ASSERT_TRUE(start(3, "a2"));
    const auto sessions = *database_->sessions_of("a1");
    ASSERT_EQ(sessions.size(), 2u);
    EXPECT_EQ(sessions[0].hash, hash(2));
    EXPECT_EQ(sessions[0].door, account::DoorKind::Link);
    EXPECT_EQ(sessions[1].hash, hash(1));
    EXPECT_EQ(sessions[1].door, account::DoorKind::Code);
    EXPECT_EQ(sessions[1].seen_at, kNow);
}

TEST_F(AccountsTest, AnIdentityProviderEndsItsOwnSessionsOnly) {
    using enum account::DoorKind;
    ASSERT_TRUE(database_->set_subject("a1", "https://op", "s1"));
    ASSERT_TRUE(database_->set_subject("a2", "https://op", "s2"));
    ASSERT_TRUE(start(1, "a1", SingleSignOn, "x"));
    ASSERT_TRUE(start(2, "a1", SingleSignOn, "y"));
    ASSERT_TRUE(start(3, "a1", Password));
    ASSERT_TRUE(start(4, "a2", SingleSignOn, "x"));
    EXPECT_EQ(*database_->delete_sessions_of_subject("https://other", "s1", ""), 0);
    EXPECT_EQ(*database_->delete_sessions_of_subject("https://op", "s1", "x"), 1);
    EXPECT_FALSE(is_in(1));
    EXPECT_TRUE(is_in(2) && is_in(3) && is_in(4));
    EXPECT_EQ(*database_->delete_sessions_of_subject("https://op", "s1", ""), 1);
    EXPECT_FALSE(is_in(2));
    EXPECT_TRUE(is_in(3)) << "she came in by another door";
    ASSERT_TRUE(start(5, "a1", SingleSignOn));
    EXPECT_EQ(*database_->delete_sessions_of_subject("https://op", "", "y"), 0);
    EXPECT_EQ(*database_->delete_sessions_of_subject("https://op", "s1", "y"), 1) << "it may be the one";
    EXPECT_FALSE(is_in(5));
    EXPECT_EQ(*database_->delete_sessions_of_subject("https://op", "", "x"), 1);
    EXPECT_FALSE(is_in(4));
}

TEST_F(AccountsTest, EntriesSayHowSomebodySignsIn) {
    ASSERT_TRUE(database_->set_password("a1", "$hash"));
    ASSERT_TRUE(database_->set_subject("a2", "https://op", "s2"));
    ASSERT_TRUE(*database_->disable_account("a2", kNow + kHour));
    const auto all = *database_->accounts();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(all[0].has_password && !all[0].has_single_sign_on && !all[0].disabled_at);
    EXPECT_TRUE(!all[1].has_password && all[1].has_single_sign_on);
    EXPECT_EQ(all[1].disabled_at, kNow + kHour);
    EXPECT_EQ((*database_->account_entry("a2"))->account.name, "Bob");
    EXPECT_FALSE(*database_->account_entry("a9"));
}

TEST_F(AccountsTest, TheFirstAdministratorIsOneWhoMaySignIn) {
    ASSERT_TRUE(database_->insert_account({"a3", "Root", account::Role::Administrator}, kNow + kHour));
    ASSERT_TRUE(*database_->disable_account("a1", kNow));
    EXPECT_EQ((*database_->first_administrator())->id, "a3");
    ASSERT_TRUE(*database_->disable_account("a3", kNow));
    EXPECT_EQ((*database_->first_administrator())->id, "a1");
}

TEST_F(AccountsTest, AFileOfTheFirstVersionKeepsItsPeopleAndSessions) {
    const std::string path = directory_ + "/old.db";
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    const std::string sql =
        std::string(kMigrations[0]) +
        "PRAGMA user_version = 1; PRAGMA application_id = " + std::to_string(kApplicationId) +
        "; INSERT INTO account VALUES ('a1', 'Ada', 'agent', 1);"
        "INSERT INTO session VALUES (x'" +
        std::string(64, '1') + "', 'a1', " + std::to_string(kNow.us) + ", " + std::to_string(kNow.us) + ")";
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    const auto database = std::move(*Database::open(path));
    const auto ada = *database->account_of_session(hash(0x11), rules_, kNow);
    ASSERT_TRUE(ada);
    EXPECT_EQ(ada->name, "Ada");
    EXPECT_EQ(ada->email, "");
    EXPECT_EQ((*database->sessions_of("a1"))[0].door, account::DoorKind::Link);
}

}  // namespace
}  // namespace conclave::store
