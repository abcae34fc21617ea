#include "server/user_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "account/secret.h"
#include "net/system_rng.h"

namespace conclave::server {
namespace {

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
constexpr const char* kPassword = "Kx7#mQ2!vB9$";

class UserCommandTest : public testing::Test {
 protected:
    UserCommandTest() {
        std::string pattern = testing::TempDir() + "user_command_test_XXXXXX";
        directory_ = mkdtemp(pattern.data());
        database_ = std::move(*store::Database::open(directory_ + "/conclave.db"));
    }
    ~UserCommandTest() override { std::filesystem::remove_all(directory_); }

    UserCommand command() { return {*database_, config_, rng_, kNow, {.passes = 1, .memory_kib = 8}}; }
    void add_ada() {
        ASSERT_TRUE(command().add({"Ada", "Ada@Ville.fr", account::Role::Administrator, kPassword}));
    }
    static std::string error(const Result<std::string>& result) { return result ? "" : result.error().what; }

    std::string directory_;
    Config config_;
    net::SystemRng rng_;
    std::unique_ptr<store::Database> database_;
};

TEST_F(UserCommandTest, AddsAnAccountThatItsPasswordOpens) {
    add_ada();
    const auto ada = **database_->credentials("ada@ville.fr");
    EXPECT_EQ(ada.account.name, "Ada");
    EXPECT_EQ(ada.account.role, account::Role::Administrator);
    EXPECT_TRUE(crypto::verify_password(ada.password, kPassword));
    EXPECT_NE(error(command().add({"Other", "ADA@ville.fr", {}, {}})).find("already"), std::string::npos);
}

TEST_F(UserCommandTest, RefusesWhatCannotBeAnAccountAndMakesNone) {
    EXPECT_NE(error(command().add({"", "ada@ville.fr", {}, {}})), "");
    EXPECT_NE(error(command().add({"Ada", "ada", {}, {}})).find("e-mail"), std::string::npos);
    EXPECT_NE(error(command().add({"Ada", "ada@ville.fr", {}, "password"})).find("too weak"),
              std::string::npos);
    EXPECT_TRUE(database_->accounts()->empty());
}

TEST_F(UserCommandTest, ListsEverybodyAndHowTheySignIn) {
    add_ada();
    ASSERT_TRUE(command().add({"Bob", "bob@ville.fr", account::Role::Agent, {}}));
    ASSERT_TRUE(command().disable("bob@ville.fr"));
    const std::string list = *command().list();
    EXPECT_NE(list.find("administrator  password  Ada <ada@ville.fr>\n"), std::string::npos) << list;
    EXPECT_NE(list.find("agent  disabled  Bob <bob@ville.fr>\n"), std::string::npos) << list;
    EXPECT_EQ(list.find("argon2"), std::string::npos);
}

TEST_F(UserCommandTest, ANewPasswordReplacesTheOldOneAndEndsSessions) {
    add_ada();
    const std::string id = (*database_->account_by_email("ada@ville.fr"))->id;
    ASSERT_TRUE(*database_->start_session({account::SecretHash{1}, id, kNow, kNow}));
    EXPECT_NE(error(command().set_password("ada@ville.fr", "short")), "");
    EXPECT_NE(command().set_password("ada@ville.fr", "another phrase of words")->find("ended: 1"),
              std::string::npos);
    const std::string hash = (*database_->credentials("ada@ville.fr"))->password;
    EXPECT_TRUE(crypto::verify_password(hash, "another phrase of words"));
    EXPECT_FALSE(crypto::verify_password(hash, kPassword));
}

TEST_F(UserCommandTest, FindsAnAccountByItsIdAndGivesItAnAddress) {
    ASSERT_TRUE(database_->insert_account({"id1", "Administrator", account::Role::Administrator}, kNow));
    add_ada();
    EXPECT_NE(error(command().set_email("id1", "ada@ville.fr")).find("another account"), std::string::npos);
    EXPECT_TRUE(command().set_email("id1", "Root@ville.fr"));
    EXPECT_EQ((*database_->account_by_email("root@ville.fr"))->id, "id1");
    EXPECT_NE(error(command().enable("nobody@ville.fr")).find("no account"), std::string::npos);
    EXPECT_NE(error(command().enable("nobody")).find("no account"), std::string::npos);
}

TEST_F(UserCommandTest, ListsAndRevokesSessions) {
    add_ada();
    const std::string id = (*database_->account_by_email("ada@ville.fr"))->id;
    ASSERT_TRUE(
        *database_->start_session({account::SecretHash{1}, id, kNow, kNow, account::DoorKind::Password}));
    EXPECT_EQ(*command().sessions("ada@ville.fr"),
              "2027-01-15T08:00:00.000Z  last seen 2027-01-15T08:00:00.000Z  by password\n");
    EXPECT_NE(command().revoke("ada@ville.fr")->find("ended: 1"), std::string::npos);
    EXPECT_EQ(*command().sessions("ada@ville.fr"), "");
}

TEST_F(UserCommandTest, PrintsALinkThatSignsInUnlessTheAccountIsDisabled) {
    add_ada();
    const std::string link = *command().link("ada@ville.fr");
    const std::string secret = link.substr(link.find('#') + 1, 43);
    ASSERT_TRUE(command().disable("ada@ville.fr"));
    EXPECT_NE(error(command().disable("ada@ville.fr")).find("already"), std::string::npos);
    EXPECT_NE(error(command().link("ada@ville.fr")).find("disabled"), std::string::npos);
    const auto hash = *account::hash_of_secret(secret);
    EXPECT_FALSE(
        *database_->redeem_sign_in_link(hash, {.hash = {2}, .created_at = kNow, .seen_at = kNow}, kNow));
    ASSERT_TRUE(command().enable("ada@ville.fr"));
    EXPECT_FALSE(
        *database_->redeem_sign_in_link(hash, {.hash = {2}, .created_at = kNow, .seen_at = kNow}, kNow))
        << "disabling used it up";
}

}  // namespace
}  // namespace conclave::server
