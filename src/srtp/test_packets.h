// Packets for the tests of this module.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/rng.h"
#include "crypto/srtp_profile.h"

namespace conclave::srtp {

using Bytes = std::vector<uint8_t>;

inline constexpr crypto::SrtpProfile kProfiles[] = {crypto::SrtpProfile::AeadAes128Gcm,
                                                    crypto::SrtpProfile::AesCm128HmacSha1_80};

inline crypto::SrtpKeys random_keys(Rng& rng) {
    crypto::SrtpKeys keys;
    rng.fill(keys.key);
    rng.fill(keys.salt);
    return keys;
}

// With 0 to 15 CSRCs and sometimes a header extension.
inline Bytes rtp_packet(Rng& rng, uint32_t ssrc, uint16_t sequence, size_t payload_size) {
    const uint8_t csrcs = rng.u32() % 4 == 0 ? static_cast<uint8_t>(rng.u32() % 16) : uint8_t{0};
    const bool has_extension = rng.u32() % 2 == 0;
    const uint16_t words = has_extension ? static_cast<uint16_t>(rng.u32() % 8) : uint16_t{0};
    const size_t header = 12 + 4u * csrcs + (has_extension ? 4u + 4u * words : 0u);
    Bytes packet(header + payload_size);
    rng.fill(packet);
    packet[0] = static_cast<uint8_t>(0x80 | (has_extension ? 0x10 : 0) | csrcs);
    store_be16(&packet[2], sequence);
    store_be32(&packet[8], ssrc);
    if (has_extension) {
        store_be16(&packet[12 + 4u * csrcs], 0xbede);
        store_be16(&packet[14 + 4u * csrcs], words);
    }
    return packet;
}

inline Bytes rtcp_packet(Rng& rng, uint32_t ssrc, size_t body_words) {
    Bytes packet(8 + 4 * body_words);
    rng.fill(packet);
    packet[0] = 0x81;
    packet[1] = 201;
    store_be16(&packet[2], static_cast<uint16_t>(1 + body_words));
    store_be32(&packet[4], ssrc);
    return packet;
}

}  // namespace conclave::srtp
