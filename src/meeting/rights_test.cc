// What the rules mean for the media.
#include "meeting/rights.h"

#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

constexpr Rights kAll{.may_publish = true, .microphone = true, .camera = true, .screen = true};

Sitting with_bob_and_eve(const policy::Terms& terms = {}) {
    Sitting s = Sitting::begun(terms);
    s.come("bob");
    s.come("eve");
    return s;
}

TEST(Rights, StrictFloorIsForTheHolderAndTheChair) {
    Sitting s = with_bob_and_eve({.floor_mode = policy::FloorMode::Strict});
    s.come("dan", agent("dan"));
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Deputy}), std::nullopt);
    for (const char* id : {"bob", "eve", "dan"}) {
        EXPECT_FALSE(s.right(id).microphone) << id;
        EXPECT_TRUE(s.right(id).camera) << id;
    }
    EXPECT_TRUE(s.right("ada").microphone);
    EXPECT_EQ(s.run("ada", GiveFloor{"bob"}), std::nullopt);
    EXPECT_TRUE(s.right("bob").microphone);
    EXPECT_EQ(s.run("ada", GiveFloor{"eve"}), std::nullopt);
    EXPECT_FALSE(s.right("bob").microphone);
    EXPECT_EQ(s.run("ada", Stop{"eve", Source::Microphone, true}), std::nullopt);
    EXPECT_FALSE(s.right("eve").microphone) << "the holder is stopped like anybody";
}

TEST(Rights, OpenAndChairedFloorsLetEverybodySpeak) {
    for (const auto mode : {policy::FloorMode::Open, policy::FloorMode::Chaired}) {
        Sitting s = with_bob_and_eve({.floor_mode = mode});
        for (const char* id : {"ada", "bob", "eve"}) EXPECT_EQ(s.right(id), kAll) << id;
    }
}

TEST(Rights, AnObserverSendsNothingButForOneTurn) {
    Sitting s = with_bob_and_eve();
    ASSERT_EQ(s.run("ada", SetRole{"bob", Role::Observer}), std::nullopt);
    EXPECT_EQ(s.right("bob"), Rights{});
    EXPECT_FALSE(rights(s.state).contains("bob"));
    EXPECT_EQ(s.run("ada", GiveFloor{"bob"}), std::nullopt);
    EXPECT_EQ(s.right("bob"), kAll);
    EXPECT_EQ(s.run("bob", ReleaseFloor{}), std::nullopt);
    EXPECT_EQ(s.right("bob"), Rights{});
}

TEST(Rights, InAPauseOnlyTheChairIsHeard) {
    Sitting s = with_bob_and_eve();
    EXPECT_EQ(s.run("ada", Pause{Duration::minutes(5)}), std::nullopt);
    EXPECT_EQ(s.right("ada"), (Rights{.may_publish = true, .microphone = true}));
    EXPECT_EQ(s.right("bob"), (Rights{.may_publish = true}));
    s.pass(Duration::minutes(5));
    EXPECT_EQ(s.right("bob"), kAll);
}

TEST(Rights, BeforeTheStartAndAfterTheEndNobodySendsAnything) {
    Sitting s;
    EXPECT_EQ(s.arrive("ada", owner()), std::nullopt);
    EXPECT_TRUE(rights(s.state).empty());
    EXPECT_EQ(s.run("ada", Connect{}), std::nullopt);
    EXPECT_EQ(s.right("ada"), kAll);
    EXPECT_EQ(s.run("ada", Close{}), std::nullopt);
    EXPECT_TRUE(rights(s.state).empty());
}

TEST(Rights, WhoWaitsLeftOrIsBannedHasNone) {
    Sitting s = with_bob_and_eve();
    s.come("kim", knocking());
    EXPECT_EQ(s.run("ada", Remove{"bob", true}), std::nullopt);
    EXPECT_EQ(s.run("eve", Leave{}), std::nullopt);
    const RightsOfAll all = rights(s.state);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_TRUE(all.contains("ada"));
}

TEST(Rights, EachSourceIsStoppedForItself) {
    Sitting s = with_bob_and_eve();
    EXPECT_EQ(s.run("ada", Stop{"bob", Source::Screen, false}), std::nullopt);
    EXPECT_EQ(s.right("bob"), (Rights{.may_publish = true, .microphone = true, .camera = true}));
    EXPECT_EQ(s.run("ada", Stop{"bob", Source::Camera, false}), std::nullopt);
    EXPECT_EQ(s.right("bob"), (Rights{.may_publish = true, .microphone = true}));
    EXPECT_EQ(s.right("eve"), kAll);
}

}  // namespace
}  // namespace conclave::meeting
