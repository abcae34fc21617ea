// AES-128 in counter mode (NIST SP 800-38A 6.5), keyed once: SRTP's AES-CM (RFC 3711 4.1.1) and its key
// derivation. No allocation after create().
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"

namespace conclave::crypto {

class Aes128Ctr {
 public:
    static constexpr size_t kKeySize = 16;
    using Counter = std::array<uint8_t, 16>;

    static Result<Aes128Ctr> create(ByteView key);

    // XORs the key stream that begins at `counter` over `in`. Encrypting and decrypting are the same.
    // `out` has at least total_size(in) bytes, disjoint from all parts or, of a single part, beginning at
    // the same byte; false when it is too small.
    [[nodiscard]] bool apply(const Counter& counter, ByteParts in, MutableBytes out);
    [[nodiscard]] bool apply(const Counter& counter, ByteView in, MutableBytes out) {
        return apply(counter, ByteParts{&in, 1}, out);
    }

 private:
    explicit Aes128Ctr(CipherContext context) : context_(std::move(context)) {}
    CipherContext context_;
};

}  // namespace conclave::crypto
