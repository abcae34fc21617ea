// Values of a TOML file that are checked while they are read: a Setter takes one node and stores it where it
// belongs, or says what is wrong with it, in words that follow the key's name ("must be a whole number").
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace conclave::settings {

using Fault = std::optional<std::string>;
using Setter = std::function<Fault(const toml::node&)>;

// Targets must outlive their setters. Types are taken exactly: "true" is no boolean.
Setter text(std::string& target);
Setter boolean(bool& target);

// A whole number, both bounds included.
template <class T>
Setter number(T& target, int64_t low, int64_t high) {
    return [&target, low, high](const toml::node& node) -> Fault {
        const auto value = node.value_exact<int64_t>();
        if (!value) return "must be a whole number";
        if (*value < low || *value > high)
            return "must be between " + std::to_string(low) + " and " + std::to_string(high);
        target = static_cast<T>(*value);
        return {};
    };
}

}  // namespace conclave::settings
