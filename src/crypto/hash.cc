// The one-shot functions of OpenSSL 3 look their algorithm up by name on every call, which costs more than
// hashing a STUN message; the older ones do not, and do not allocate.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/check.h"

namespace conclave::crypto {

std::array<uint8_t, 16> md5(ByteView data) {
    std::array<uint8_t, 16> digest;
    MD5_CTX state;
    CHECK(MD5_Init(&state) && MD5_Update(&state, data.data(), data.size()) &&
          MD5_Final(digest.data(), &state));
    return digest;
}

Sha1Digest sha1(ByteView data) {
    Sha1Digest digest;
    SHA_CTX state;
    CHECK(SHA1_Init(&state) && SHA1_Update(&state, data.data(), data.size()) &&
          SHA1_Final(digest.data(), &state));
    return digest;
}

Sha256Digest sha256(ByteView data) {
    Sha256Digest digest;
    SHA256_CTX state;
    CHECK(SHA256_Init(&state) && SHA256_Update(&state, data.data(), data.size()) &&
          SHA256_Final(digest.data(), &state));
    return digest;
}

std::string hex_encode(ByteView bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const uint8_t byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

namespace {
int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
}  // namespace

std::optional<std::vector<uint8_t>> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::vector<uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    for (size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<uint8_t>(high << 4 | low));
    }
    return bytes;
}

}  // namespace conclave::crypto
