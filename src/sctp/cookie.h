// The state cookie (RFC 9260 5.1.3): everything an INIT asked for, signed, so that answering an INIT
// leaves no state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/rng.h"
#include "base/time.h"

namespace conclave::sctp {

constexpr Duration kCookieLife = Duration::seconds(60);  // RFC 9260 16: Valid.Cookie.Life
constexpr size_t kCookieBodySize = 39;
constexpr size_t kCookieSize = kCookieBodySize + 32;

struct Cookie {
    uint32_t local_tag = 0;
    uint32_t peer_tag = 0;
    uint32_t local_initial_tsn = 0;
    uint32_t peer_initial_tsn = 0;
    uint32_t peer_window = 0;
    uint16_t outgoing_streams = 0;
    bool peer_forwards = false;  // FORWARD TSN
    bool peer_resets = false;    // RE-CONFIG
    Instant created;
    // The tags of the association that existed when INIT came, zero without one (RFC 9260 5.2.2).
    uint32_t local_tie_tag = 0;
    uint32_t peer_tie_tag = 0;

    bool operator==(const Cookie&) const = default;
};

// The secret of one association, drawn at its creation.
class CookieKey {
 public:
    explicit CookieKey(Rng& rng) { rng.fill(key_); }
    std::array<uint8_t, kCookieSize> seal(const Cookie& cookie) const;
    // Nothing when the size or the signature is wrong. Age is the caller's business.
    std::optional<Cookie> open(ByteView sealed) const;

 private:
    std::array<uint8_t, 32> key_{};
};

}  // namespace conclave::sctp
