// Handshakes that are away: computed elsewhere, while everything else goes on.
#include <gtest/gtest.h>

#include "sim/world.h"

namespace conclave::sim {
namespace {

class HandshakeStory : public testing::TestWithParam<bool> {
 protected:
    HandshakeStory() { world.is_classic = GetParam(); }

    Client& join_and_wait(const char* identity) {
        Client& client = world.make(identity);
        world.join(client);
        world.run(Duration::seconds(1));
        EXPECT_FALSE(client.is_connected());
        return client;
    }
    void bring_all_back() {
        world.holds_handshakes = false;
        world.run(Duration::seconds(1));
    }
    void leave(Client& client) {
        pb::SignalRequest request;
        request.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
        world.request(client, request.SerializeAsString());
    }

    World world{31};
};
INSTANTIATE_TEST_SUITE_P(, HandshakeStory, testing::Bool(),
                         [](const auto& run) { return run.param ? "Classic" : "SinglePeerConnection"; });

TEST_P(HandshakeStory, NobodyWaitsForThoseOfOthers) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.holds_handshakes = true;
    Client& carol = join_and_wait("carol");
    bob.packets.clear();
    for (int i = 0; i < 50; ++i) {
        world.say(alice, "meanwhile");
        world.run(Duration::millis(20));
    }
    world.run(Duration::millis(100));
    EXPECT_EQ(bob.packets.size(), 50u);
    bring_all_back();
    EXPECT_TRUE(carol.is_connected());
}

TEST_P(HandshakeStory, WhoHasLeftMeanwhileIsGone) {
    Client& alice = world.enter("alice");
    world.holds_handshakes = true;
    Client& bob = join_and_wait("bob");
    leave(bob);
    bring_all_back();
    EXPECT_FALSE(bob.is_connected());
    EXPECT_FALSE(alice.participant("bob"));
    EXPECT_EQ(world.directory().totals().participants, 1u);
    EXPECT_TRUE(world.enter("bob").is_connected());
}

// The next room of that name has a participant of the same number.
TEST_P(HandshakeStory, ARoomThatHasEndedMeanwhileStaysSo) {
    world.holds_handshakes = true;
    Client& before = join_and_wait("bob");
    pb::DeleteRoomRequest request;
    request.set_room("room");
    ASSERT_TRUE(world.call(request));
    EXPECT_EQ(world.directory().conferences(), 0u);
    Client& after = join_and_wait("bob");
    bring_all_back();
    EXPECT_FALSE(before.is_connected());
    EXPECT_TRUE(after.is_connected());
}

TEST_P(HandshakeStory, WhoseDoesNotComeBackIsToldToJoinAgain) {
    world.holds_handshakes = true;
    Client& bob = join_and_wait("bob");
    world.run(Duration::seconds(60));
    EXPECT_FALSE(world.has_signalling(bob));
    bring_all_back();
    EXPECT_FALSE(bob.is_connected());
    EXPECT_EQ(world.directory().totals().participants, 0u);
}

}  // namespace
}  // namespace conclave::sim
