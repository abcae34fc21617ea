#include "settings/toml.h"

namespace conclave::settings {

Setter text(std::string& target) {
    return [&target](const toml::node& node) -> Fault {
        const auto value = node.value_exact<std::string>();
        if (!value) return "must be a string";
        target = *value;
        return {};
    };
}

Setter boolean(bool& target) {
    return [&target](const toml::node& node) -> Fault {
        const auto value = node.value_exact<bool>();
        if (!value) return "must be true or false";
        target = *value;
        return {};
    };
}

}  // namespace conclave::settings
