// What is planned for whom.
#include "store/database.h"
#include "store/statement.h"

namespace conclave::store {
namespace {

// Enough for a year of a whole committee; what lies beyond is not kept apart.
constexpr int64_t kBusyMax = 5000;

}  // namespace

Result<std::vector<policy::Span>> Database::busy(const Concerned& concerned, WallTime from) {
    Statement query(handle_,
                    "WITH person (id) AS (SELECT ? UNION SELECT account_id FROM invited_agent "
                    "WHERE meeting_id = ?) "
                    "SELECT DISTINCT begins_at, length FROM meeting WHERE begins_at IS NOT NULL AND "
                    "ended_at IS NULL AND id != ? AND begins_at + length > ? AND (owner IN person OR id IN "
                    "(SELECT meeting_id FROM invited_agent WHERE account_id IN person)) "
                    "ORDER BY begins_at, length LIMIT ?");
    query.bind(concerned.account_id).bind(concerned.meeting_id).bind(concerned.except).bind(from);
    query.bind(kBusyMax);
    std::vector<policy::Span> all;
    while (TRY(query.step())) {
        const WallTime begin = query.time();
        all.push_back({begin, begin + Duration{query.number()}});
    }
    return all;
}

Result<size_t> Database::plans_of(std::string_view owner, WallTime now) {
    Statement query(handle_,
                    "SELECT count(*) FROM meeting WHERE owner = ? AND ended_at IS NULL AND "
                    "begins_at + length > ?");
    query.bind(owner).bind(now);
    TRY(query.step());
    return static_cast<size_t>(query.number());
}

}  // namespace conclave::store
