#include "account/password.h"

#include <gtest/gtest.h>

#include "crypto/password_hash.h"

namespace conclave::account {
namespace {

TEST(Password, BitsAreCountedAsTheCnilCountsThem) {
    const struct {
        const char* password;
        double bits;
    } kTable[] = {
        {"", 0},
        {"a", 4.7},
        {"kbmqxz", 28.2},  // 26 letters
        {"KBMQXZ", 28.2},
        {"kBmQxZ", 34.2},           // 52
        {"kBm7xZ", 35.7},           // 62
        {"kB#7xZ", 39.8},           // 99
        {"aaaaaaaaaaaaaaaa", 4.7},  // one letter
        {"abcdefghijklmnop", 4.7},  // one letter and its followers
        {"ponmlkjihgfedcba", 4.7},
        {"12345678901234567890", 10.0},              // up to 9, and 0 to 9 once more
        {"\xc3\xa9\xc3\xa0\xc3\xa9\xc3\xa0", 20.8},  // characters, not bytes; of the 37 others
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 5.2},
    };
    for (const auto& [password, bits] : kTable) EXPECT_NEAR(password_bits(password), bits, 0.1) << password;
}

TEST(Password, Has80BitsOrIsRefused) {
    using Fault = std::optional<PasswordFault>;
    const struct {
        std::string password;
        Fault fault;
    } kTable[] = {
        {"Kx7#mQ2!vB9$", {}},    // the recommendation's examples: 12 of all classes
        {"Kx7mQ2vB9tRw4L", {}},  // 14 without the others
        {"cheval pile agrafe correct", {}},
        {"Kx7#mQ2!vB9", PasswordFault::TooWeak},
        {"Kx7mQ2vB9tRw4", PasswordFault::TooWeak},
        {"password", PasswordFault::TooWeak},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PasswordFault::TooWeak},
        {"1234567890123456789012345678901234567890", PasswordFault::TooWeak},
        {"", PasswordFault::TooWeak},
        {"Kx7#mQ2!vB9$\n", PasswordFault::NotText},
        {"Kx7#mQ2!vB9$\xff", PasswordFault::NotText},
        {std::string(257, 'k'), PasswordFault::TooLong},
        {"Lovelace-Lovelace-1815", PasswordFault::Personal},
        {"ada.LOVELACE.ministere9", {}},  // the lesser half
        {"bob.ministere.bob.ministere.7K", {}},
    };
    for (const auto& [password, fault] : kTable)
        EXPECT_EQ(fault_of_password(password, "Ada Lovelace", "lovelace@ministere.fr"), fault) << password;
}

constexpr Instant kNow = Instant::from_ms(1'000'000'000);

Lockout::Key key(std::string_view name) {
    return crypto::sha256(as_bytes(name));
}

TEST(Lockout, GrowsFromOneMinuteToFifteen) {
    const int64_t kMinutes[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15};
    for (int failures = 0; failures < 12; ++failures)
        EXPECT_EQ(wait_after(failures), Duration::minutes(kMinutes[failures])) << failures;
    EXPECT_EQ(wait_after(1'000'000), Lockout::kWaitMax);
}

TEST(Lockout, FiveAttemptsAreFreeThenOneWaits) {
    Lockout lockout;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(lockout.wait(kNow, key("ada")), Duration{}) << i;
        lockout.begin(kNow, key("ada"));
    }
    EXPECT_EQ(lockout.wait(kNow, key("ada")), Duration::minutes(1));
    EXPECT_EQ(lockout.wait(kNow + Duration::seconds(59), key("ada")), Duration::seconds(1));
    EXPECT_EQ(lockout.wait(kNow + Duration::minutes(1), key("ada")), Duration{});
    EXPECT_EQ(lockout.wait(kNow, key("bob")), Duration{}) << "nobody else waits";
    lockout.begin(kNow + Duration::minutes(1), key("ada"));
    EXPECT_EQ(lockout.wait(kNow + Duration::minutes(1), key("ada")), Duration::minutes(2));
}

TEST(Lockout, IsNeverForGood) {
    Lockout lockout;
    Instant now = kNow;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_LE(lockout.wait(now, key("ada")), Lockout::kWaitMax);
        now = now + lockout.wait(now, key("ada"));
        lockout.begin(now, key("ada"));
    }
    EXPECT_EQ(lockout.wait(now + Lockout::kMemory, key("ada")), Duration{});
    lockout.begin(now + Lockout::kMemory, key("ada"));
    EXPECT_EQ(lockout.wait(now + Lockout::kMemory, key("ada")), Duration{}) << "the count began anew";
}

TEST(Lockout, SuccessForgetsAndWhatWasNotTriedDoesNotCount) {
    Lockout lockout;
    for (int i = 0; i < 5; ++i) lockout.begin(kNow, key("ada"));
    lockout.withdraw(key("ada"));
    EXPECT_EQ(lockout.wait(kNow, key("ada")), Duration{});
    lockout.begin(kNow, key("ada"));
    EXPECT_GT(lockout.wait(kNow, key("ada")), Duration{});
    lockout.succeeded(key("ada"));
    EXPECT_EQ(lockout.wait(kNow, key("ada")), Duration{});
    EXPECT_EQ(lockout.size(), 0u);
}

TEST(Lockout, RemembersABoundedNumberAndTheRestTogether) {
    Lockout lockout;
    for (size_t i = 0; i < Lockout::kEntriesMax + 10; ++i) lockout.begin(kNow, key(std::to_string(i)));
    EXPECT_EQ(lockout.size(), Lockout::kEntriesMax);
    EXPECT_GT(lockout.wait(kNow, key("nobody so far")), Duration{});
    EXPECT_EQ(lockout.wait(kNow, key("7")), Duration{}) << "who has an entry keeps it";
    lockout.begin(kNow + Lockout::kMemory, key("newcomer"));
    EXPECT_EQ(lockout.size(), 1u);
}

}  // namespace
}  // namespace conclave::account
