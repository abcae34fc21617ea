#include "live/request.h"

#include <utility>

#include "live/json_object.h"
#include "meeting/json_fields.h"

namespace conclave::live {
namespace {

using meeting::Json;
using meeting::JsonReader;

constexpr int kDepthMax = 4;  // an agenda: the request, the list, the item
constexpr std::array<std::string_view, 6> kReactions = {"applause", "agree",    "disagree",
                                                        "laugh",    "surprise", "thanks"};

// Tries the commands that clients may send one by one, by their names.
template <size_t I = 0>
std::optional<meeting::Wanted> wanted_of(std::string_view word, const Json& object) {
    if constexpr (I == std::variant_size_v<meeting::Wanted>) {
        return std::nullopt;
    } else {
        using Wish = std::variant_alternative_t<I, meeting::Wanted>;
        if constexpr (requires { Wish::kDo; }) {
            if (word == Wish::kDo) {
                Wish wish;
                JsonReader reader(object, JsonReader::Absent::IsDefault);
                wish.fields(reader);
                return reader.is_ok() ? std::optional<meeting::Wanted>(std::move(wish)) : std::nullopt;
            }
        }
        return wanted_of<I + 1>(word, object);
    }
}

const std::string* text_member(const Json& object, const char* name) {
    const auto member = object.find(name);
    if (member == object.end() || !member->is_string()) return nullptr;
    return &member->get_ref<const std::string&>();
}

std::optional<Reaction> reaction_of(const Json& object) {
    const std::string* name = text_member(object, "reaction");
    for (size_t i = 0; name && i < kReactions.size(); ++i) {
        if (kReactions[i] == *name) return static_cast<Reaction>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(Reaction reaction) {
    return kReactions[static_cast<size_t>(reaction)];
}

std::string refusal_text(int64_t id, std::string_view code) {
    return meeting::text_of({{"type", "refused"}, {"id", id}, {"code", code}});
}

Result<Request, RequestFault> parse_request(std::string_view text) {
    if (text.size() > kRequestBytesMax) return Unexpected{RequestFault{}};
    const Json object = parse_json_object(text, kDepthMax);
    if (!object.is_object()) return Unexpected{RequestFault{}};
    const auto id = object.find("id");
    if (id == object.end() || !id->is_number_integer()) return Unexpected{RequestFault{}};
    // It comes back as it was sent.
    if (id->is_number_unsigned() && !std::in_range<int64_t>(id->get<uint64_t>()))
        return Unexpected{RequestFault{}};
    Request request{.id = id->get<int64_t>(), .wish = Hello{}};
    const RequestFault fault{request.id};
    const std::string* word = text_member(object, "do");
    if (!word) return Unexpected{fault};
    if (*word == "hello") {
        const std::string* rejoin = text_member(object, "rejoin");
        if (!rejoin) return Unexpected{fault};
        request.wish = Hello{*rejoin};
    } else if (*word == "react") {
        const std::optional<Reaction> reaction = reaction_of(object);
        if (!reaction) return Unexpected{fault};
        request.wish = React{*reaction};
    } else {
        std::optional<meeting::Wanted> wanted = wanted_of(*word, object);
        if (!wanted) return Unexpected{fault};
        request.wish = std::move(*wanted);
    }
    return request;
}

}  // namespace conclave::live
