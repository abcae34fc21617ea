#include "crypto/password_hash.h"

#include <gtest/gtest.h>
#include <sodium.h>

namespace conclave::crypto {
namespace {

constexpr PasswordCost kCheap{.passes = 1, .memory_kib = 8};

TEST(PasswordHash, VerifiesItsOwnPasswordOnly) {
    SeededRng rng(1);
    const std::string hash = *hash_password("correct horse", kCheap, rng);
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    EXPECT_TRUE(verify_password(hash, "correct horse"));
    EXPECT_FALSE(verify_password(hash, "correct horsf"));
    EXPECT_FALSE(verify_password(hash, ""));
    EXPECT_FALSE(verify_password(hash, std::string("correct horse\0", 14)));
}

TEST(PasswordHash, HasAFreshSalt) {
    SeededRng rng(1);
    EXPECT_NE(*hash_password("same", kCheap, rng), *hash_password("same", kCheap, rng));
}

TEST(PasswordHash, VerifiesWhatTheLibraryWrote) {
    char text[crypto_pwhash_STRBYTES];
    ASSERT_EQ(crypto_pwhash_str_alg(text, "secret", 6, 1, 8 << 10, crypto_pwhash_ALG_ARGON2ID13), 0);
    EXPECT_TRUE(verify_password(text, "secret"));
}

TEST(PasswordHash, DefaultsToTheLibrarysModerateCost) {
    EXPECT_EQ(PasswordCost{}.passes, crypto_pwhash_argon2id_OPSLIMIT_MODERATE);
    EXPECT_EQ(size_t{PasswordCost{}.memory_kib} << 10, crypto_pwhash_argon2id_MEMLIMIT_MODERATE);
}

TEST(PasswordHash, ADecoyIsOfTheSameCostAndMatchesNothing) {
    SeededRng rng(1);
    const std::string real = *hash_password("x", kCheap, rng);
    const std::string decoy = decoy_password_hash(kCheap);
    EXPECT_EQ(decoy.size(), real.size());
    EXPECT_EQ(decoy.substr(0, 27), real.substr(0, 27));
    EXPECT_EQ(crypto_pwhash_str_needs_rehash(decoy.c_str(), 1, 8 << 10), 0) << "the library can read it";
    EXPECT_FALSE(verify_password(decoy, "x"));
    EXPECT_FALSE(verify_password(decoy, ""));
}

TEST(PasswordHash, OtherTextMatchesNothing) {
    for (const char* hash : {"", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA",
                             "$argon2i$v=19$m=8,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"})
        EXPECT_FALSE(verify_password(hash, "")) << hash;
    EXPECT_FALSE(verify_password(std::string(500, '$'), ""));
}

TEST(PasswordHash, ALongPasswordIsRefusedUnhashed) {
    SeededRng rng(1);
    const std::string longest(kPasswordBytesMax, 'p');
    const std::string hash = *hash_password(longest, kCheap, rng);
    EXPECT_TRUE(verify_password(hash, longest));
    EXPECT_FALSE(hash_password(longest + "p", kCheap, rng));
    EXPECT_FALSE(verify_password(hash, longest + "p"));
}

}  // namespace
}  // namespace conclave::crypto
