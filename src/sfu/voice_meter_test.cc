#include "sfu/voice_meter.h"

#include <gtest/gtest.h>

namespace conclave::sfu {
namespace {

// A slot of November 2023; times are given from its first moment.
constexpr int64_t kFirst = 17'000'000'000;
constexpr WallTime at(int64_t ms) {
    return WallTime{kFirst * VoiceMeter::kSlot.us} + Duration::millis(ms);
}

TEST(VoiceMeter, SlotsAreThoseOfTheWallClock) {
    VoiceMeter meter(at(30));
    meter.handle_voice(7, at(30));
    meter.handle_voice(7, at(99));
    meter.handle_voice(7, at(300));
    meter.handle_voice(8, at(450));
    const auto report = meter.take(at(1000));
    EXPECT_EQ(report.first_slot, kFirst);
    EXPECT_EQ(report.slots, 10u);
    ASSERT_EQ(report.voices.size(), 2u);
    for (const VoiceMeter::Voice& voice : report.voices)
        EXPECT_EQ(voice.slots, voice.id == 7 ? 0b1001u : 0b10000u) << voice.id;
}

TEST(VoiceMeter, EachSlotIsReportedOnceAndWhenItIsOver) {
    VoiceMeter meter(at(0));
    meter.handle_voice(7, at(110));
    EXPECT_TRUE(meter.take(at(150)).voices.empty());
    const auto report = meter.take(at(1150));
    EXPECT_EQ(report.first_slot, kFirst + 1);
    EXPECT_EQ(report.slots, 10u);
    ASSERT_EQ(report.voices.size(), 1u);
    EXPECT_EQ(report.voices[0].slots, 1u);
    EXPECT_TRUE(meter.take(at(2000)).voices.empty());
}

TEST(VoiceMeter, WhoLeavesIsReportedWithTheSlotUnderWay) {
    VoiceMeter meter(at(0));
    meter.handle_voice(7, at(50));
    meter.handle_voice(7, at(250));
    meter.handle_voice(8, at(250));
    const auto report = meter.remove(7);
    EXPECT_EQ(report.first_slot, kFirst);
    EXPECT_EQ(report.slots, 3u);
    ASSERT_EQ(report.voices.size(), 1u);
    EXPECT_EQ(report.voices[0].slots, 0b101u);
    EXPECT_TRUE(meter.remove(7).voices.empty());
    const auto rest = meter.take(at(1000));
    ASSERT_EQ(rest.voices.size(), 1u);
    EXPECT_EQ(rest.voices[0].id, 8u);
    EXPECT_EQ(rest.voices[0].slots, 0b100u);
}

TEST(VoiceMeter, AClockThatIsSetCostsNoMoreThanOneReport) {
    for (const int64_t jump : {-3'600'000, 3'600'000}) {
        VoiceMeter meter(at(0));
        meter.handle_voice(7, at(50));
        meter.handle_voice(7, at(jump + 100));
        const auto report = meter.take(at(jump + 200));
        EXPECT_EQ(report.slots, jump < 0 ? 0u : VoiceMeter::kSlotsMax);
        meter.handle_voice(7, at(jump + 250));
        const auto next = meter.take(at(jump + 1200));
        EXPECT_EQ(next.first_slot, kFirst + jump / 100 + 2);
        ASSERT_EQ(next.voices.size(), 1u);
        EXPECT_EQ(next.voices[0].slots, 1u);
    }
}

TEST(VoiceMeter, AReportHasALimit) {
    VoiceMeter meter(at(0));
    for (int64_t ms = 0; ms < 60'000; ms += 20) meter.handle_voice(7, at(ms));
    const auto report = meter.take(at(60'000));
    EXPECT_EQ(report.slots, VoiceMeter::kSlotsMax);
    EXPECT_EQ(report.voices[0].slots, ~uint64_t{0});
    EXPECT_TRUE(meter.take(at(61'000)).voices.empty());
}

}  // namespace
}  // namespace conclave::sfu
