#include "sctp/cookie.h"

#include "base/check.h"
#include "crypto/hmac.h"

namespace conclave::sctp {

std::array<uint8_t, kCookieSize> CookieKey::seal(const Cookie& cookie) const {
    std::array<uint8_t, kCookieSize> sealed{};
    ByteWriter writer(sealed);
    writer.u32(cookie.local_tag);
    writer.u32(cookie.peer_tag);
    writer.u32(cookie.local_initial_tsn);
    writer.u32(cookie.peer_initial_tsn);
    writer.u32(cookie.peer_window);
    writer.u16(cookie.outgoing_streams);
    writer.u8(static_cast<uint8_t>((cookie.peer_forwards ? 1 : 0) | (cookie.peer_resets ? 2 : 0)));
    writer.u64(static_cast<uint64_t>(cookie.created.us));
    writer.u32(cookie.local_tie_tag);
    writer.u32(cookie.peer_tie_tag);
    CHECK(writer.size() == kCookieBodySize);
    writer.bytes(crypto::hmac_sha256(key_, writer.written()));
    CHECK(writer.ok());
    return sealed;
}

std::optional<Cookie> CookieKey::open(ByteView sealed) const {
    if (sealed.size() != kCookieSize) return std::nullopt;
    const auto signature = crypto::hmac_sha256(key_, sealed.first(kCookieBodySize));
    if (!crypto::equal_constant_time(signature, sealed.subspan(kCookieBodySize))) return std::nullopt;
    ByteReader reader(sealed);
    Cookie cookie;
    cookie.local_tag = reader.u32();
    cookie.peer_tag = reader.u32();
    cookie.local_initial_tsn = reader.u32();
    cookie.peer_initial_tsn = reader.u32();
    cookie.peer_window = reader.u32();
    cookie.outgoing_streams = reader.u16();
    const uint8_t abilities = reader.u8();
    cookie.peer_forwards = (abilities & 1) != 0;
    cookie.peer_resets = (abilities & 2) != 0;
    cookie.created = {static_cast<int64_t>(reader.u64())};
    cookie.local_tie_tag = reader.u32();
    cookie.peer_tie_tag = reader.u32();
    return cookie;
}

}  // namespace conclave::sctp
