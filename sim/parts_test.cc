// One conference on several workers: for its people it is one.
#include <gtest/gtest.h>

#include "sim/world.h"

namespace conclave::sim {
namespace {

bool sees(const Client& client, const std::string& identity) {
    const pb::ParticipantInfo* info = client.participant(identity);
    return info && info->state() != pb::ParticipantInfo::DISCONNECTED;
}

TEST(Parts, PeopleOfAllWorkersSeeEachOther) {
    World world(1, {}, 3);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    Client& carol = world.enter("carol", 2);
    world.run(Duration::millis(50));
    for (const Client* client : {&alice, &bob, &carol}) {
        for (const char* other : {"alice", "bob", "carol"}) {
            EXPECT_TRUE(client->identity() == other || sees(*client, other))
                << client->identity() << " " << other;
        }
    }
}

TEST(Parts, WhoLeavesOneWorkerIsGoneFromAll) {
    World world(2, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(bob, leave.SerializeAsString());
    EXPECT_FALSE(sees(alice, "bob"));
}

TEST(Parts, TheRoomIsTheSameEverywhere) {
    World world(3, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    const auto room_sid = [](const Client& client) {
        for (const pb::SignalResponse& response : client.responses) {
            if (response.has_join()) return response.join().room().sid();
        }
        return std::string();
    };
    EXPECT_FALSE(room_sid(alice).empty());
    EXPECT_EQ(room_sid(alice), room_sid(bob));
}

TEST(Parts, APartThatEndsAndComesBackKnowsEverybodyAgain) {
    World world(4, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(bob, leave.SerializeAsString());
    world.run(Duration::seconds(25));
    EXPECT_EQ(world.directory(1).conferences(), 0u);
    EXPECT_EQ(world.directory(0).conferences(), 1u);
    Client& carol = world.enter("carol", 1);
    world.run(Duration::millis(50));
    EXPECT_TRUE(sees(alice, "carol"));
    EXPECT_TRUE(sees(carol, "alice"));
    EXPECT_FALSE(sees(carol, "bob"));
}

}  // namespace
}  // namespace conclave::sim
