// HMAC (RFC 2104) over SHA-1 and SHA-256, and comparison that does not tell where two values differ.
// Nothing here allocates, except that HmacSha1 keeps its key state on the heap from create() on.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace conclave::crypto {

Sha1Digest hmac_sha1(ByteView key, ByteView data);
// Over `first` followed by `second`: STUN signs its header with another length than it sends
// (RFC 8489 14.5), SRTP signs a packet and its roll-over counter (RFC 3711 4.2).
Sha1Digest hmac_sha1(ByteView key, ByteView first, ByteView second);
Sha256Digest hmac_sha256(ByteView key, ByteView data);
Sha256Digest hmac_sha256(ByteView key, ByteView first, ByteView second);

// False when the sizes differ (sizes are not secret); the time taken depends on the size alone.
bool equal_constant_time(ByteView a, ByteView b);

// HMAC-SHA1 keyed once: both padded key blocks are hashed in advance, which halves the cost of a short
// message.
class HmacSha1 {
 public:
    explicit HmacSha1(ByteView key);
    HmacSha1(HmacSha1&&) noexcept;
    HmacSha1& operator=(HmacSha1&&) noexcept;
    ~HmacSha1();

    Sha1Digest sign(ByteView first, ByteView second = {}) const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace conclave::crypto
