// Least airtime first: the order stays true while people speak, and it is the fairer one.
#include <numeric>

#include "base/rng.h"
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

using Ids = std::vector<PersonId>;
using policy::FloorOrder;

Sitting with_hands(const Ids& people, FloorOrder order = FloorOrder::LeastAirtime) {
    Sitting s = Sitting::begun({.floor_order = order});
    for (const PersonId& id : people) s.come(id);
    for (const PersonId& id : people) {
        EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
        s.pass(Duration::seconds(1));
    }
    return s;
}

void hear(Sitting& s, const PersonId& id, int64_t seconds) {
    EXPECT_EQ(s.run("", NoteAirtime{.shares = {{id, Duration::seconds(seconds)}}, .overlap = {}}),
              std::nullopt);
}

TEST(FairQueue, WhoeverSpeaksWhileWaitingFallsBack) {
    Sitting s = with_hands({"bob", "eve", "kim"});
    hear(s, "bob", 9);
    EXPECT_EQ(s.queue(), (Ids{"bob", "eve", "kim"}));
    EXPECT_EQ(s.last.size(), 1u) << "an order that is true is not recorded again";
    hear(s, "bob", 2);
    EXPECT_EQ(s.queue(), (Ids{"eve", "kim", "bob"}));
    EXPECT_EQ(s.count<QueueOrdered>(), 1u);
    hear(s, "eve", 30);
    EXPECT_EQ(s.queue(), (Ids{"kim", "bob", "eve"}));
    hear(s, "kim", 15);
    EXPECT_EQ(s.queue(), (Ids{"bob", "kim", "eve"})) << "of equals whoever asked first";
    EXPECT_EQ(text_of_state(s.replayed), text_of_state(s.state));
}

TEST(FairQueue, FirstComeStaysFirstComeWhoeverSpeaks) {
    Sitting s = with_hands({"bob", "eve"}, FloorOrder::FirstCome);
    hear(s, "bob", 600);
    EXPECT_EQ(s.queue(), (Ids{"bob", "eve"}));
}

TEST(FairQueue, WhomTheChairMovedStaysAtThatPlace) {
    Sitting s = with_hands({"bob", "eve", "kim"});
    ASSERT_EQ(s.run("ada", MoveHand{"kim", 0}), std::nullopt);
    hear(s, "kim", 300);
    EXPECT_EQ(s.queue(), (Ids{"kim", "bob", "eve"}));
    hear(s, "bob", 20);
    EXPECT_EQ(s.queue(), (Ids{"kim", "eve", "bob"})) << "the others are ordered around it";
    s.come("leo");
    ASSERT_EQ(s.run("leo", RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"kim", "eve", "leo", "bob"}));
    ASSERT_EQ(s.run("ada", MoveHand{"bob", 1}), std::nullopt);
    s.come("pia");
    hear(s, "eve", 20);
    hear(s, "leo", 20);
    ASSERT_EQ(s.run("pia", RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"kim", "bob", "pia", "eve", "leo"})) << "who comes later makes way too";
    ASSERT_EQ(s.run("ada", GiveFloor{}), std::nullopt);
    ASSERT_EQ(s.run("kim", ReleaseFloor{}), std::nullopt);
    ASSERT_EQ(s.run("kim", RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.queue().back(), "kim") << "for that request, not for the next one";
}

TEST(FairQueue, ChoosingTheOrderAnewForgetsWhatTheChairMoved) {
    Sitting s = with_hands({"bob", "eve", "kim"}, FloorOrder::FirstCome);
    hear(s, "kim", 60);
    ASSERT_EQ(s.run("ada", MoveHand{"kim", 0}), std::nullopt);
    ASSERT_EQ(s.run("ada", SetFloor{.mode = {}, .order = FloorOrder::LeastAirtime, .turn_limit = {}}),
              std::nullopt);
    EXPECT_EQ(s.queue(), (Ids{"bob", "eve", "kim"}));
}

// Of shares that are all equal 0, of one who has everything nearly 1.
double gini(std::vector<double> shares) {
    std::sort(shares.begin(), shares.end());
    const auto n = static_cast<double>(shares.size());
    double weighted = 0;
    for (size_t i = 0; i < shares.size(); ++i) weighted += static_cast<double>(i + 1) * shares[i];
    return 2 * weighted / (n * std::accumulate(shares.begin(), shares.end(), 0.0)) - (n + 1) / n;
}

// One at a time: everybody asks again as soon as they have spoken; the talkative one for three
// minutes, the quiet ones for half a minute each.
double gini_of_a_meeting(FloorOrder order, uint64_t seed) {
    const Ids people = {"talk", "bob", "eve", "kim", "leo"};
    SeededRng rng(seed);
    Sitting s = Sitting::begun({.floor_mode = policy::FloorMode::Strict, .floor_order = order});
    for (const PersonId& id : people) s.come(id);
    for (const PersonId& id : people) EXPECT_EQ(s.run(id, RaiseHand{}), std::nullopt);
    while (s.now < kStart + Duration::minutes(36)) {
        EXPECT_EQ(s.run("ada", GiveFloor{}), std::nullopt);
        const PersonId holder = s.state.floor.holder;
        const int64_t usual = holder == "talk" ? 180 : 30;
        const auto turn = Duration::seconds(usual * 3 / 4 + static_cast<int64_t>(rng.u32() % (usual / 2)));
        s.pass(turn);
        EXPECT_EQ(s.run("", NoteAirtime{.shares = {{holder, turn}}, .overlap = {}}), std::nullopt);
        EXPECT_EQ(s.run(holder, ReleaseFloor{}), std::nullopt);
        EXPECT_EQ(s.run(holder, RaiseHand{}), std::nullopt);
    }
    std::vector<double> shares;
    for (const PersonId& id : people) shares.push_back(static_cast<double>(s.person(id).spoken.ms()));
    return gini(shares);
}

TEST(FairQueue, OneTalkativeAndFourQuietPeopleAreHeardMoreEvenly) {
    double worst_fair = 0;
    double best_first_come = 1;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        worst_fair = std::max(worst_fair, gini_of_a_meeting(FloorOrder::LeastAirtime, seed));
        best_first_come = std::min(best_first_come, gini_of_a_meeting(FloorOrder::FirstCome, seed));
    }
    EXPECT_LT(worst_fair, best_first_come / 2);
    RecordProperty("gini_least_airtime", std::to_string(worst_fair));
    RecordProperty("gini_first_come", std::to_string(best_first_come));
}

}  // namespace
}  // namespace conclave::meeting
