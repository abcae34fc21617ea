#include "server/api_keys.h"

namespace conclave::server {

Result<std::optional<std::vector<uint8_t>>> find_key(store::Database& database, bool is_dev,
                                                     std::string_view id) {
    std::optional<std::vector<uint8_t>> secret;
    if (is_dev && id == kDevKeyId) {
        secret.emplace(kDevKeySecret.begin(), kDevKeySecret.end());
        return secret;
    }
    const std::optional<store::ApiKey> key = TRY(database.api_key(id));
    if (key) secret.emplace(key->secret.begin(), key->secret.end());
    return secret;
}

}  // namespace conclave::server
