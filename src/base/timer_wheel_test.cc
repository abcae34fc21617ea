#include "base/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>

#include "base/rng.h"

namespace conclave {
namespace {

using Keys = std::vector<TimerWheel::Key>;

constexpr Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

class TimerWheelTest : public testing::Test {
 protected:
    Keys take_due(Instant now) {
        const auto due = wheel_.take_due(now);
        return {due.begin(), due.end()};
    }
    TimerWheel wheel_{at(1000), Duration::millis(10), 8};
};

TEST_F(TimerWheelTest, NobodyIsMetBeforeTheInstantNorATickAfterIt) {
    EXPECT_EQ(wheel_.meet(1, at(1031)), at(1040));
    EXPECT_EQ(wheel_.next(), at(1040));
    EXPECT_EQ(take_due(at(1031)), Keys{});
    EXPECT_EQ(take_due({at(1040).us - 1}), Keys{});
    EXPECT_EQ(take_due(at(1040)), Keys{1});
    EXPECT_EQ(take_due(at(2000)), Keys{});
    EXPECT_TRUE(wheel_.next().is_never());
}

TEST_F(TimerWheelTest, AnInstantOnATickIsMetInIt) {
    EXPECT_EQ(wheel_.meet(1, at(1040)), at(1040));
    EXPECT_EQ(take_due(at(1040)), Keys{1});
}

TEST_F(TimerWheelTest, ThePastIsMetInTheNextTick) {
    EXPECT_EQ(wheel_.meet(1, at(3)), at(1010));
    EXPECT_EQ(take_due(at(1000)), Keys{});
    EXPECT_EQ(take_due(at(1010)), Keys{1});
    EXPECT_EQ(wheel_.meet(1, at(1010)), at(1020));
}

TEST_F(TimerWheelTest, MovesForwardOnlyAndIsMetOnce) {
    (void)wheel_.meet(1, at(1060));
    EXPECT_EQ(wheel_.meet(1, at(1070)), at(1060));
    EXPECT_EQ(wheel_.meet(1, at(1020)), at(1020));
    EXPECT_EQ(take_due(at(1050)), Keys{1});
    EXPECT_EQ(take_due(at(1070)), Keys{});
}

TEST_F(TimerWheelTest, WhatIsOutOfReachIsMetAtTheEndOfTheWheel) {
    EXPECT_EQ(wheel_.meet(1, Instant::never()), at(1080));
    EXPECT_EQ(wheel_.meet(2, at(99'000)), at(1080));
    EXPECT_EQ(take_due(at(1080)), (Keys{1, 2}));
    EXPECT_EQ(wheel_.meet(2, at(99'000)), at(1160));
}

TEST_F(TimerWheelTest, WhoIsForgottenIsNotMetAndMayComeBack) {
    (void)wheel_.meet(1, at(1020));
    wheel_.forget(1);
    EXPECT_EQ(take_due(at(1030)), Keys{});
    (void)wheel_.meet(1, at(1050));
    EXPECT_EQ(take_due(at(1050)), Keys{1});
}

TEST_F(TimerWheelTest, ALongSilenceLosesNobody) {
    for (TimerWheel::Key key = 0; key < 8; ++key) (void)wheel_.meet(key, at(1010 + 10 * key));
    EXPECT_EQ(take_due(at(500'000)).size(), 8U);
    EXPECT_EQ(wheel_.meet(1, at(0)), at(500'010));
}

TEST_F(TimerWheelTest, AClockThatStandsStillTakesNothingTwice) {
    (void)wheel_.meet(1, at(1010));
    EXPECT_EQ(take_due(at(1010)), Keys{1});
    (void)wheel_.meet(1, at(1010));
    EXPECT_EQ(take_due(at(1010)), Keys{});
    EXPECT_EQ(take_due(at(1020)), Keys{1});
}

// Against a table that is searched from one end to the other.
TEST(TimerWheel, AgreesWithATable) {
    SeededRng rng(7);
    Instant now = at(0);
    TimerWheel wheel(now, Duration::millis(10), 16);
    std::map<TimerWheel::Key, Instant> table;
    for (int step = 0; step < 20'000; ++step) {
        const TimerWheel::Key key = rng.u32() % 50;
        if (rng.u32() % 8 == 0) {
            wheel.forget(key);
            table.erase(key);
        } else {
            const Instant met = wheel.meet(key, now + Duration::micros(rng.u32() % 300'000));
            const auto known = table.find(key);
            ASSERT_TRUE(known == table.end() || met <= known->second);
            table[key] = met;
        }
        now = now + Duration::micros(rng.u32() % 20'000);
        std::map<TimerWheel::Key, Instant> due;
        for (const TimerWheel::Key taken : wheel.take_due(now)) due[taken] = table.at(taken);
        std::map<TimerWheel::Key, Instant> expected;
        for (const auto& [waiting, met] : table) {
            if (met <= now) expected[waiting] = met;
        }
        ASSERT_EQ(due, expected);
        for (const auto& [taken, met] : due) table.erase(taken);
    }
}

}  // namespace
}  // namespace conclave
