// Who is reported as heard, and when.
#include <gmock/gmock.h>

#include <bit>

#include "sim/meeting.h"

namespace conclave::sim {
namespace {

using conference::MediaRights;
using conference::Voices;
using std::string;
using testing::IsEmpty;
using testing::SizeIs;

class VoicesTest : public MeetingTest {
 protected:
    VoicesTest() { world.govern(everybody(MediaRights::all())); }

    // By identity: in which slots, over all reports; a slot that was told twice is there twice.
    std::map<string, std::vector<int64_t>> voices() {
        std::map<string, std::vector<int64_t>> all;
        for (const Voices& report : world.voices) {
            EXPECT_EQ(report.room, "room");
            EXPECT_LE(report.slots, 64u);
            for (const Voices::Voice& voice : report.heard) {
                EXPECT_LE(std::bit_width(voice.slots), static_cast<int>(report.slots));
                for (int64_t n = 0; n < report.slots; ++n) {
                    if ((voice.slots >> n & 1) != 0) all[voice.identity].push_back(report.first_slot + n);
                }
            }
        }
        return all;
    }
    // Everything that was heard so far has been told afterwards.
    void wait_for_report() { world.run(Duration::millis(1200)); }
};
INSTANTIATE_TEST_SUITE_P(Workers, VoicesTest, testing::Values(1, 2));

TEST_P(VoicesTest, EverySlotInWhichSomebodySpeaksIsToldOnce) {
    Client& alice = enter_speaking("alice");
    (void)enter("dave", last());
    alice.level = 20;
    speak({&alice}, 250);
    const auto end = world.wall().us / 100'000;
    wait_for_report();
    const auto heard = voices();
    ASSERT_THAT(heard, SizeIs(1));
    const std::vector<int64_t>& slots = heard.at("alice");
    EXPECT_NEAR(static_cast<double>(slots.size()), 50, 1);
    for (size_t i = 1; i < slots.size(); ++i) EXPECT_EQ(slots[i], slots[i - 1] + 1);
    EXPECT_NEAR(static_cast<double>(slots.back()), static_cast<double>(end), 2) << "by the wall clock";
}

TEST_P(VoicesTest, SilenceIsNotReported) {
    Client& alice = enter_speaking("alice");
    speak({}, 200);
    alice.level = 90;
    speak({&alice}, 100);
    wait_for_report();
    EXPECT_THAT(world.voices, IsEmpty());
}

TEST_P(VoicesTest, WhatRulesKeepBackIsNoVoice) {
    world.govern(floor_of("alice"));
    Client& alice = enter_speaking("alice");
    Client& bob = enter_speaking("bob", last());
    alice.level = bob.level = 20;
    speak({&alice, &bob}, 100);
    wait_for_report();
    EXPECT_EQ(voices().count("bob"), 0u);
    EXPECT_NEAR(static_cast<double>(voices()["alice"].size()), 20, 1);
    world.voices.clear();
    world.govern(floor_of("bob"));
    speak({&alice, &bob}, 100);
    wait_for_report();
    EXPECT_EQ(voices().count("alice"), 0u);
    EXPECT_NEAR(static_cast<double>(voices()["bob"].size()), 20, 1);
}

TEST_P(VoicesTest, WhoSpeaksAtTheSameTimeIsHeardInTheSameSlots) {
    Client& alice = enter_speaking("alice");
    Client& bob = enter_speaking("bob", last());
    alice.level = bob.level = 20;
    speak({&alice}, 50);
    speak({&alice, &bob}, 50);
    speak({&bob}, 50);
    wait_for_report();
    auto all = voices();
    size_t both = 0;
    for (const int64_t slot : all["alice"])
        both += static_cast<size_t>(std::count(all["bob"].begin(), all["bob"].end(), slot));
    EXPECT_NEAR(static_cast<double>(both), 10, 2);
    EXPECT_NEAR(static_cast<double>(all["alice"].size()), 20, 2);
    EXPECT_NEAR(static_cast<double>(all["bob"].size()), 20, 2);
}

TEST_P(VoicesTest, WhoStatesNoLevelIsHeardWhileItSendsSound) {
    Client& alice = enter_speaking("alice");
    speak({&alice}, 50);
    wait_for_report();
    EXPECT_NEAR(static_cast<double>(voices()["alice"].size()), 10, 1);
    world.voices.clear();
    for (int i = 0; i < 50; ++i) {
        world.say(alice, "\xf8");  // RFC 6716 3.1: a frame without anything in it
        world.run(Duration::millis(20));
    }
    wait_for_report();
    EXPECT_THAT(world.voices, IsEmpty());
}

TEST_P(VoicesTest, NeitherAMutedMicrophoneNorSharedSoundIsAVoice) {
    Client& alice = enter_speaking("alice");
    world.publish(alice, pb::AUDIO, pb::SCREEN_SHARE_AUDIO);
    world.mute(alice, pb::MICROPHONE, true);
    alice.level = 20;
    for (int i = 0; i < 50; ++i) {
        world.say(alice, "alice");
        alice.send_packet(alice.track(pb::SCREEN_SHARE_AUDIO), as_bytes("music"), false, 960,
                          world.outbox(alice));
        world.run(Duration::millis(20));
    }
    wait_for_report();
    EXPECT_THAT(world.voices, IsEmpty());
}

TEST_P(VoicesTest, WhoLeavesIsReportedAtOnce) {
    Client& alice = enter_speaking("alice");
    (void)enter("dave", last());
    alice.level = 20;
    wait_for_report();
    world.voices.clear();
    speak({&alice}, 10);
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(alice, leave.SerializeAsString());
    EXPECT_NEAR(static_cast<double>(voices()["alice"].size()), 2, 1);
    const size_t reports = world.voices.size();
    wait_for_report();
    EXPECT_THAT(world.voices, SizeIs(reports));
}

TEST_P(VoicesTest, RoomsOfApplicationsHaveNoClock) {
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    alice.level = 20;
    speak({&alice}, 100);
    wait_for_report();
    EXPECT_THAT(world.voices, IsEmpty());
}

}  // namespace
}  // namespace conclave::sim
