#include "account/sign_in_code.h"

#include <gtest/gtest.h>

#include <set>

namespace conclave::account {
namespace {

constexpr Instant kNow = Instant::from_ms(1'000'000);
using Outcome = SignInCodes::Outcome;

// Another code than this one.
std::string other(std::string code) {
    code.back() = code.back() == '0' ? '1' : '0';
    return code;
}

class SignInCodesTest : public testing::Test {
 protected:
    SignInCodes::Asked ask() { return *codes_.ask(kNow, "ada@ville.fr", rng_); }
    Outcome check(const SignInCodes::Asked& asked, std::string_view typed, Instant now = kNow) {
        return codes_.check(now, asked.browser.hash, typed).outcome;
    }
    SeededRng rng_{7};
    SignInCodes codes_;
};

TEST_F(SignInCodesTest, ACodeSignsInOnce) {
    const auto asked = ask();
    const auto verdict = codes_.check(kNow, asked.browser.hash, asked.code);
    EXPECT_EQ(verdict.outcome, Outcome::Right);
    EXPECT_EQ(verdict.email, "ada@ville.fr");
    EXPECT_EQ(check(asked, asked.code), Outcome::Gone);
    EXPECT_EQ(codes_.size(), 0u);
}

TEST_F(SignInCodesTest, IsEightDigitsOfAnyValue) {
    std::set<std::string> seen;
    std::set<char> first;
    for (int i = 0; i < 1000; ++i) {
        const std::string code = ask().code;
        EXPECT_EQ(code.size(), SignInCodes::kDigits);
        EXPECT_EQ(code.find_first_not_of("0123456789"), std::string::npos);
        seen.insert(code);
        first.insert(code[0]);
    }
    EXPECT_GT(seen.size(), 990u);
    EXPECT_EQ(first.size(), 10u);
}

TEST_F(SignInCodesTest, IsReadHoweverItIsGrouped) {
    for (const char* separator : {" ", "-", "\xc2\xa0", "  "}) {
        const auto asked = ask();
        EXPECT_EQ(check(asked, " " + asked.code.substr(0, 4) + separator + asked.code.substr(4) + "\n"),
                  Outcome::Right);
    }
    EXPECT_EQ(grouped("12345678"), "1234 5678");
}

TEST_F(SignInCodesTest, IsWorthNothingOnAnotherBrowser) {
    const auto asked = ask();
    const auto attackers = ask();
    EXPECT_EQ(check(attackers, asked.code), Outcome::Wrong);
    EXPECT_EQ(codes_.check(kNow, SecretHash{}, asked.code).outcome, Outcome::Gone);
    EXPECT_EQ(check(asked, asked.code), Outcome::Right);
}

TEST_F(SignInCodesTest, FiveTriesUseItUp) {
    const auto asked = ask();
    for (int i = 1; i < SignInCodes::kTriesMax; ++i)
        EXPECT_EQ(check(asked, other(asked.code)), Outcome::Wrong) << i;
    EXPECT_EQ(check(asked, other(asked.code)), Outcome::Gone);
    EXPECT_EQ(check(asked, asked.code), Outcome::Gone);

    const auto patient = ask();
    for (int i = 1; i < SignInCodes::kTriesMax; ++i) check(patient, "");
    EXPECT_EQ(check(patient, patient.code), Outcome::Right) << "the fifth may be right";
}

TEST_F(SignInCodesTest, ExpiresAfterTenMinutes) {
    const auto early = ask();
    const auto late = ask();
    const Instant end = kNow + SignInCodes::kLifetime;
    EXPECT_EQ(check(early, early.code, end - Duration::micros(1)), Outcome::Right);
    EXPECT_EQ(check(late, late.code, end), Outcome::Gone);
}

TEST_F(SignInCodesTest, ABoundedNumberIsOutstanding) {
    for (size_t i = 0; i < SignInCodes::kOutstandingMax; ++i) ASSERT_TRUE(codes_.ask(kNow, "a@b.fr", rng_));
    EXPECT_FALSE(codes_.ask(kNow, "a@b.fr", rng_));
    EXPECT_FALSE(codes_.ask(kNow + Duration::minutes(9), "a@b.fr", rng_));
    EXPECT_TRUE(codes_.ask(kNow + SignInCodes::kLifetime, "a@b.fr", rng_));
    EXPECT_EQ(codes_.size(), 1u);
}

}  // namespace
}  // namespace conclave::account
