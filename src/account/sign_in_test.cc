#include "account/sign_in.h"

#include <gtest/gtest.h>

#include <set>

#include "account/account.h"

namespace conclave::account {
namespace {

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
constexpr Duration kHour = Duration::minutes(60);

TEST(Secret, Has256BitsAndIsRecognisedByItsHash) {
    SeededRng rng(1);
    std::set<std::string> texts;
    for (int i = 0; i < 100; ++i) {
        const Secret secret = make_secret(rng);
        EXPECT_EQ(secret.text.size(), 43u);
        EXPECT_EQ(hash_of_secret(secret.text), secret.hash);
        texts.insert(secret.text);
    }
    EXPECT_EQ(texts.size(), 100u);
}

TEST(Secret, JunkHasNoHash) {
    SeededRng rng(1);
    std::string text = make_secret(rng).text;
    EXPECT_FALSE(hash_of_secret(""));
    EXPECT_FALSE(hash_of_secret(text + "A"));
    EXPECT_FALSE(hash_of_secret(text.substr(1)));
    text[7] = '+';
    EXPECT_FALSE(hash_of_secret(text));
}

TEST(SignInLink, IsUsableOnceBeforeItExpires) {
    SignInLink link{.account_id = "a", .expires_at = kNow + kHour};
    EXPECT_EQ(state_of(link, kNow), LinkState::Usable);
    EXPECT_EQ(state_of(link, kNow + kHour), LinkState::Expired);
    link.used_at = kNow;
    EXPECT_EQ(state_of(link, kNow), LinkState::Used);
    EXPECT_EQ(state_of(link, kNow + kHour), LinkState::Used);
}

TEST(Session, EndsWhenIdleTooLong) {
    const SessionRules rules;
    const Session session{.account_id = "a", .created_at = kNow, .seen_at = kNow + kHour};
    EXPECT_TRUE(is_alive(session, rules, kNow + kHour * 13 + Duration::micros(-1)));
    EXPECT_FALSE(is_alive(session, rules, kNow + kHour * 13));
}

TEST(Session, EndsAtItsAgeHoweverBusy) {
    const SessionRules rules;
    const Session session{.account_id = "a", .created_at = kNow, .seen_at = kNow + kHour * 167};
    EXPECT_TRUE(is_alive(session, rules, kNow + kHour * 168 + Duration::micros(-1)));
    EXPECT_FALSE(is_alive(session, rules, kNow + kHour * 168));
}

TEST(Session, AClockSetBackEndsNothing) {
    const Session session{.account_id = "a", .created_at = kNow, .seen_at = kNow};
    EXPECT_TRUE(is_alive(session, SessionRules{}, kNow + Duration::seconds(-3600)));
    EXPECT_FALSE(is_due_for_touch(session, kNow + Duration::seconds(-3600)));
}

TEST(Session, IsWrittenEveryFewMinutesOnly) {
    const Session session{.account_id = "a", .created_at = kNow, .seen_at = kNow};
    EXPECT_FALSE(is_due_for_touch(session, kNow + kSeenStep + Duration::micros(-1)));
    EXPECT_TRUE(is_due_for_touch(session, kNow + kSeenStep));
}

TEST(Account, RolesAndKindsAreTextAndBack) {
    for (const Role role : {Role::Administrator, Role::Agent}) EXPECT_EQ(parse_role(text_of(role)), role);
    for (const Kind kind : {Kind::Guest, Kind::Agent})
        EXPECT_EQ(text_of(kind), kind == Kind::Guest ? "guest" : "agent");
    EXPECT_FALSE(parse_role("owner"));
}

}  // namespace
}  // namespace conclave::account
