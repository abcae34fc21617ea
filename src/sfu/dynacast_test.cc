#include "sfu/dynacast.h"

#include <gtest/gtest.h>

#include <string>

namespace conclave::sfu {
namespace {

Instant at_ms(int64_t ms) {
    return Instant::from_ms(ms);
}

class DynacastTest : public ::testing::Test {
 protected:
    // What the publisher is told, "-" for nothing.
    std::string told(int64_t ms, std::optional<Quality> watched) {
        dynacast.observe(at_ms(ms), 1, watched);
        const auto changes = dynacast.changes(at_ms(ms));
        if (changes.empty()) return "-";
        EXPECT_EQ(changes.size(), 1u);
        EXPECT_EQ(changes[0].track, 1u);
        if (!changes[0].best) return "off";
        return *changes[0].best == Quality::High     ? "high"
               : *changes[0].best == Quality::Medium ? "medium"
                                                     : "low";
    }
    Dynacast dynacast;
};

TEST_F(DynacastTest, MoreIsToldAtOnceLessAfterFiveSeconds) {
    EXPECT_EQ(told(0, Quality::High), "high");
    EXPECT_EQ(told(1000, Quality::Low), "-");
    EXPECT_EQ(told(5999, Quality::Low), "-");
    EXPECT_EQ(told(6000, Quality::Low), "low");
    EXPECT_EQ(told(6001, Quality::Medium), "medium");
    EXPECT_EQ(told(6002, Quality::Medium), "-");
}

TEST_F(DynacastTest, AShortAbsenceIsNotTold) {
    EXPECT_EQ(told(0, Quality::High), "high");
    EXPECT_EQ(told(1000, std::nullopt), "-");
    EXPECT_EQ(told(5000, Quality::High), "-");
    EXPECT_EQ(told(5001, std::nullopt), "-");
    EXPECT_EQ(told(10000, std::nullopt), "-");
    EXPECT_EQ(told(10001, std::nullopt), "off");
    EXPECT_EQ(told(10002, Quality::Low), "low");
}

TEST_F(DynacastTest, AMutedTrackIsLeftAloneAndToldWhenUnmuted) {
    EXPECT_EQ(told(0, Quality::High), "high");
    dynacast.set_muted(1, true);
    EXPECT_EQ(told(1000, Quality::Low), "-");
    EXPECT_EQ(told(9000, Quality::Low), "-");
    dynacast.set_muted(1, false);
    EXPECT_EQ(told(9001, Quality::Low), "low");
}

TEST_F(DynacastTest, IsRepeatedForAPublisherThatResumes) {
    EXPECT_EQ(told(0, Quality::Medium), "high") << "what it began with, until the delay is over";
    EXPECT_EQ(told(5000, Quality::Medium), "medium");
    dynacast.repeat(1);
    dynacast.repeat(99);
    EXPECT_EQ(told(5001, Quality::Medium), "medium");
    EXPECT_EQ(told(5002, Quality::Medium), "-");
    dynacast.remove(1);
    EXPECT_TRUE(dynacast.changes(at_ms(9999)).empty());
}

}  // namespace
}  // namespace conclave::sfu
