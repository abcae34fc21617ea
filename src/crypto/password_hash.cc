#include "crypto/password_hash.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/check.h"

namespace conclave::crypto {
namespace {

constexpr size_t kHashBytes = 32;
using Salt = std::array<uint8_t, crypto_pwhash_argon2id_SALTBYTES>;
using Hash = std::array<uint8_t, kHashBytes>;

// Base64 without padding, as the PHC string format has it.
std::string unpadded(ByteView bytes) {
    std::string text = base64_encode(bytes);
    while (text.ends_with('=')) text.pop_back();
    return text;
}

std::string phc_text(const PasswordCost& cost, const Salt& salt, const Hash& hash) {
    return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
           ",p=1$" + unpadded(salt) + "$" + unpadded(hash);
}

// Chooses the fastest code for this processor; without it the library works, at half the speed. It also opens
// the library's own generator, which nothing here draws from.
void prepare() {
    static const int outcome = sodium_init();
    CHECK(outcome >= 0);
}

}  // namespace

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost, Rng& rng) {
    if (password.size() > kPasswordBytesMax) return failure("the password is too long");
    prepare();
    Salt salt;
    rng.fill(salt);
    Hash hash;
    if (crypto_pwhash_argon2id(hash.data(), hash.size(), password.data(), password.size(), salt.data(),
                               cost.passes, size_t{cost.memory_kib} << 10,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return failure("there is not enough memory to hash a password");
    return phc_text(cost, salt, hash);
}

bool verify_password(std::string_view hash, std::string_view password) {
    std::array<char, crypto_pwhash_argon2id_STRBYTES> text{};
    if (hash.size() >= text.size() || password.size() > kPasswordBytesMax) return false;
    prepare();
    std::copy(hash.begin(), hash.end(), text.begin());
    return crypto_pwhash_argon2id_str_verify(text.data(), password.data(), password.size()) == 0;
}

std::string decoy_password_hash(const PasswordCost& cost) {
    return phc_text(cost, {}, {});
}

}  // namespace conclave::crypto
