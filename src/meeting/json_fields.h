// JSON of anything that names its fields (event.h, command.h): written and read by the same list.
//
// Durations are milliseconds, points in time milliseconds since 1970, enumerators their names.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/text.h"
#include "meeting/names.h"

namespace conclave::meeting {

using Json = nlohmann::json;

// Bytes that are not UTF-8 become U+FFFD: no exception, no invalid JSON.
inline std::string text_of(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct TermsFields {
    template <class F>
    static void fields(F& f, policy::Terms& t) {
        f("format", t.format), f("guests", t.guests), f("lobby", t.lobby), f("floor_mode", t.floor_mode);
        f("floor_order", t.floor_order), f("turn_limit", t.turn_limit), f("length", t.length);
        f("extension_max", t.extension_max), f("pause_max", t.pause_max), f("grace", t.grace);
        f("rest", t.rest), f("rest_rule", t.rest_rule), f("history", t.has_history);
    }
};

class JsonWriter {
 public:
    // `personal` gets what is personal; nullptr: everything stands together.
    explicit JsonWriter(Json& out, Json* personal = nullptr) : out_(out), personal_(personal) {}

    template <class T>
    void operator()(const char* name, T& value) {
        out_[name] = json_of(value);
    }
    template <class T>
    void required(const char* name, T& value) {
        (*this)(name, value);
    }
    template <class T>
    void personal(const char* name, T& value) {
        (personal_ ? *personal_ : out_)[name] = json_of(value);
    }

    template <class T>
    static Json json_of(T& value) {
        if constexpr (std::is_enum_v<T>) {
            return name_of(value);
        } else if constexpr (std::is_same_v<T, Duration>) {
            return value.ms();
        } else if constexpr (std::is_same_v<T, WallTime>) {
            return value.unix_ms();
        } else if constexpr (std::is_same_v<T, std::string> || std::is_arithmetic_v<T>) {
            return value;
        } else if constexpr (std::is_same_v<T, policy::Terms>) {
            Json object = Json::object();
            JsonWriter writer(object);
            TermsFields::fields(writer, value);
            return object;
        } else if constexpr (requires { value.has_value(); }) {
            return value ? json_of(*value) : Json();
        } else if constexpr (requires { value.push_back(value.front()); }) {
            Json list = Json::array();
            for (auto& element : value) list.push_back(json_of(element));
            return list;
        } else {
            Json object = Json::object();
            JsonWriter writer(object);
            value.fields(writer);
            return object;
        }
    }

 private:
    Json& out_;
    Json* personal_;
};

class JsonReader {
 public:
    enum class Absent : uint8_t { IsFault, IsDefault };
    // Personal fields may have been erased: absent, they keep their defaults.
    explicit JsonReader(const Json& in, Absent absent, const Json* personal = nullptr)
        : in_(in), personal_(personal), absent_(absent) {}

    template <class T>
    void operator()(const char* name, T& value) {
        read(in_, name, value, absent_ == Absent::IsDefault);
    }
    // Whose default would do something that nobody asked for.
    template <class T>
    void required(const char* name, T& value) {
        read(in_, name, value, /*may_be_absent=*/false);
    }
    template <class T>
    void personal(const char* name, T& value) {
        read(personal_ ? *personal_ : in_, name, value, personal_ || absent_ == Absent::IsDefault);
    }
    bool is_ok() const { return is_ok_; }

 private:
    static constexpr size_t kElementsMax = 2000;  // as many people as may be named in one event, and more

    template <class T>
    void read(const Json& from, const char* name, T& value, bool may_be_absent) {
        const auto member = from.find(name);
        if (member == from.end() || member->is_null()) {
            is_ok_ = is_ok_ && may_be_absent;
        } else {
            is_ok_ = is_ok_ && take(*member, value);
        }
    }

    // As a JSON number may be: an integer that fits in milliseconds with room to spare.
    static bool take_integer(const Json& json, int64_t& value) {
        constexpr int64_t kMax = int64_t{1} << 52;
        if (!json.is_number_integer()) return false;
        if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(kMax)) return false;
        value = json.get<int64_t>();
        return value >= -kMax && value <= kMax;
    }

    template <class T>
    bool take(const Json& json, T& value) {
        int64_t number = 0;
        if constexpr (std::is_enum_v<T>) {
            if (!json.is_string()) return false;
            const std::optional<T> parsed = parse_name<T>(json.get_ref<const std::string&>());
            if (parsed) value = *parsed;
            return parsed.has_value();
        } else if constexpr (std::is_same_v<T, Duration>) {
            if (!take_integer(json, number)) return false;
            value = Duration::millis(number);
        } else if constexpr (std::is_same_v<T, WallTime>) {
            if (!take_integer(json, number)) return false;
            value = WallTime{number * 1000};
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!json.is_string()) return false;
            value = json.get_ref<const std::string&>();
        } else if constexpr (std::is_same_v<T, bool>) {
            if (!json.is_boolean()) return false;
            value = json.get<bool>();
        } else if constexpr (std::is_arithmetic_v<T>) {
            if (!take_integer(json, number) || !std::in_range<T>(number)) return false;
            value = static_cast<T>(number);
        } else if constexpr (requires { value.has_value(); }) {
            return take(json, value.emplace());
        } else if constexpr (requires { value.push_back(value.front()); }) {
            if (!json.is_array() || json.size() > kElementsMax) return false;
            value.clear();
            for (const Json& element : json) {
                if (!take(element, value.emplace_back())) return false;
            }
        } else {
            if (!json.is_object()) return false;
            JsonReader reader(json, absent_);
            if constexpr (std::is_same_v<T, policy::Terms>) {
                TermsFields::fields(reader, value);
            } else {
                value.fields(reader);
            }
            return reader.is_ok();
        }
        return true;
    }

    const Json& in_;
    const Json* personal_;
    Absent absent_;
    bool is_ok_ = true;
};

}  // namespace conclave::meeting
