// AES-128-GCM (NIST SP 800-38D) with a 12-byte IV and a 16-byte tag, keyed once: per message only the IV
// is renewed. No allocation after create().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"

struct evp_cipher_ctx_st;

namespace conclave::crypto {

struct CipherContextFree {
    void operator()(evp_cipher_ctx_st* context) const;
};
using CipherContext = std::unique_ptr<evp_cipher_ctx_st, CipherContextFree>;

// Who computes (ADR 0016): Intel's ipsec-mb where the processor has AES and carry-less multiplication, three
// to four times as fast with vectors of 512 bits; OpenSSL everywhere.
enum class GcmEngine : uint8_t { OpenSsl, IpsecMb };

// The fastest on this processor.
GcmEngine fastest_gcm_engine();
// For the log and the metrics: "ipsec-mb vaes-avx512".
std::string_view gcm_engine_name(GcmEngine);

struct IpsecMbKey;
struct IpsecMbKeyFree {
    void operator()(IpsecMbKey* key) const;
};

class Aes128Gcm {
 public:
    static constexpr size_t kKeySize = 16;
    static constexpr size_t kIvSize = 12;
    static constexpr size_t kTagSize = 16;
    using Iv = std::array<uint8_t, kIvSize>;

    // Fails when the key is not 16 bytes long, the library refuses or the processor lacks the instructions.
    static Result<Aes128Gcm> create(ByteView key, GcmEngine engine = fastest_gcm_engine());

    // Writes ciphertext and tag to `out` (total_size(plain) + kTagSize bytes at least; disjoint from all
    // parts, or, of a single part, beginning at the same byte). False when `out` is too small. One IV must
    // never seal two messages: the caller's duty.
    [[nodiscard]] bool seal(const Iv& iv, ByteView aad, ByteParts plain, MutableBytes out);
    [[nodiscard]] bool seal(const Iv& iv, ByteView aad, ByteView plain, MutableBytes out) {
        return seal(iv, aad, ByteParts{&plain, 1}, out);
    }

    // Brings the key into the cache.
    void prefetch() const;

    // `sealed` is ciphertext and tag; writes sealed.size() - kTagSize bytes to `out` (disjoint from
    // `sealed`, or beginning at the same byte). False when the tag does not fit: `out` then holds
    // unspecified bytes that must not be used.
    [[nodiscard]] bool open(const Iv& iv, ByteView aad, ByteView sealed, MutableBytes out);

 private:
    using Keyed = std::variant<CipherContext, std::unique_ptr<IpsecMbKey, IpsecMbKeyFree>>;
    explicit Aes128Gcm(Keyed keyed) : keyed_(std::move(keyed)) {}
    Keyed keyed_;
};

}  // namespace conclave::crypto
