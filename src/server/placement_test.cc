#include "server/placement.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

constexpr size_t kSpreadAbove = 3;

class PlacementTest : public ::testing::Test {
 protected:
    WorkerIndex seat(const std::string& room, int person) {
        return placement.seat(room, "person" + std::to_string(person), load);
    }
    Placement placement{2, kSpreadAbove};
    std::vector<uint64_t> load{0, 0};
};

TEST_F(PlacementTest, RoomsGoToTheLeastLoadedWorker) {
    load = {10, 5};
    EXPECT_EQ(seat("a", 1), 1);
    load = {10, 50};
    EXPECT_EQ(seat("b", 1), 0);
    EXPECT_EQ(seat("a", 2), 1) << "a room stays where it is";
}

TEST_F(PlacementTest, ForeseesWhereSomebodyNewWouldBe) {
    load = {10, 5};
    EXPECT_EQ(placement.foresee("a", load), 1);
    EXPECT_EQ(placement.find_home("a"), std::nullopt) << "nothing was placed";
    EXPECT_EQ(seat("a", 1), 1);
    load = {10, 50};
    EXPECT_EQ(placement.foresee("a", load), 1);
    for (int person = 2; person <= static_cast<int>(kSpreadAbove); ++person) (void)seat("a", person);
    EXPECT_EQ(placement.foresee("a", load), 0) << "it is spread now";
}

TEST_F(PlacementTest, RoomsAlternateBeforeAnyLoadIsKnown) {
    EXPECT_NE(seat("a", 1), seat("b", 1));
}

TEST_F(PlacementTest, ALargeRoomIsSpreadEvenly) {
    size_t people[2] = {0, 0};
    for (int i = 0; i < 100; ++i) ++people[seat("a", i)];
    EXPECT_EQ(people[0], 50u);
    EXPECT_EQ(people[1], 50u);
    EXPECT_EQ(placement.workers_of("a").size(), 2u);
}

TEST_F(PlacementTest, UpToTheLimitOneWorkerHoldsAll) {
    const WorkerIndex home = seat("a", 0);
    for (int i = 1; i < static_cast<int>(kSpreadAbove); ++i) EXPECT_EQ(seat("a", i), home);
    EXPECT_NE(seat("a", kSpreadAbove), home) << "one above";
}

TEST_F(PlacementTest, WhoComesBackFindsItsWorker) {
    for (int i = 0; i < 10; ++i) (void)seat("a", i);
    for (int i = 0; i < 10; ++i) {
        const WorkerIndex first = seat("a", i);
        load[first] += 1000;
        EXPECT_EQ(seat("a", i), first);
    }
}

TEST_F(PlacementTest, WhoLeftIsForgottenUnlessOnTheWayBack) {
    const WorkerIndex home = seat("a", 0);
    for (int i = 1; i < 3; ++i) (void)seat("a", i);
    placement.handle_vacated(home, "a", "person0", 3);
    EXPECT_EQ(seat("a", 3), home) << "a seat is free again";
    placement.handle_vacated(home, "a", "person3", 3);
    EXPECT_NE(seat("a", 4), home) << "the fourth order, of person3, had not been handled";
}

TEST_F(PlacementTest, EndedRoomsAreForgotten) {
    const WorkerIndex home = seat("a", 0);
    EXPECT_TRUE(placement.handle_ended(home, "a", 1));
    EXPECT_FALSE(placement.find_home("a"));
    EXPECT_TRUE(placement.rooms().empty());
}

TEST_F(PlacementTest, AJoinOnItsWayKeepsAnEndedRoomPlaced) {
    const WorkerIndex home = seat("a", 0);
    (void)seat("a", 1);
    EXPECT_FALSE(placement.handle_ended(home, "a", 1));
    EXPECT_EQ(placement.find_home("a"), home);
    EXPECT_TRUE(placement.handle_ended(home, "a", 1));
}

TEST_F(PlacementTest, ARoomOutlivesItsHome) {
    const WorkerIndex home = seat("a", 0);
    for (int i = 1; i < 4; ++i) (void)seat("a", i);
    EXPECT_FALSE(placement.handle_ended(home, "a", 3));
    ASSERT_TRUE(placement.find_home("a"));
    EXPECT_NE(placement.find_home("a"), home);
    EXPECT_NE(seat("a", 0), home) << "whoever was there is gone with it";
}

TEST_F(PlacementTest, WhatCouldNotBeDeliveredLeavesNoTrace) {
    const WorkerIndex home = seat("a", 0);
    placement.take_back("a", home);
    EXPECT_FALSE(placement.find_home("a"));

    (void)seat("b", 0);
    const WorkerIndex b = seat("b", 1);
    placement.take_back("b", b);
    EXPECT_EQ(seat("b", 2), b);
    EXPECT_EQ(seat("b", 3), b) << "two of three";
    EXPECT_NE(seat("b", 4), b);
}

TEST_F(PlacementTest, WhoFailsToComeBackIsStillThere) {
    for (int i = 0; i < 10; ++i) (void)seat("a", i);
    const WorkerIndex worker = seat("a", 7);
    placement.take_back("a", worker);
    load[worker] += 1000;
    EXPECT_EQ(seat("a", 7), worker);
}

TEST_F(PlacementTest, OrdersForTheRoomAsAWholeGoHome) {
    const WorkerIndex home = placement.home("a", load);
    EXPECT_EQ(placement.find_home("a"), home);
    EXPECT_EQ(seat("a", 1), home);
    EXPECT_FALSE(placement.handle_ended(home, "a", 1)) << "one of two";
    EXPECT_TRUE(placement.handle_ended(home, "a", 1));
}

TEST_F(PlacementTest, NewsOfUnknownRoomsAndWorkersChangeNothing) {
    EXPECT_FALSE(placement.handle_ended(0, "a", 1));
    placement.handle_vacated(0, "a", "person0", 1);
    const WorkerIndex home = seat("a", 0);
    EXPECT_FALSE(placement.handle_ended(static_cast<WorkerIndex>(1 - home), "a", 1));
    placement.handle_vacated(static_cast<WorkerIndex>(1 - home), "a", "person0", 9);
    EXPECT_EQ(placement.find_home("a"), home);
}

}  // namespace
}  // namespace conclave::server
