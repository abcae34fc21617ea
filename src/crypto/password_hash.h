// Argon2id (RFC 9106) through libsodium. Slow and hungry on purpose: never on a thread that others wait for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/rng.h"

namespace conclave::crypto {

// libsodium's "moderate": most of a second of one core. Whoever steals the database has to pay it per guess.
struct PasswordCost {
    uint32_t passes = 3;
    uint32_t memory_kib = 256 << 10;
};

// More is no password, and would only be work for us.
inline constexpr size_t kPasswordBytesMax = 256;

// PHC text, "$argon2id$v=19$m=...,t=...,p=1$salt$hash", with a fresh salt. Fails without the memory for it,
// and for a password beyond kPasswordBytesMax.
Result<std::string> hash_password(std::string_view password, const PasswordCost&, Rng&);

// Also false for text that is no such hash. The cost is the hash's own.
bool verify_password(std::string_view hash, std::string_view password);

// A hash of no password, as costly to verify as any of this cost: who knows no account does not answer
// faster.
std::string decoy_password_hash(const PasswordCost&);

}  // namespace conclave::crypto
