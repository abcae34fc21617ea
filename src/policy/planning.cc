#include "policy/planning.h"

#include <algorithm>

namespace conclave::policy {
namespace {

constexpr Duration kMinute = Duration::minutes(1);
constexpr Duration kHalfHour = Duration::minutes(30);
constexpr Duration kHour = Duration::minutes(60);

// Slots begin at full hours, and at half hours when a meeting and its break fit into one.
Duration grid(Duration length, Duration rest) {
    return length + rest <= kHalfHour ? kHalfHour : kHour;
}

WallTime on_grid(WallTime from, Duration utc_offset, Duration step) {
    const int64_t past = (from + utc_offset).us % step.us;
    return past == 0 ? from : from + Duration{step.us - (past < 0 ? past + step.us : past)};
}

bool collides(const Span& one, const Span& other, Duration rest) {
    return one.begin < other.end + rest && other.begin < one.end + rest;
}

std::optional<PlanRefusal> refusal_of(const PlanWish& wish, size_t planned, WallTime now) {
    const bool is_place = wish.utc_offset >= kUtcOffsetMax * -1 && wish.utc_offset <= kUtcOffsetMax;
    const bool is_whole = wish.begin.us % kMinute.us == 0 && wish.utc_offset.us % kMinute.us == 0;
    if (!is_place || !is_whole) return PlanRefusal::BadTime;
    // The minute that goes on is still now.
    if (wish.begin + kMinute <= now) return PlanRefusal::InThePast;
    if (wish.begin > now + kPlanAheadMax) return PlanRefusal::TooFarAhead;
    if (planned >= kPlansMax) return PlanRefusal::TooMany;
    return std::nullopt;
}

}  // namespace

std::string_view code(PlanRefusal refusal) {
    switch (refusal) {
        case PlanRefusal::BadTime:
            break;
        case PlanRefusal::InThePast:
            return "plan_in_past";
        case PlanRefusal::TooFarAhead:
            return "plan_too_far";
        case PlanRefusal::TooMany:
            return "too_many_plans";
        case PlanRefusal::TooClose:
            return "plan_too_close";
    }
    return "bad_request";
}

bool has_rest(const Span& span, std::span<const Span> busy, Duration rest) {
    return std::none_of(busy.begin(), busy.end(), [&](const Span& b) { return collides(span, b, rest); });
}

PlanVerdict judge_plan(const Terms& usual, const PlanWish& wish, std::span<const Span> busy, size_t planned,
                       WallTime now) {
    PlanVerdict verdict{.refusal = refusal_of(wish, planned, now)};
    if (verdict.refusal || has_rest(wish.span(), busy, usual.rest)) return verdict;
    verdict.is_too_close = true;
    verdict.next = next_slot(wish, busy, usual.rest);
    const bool is_refused =
        usual.rest_rule == RestRule::Block || (usual.rest_rule == RestRule::Discourage && !wish.insists);
    if (is_refused) verdict.refusal = PlanRefusal::TooClose;
    return verdict;
}

std::optional<WallTime> next_slot(const PlanWish& wish, std::span<const Span> busy, Duration rest) {
    const Duration step = grid(wish.length, rest);
    const auto slot_from = [&](WallTime from) { return on_grid(from, wish.utc_offset, step); };
    WallTime begin = slot_from(wish.begin);
    // In the order of their beginnings each is looked at once: a slot that lies before one lies before all
    // that follow.
    for (const Span& other : busy) {
        if (collides({begin, begin + wish.length}, other, rest)) begin = slot_from(other.end + rest);
    }
    if (begin > wish.begin + kPlanAheadMax) return std::nullopt;
    return begin;
}

std::vector<WallTime> slots_until(PlanWish wish, std::span<const Span> busy, Duration rest, WallTime until) {
    std::vector<WallTime> slots;
    while (slots.size() < kSlotsMax) {
        const std::optional<WallTime> slot = next_slot(wish, busy, rest);
        if (!slot || *slot >= until) break;
        slots.push_back(*slot);
        wish.begin = *slot + kMinute;
    }
    return slots;
}

}  // namespace conclave::policy
