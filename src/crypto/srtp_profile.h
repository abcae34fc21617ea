// What a DTLS handshake agrees for SRTP (RFC 5764): here, because `dtls` exports it and `srtp` uses it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace conclave::crypto {

// Values as in the use_srtp extension (RFC 5764 4.1.2, RFC 7714 14.2). In order of our preference: GCM
// costs half of AES-CM with SHA-1.
enum class SrtpProfile : uint16_t {
    AeadAes128Gcm = 0x0007,
    AesCm128HmacSha1_80 = 0x0001,
};

// Master key and salt of one direction.
struct SrtpKeys {
    static constexpr size_t kKeySize = 16;
    std::array<uint8_t, kKeySize> key{};
    std::array<uint8_t, 14> salt{};  // the first salt_size(profile) bytes count

    bool operator==(const SrtpKeys&) const = default;
};

// RFC 3711 8.2 (112 bits), RFC 7714 12.1 (96 bits).
constexpr size_t salt_size(SrtpProfile profile) {
    return profile == SrtpProfile::AeadAes128Gcm ? 12 : 14;
}

}  // namespace conclave::crypto
