// JSON from outside, and text that is always valid JSON. nlohmann-json without its exceptions: what does not
// fit comes back as nullopt.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::livekit {

// Deeper nesting than any claim or candidate has; it bounds the recursion of json_text().
constexpr int kJsonDepthMax = 16;

std::optional<nlohmann::json> parse_json_object(std::string_view text);
// Bytes that are not UTF-8 become U+FFFD.
std::string json_text(const nlohmann::json& value);

// False when the member is there with another type; absent and null leave `out` as it is.
bool read_member(const nlohmann::json& object, const char* name, std::string& out);
bool read_member(const nlohmann::json& object, const char* name, bool& out);

}  // namespace conclave::livekit
