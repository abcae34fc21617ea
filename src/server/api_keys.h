// The API keys of applications, as the store thread reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace conclave::server {

// Known to everybody, as LiveKit's examples expect them: `conclave serve --dev` alone accepts this key.
inline constexpr std::string_view kDevKeyId = "devkey";
inline constexpr std::string_view kDevKeySecret = "secret";

// The secret of a key that may be used now.
Result<std::optional<std::vector<uint8_t>>> find_key(store::Database&, bool is_dev, std::string_view id);

}  // namespace conclave::server
