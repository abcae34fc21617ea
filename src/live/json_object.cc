#include "live/json_object.h"

#include <set>
#include <string>
#include <vector>

namespace conclave::live {

using nlohmann::json;

json parse_json_object(std::string_view text, int depth_max) {
    if (text.starts_with("\xef\xbb\xbf")) return {};
    bool ok = true;
    std::vector<std::set<std::string>> seen;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > depth_max) ok = false;
        if (event == json::parse_event_t::object_start) seen.emplace_back();
        if (event == json::parse_event_t::object_end && !seen.empty()) seen.pop_back();
        if (event == json::parse_event_t::key && !seen.empty())
            ok = seen.back().insert(parsed.get<std::string>()).second && ok;
        return ok;
    };
    json object = json::parse(text, watch, /*allow_exceptions=*/false);
    return ok && object.is_object() ? object : json();
}

}  // namespace conclave::live
