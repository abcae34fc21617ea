#include "load/scenario.h"

#include <gtest/gtest.h>

namespace conclave::load {
namespace {

std::string fault(std::string_view toml) {
    const auto scenario = parse_scenario(toml, "x.toml");
    return scenario ? "" : scenario.error().what;
}

TEST(Scenario, ReadsEverySetting) {
    const auto scenario = parse_scenario(R"(
name = "big"
rooms = 3
join_rate = 12.5
duration = 60
lead = 3
late_rate = 50

[[group]]
name = "speakers"
count = 2
publish = ["audio", "video", "data"]
bitrates = [100, 400, 1500]
fps = 25
temporal_layers = 3
talk = 0.5
messages = 20
message_bytes = 1000
reliable = false
subscribe = 9
quality = { low = 0.25, medium = 0.25, high = 0.5 }

[[group]]
name = "late ones"
late = true

[[group]]
count = 40
subscribe = false
reports = 0
)",
                                         "x.toml");
    ASSERT_TRUE(scenario) << scenario.error().what;
    EXPECT_EQ(scenario->name, "big");
    EXPECT_EQ(scenario->participants(), 129u);
    EXPECT_EQ(scenario->join_rate, 12.5);
    EXPECT_EQ(scenario->duration, 60);
    EXPECT_EQ(scenario->lead, 3);
    EXPECT_EQ(scenario->late_rate, 50);
    EXPECT_EQ(scenario->late_participants(), 3u);
    EXPECT_EQ(scenario->early_participants(), 126u);
    ASSERT_EQ(scenario->groups.size(), 3u);
    const Group& speakers = scenario->groups[0];
    EXPECT_TRUE(speakers.audio && speakers.video && speakers.data && speakers.subscribe);
    EXPECT_EQ(speakers.encodings, 3u);
    EXPECT_EQ(speakers.kbps, (std::array<uint32_t, 3>{100, 400, 1500}));
    EXPECT_EQ(speakers.fps, 25u);
    EXPECT_EQ(speakers.temporal_layers, 3u);
    EXPECT_EQ(speakers.messages, 20u);
    EXPECT_EQ(speakers.message_bytes, 1000u);
    EXPECT_FALSE(speakers.reliable);
    EXPECT_EQ(speakers.tracks_max, 9u);
    EXPECT_EQ(speakers.quality.high, 0.5);
    const Group& viewers = scenario->groups[1];
    EXPECT_EQ(viewers.name, "group 3");
    EXPECT_EQ(viewers.reports, 0u);
    EXPECT_FALSE(viewers.late);
    EXPECT_EQ(scenario->groups[2].name, "late ones") << "they stand last";
    EXPECT_EQ(scenario->groups[2].reports, 1u);
    EXPECT_TRUE(scenario->groups[2].late);
    EXPECT_FALSE(viewers.audio || viewers.video || viewers.data || viewers.subscribe);
}

TEST(Scenario, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(fault("rooms = 0\n[[group]]\n"), "x.toml:1: rooms must be between 1 and 100000");
    EXPECT_EQ(fault("[[group]]\ncount = 1\nfps = 99"), "x.toml:3: fps must be between 1 and 60");
    EXPECT_EQ(fault("[[group]]\nfsp = 9"), "x.toml:2: unknown setting fsp");
    EXPECT_EQ(fault("[[group]]\npublish = [\"smell\"]"),
              "x.toml:2: publish must be a list of \"audio\", \"video\", \"data\"");
    EXPECT_EQ(fault("[[group]]\nsubscribe = \"all\""),
              "x.toml:2: subscribe must be true, false, or a number of tracks between 1 and 1000");
    EXPECT_EQ(fault("[[group]]\nbitrates = [1, 2]"),
              "x.toml:2: bitrates must be a list of one to three whole numbers from 10 to 20000 (kbit/s)");
    EXPECT_EQ(fault("[[group]]\nquality = { low = 2 }"),
              "x.toml:2: quality.low must be a number between 0 and 1");
    EXPECT_EQ(fault("[[group]]\nquality = { low = 0.8, high = 0.8 }"),
              "x.toml:2: quality has shares that sum up to more than 1");
    EXPECT_EQ(fault("join_rate = \"fast\"\n[[group]]\n"),
              "x.toml:1: join_rate must be a number between 0.1 and 10000");
    EXPECT_EQ(fault("[[group]]\nreports = 101"), "x.toml:2: reports must be between 0 and 100");
    EXPECT_EQ(fault("[[group]]\nlate = true"), "x.toml: nobody is there before the late groups");
    EXPECT_EQ(fault("late_rate = 0\n[[group]]\n"),
              "x.toml:1: late_rate must be a number between 0.1 and 10000");
    EXPECT_EQ(fault("lead = 0.5\n[[group]]\n"),
              "x.toml:1: lead must be a number between 1 and 604800 (seconds)");
    EXPECT_EQ(fault("name = \"x\""), "x.toml: a scenario has at least one [[group]]");
    EXPECT_EQ(fault("rooms = [\n").rfind("x.toml:", 0), 0u);
}

TEST(Scenario, LimitsParticipants) {
    EXPECT_EQ(fault("rooms = 1000\n[[group]]\ncount = 100\n"), "");
    EXPECT_EQ(fault("rooms = 1000\n[[group]]\ncount = 100\n[[group]]\n"),
              "x.toml: 101000 participants, 100000 are the most");
}

TEST(Scenario, HasReadyShapes) {
    EXPECT_EQ(webinar(500).participants(), 501u);
    EXPECT_EQ(meeting(7).participants(), 7u);
}

}  // namespace
}  // namespace conclave::load
