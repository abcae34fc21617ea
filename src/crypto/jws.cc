#include "crypto/jws.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "base/base64.h"
#include "base/check.h"
#include "crypto/hmac.h"

namespace conclave::crypto {

namespace {

using nlohmann::json;

// A JSON object without any key given twice: two readers must not see two different tokens (RFC 8725 2.4).
std::optional<json> parse_strict_object(std::string_view text) {
    // A byte order mark, which our parser would pass over and others do not (RFC 8259 8.1).
    if (text.starts_with("\xef\xbb\xbf")) return std::nullopt;
    std::vector<std::set<std::string>> keys;
    bool has_duplicate = false;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end) keys.pop_back();
        if (event == json::parse_event_t::key) {
            const auto* key = parsed.get_ptr<const std::string*>();
            if (!key || !keys.back().insert(*key).second) has_duplicate = true;
        }
        return true;
    };
    json value = json::parse(text, watch, /*allow_exceptions=*/false);
    if (has_duplicate || !value.is_object()) return std::nullopt;
    return value;
}

struct Parts {
    std::string_view signing_input;  // header.payload as received (RFC 7515 5.2)
    std::string payload;
    std::vector<uint8_t> signature;
};

// base64_decode() tolerates padding, JOSE does not (RFC 7515 2).
std::optional<std::vector<uint8_t>> decode_part(std::string_view part) {
    if (part.empty() || part.find('=') != std::string_view::npos) return std::nullopt;
    return base64url_decode(part);
}

bool is_header_accepted(const json& header) {
    const auto alg = header.find("alg");
    if (alg == header.end() || !alg->is_string() || *alg != "HS256") return false;
    const auto typ = header.find("typ");
    if (typ != header.end() && (!typ->is_string() || *typ != "JWT")) return false;
    // Extensions we would have to understand, and keys that the token itself would choose (RFC
    // 8725 3.9, 3.10).
    for (const char* refused : {"crit", "b64", "jku", "jwk", "x5u", "x5c"}) {
        if (header.contains(refused)) return false;
    }
    return true;
}

Result<Parts> parse_token(std::string_view token) {
    if (token.size() > kJwsSizeMax) return failure("token is too large");
    const size_t first = token.find('.');
    const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return failure("token does not have three parts");
    const auto header = decode_part(token.substr(0, first));
    const auto payload = decode_part(token.substr(first + 1, second - first - 1));
    auto signature = decode_part(token.substr(second + 1));
    if (!header || !payload || !signature) return failure("token is not base64url");
    const auto header_json = parse_strict_object(as_text(*header));
    if (!header_json || !is_header_accepted(*header_json)) return failure("token header is not accepted");
    if (!parse_strict_object(as_text(*payload))) return failure("token payload is not accepted");
    return Parts{token.substr(0, second), std::string(as_text(*payload)), std::move(*signature)};
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
    Parts parts = TRY(parse_token(token));
    if (!equal_constant_time(hmac_sha256(key, as_bytes(parts.signing_input)), parts.signature))
        return failure("token signature is wrong");
    return std::move(parts.payload);
}

Result<std::string> peek_unverified_payload(std::string_view token) {
    Parts parts = TRY(parse_token(token));
    return std::move(parts.payload);
}

}  // namespace conclave::crypto
