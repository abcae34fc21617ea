#include "policy/planning.h"

#include <gtest/gtest.h>

namespace conclave::policy {
namespace {

// Thursday, 2026-11-26 00:00 UTC.
constexpr WallTime kMidnight = WallTime::from_unix_seconds(1'795'651'200);
constexpr Duration kLength = Duration::minutes(40);
constexpr Duration kRest = Duration::minutes(5);

WallTime at(int64_t hour, int64_t minute = 0) {
    return kMidnight + Duration::minutes(hour * 60 + minute);
}
Span span(int64_t hour, int64_t minute, int64_t length = 40) {
    return {at(hour, minute), at(hour, minute) + Duration::minutes(length)};
}
PlanWish wish(WallTime begin, Duration length = kLength) {
    return {.begin = begin, .length = length};
}
Terms with(RestRule rule) {
    return {.rest = kRest, .rest_rule = rule};
}
PlanVerdict judge(RestRule rule, const PlanWish& wished, std::vector<Span> busy, size_t planned = 0) {
    return judge_plan(with(rule), wished, busy, planned, at(8));
}

TEST(Planning, ASlotGoesFromTheHourToForty) {
    EXPECT_EQ(next_slot(wish(at(9)), {}, kRest), at(9));
    EXPECT_EQ(next_slot(wish(at(9, 1)), {}, kRest), at(10));
    EXPECT_EQ(next_slot(wish(at(9, 59)), {}, kRest), at(10));
}

TEST(Planning, AShortOneTakesHalfAnHourWithItsBreak) {
    EXPECT_EQ(next_slot(wish(at(9, 1), Duration::minutes(25)), {}, kRest), at(9, 30));
    EXPECT_EQ(next_slot(wish(at(9, 1), Duration::minutes(26)), {}, kRest), at(10))
        << "no break would be left";
}

TEST(Planning, ASlotKeepsTheBreakOnBothSides) {
    const std::vector<Span> busy{span(9, 0, 56), span(11, 0)};
    EXPECT_EQ(next_slot(wish(at(9)), busy, kRest), at(12)) << "ten o'clock is four minutes after the first";
    EXPECT_EQ(next_slot(wish(at(9)), std::vector{span(9, 0, 55), span(11, 0)}, kRest), at(10));
    EXPECT_EQ(next_slot(wish(at(9)), std::vector{span(9, 44)}, kRest), at(11))
        << "it would begin too soon after";
    EXPECT_EQ(next_slot(wish(at(9)), std::vector{span(9, 45)}, kRest), at(9));
}

// A long meeting that began early reaches over short ones that begin later.
TEST(Planning, AMeetingWithinAnotherHidesNothing) {
    const std::vector<Span> busy{span(9, 0, 240), span(10, 0, 10)};
    EXPECT_EQ(next_slot(wish(at(9)), busy, kRest), at(14));
}

// Every minute of a day against a reckoning that tries all slots one by one.
TEST(Planning, TheNextSlotIsTheFirstThatFits) {
    const std::vector<Span> busy{span(9, 20, 10), span(10, 0), span(10, 30, 90), span(13, 50, 25)};
    for (int64_t minute = 0; minute < 24 * 60; ++minute) {
        for (const int64_t length : {10, 25, 40, 60, 120}) {
            const PlanWish wished = wish(at(0, minute), Duration::minutes(length));
            const int64_t step = length + 5 <= 30 ? 30 : 60;
            int64_t expected = (minute + step - 1) / step * step;
            while (!has_rest({at(0, expected), at(0, expected + length)}, busy, kRest)) expected += step;
            ASSERT_EQ(next_slot(wished, busy, kRest), at(0, expected)) << minute << " " << length;
        }
    }
}

// Where clocks are half an hour off, and before 1970 all the same.
TEST(Planning, HoursAreFullWhereTheMeetingIsPlanned) {
    PlanWish marquesas = wish(at(9));
    marquesas.utc_offset = Duration::minutes(-(9 * 60 + 30));
    EXPECT_EQ(next_slot(marquesas, {}, kRest), at(9, 30));
    PlanWish nepal = wish(at(9));
    nepal.utc_offset = Duration::minutes(5 * 60 + 45);
    EXPECT_EQ(next_slot(nepal, {}, kRest), at(9, 15));
    PlanWish early = wish({-Duration::minutes(90).us});
    EXPECT_EQ(next_slot(early, {}, kRest), WallTime{-Duration::minutes(60).us});
}

// The clocks of Paris go back at 01:00 UTC on 25 October 2026: whoever plans after that says the offset that
// holds then, and the hour is full by it; that two local hours are called alike confuses nothing, for both
// are instants.
TEST(Planning, AChangeOfClocksLosesNoSlot) {
    const WallTime night = WallTime::from_unix_seconds(1'792'886'400);  // 2026-10-25 00:00 UTC
    PlanWish summer = wish(night);
    summer.utc_offset = Duration::minutes(120);
    PlanWish winter = summer;
    winter.utc_offset = Duration::minutes(60);
    const WallTime until = night + Duration::minutes(240);
    EXPECT_EQ(slots_until(summer, {}, kRest, until).size(), 4u);
    EXPECT_EQ(slots_until(summer, {}, kRest, until), slots_until(winter, {}, kRest, until));
}

TEST(Planning, ADayHasItsFreeSlots) {
    const std::vector<Span> busy{span(9, 0), span(12, 0)};
    EXPECT_EQ(slots_until(wish(at(9)), busy, kRest, at(14)), (std::vector{at(10), at(11), at(13)}));
    EXPECT_EQ(slots_until(wish(at(0), Duration::minutes(5)), {}, kRest, at(100)).size(), kSlotsMax);
    EXPECT_TRUE(slots_until(wish(at(9)), busy, kRest, at(9)).empty());
}

TEST(Planning, WhatIsFreeIsTakenAsItIs) {
    const PlanVerdict verdict = judge(RestRule::Block, wish(at(9, 10)), {span(8, 0), span(10, 0)});
    EXPECT_FALSE(verdict.refusal) << "no full hour, but with a break";
    EXPECT_FALSE(verdict.is_too_close);
    EXPECT_FALSE(verdict.next);
}

TEST(Planning, BackToBackIsToldDiscouragedOrRefused) {
    const PlanWish close = wish(at(10, 36));
    PlanWish insisting = close;
    insisting.insists = true;
    const std::vector<Span> busy{span(10, 0)};
    struct {
        RestRule rule;
        PlanWish wish;
        bool is_refused;
    } const cases[] = {{RestRule::Inform, close, false},    {RestRule::Inform, insisting, false},
                       {RestRule::Discourage, close, true}, {RestRule::Discourage, insisting, false},
                       {RestRule::Block, close, true},      {RestRule::Block, insisting, true}};
    for (const auto& one : cases) {
        const PlanVerdict verdict = judge(one.rule, one.wish, busy);
        EXPECT_EQ(verdict.refusal.has_value(), one.is_refused) << static_cast<int>(one.rule);
        EXPECT_TRUE(verdict.is_too_close);
        EXPECT_EQ(verdict.next, at(11)) << "whatever the rule, the next free slot is told";
    }
}

TEST(Planning, EveryLimitHasItsName) {
    const auto refusal = [](WallTime begin, size_t planned = 0, Duration offset = {}) {
        PlanWish wished = wish(begin);
        wished.utc_offset = offset;
        return judge(RestRule::Inform, wished, {}, planned).refusal;
    };
    EXPECT_EQ(refusal(at(7, 59)), PlanRefusal::InThePast);
    EXPECT_EQ(refusal(at(8)), std::nullopt) << "now";
    EXPECT_EQ(refusal(at(8) + kPlanAheadMax), std::nullopt);
    EXPECT_EQ(refusal(at(8) + kPlanAheadMax + Duration::minutes(1)), PlanRefusal::TooFarAhead);
    EXPECT_EQ(refusal(at(9), kPlansMax - 1), std::nullopt);
    EXPECT_EQ(refusal(at(9), kPlansMax), PlanRefusal::TooMany);
    EXPECT_EQ(refusal(at(9) + Duration::seconds(1)), PlanRefusal::BadTime);
    EXPECT_EQ(refusal(at(9), 0, kUtcOffsetMax), std::nullopt);
    EXPECT_EQ(refusal(at(9), 0, kUtcOffsetMax + Duration::minutes(1)), PlanRefusal::BadTime);
    EXPECT_EQ(refusal(at(9), 0, kUtcOffsetMax * -1 - Duration::minutes(1)), PlanRefusal::BadTime);
    EXPECT_EQ(refusal(at(9), 0, Duration::seconds(1)), PlanRefusal::BadTime);
    EXPECT_EQ(code(PlanRefusal::TooClose), "plan_too_close");
    EXPECT_EQ(code(PlanRefusal::InThePast), "plan_in_past");
    EXPECT_EQ(code(PlanRefusal::TooFarAhead), "plan_too_far");
    EXPECT_EQ(code(PlanRefusal::TooMany), "too_many_plans");
    EXPECT_EQ(code(PlanRefusal::BadTime), "bad_request");
}

}  // namespace
}  // namespace conclave::policy
