// When a meeting may be planned: from the full hour to forty, so that everybody has a break before the next.
// Pure: what else is planned for the people concerned comes in as spans, in the order of their beginnings.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "policy/terms.h"

namespace conclave::policy {

struct Span {
    WallTime begin;
    WallTime end;
    bool operator==(const Span&) const = default;
};

// A plan as somebody wishes it. The offset is that of the place for which it is made, at its beginning: hours
// are full there (RFC 3339 4.2), whatever the season.
struct PlanWish {
    WallTime begin;
    Duration length;
    Duration utc_offset = {};
    bool insists = false;  // told that there is no break, and wanting it nevertheless
    Span span() const { return {begin, begin + length}; }
};

inline constexpr Duration kPlanAheadMax = Duration::minutes(366 * 24 * 60);
inline constexpr size_t kPlansMax = 200;  // of one owner, yet to come
inline constexpr Duration kUtcOffsetMax = Duration::minutes(18 * 60);
inline constexpr size_t kSlotsMax = 48;  // a day of half hours

enum class PlanRefusal : uint8_t {
    BadTime,  // no whole minute, or an offset that no place has
    InThePast,
    TooFarAhead,  // beyond kPlanAheadMax
    TooMany,      // beyond kPlansMax
    TooClose,     // back to back with, or during, another meeting of somebody concerned
};
std::string_view code(PlanRefusal);

struct PlanVerdict {
    std::optional<PlanRefusal> refusal = {};
    bool is_too_close = false;          // refused for it or not, as the rule of the break says
    std::optional<WallTime> next = {};  // where it would have its break; only when it is too close
};

// Whether the break lies between the span and all others.
bool has_rest(const Span&, std::span<const Span> busy, Duration rest);

// `planned`: how many plans the owner has already.
PlanVerdict judge_plan(const Terms& usual, const PlanWish&, std::span<const Span> busy, size_t planned,
                       WallTime now);

// The first slot that does not begin before `wish.begin` and has its break; nothing within kPlanAheadMax.
std::optional<WallTime> next_slot(const PlanWish& wish, std::span<const Span> busy, Duration rest);

// All of them that begin before `until`, kSlotsMax at most.
std::vector<WallTime> slots_until(PlanWish wish, std::span<const Span> busy, Duration rest, WallTime until);

}  // namespace conclave::policy
