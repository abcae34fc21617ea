// AES-128-GCM (NIST SP 800-38D) with a 12-byte IV and a 16-byte tag, keyed once: per message only the IV
// is renewed (a third of the cost of keying again). No allocation after create().
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

struct evp_cipher_ctx_st;

namespace conclave::crypto {

struct CipherContextFree {
    void operator()(evp_cipher_ctx_st* context) const;
};
using CipherContext = std::unique_ptr<evp_cipher_ctx_st, CipherContextFree>;

class Aes128Gcm {
 public:
    static constexpr size_t kKeySize = 16;
    static constexpr size_t kIvSize = 12;
    static constexpr size_t kTagSize = 16;
    using Iv = std::array<uint8_t, kIvSize>;

    // Fails when the key is not 16 bytes long or the library refuses.
    static Result<Aes128Gcm> create(ByteView key);

    // Writes ciphertext and tag to `out` (total_size(plain) + kTagSize bytes at least; disjoint from all
    // parts, or, of a single part, beginning at the same byte). False when `out` is too small. One IV must
    // never seal two messages: the caller's duty.
    [[nodiscard]] bool seal(const Iv& iv, ByteView aad, ByteParts plain, MutableBytes out);
    [[nodiscard]] bool seal(const Iv& iv, ByteView aad, ByteView plain, MutableBytes out) {
        return seal(iv, aad, ByteParts{&plain, 1}, out);
    }

    // `sealed` is ciphertext and tag; writes sealed.size() - kTagSize bytes to `out` (disjoint from
    // `sealed`, or beginning at the same byte). False when the tag does not fit: `out` then holds
    // unspecified bytes that must not be used.
    [[nodiscard]] bool open(const Iv& iv, ByteView aad, ByteView sealed, MutableBytes out);

 private:
    explicit Aes128Gcm(CipherContext context) : context_(std::move(context)) {}
    CipherContext context_;
};

}  // namespace conclave::crypto
