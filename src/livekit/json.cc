#include "livekit/json.h"

namespace conclave::livekit {
namespace {

template <class Value>
bool read(const nlohmann::json& object, const char* name, Value& out) {
    const auto member = object.find(name);
    if (member == object.end() || member->is_null()) return true;
    const auto* value = member->template get_ptr<const Value*>();
    if (value) out = *value;
    return value != nullptr;
}

}  // namespace

std::optional<nlohmann::json> parse_json_object(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) return std::nullopt;  // a byte order mark (RFC 8259 8.1)
    bool too_deep = false;
    const auto limit_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        too_deep = too_deep || depth > kJsonDepthMax;
        return !too_deep;
    };
    nlohmann::json value = nlohmann::json::parse(text, limit_depth, false);
    if (too_deep || !value.is_object()) return std::nullopt;
    return value;
}

std::string json_text(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool read_member(const nlohmann::json& object, const char* name, std::string& out) {
    return read(object, name, out);
}

bool read_member(const nlohmann::json& object, const char* name, bool& out) {
    return read(object, name, out);
}

}  // namespace conclave::livekit
