#include "sim/link_text.h"

#include <gtest/gtest.h>

#include <string>

namespace conclave::sim {
namespace {

LinkSchedule parse(const std::string& text, const Link& base = {}) {
    auto schedule = parse_schedule(text, base);
    EXPECT_TRUE(schedule) << text;
    return schedule ? *schedule : LinkSchedule{};
}

TEST(LinkText, StepsOfCapacityKeepWhatTheyDoNotChange) {
    const LinkSchedule steps = parse("5M delay=40 queue=1s, 20s 1M, 40s 300k, 60s 2M loss=2%");
    ASSERT_EQ(steps.size(), 4u);
    EXPECT_EQ(steps[0].after, Duration{});
    EXPECT_EQ(steps[0].link.bits_per_second, 5'000'000);
    EXPECT_EQ(steps[1].after, Duration::seconds(20));
    EXPECT_EQ(steps[1].link.bits_per_second, 1'000'000);
    EXPECT_EQ(steps[2].link.bits_per_second, 300'000);
    EXPECT_EQ(steps[3].link.bits_per_second, 2'000'000);
    EXPECT_EQ(steps[3].link.loss, 0.02);
    EXPECT_EQ(steps[2].link.loss, 0);
    for (const LinkChange& step : steps) {
        EXPECT_EQ(step.link.delay, Duration::millis(40));
        EXPECT_EQ(step.link.queue_time_max, Duration::seconds(1));
        EXPECT_GT(step.link.queue_bytes_max, size_t{1} << 30);
    }
}

TEST(LinkText, KnowsEveryWord) {
    const LinkSchedule schedule = parse(
        "rate=1500000 loss=0.05 delay=0.5s jitter=7ms reorder=0 queue=2k bursts=1%/25%/0.9/0.01 duplicate=3% "
        "straggle=2%/15ms mtu=1280 down");
    const Link& link = schedule[0].link;
    EXPECT_EQ(link.bits_per_second, 1'500'000);
    EXPECT_EQ(link.loss, 0.05);
    EXPECT_EQ(link.delay, Duration::millis(500));
    EXPECT_EQ(link.jitter, Duration::millis(7));
    EXPECT_FALSE(link.reorders);
    EXPECT_EQ(link.queue_bytes_max, 2000u);
    EXPECT_EQ(link.bursts.to_bad, 0.01);
    EXPECT_EQ(link.bursts.to_good, 0.25);
    EXPECT_EQ(link.bursts.loss_while_bad, 0.9);
    EXPECT_EQ(link.bursts.loss_while_good, 0.01);
    EXPECT_EQ(link.duplicates, 0.03);
    EXPECT_EQ(link.stragglers, 0.02);
    EXPECT_EQ(link.straggle, Duration::millis(15));
    EXPECT_EQ(link.mtu, 1280u);
    EXPECT_TRUE(link.is_down);
}

TEST(LinkText, AnOutageComesAndGoes) {
    const LinkSchedule schedule = parse("loss=1%, 10s down, 35s down=0");
    ASSERT_EQ(schedule.size(), 3u);
    EXPECT_TRUE(schedule[1].link.is_down);
    EXPECT_FALSE(schedule[2].link.is_down);
    EXPECT_EQ(schedule[2].link.loss, 0.01);
}

TEST(LinkText, NothingIsTheBase) {
    EXPECT_EQ(parse("", {.loss = 0.5})[0].link.loss, 0.5);
    EXPECT_EQ(parse("0s 5M", {.loss = 0.5}).size(), 1u);
}

TEST(LinkText, RefusesWhatItDoesNotUnderstand) {
    for (const char* text :
         {"loss=101%",  "loss=1.5",    "loss=-1%",        "loss=",      "loss=x",         "loss=nan",
          "speed=3",    "5X",          "5M 1s",           "5M, 1M",     "20s 1M, 10s 2M", "delay=3h",
          "queue=1h",   "bursts=1%",   "bursts=1%/2%/3%", "straggle=5", "mtu=x",          "rate=1e13",
          "delay=1e9s", "5M, ,20s 1M", "reorder=2",       "sideways"}) {
        EXPECT_FALSE(parse_schedule(text, {})) << text;
    }
}

TEST(LinkText, HasALimitOfChanges) {
    std::string text = "1M";
    for (size_t i = 1; i < kLinkChangesMax; ++i) text += "," + std::to_string(i) + "s 1M";
    EXPECT_TRUE(parse_schedule(text, {}));
    EXPECT_FALSE(parse_schedule(text + ",1001s 1M", {}));
}

}  // namespace
}  // namespace conclave::sim
