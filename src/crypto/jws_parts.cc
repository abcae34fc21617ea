#include "crypto/jws_parts.h"

#include <set>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/jws.h"

namespace conclave::crypto {
namespace {

using nlohmann::json;

// base64_decode() tolerates padding, JOSE does not (RFC 7515 2).
std::optional<std::vector<uint8_t>> decode_part(std::string_view part) {
    if (part.empty() || part.find('=') != std::string_view::npos) return std::nullopt;
    return base64url_decode(part);
}

bool is_header_accepted(const json& header, std::string_view type) {
    const auto alg = header.find("alg");
    if (alg == header.end() || !alg->is_string()) return false;
    const auto typ = header.find("typ");
    if (typ != header.end() && (!typ->is_string() || (*typ != "JWT" && *typ != type))) return false;
    // Extensions we would have to understand, and keys that the token itself would choose (RFC
    // 8725 3.9, 3.10).
    for (const char* refused : {"crit", "b64", "jku", "jwk", "x5u", "x5c"}) {
        if (header.contains(refused)) return false;
    }
    return true;
}

}  // namespace

// Two readers must not see two different tokens (RFC 8725 2.4).
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

Result<JwsParts> parse_jws(std::string_view token, std::string_view type) {
    if (token.size() > kJwsSizeMax) return failure("token is too large");
    const size_t first = token.find('.');
    const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return failure("token does not have three parts");
    const auto header = decode_part(token.substr(0, first));
    const auto payload = decode_part(token.substr(first + 1, second - first - 1));
    auto signature = decode_part(token.substr(second + 1));
    if (!header || !payload || !signature) return failure("token is not base64url");
    auto header_json = parse_strict_object(as_text(*header));
    if (!header_json || !is_header_accepted(*header_json, type))
        return failure("token header is not accepted");
    if (!parse_strict_object(as_text(*payload))) return failure("token payload is not accepted");
    return JwsParts{std::move(*header_json), token.substr(0, second), std::string(as_text(*payload)),
                    std::move(*signature)};
}

}  // namespace conclave::crypto
