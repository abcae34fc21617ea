#include "crypto/jws.h"

#include "base/base64.h"
#include "base/check.h"
#include "crypto/hmac.h"
#include "crypto/jws_parts.h"

namespace conclave::crypto {
namespace {

Result<JwsParts> parse_hs256(std::string_view token) {
    JwsParts parts = TRY(parse_jws(token));
    if (parts.header["alg"] != "HS256") return failure("token header is not accepted");
    return parts;
}

}  // namespace

std::string sign_hs256(std::string_view payload_json, ByteView key) {
    CHECK(!key.empty());
    std::string token = base64url_encode(as_bytes(R"({"alg":"HS256","typ":"JWT"})"));
    token += '.';
    token += base64url_encode(as_bytes(payload_json));
    const Sha256Digest signature = hmac_sha256(key, as_bytes(token));
    token += '.';
    token += base64url_encode(signature);
    return token;
}

Result<std::string> verify_hs256(std::string_view token, ByteView key) {
    if (key.empty()) return failure("no key");
    JwsParts parts = TRY(parse_hs256(token));
    if (!equal_constant_time(hmac_sha256(key, as_bytes(parts.signing_input)), parts.signature))
        return failure("token signature is wrong");
    return std::move(parts.payload);
}

Result<std::string> peek_unverified_payload(std::string_view token) {
    JwsParts parts = TRY(parse_hs256(token));
    return std::move(parts.payload);
}

}  // namespace conclave::crypto
