// What each table but those of accounts.cc is asked. One function, one statement, wherever the question
// allows it.
#include "store/database.h"
#include "store/statement.h"

namespace conclave::store {

Result<std::optional<meeting::State>> Database::read_meeting(Statement& query) {
    if (!TRY(query.step())) return std::optional<meeting::State>();
    meeting::State state;
    state.phase = meeting::State::Phase::Open;
    state.id = query.text();
    state.title = query.text();
    state.owner = query.text();
    state.created_at = query.time();
    if (const std::optional<WallTime> ended_at = query.optional_time()) {
        state.phase = meeting::State::Phase::Ended;
        state.ended_at = *ended_at;
    }
    if (const std::optional<WallTime> begin = query.optional_time()) {
        state.plan = meeting::PlannedTime{.begin = *begin, .length = {query.number()}};
        state.plan->utc_offset = {query.number()};
        state.plan->zone = query.text();
    }
    return std::optional(std::move(state));
}

Result<std::optional<meeting::State>> Database::meeting(std::string_view id) {
    Statement query(handle_,
                    "SELECT id, title, owner, created_at, ended_at, begins_at, length, utc_offset, zone "
                    "FROM meeting WHERE id = ?");
    return read_meeting(query.bind(id));
}

Result<std::vector<meeting::State>> Database::meetings_of(std::string_view account_id) {
    Statement query(handle_,
                    "SELECT id, title, owner, created_at, ended_at, begins_at, length, utc_offset, zone "
                    "FROM meeting WHERE ended_at IS NULL AND (owner = ? OR id IN "
                    "(SELECT meeting_id FROM invited_agent WHERE account_id = ?)) "
                    "ORDER BY created_at DESC, id LIMIT ?");
    query.bind(account_id).bind(account_id).bind(static_cast<int64_t>(kMeetingsListedMax));
    std::vector<meeting::State> all;
    while (std::optional<meeting::State> state = TRY(read_meeting(query))) all.push_back(std::move(*state));
    return all;
}

Result<std::optional<std::string>> Database::secret(std::string_view name) {
    Statement query(handle_, "SELECT value FROM secret WHERE name = ?");
    query.bind(name);
    if (!TRY(query.step())) return std::optional<std::string>();
    return std::optional(query.blob());
}

Status Database::set_secret(std::string_view name, std::string_view value) {
    Statement insert(handle_, "INSERT OR REPLACE INTO secret (name, value) VALUES (?, ?)");
    TRY(insert.bind(name).bind(as_bytes(value)).finish());
    return Ok{};
}

Status Database::insert_api_key(const ApiKey& key) {
    Statement insert(handle_, "INSERT INTO api_key (id, secret, name, created_at) VALUES (?, ?, ?, ?)");
    TRY(insert.bind(key.id).bind(key.secret).bind(key.name).bind(key.created_at).finish());
    return Ok{};
}

Result<std::vector<ApiKey>> Database::api_keys() {
    Statement query(handle_,
                    "SELECT id, secret, name, created_at, revoked_at FROM api_key ORDER BY created_at, id");
    std::vector<ApiKey> all;
    while (std::optional<ApiKey> key = TRY(read_api_key(query))) all.push_back(std::move(*key));
    return all;
}

Result<std::optional<ApiKey>> Database::api_key(std::string_view id) {
    Statement query(
        handle_,
        "SELECT id, secret, name, created_at, revoked_at FROM api_key WHERE id = ? AND revoked_at IS NULL");
    return read_api_key(query.bind(id));
}

Result<std::optional<ApiKey>> Database::read_api_key(Statement& query) {
    if (!TRY(query.step())) return std::optional<ApiKey>();
    ApiKey key;
    key.id = query.text();
    key.secret = query.text();
    key.name = query.text();
    key.created_at = query.time();
    key.revoked_at = query.optional_time();
    return std::optional(std::move(key));
}

Result<bool> Database::revoke_api_key(std::string_view id, WallTime now) {
    Statement update(handle_, "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
    return TRY(update.bind(now).bind(id).finish()) == 1;
}

}  // namespace conclave::store
