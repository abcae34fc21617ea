// Compact JSON Web Signatures (RFC 7515) with HMAC-SHA-256 and nothing else: no algorithm is ever chosen by
// the token (RFC 8725 3.1).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace conclave::crypto {

// Larger tokens are refused unread: LiveKit's grants with metadata stay below 4 KiB.
constexpr size_t kJwsSizeMax = 16 << 10;

// `payload_json` must be a JSON object; `key` must not be empty.
std::string sign_hs256(std::string_view payload_json, ByteView key);

// The payload (text of a JSON object) when the signature is right. Refused: more than kJwsSizeMax bytes;
// other than three parts of strict base64url; `alg` other than exactly "HS256"; `typ` present and not "JWT";
// any of crit, b64, jku, jwk, x5u, x5c; a key given twice in header or payload, at any depth; an empty `key`.
// Claims (exp, nbf, aud, …) are the caller's to judge. The error names no part of the token.
Result<std::string> verify_hs256(std::string_view token, ByteView key);

// The payload WITHOUT any proof of who wrote it: only to learn `iss`, to find the key for verify_hs256().
// Same form checks as above.
Result<std::string> peek_unverified_payload(std::string_view token);

}  // namespace conclave::crypto
