// SHA-1 and SHA-256 (FIPS 180-4), MD5 (RFC 1321), and hexadecimal text. Nothing here allocates except the
// text forms.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace conclave::crypto {

using Sha1Digest = std::array<uint8_t, 20>;
using Sha256Digest = std::array<uint8_t, 32>;

// Only for the long-term credentials of STUN (RFC 8489 9.2.2).
std::array<uint8_t, 16> md5(ByteView data);
// Only for protocols that demand it (HMAC of STUN and SRTP, WebSocket accept); never for signatures.
Sha1Digest sha1(ByteView data);
Sha256Digest sha256(ByteView data);

std::string hex_encode(ByteView bytes);  // lower case, no separator
// Either case; an odd length or any other character is refused.
std::optional<std::vector<uint8_t>> hex_decode(std::string_view text);

}  // namespace conclave::crypto
