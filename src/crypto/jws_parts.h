// What every compact JSON Web Signature has to look like before its signature is looked at (RFC 7515 7.1, RFC
// 8725). For the sources of this module alone.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace conclave::crypto {

// A JSON object without any key given twice, at any depth.
std::optional<nlohmann::json> parse_strict_object(std::string_view text);

struct JwsParts {
    nlohmann::json header;
    std::string_view signing_input;  // header.payload as received (RFC 7515 5.2)
    std::string payload;             // text of a strict object
    std::vector<uint8_t> signature;
};

// Refused: more than kJwsSizeMax bytes; other than three parts of strict base64url; `alg` that is no string;
// `typ` that is neither absent, "JWT" nor `type`; any of crit, b64, jku, jwk, x5u, x5c; header or payload
// that is no strict object. Which algorithm it is has to be judged by the caller.
Result<JwsParts> parse_jws(std::string_view token, std::string_view type = "JWT");

}  // namespace conclave::crypto
