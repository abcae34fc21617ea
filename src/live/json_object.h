// A JSON object from outside: bounded in depth, and nothing is in it twice.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace conclave::live {

// The object, or null. A member that is given twice means different things to different parsers: refused,
// like a byte order mark (RFC 8259 8.1) and whatever is deeper than `depth_max`.
nlohmann::json parse_json_object(std::string_view text, int depth_max);

}  // namespace conclave::live
