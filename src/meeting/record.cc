#include "meeting/record.h"

#include <utility>

#include "meeting/json_fields.h"

namespace conclave::meeting {
namespace {

Json parse_object(const std::string& text) {
    Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    return object.is_object() ? object : Json();
}

// Tries the alternatives of What one by one, by their names.
template <size_t I = 0>
Result<What, RecordFault> what_of(const Record& record, const Json& body, const Json& personal) {
    if constexpr (I == std::variant_size_v<What>) {
        return Unexpected{RecordFault::UnknownKind};
    } else {
        using Happened = std::variant_alternative_t<I, What>;
        if (record.kind != Happened::kKind) return what_of<I + 1>(record, body, personal);
        Happened happened;
        JsonReader reader(body, JsonReader::Absent::IsFault, &personal);
        happened.fields(reader);
        if (!reader.is_ok()) return Unexpected{RecordFault::BadField};
        return What(std::move(happened));
    }
}

}  // namespace

std::string_view kind_of(const Event& event) {
    return std::visit([](const auto& happened) { return std::decay_t<decltype(happened)>::kKind; },
                      event.what);
}

Record record_of(const Event& event) {
    Json body = Json::object();
    Json personal = Json::object();
    JsonWriter writer(body, &personal);
    What what = event.what;  // fields() serves the reader as well, hence no const
    std::visit([&](auto& happened) { happened.fields(writer); }, what);
    Record record{.number = event.number, .at = event.at, .by = event.by};
    record.kind = kind_of(event);
    record.body = text_of(body);
    if (!personal.empty()) record.personal = text_of(personal);
    return record;
}

Result<Event, RecordFault> event_of(const Record& record) {
    const Json body = parse_object(record.body);
    const Json personal = record.personal.empty() ? Json::object() : parse_object(record.personal);
    if (!body.is_object() || !personal.is_object()) return Unexpected{RecordFault::BadJson};
    return Event{record.number, record.at, record.by, TRY(what_of(record, body, personal))};
}

}  // namespace conclave::meeting
