// The classic model (/rtc): the server offers on a second peer connection.
#include <gtest/gtest.h>

#include "livekit_data.pb.h"
#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

class ClassicTest : public ::testing::Test {
 protected:
    ClassicTest() { world.is_classic = true; }
    static size_t offers(const Client& client) {
        return static_cast<size_t>(std::count_if(client.responses.begin(), client.responses.end(),
                                                 [](const auto& r) { return r.has_offer(); }));
    }
    static size_t heard(const Client& client, const string& what) {
        return static_cast<size_t>(
            std::count_if(client.packets.begin(), client.packets.end(), [&](const ReceivedPacket& p) {
                return string(p.payload.begin(), p.payload.end()).find(what) != string::npos;
            }));
    }
    static bool was_told(const Client& client, pb::DisconnectReason reason, pb::LeaveRequest::Action action) {
        return std::any_of(client.responses.begin(), client.responses.end(), [&](const auto& r) {
            return r.has_leave() && r.leave().reason() == reason && r.leave().action() == action;
        });
    }
    static string answer(const string& sdp, uint32_t id) {
        pb::SignalRequest request;
        request.mutable_answer()->set_type("answer");
        request.mutable_answer()->set_sdp(sdp);
        request.mutable_answer()->set_id(id);
        return request.SerializeAsString();
    }
    void say_and_run(Client& client, const string& what) {
        world.say(client, what);
        world.run(Duration::millis(100));
    }

    World world{40};
};

TEST_F(ClassicTest, TheFirstOfferFollowsTheJoinAtOnce) {
    Client& alice = world.make("alice");
    world.join(alice);
    ASSERT_GE(alice.responses.size(), 2u);
    EXPECT_TRUE(alice.responses[0].join().subscriber_primary());
    EXPECT_TRUE(alice.responses[0].join().fast_publish());
    ASSERT_TRUE(alice.responses[1].has_offer());
    EXPECT_EQ(alice.responses[1].offer().id(), 1u);
    ASSERT_EQ(alice.server_offer.sections.size(), 1u) << "data alone: nobody else is there";
    EXPECT_EQ(alice.server_offer.sections[0].kind, wire::MediaKind::Application);
}

TEST_F(ClassicTest, ALateComerIsOfferedWhatIsThereAlready) {
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    Client& bob = world.enter("bob");
    ASSERT_TRUE(bob.responses[1].has_offer());
    const pb::SessionDescription& offer = bob.responses[1].offer();
    ASSERT_EQ(offer.mid_to_track_id_size(), 1);
    EXPECT_EQ(offer.mid_to_track_id().begin()->second, alice.track(pb::MICROPHONE).sid);
    say_and_run(alice, "hello");
    EXPECT_EQ(heard(bob, "hello"), 1u);
}

TEST_F(ClassicTest, BothModelsMeetInOneCall) {
    Client& alice = world.enter("alice");
    world.is_classic = false;
    Client& bob = world.enter("bob");
    for (Client* client : {&alice, &bob}) world.publish(*client, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    say_and_run(alice, "from two");
    say_and_run(bob, "from one");
    EXPECT_EQ(heard(bob, "from two"), 1u);
    EXPECT_EQ(heard(alice, "from one"), 1u);
}

TEST_F(ClassicTest, ABurstOfTracksIsOneOffer) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    const size_t before = offers(bob);
    std::vector<string> requests;
    alice.publish(pb::AUDIO, pb::MICROPHONE, requests);
    alice.publish(pb::VIDEO, pb::CAMERA, requests);
    alice.publish(pb::AUDIO, pb::SCREEN_SHARE_AUDIO, requests);
    for (const string& request : requests) world.request(alice, request);
    world.run(Duration::millis(500));
    EXPECT_EQ(offers(bob) - before, 1u);
    EXPECT_EQ(bob.server_offer.sections.size(), 4u);
}

TEST_F(ClassicTest, OneOfferWaitsAtATimeAndMediaWaitsWithIt) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    const size_t before = offers(bob);
    bob.answers_offers = false;
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(500));
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.run(Duration::seconds(2));
    EXPECT_EQ(offers(bob) - before, 1u);
    say_and_run(alice, "too early");
    EXPECT_EQ(heard(bob, "too early"), 0u) << "the client has not taken the section";

    bob.answers_offers = true;
    world.request(bob, bob.answer_request());
    world.run(Duration::millis(300));
    EXPECT_EQ(offers(bob) - before, 2u) << "what came meanwhile";
    say_and_run(alice, "now");
    EXPECT_EQ(heard(bob, "now"), 1u);
}

TEST_F(ClassicTest, WhoDoesNotAnswerHasToJoinAnew) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    bob.answers_offers = false;
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::seconds(14));
    EXPECT_TRUE(world.has_signalling(bob));
    world.run(Duration::seconds(2));
    EXPECT_TRUE(was_told(bob, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT));
    EXPECT_FALSE(world.has_signalling(bob));
    EXPECT_FALSE(alice.participant("bob"));
}

TEST_F(ClassicTest, AnAnswerThatDoesNotFitMeansJoiningAnew) {
    for (const char* garbage : {"", "v=0\r\n", "nonsense"}) {
        Client& alice = world.enter("alice");
        alice.answers_offers = false;
        world.is_classic = false;
        Client& carol = world.enter("carol");
        world.is_classic = true;
        world.publish(carol, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(300));
        world.request(alice, answer(garbage, 0));
        EXPECT_TRUE(was_told(alice, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT)) << garbage;
        EXPECT_FALSE(world.has_signalling(alice));
        EXPECT_TRUE(world.has_signalling(carol));
    }
}

TEST_F(ClassicTest, AnswersThatNobodyWaitsForAreIgnored) {
    Client& alice = world.enter("alice");
    world.request(alice, answer("nonsense", 1));
    EXPECT_TRUE(world.has_signalling(alice)) << "nothing is out";
    alice.answers_offers = false;
    Client& bob = world.enter("bob");
    world.publish(bob, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.request(alice, answer("nonsense", 1));
    EXPECT_TRUE(world.has_signalling(alice)) << "to an offer that another has replaced";
    world.request(alice, alice.answer_request());
    say_and_run(bob, "hello");
    EXPECT_EQ(heard(alice, "hello"), 1u);

    world.is_classic = false;
    Client& carol = world.enter("carol");
    world.request(carol, answer("nonsense", 1));
    EXPECT_TRUE(world.has_signalling(carol)) << "never offered to";
}

TEST_F(ClassicTest, SectionsAreUsedAgainUnlessTheClientCannot) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& old = world.make("old");
    old.adjust_join = [](conference::Join& join) { join.request.mutable_client_info()->set_protocol(3); };
    world.join(old);
    world.run(Duration::millis(500));
    for (int round = 0; round < 4; ++round) {
        world.publish(alice, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(500));
        say_and_run(alice, "round " + std::to_string(round));
        EXPECT_EQ(heard(bob, "round " + std::to_string(round)), 1u);
        EXPECT_EQ(heard(old, "round " + std::to_string(round)), 1u);
        world.unpublish(alice, alice.track(pb::MICROPHONE).cid);
        world.run(Duration::millis(500));
    }
    EXPECT_EQ(bob.server_offer.sections.size(), 2u);
    EXPECT_EQ(old.server_offer.sections.size(), 5u);
}

TEST_F(ClassicTest, UnsubscribingAndComingBackIsNegotiated) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(500));
    pb::SignalRequest request;
    request.mutable_subscription()->add_track_sids(alice.track(pb::MICROPHONE).sid);
    world.request(bob, request.SerializeAsString());
    world.run(Duration::millis(500));
    say_and_run(alice, "unheard");
    EXPECT_EQ(heard(bob, "unheard"), 0u);
    EXPECT_EQ(bob.server_offer.sections[1].direction, wire::Direction::Inactive);
    request.mutable_subscription()->set_subscribe(true);
    world.request(bob, request.SerializeAsString());
    world.run(Duration::millis(500));
    say_and_run(alice, "heard");
    EXPECT_EQ(heard(bob, "heard"), 1u);
    EXPECT_EQ(bob.server_offer.sections.size(), 2u);
}

TEST_F(ClassicTest, AResumeRestartsIceByAnOfferAndMediaGoesOn) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    const string before(bob.server_offer.ice_ufrag_of(bob.server_offer.sections[0]));
    world.close_signalling(bob);
    world.run(Duration::seconds(1));
    bob.responses.clear();
    world.join(bob, true);
    say_and_run(alice, "while it restarts");
    EXPECT_EQ(heard(bob, "while it restarts"), 1u);
    ASSERT_TRUE(bob.responses[0].has_reconnect()) << "nothing may come before it";
    EXPECT_EQ(offers(bob), 1u);
    EXPECT_NE(bob.server_offer.ice_ufrag_of(bob.server_offer.sections[0]), before);
    world.run(Duration::seconds(20));
    EXPECT_TRUE(world.has_signalling(bob)) << "the new generation is alive";
    say_and_run(alice, "later");
    EXPECT_EQ(heard(bob, "later"), 1u);
}

TEST_F(ClassicTest, AResumeFollowsTheClientToAnotherNetwork) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    say_and_run(alice, "before");
    world.close_signalling(bob);
    bob.move_to(SocketAddress::v4(172, 16, 0, 1, 5555));
    world.join(bob, true);
    world.run(Duration::seconds(2));
    // Media follows only what is authentic: any packet of bob's is enough.
    bob.nack(bob.packets[0].ssrc, bob.packets[0].sequence, world.outbox(bob));
    world.run(Duration::millis(100));
    say_and_run(alice, "over there");
    EXPECT_EQ(heard(bob, "over there"), 1u);
}

TEST_F(ClassicTest, AnOfferThatWasOutWhenTheSocketWentIsMadeAgain) {
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    bob.answers_offers = false;
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.close_signalling(bob);
    world.run(Duration::seconds(20));
    EXPECT_TRUE(alice.participant("bob")) << "nobody can answer without a socket";
    bob.answers_offers = true;
    world.join(bob, true);
    world.run(Duration::millis(500));
    say_and_run(alice, "hello again");
    EXPECT_EQ(heard(bob, "hello again"), 1u);
}

TEST_F(ClassicTest, WhoOnlyListensNeedNotOpenThePublisher) {
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    Client& bob = world.make("bob");
    bob.opens_publisher = false;
    world.join(bob);
    world.run(Duration::seconds(70));  // longer than ICE waits, and longer than a join may take
    say_and_run(alice, "still here?");
    EXPECT_EQ(heard(bob, "still here?"), 1u);
    EXPECT_EQ(alice.participant("bob")->state(), pb::ParticipantInfo::ACTIVE);
    EXPECT_FALSE(was_told(bob, pb::CONNECTION_TIMEOUT, pb::LeaveRequest::RESUME));

    world.request(bob, bob.offer_request());
    world.run(Duration::seconds(1));
    EXPECT_TRUE(bob.is_connected());
    world.publish(bob, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(500));
    say_and_run(bob, "yes");
    EXPECT_EQ(heard(alice, "yes"), 1u);
}

TEST_F(ClassicTest, WhoMayNotSubscribeHasThePublisherAsPrimaryAndStillGetsData) {
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    Client& bob = world.make("bob");
    bob.grant.can_subscribe = false;
    world.join(bob);
    world.run(Duration::seconds(1));
    EXPECT_FALSE(bob.responses[0].join().subscriber_primary());
    EXPECT_EQ(alice.participant("bob")->state(), pb::ParticipantInfo::ACTIVE);
    pb::DataPacket packet;
    packet.mutable_user()->set_payload("for bob");
    ASSERT_TRUE(alice.send_data(world.now, "_reliable", packet.SerializeAsString(), world.outbox(alice)));
    say_and_run(alice, "not for bob");
    EXPECT_EQ(bob.data.size(), 1u);
    EXPECT_TRUE(bob.packets.empty());
}

}  // namespace
}  // namespace conclave::sim
