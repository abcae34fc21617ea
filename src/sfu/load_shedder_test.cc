#include "sfu/load_shedder.h"

#include <gtest/gtest.h>

namespace conclave::sfu {
namespace {

using Level = LoadShedder::Level;
constexpr float kIdle = 0.1F;
constexpr float kBetween = 0.7F;
constexpr float kBusy = 0.9F;

class LoadShedderTest : public testing::Test {
 protected:
    void spend(Duration span, float busy, Duration turn = Duration::millis(1)) {
        for (const Instant end = now_ + span; now_ < end;) {
            now_ = now_ + LoadShedder::kWindow;
            if (shedder_.observe(now_, busy, turn)) ++changes_;
        }
    }
    Duration until_lowered() {
        const Level before = shedder_.level();
        const Instant began = now_;
        while (shedder_.level() == before) spend(LoadShedder::kWindow, kIdle);
        return now_ - began;
    }

    LoadShedder shedder_{LoadShedder::Rules{}};
    Instant now_ = Instant::from_ms(1000);
    int changes_ = 0;
};

TEST_F(LoadShedderTest, NothingIsGivenUpWithoutNeed) {
    spend(Duration::seconds(60), kIdle);
    spend(Duration::seconds(60), kBetween);
    EXPECT_EQ(shedder_.level(), Level::Nothing);
    EXPECT_EQ(shedder_.video_limit(), Quality::High);
    EXPECT_TRUE(shedder_.takes_joins());
    EXPECT_EQ(changes_, 0);
}

TEST_F(LoadShedderTest, AMomentIsNoSpell) {
    for (int i = 0; i < 100; ++i) {
        spend(LoadShedder::kWindow * 2, kBusy);
        spend(LoadShedder::kWindow, kBetween);
    }
    EXPECT_EQ(changes_, 0);
}

TEST_F(LoadShedderTest, VideoGoesFirstThenJoins) {
    spend(Duration::millis(1000), kBusy);
    EXPECT_EQ(shedder_.level(), Level::HighVideo);
    EXPECT_EQ(shedder_.video_limit(), Quality::Medium);
    spend(LoadShedder::kEffect, kBusy);
    EXPECT_EQ(shedder_.level(), Level::MediumVideo);
    EXPECT_EQ(shedder_.video_limit(), Quality::Low);
    EXPECT_TRUE(shedder_.takes_joins());
    spend(LoadShedder::kEffect, kBusy);
    EXPECT_FALSE(shedder_.takes_joins());
    spend(Duration::seconds(60), kBusy);
    EXPECT_EQ(shedder_.level(), Level::Joins);
    EXPECT_EQ(shedder_.video_limit(), Quality::Low);
    EXPECT_EQ(changes_, 3);
}

TEST_F(LoadShedderTest, WaitsForTheEffectOfAStep) {
    spend(Duration::millis(1000), kBusy);
    spend(LoadShedder::kEffect - LoadShedder::kWindow * 2, kBusy);
    EXPECT_EQ(shedder_.level(), Level::HighVideo);
    spend(Duration::seconds(60), kBetween);
    EXPECT_EQ(shedder_.level(), Level::HighVideo) << "neither busy nor calm";
}

TEST_F(LoadShedderTest, ASlowTurnOfAWorkerThatIsNotCalmCounts) {
    spend(Duration::millis(1000), kBetween, Duration::millis(99));
    EXPECT_EQ(shedder_.level(), Level::Nothing);
    spend(Duration::millis(1000), kBetween, Duration::millis(100));
    EXPECT_EQ(shedder_.level(), Level::HighVideo);
}

TEST_F(LoadShedderTest, WhatOtherProgramsTakeCannotBeShed) {
    spend(Duration::seconds(60), kIdle, Duration::seconds(1));
    EXPECT_EQ(shedder_.level(), Level::Nothing);
}

TEST_F(LoadShedderTest, GivesBackOneLevelAfterTheOther) {
    spend(Duration::seconds(10), kBusy);
    EXPECT_GE(until_lowered(), LoadShedder::kCalmMin);
    EXPECT_EQ(shedder_.level(), Level::MediumVideo);
    EXPECT_GE(until_lowered(), LoadShedder::kCalmMin);
    EXPECT_EQ(shedder_.level(), Level::HighVideo);
    spend(LoadShedder::kCalmMin - LoadShedder::kWindow, kIdle);
    spend(LoadShedder::kWindow, kBetween);
    spend(LoadShedder::kCalmMin - LoadShedder::kWindow, kIdle);
    EXPECT_EQ(shedder_.level(), Level::HighVideo) << "the calm was broken";
    (void)until_lowered();
    EXPECT_EQ(shedder_.level(), Level::Nothing);
}

TEST_F(LoadShedderTest, IsMorePatientEachTimeTheLoadComesBack) {
    spend(Duration::millis(1000), kBusy);
    Duration last = until_lowered();
    for (int i = 0; i < 4; ++i) {
        spend(Duration::millis(1000), kBusy);
        ASSERT_EQ(shedder_.level(), Level::HighVideo);
        const Duration next = until_lowered();
        EXPECT_GT(next, last);
        last = next;
    }
    EXPECT_GE(last, LoadShedder::kCalmMax);
    spend(Duration::millis(1000), kBusy);
    EXPECT_LE(until_lowered(), LoadShedder::kCalmMax + LoadShedder::kWindow);
    // Long enough without: as at first.
    spend(LoadShedder::kCalmMax * 2, kIdle);
    spend(Duration::millis(1000), kBusy);
    EXPECT_LE(until_lowered(), LoadShedder::kCalmMin + LoadShedder::kWindow);
}

}  // namespace
}  // namespace conclave::sfu
