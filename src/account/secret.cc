#include "account/secret.h"

#include "base/base64.h"
#include "crypto/hash.h"

namespace conclave::account {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kSecretCharacters = (kSecretBytes * 8 + 5) / 6;

}  // namespace

Secret make_secret(Rng& rng) {
    std::array<uint8_t, kSecretBytes> random;
    rng.fill(random);
    Secret secret;
    secret.text = base64url_encode(random);
    secret.hash = crypto::sha256(as_bytes(secret.text));
    return secret;
}

std::optional<SecretHash> hash_of_secret(std::string_view text) {
    if (text.size() != kSecretCharacters || !base64url_decode(text)) return std::nullopt;
    return crypto::sha256(as_bytes(text));
}

}  // namespace conclave::account
