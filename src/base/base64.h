// RFC 4648 base64 (section 4) and base64url (section 5). Decoding is strict but accepts missing
// padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace conclave {

std::string base64_encode(ByteView bytes);
std::string base64url_encode(ByteView bytes);  // without padding, as JOSE uses it (RFC 7515 2)
// Both alphabets are told apart by the caller; whitespace and stray bits are refused.
std::optional<std::vector<uint8_t>> base64_decode(std::string_view text);
std::optional<std::vector<uint8_t>> base64url_decode(std::string_view text);

}  // namespace conclave
