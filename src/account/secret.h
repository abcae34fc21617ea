// Secrets that are handed out once and kept only as a hash: sign-in links and session cookies.
//
// 256 random bits need no salt and no slow hash: nobody can enumerate them, so a stolen database yields none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/rng.h"

namespace conclave::account {

using SecretHash = std::array<uint8_t, 32>;  // SHA-256 of the text

struct Secret {
    std::string text;  // base64url of 32 bytes: 43 characters
    SecretHash hash;
};

Secret make_secret(Rng&);

// Nothing when the text cannot be a secret of ours, so that junk costs no look-up.
std::optional<SecretHash> hash_of_secret(std::string_view text);

}  // namespace conclave::account
