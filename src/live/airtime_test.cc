#include "live/airtime.h"

#include <gtest/gtest.h>

namespace conclave::live {
namespace {

constexpr WallTime at_slot(int64_t slot) {
    return {slot * Airtime::kSlot.us};
}

TEST(Airtime, SumsUpWhatAllPartsReport) {
    Airtime airtime;
    airtime.add("ada", 1000, 0b1111);
    airtime.add("bob", 1002, 0b111);  // two of them while Ada speaks
    airtime.add("ada", 1010, 0b1);
    const meeting::NoteAirtime noted = airtime.take(at_slot(1100));
    ASSERT_EQ(noted.shares.size(), 2u);
    EXPECT_EQ(noted.shares[0].spoken, Duration::millis(500));
    EXPECT_EQ(noted.shares[1].spoken, Duration::millis(300));
    EXPECT_EQ(noted.overlap, Duration::millis(200));
    EXPECT_TRUE(airtime.take(at_slot(1200)).shares.empty());
}

TEST(Airtime, OverlapWaitsForTheOtherParts) {
    Airtime airtime;
    airtime.add("ada", 1000, 0b1);
    EXPECT_EQ(airtime.take(at_slot(1001)).overlap, Duration{});
    airtime.add("bob", 1000, 0b1);
    EXPECT_EQ(airtime.take(at_slot(1049)).overlap, Duration{});
    EXPECT_EQ(airtime.take(at_slot(1050)).overlap, Duration::millis(100));
}

TEST(Airtime, TheHighestSlotCounts) {
    Airtime airtime;
    airtime.add("ada", 0, uint64_t{1} << 63);
    EXPECT_EQ(airtime.take(at_slot(200)).shares[0].spoken, Duration::millis(100));
}

}  // namespace
}  // namespace conclave::live
