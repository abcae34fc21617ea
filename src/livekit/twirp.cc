// The envelope of the server API: forms, errors.
#include <array>

#include "livekit/json.h"
#include "livekit/room_service.h"

namespace conclave::livekit {
namespace {

struct CodeName {
    std::string_view name;
    unsigned status;
};
// In the order of TwirpCode.
constexpr std::array<CodeName, 13> kCodes = {{{"malformed", 400},
                                              {"invalid_argument", 400},
                                              {"unauthenticated", 401},
                                              {"permission_denied", 403},
                                              {"not_found", 404},
                                              {"bad_route", 404},
                                              {"deadline_exceeded", 408},
                                              {"already_exists", 409},
                                              {"failed_precondition", 412},
                                              {"resource_exhausted", 429},
                                              {"internal", 500},
                                              {"unimplemented", 501},
                                              {"unavailable", 503}}};
static_assert(kCodes.size() == static_cast<size_t>(TwirpCode::Unavailable) + 1);

const CodeName& named(TwirpCode code) {
    return kCodes[static_cast<size_t>(code)];
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
        if (c != b[i]) return false;
    }
    return true;
}

}  // namespace

unsigned http_status(TwirpCode code) {
    return named(code).status;
}

std::string twirp_error_json(const TwirpError& error) {
    nlohmann::json out = {{"code", std::string(named(error.code).name)}, {"msg", error.message}};
    for (const auto& [key, value] : error.meta) out["meta"][key] = value;
    return json_text(out);
}

std::optional<TwirpForm> twirp_form(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    if (equal_ignoring_case(type, "application/json")) return TwirpForm::Json;
    if (equal_ignoring_case(type, "application/protobuf")) return TwirpForm::Protobuf;
    return std::nullopt;
}

std::string_view content_type(TwirpForm form) {
    return form == TwirpForm::Json ? "application/json" : "application/protobuf";
}

}  // namespace conclave::livekit
