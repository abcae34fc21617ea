// The rules of a meeting in the way of its media: who is heard, seen and let publish, over one part and two.
// The clients here send whatever they like.
#include <gmock/gmock.h>

#include <algorithm>

#include "sim/meeting.h"
#include "wire/demux.h"

namespace conclave::sim {
namespace {

using conference::MediaRights;
using std::string;
using testing::AllOf;
using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

constexpr MediaRights kViewer{};

class RightsTest : public MeetingTest {
 protected:
    conference::Conference::Totals totals() {
        conference::Conference::Totals sum;
        for (size_t i = 0; i < GetParam(); ++i) {
            const auto totals = world.directory(i).totals();
            sum.gated_packets += totals.gated_packets;
            sum.published_tracks += totals.published_tracks;
            sum.peers.unknown_stream += totals.peers.unknown_stream;
        }
        return sum;
    }
    template <class Predicate>
    static bool was_told(const Client& client, Predicate predicate) {
        return std::any_of(client.responses.begin(), client.responses.end(), predicate);
    }
};
INSTANTIATE_TEST_SUITE_P(Workers, RightsTest, testing::Values(1, 2));

TEST_P(RightsTest, TheFloorMovesWithTheNextPacket) {
    world.govern(floor_of("alice"));
    Client& alice = enter_speaking("alice");
    Client& bob = enter_speaking("bob", last());
    Client& carol = enter_speaking("carol");
    Client& dave = enter("dave", last());
    speak({&alice, &bob, &carol});
    for (Client* listener : {&carol, &dave}) EXPECT_THAT(heard(*listener), AllOf(SizeIs(20), Each("alice")));
    EXPECT_THAT(heard(alice), IsEmpty());
    EXPECT_EQ(totals().gated_packets, 40u);
    dave.responses.clear();
    const uint16_t said = bob.track(pb::MICROPHONE).sequence;

    world.say(alice, "on its way when the floor moves");
    world.run(Duration::millis(10));
    world.govern(floor_of("bob"));
    speak({&alice, &bob, &carol}, 1);
    for (Client* listener : {&carol, &dave}) EXPECT_THAT(heard(*listener), testing::ElementsAre("bob"));
    EXPECT_EQ(bob.track(pb::MICROPHONE).sequence, static_cast<uint16_t>(said + 1));
    EXPECT_FALSE(was_told(dave, [](const pb::SignalResponse& r) {
        return r.has_media_sections_requirement() || r.has_offer() || r.has_answer();
    })) << "nothing is negotiated";
    speak({&alice, &bob, &carol});
    EXPECT_THAT(heard(dave), AllOf(SizeIs(20), Each("bob")));
}

TEST_P(RightsTest, WhoeverWasSilencedComesBackWithoutAGap) {
    world.govern(floor_of("alice"));
    Client& alice = enter_speaking("alice");
    Client& dave = enter("dave", last());
    speak({&alice});
    const ReceivedPacket before = dave.packets.back();
    world.govern(floor_of("nobody"));
    speak({&alice}, 200);
    EXPECT_EQ(dave.packets.back().sequence, before.sequence);
    world.govern(floor_of("alice"));
    dave.packets.clear();
    speak({&alice}, 1);
    ASSERT_THAT(dave.packets, SizeIs(1));
    EXPECT_EQ(dave.packets[0].sequence, static_cast<uint16_t>(before.sequence + 1));
    EXPECT_EQ(dave.packets[0].timestamp, before.timestamp + 201 * 960) << "time ran on";
}

TEST_P(RightsTest, WithoutAnOrderNobodyIsHeardOrSeen) {
    Client& alice = enter_speaking("alice");
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    Client& dave = enter("dave", last());
    speak({&alice});
    world.show(alice, "key", true);
    world.run(Duration::millis(100));
    EXPECT_THAT(dave.packets, IsEmpty());
    EXPECT_EQ(alice.track(pb::CAMERA).keyframes_asked, 0u);
    EXPECT_EQ(totals().published_tracks, 2u) << "they need not be published anew";
    world.govern(everybody(MediaRights::all()));
    speak({&alice}, 1);
    EXPECT_THAT(heard(dave), testing::ElementsAre("alice"));
}

TEST_P(RightsTest, SoundIsSoundWhateverItIsCalled) {
    world.govern(floor_of("bob"));
    Client& alice = enter("alice");
    Client& dave = enter("dave", last());
    for (const pb::TrackSource source : {pb::SCREEN_SHARE_AUDIO, pb::UNKNOWN, pb::CAMERA}) {
        world.publish(alice, pb::AUDIO, source);
        world.run(Duration::millis(300));
        const auto say = [&](const string& what) {
            alice.send_packet(alice.track(source), as_bytes(what), false, 960, world.outbox(alice));
            world.run(Duration::millis(100));
        };
        say("unheard");
        EXPECT_THAT(heard(dave), IsEmpty()) << source;
        world.govern(floor_of("alice"));
        say("heard");
        EXPECT_THAT(heard(dave), SizeIs(1)) << source;
        world.govern(floor_of("bob"));
    }
}

// Offered as a microphone, announced as a camera, in the order in which a section waits for its name.
TEST_P(RightsTest, AMicrophoneThatIsAnnouncedAsACameraIsNone) {
    world.govern(floor_of("bob"));
    Client& alice = enter("alice");
    Client& dave = enter("dave", last());
    std::vector<string> requests;
    alice.adjust_track = [](pb::AddTrackRequest& add) {
        add.set_type(pb::VIDEO);
        add.set_source(pb::CAMERA);
    };
    alice.publish(pb::AUDIO, pb::MICROPHONE, requests);
    std::reverse(requests.begin(), requests.end());
    for (const string& request : requests) world.request(alice, request);
    world.run(Duration::millis(300));
    speak({&alice});
    EXPECT_THAT(dave.packets, IsEmpty());
    EXPECT_THAT(dave.participant("alice")->tracks(), IsEmpty());
}

TEST_P(RightsTest, AViewersPacketsAreDroppedAndCounted) {
    world.govern(everybody(kViewer));
    Client& alice = enter_speaking("alice");
    Client& dave = enter("dave", last());
    EXPECT_FALSE(dave.participant("alice")->permission().can_publish());
    EXPECT_TRUE(dave.participant("alice")->permission().can_publish_data());
    EXPECT_TRUE(was_told(alice, [](const pb::SignalResponse& r) {
        return r.request_response().reason() == pb::RequestResponse::NOT_ALLOWED;
    }));
    speak({&alice});
    EXPECT_THAT(dave.packets, IsEmpty());
    EXPECT_EQ(totals().published_tracks, 0u);
    EXPECT_EQ(totals().peers.unknown_stream, 20u);
}

TEST_P(RightsTest, WhoMayNotPublishAnyMoreLosesItsTracksAndMayComeBack) {
    world.govern(everybody(MediaRights::all()));
    Client& alice = enter_speaking("alice");
    Client& dave = enter("dave", last());
    speak({&alice}, 5);
    EXPECT_THAT(heard(dave), SizeIs(5));
    const string cid = alice.track(pb::MICROPHONE).cid;
    const string sid = alice.track(pb::MICROPHONE).sid;
    world.govern(everybody(kViewer));
    speak({&alice}, 5);
    EXPECT_THAT(heard(dave), IsEmpty());
    EXPECT_EQ(totals().peers.unknown_stream, 5u);
    EXPECT_TRUE(was_told(
        alice, [&](const pb::SignalResponse& r) { return r.track_unpublished().track_sid() == sid; }));
    EXPECT_FALSE(alice.participant("alice")->permission().can_publish());
    EXPECT_FALSE(dave.participant("alice")->permission().can_publish());
    world.govern(everybody(MediaRights::all()));
    EXPECT_TRUE(alice.participant("alice")->permission().can_publish());
    world.unpublish(alice, cid);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    speak({&alice}, 5);
    EXPECT_THAT(heard(dave), SizeIs(5));
}

TEST_P(RightsTest, ARuleGivesNoMoreThanTheToken) {
    world.govern(everybody(MediaRights::all()));
    Client& alice = make("alice");
    alice.grant.can_publish = false;
    world.join(alice);
    ASSERT_TRUE(world.run_until([&] { return alice.is_connected(); }));
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    Client& dave = enter("dave", last());
    speak({&alice});
    EXPECT_THAT(dave.packets, IsEmpty());
}

// What it is given to come back with is what it came with: a rule holds no longer than it is said.
TEST_P(RightsTest, AFreshTokenSaysNothingOfTheRules) {
    world.govern(everybody(kViewer));
    Client& alice = make("alice");
    alice.adjust_join = [](conference::Join& join) {
        join.owner = conference::Owner::Meetings;
        join.claims.issuer = "key";
        join.claims.expires = WallTime::from_unix_seconds(1'800'000'000);
        join.signing_secret.assign(32, 's');
    };
    world.join(alice);
    ASSERT_TRUE(world.run_until([&] { return alice.is_connected(); }));
    string token;
    for (const pb::SignalResponse& response : alice.responses) token += response.refresh_token();
    const std::vector<uint8_t> secret(32, 's');
    const auto claims = livekit::verify_token(
        token, [&](std::string_view) { return std::optional<ByteView>(secret); },
        WallTime::from_unix_seconds(1'700'000'000));
    ASSERT_TRUE(claims);
    EXPECT_TRUE(livekit::may_publish(claims->video));
}

TEST_P(RightsTest, ACameraStopsAndComesBackAtAKeyFrame) {
    world.govern(everybody(MediaRights::all()));
    Client& carol = enter("carol");
    world.publish(carol, pb::VIDEO, pb::CAMERA);
    Client& dave = enter("dave", last());
    const LocalTrack& camera = carol.track(pb::CAMERA);
    ASSERT_TRUE(world.run_until([&] { return camera.keyframes_asked > 0; }));
    const auto show = [&](const string& what, bool keyframe) {
        world.show(carol, what, keyframe);
        world.run(Duration::millis(50));
    };
    show("key", true);
    show("delta", false);
    ASSERT_THAT(dave.packets, SizeIs(2));
    const ReceivedPacket before = dave.packets.back();
    const auto ask_again = [&] {
        dave.nack(before.ssrc, before.sequence, world.outbox(dave));
        world.run(Duration::millis(100));
        return std::exchange(dave.retransmissions, {}).size();
    };
    EXPECT_EQ(ask_again(), 1u);

    world.govern(everybody({.may_publish = true, .microphone = true, .screen = true}));
    EXPECT_EQ(ask_again(), 0u) << "nor by way of a repair";
    world.run(Duration::seconds(2));
    const size_t asked = camera.keyframes_asked;
    for (int i = 0; i < 30; ++i) show("unseen", i == 10);
    EXPECT_THAT(dave.packets, SizeIs(2));
    EXPECT_EQ(camera.keyframes_asked, asked) << "nobody waits for what nobody may see";

    world.govern(everybody(MediaRights::all()));
    world.run(Duration::millis(45));  // there and back
    EXPECT_EQ(camera.keyframes_asked, asked + 1);
    show("delta", false);
    EXPECT_THAT(dave.packets, SizeIs(2)) << "nothing to show it on";
    show("key", true);
    show("delta", false);
    ASSERT_THAT(dave.packets, SizeIs(4));
    EXPECT_EQ(dave.packets[2].sequence, static_cast<uint16_t>(before.sequence + 1));
}

TEST_P(RightsTest, RulesHoldForWhoComesLaterResumesAndComesAnew) {
    world.govern(floor_of("alice"));
    Client& dave = enter("dave");
    Client& bob = enter_speaking("bob", last());
    speak({&bob});
    EXPECT_THAT(heard(dave), IsEmpty());

    world.close_signalling(bob);
    world.join(bob, true);
    world.run(Duration::millis(200));
    speak({&bob});
    EXPECT_THAT(heard(dave), IsEmpty()) << "resumed";

    Client& again = enter_speaking("bob", last());
    speak({&again});
    EXPECT_THAT(heard(dave), IsEmpty()) << "joined anew";

    world.govern(floor_of("bob"));
    speak({&again}, 1);
    EXPECT_THAT(heard(dave), SizeIs(1));
}

// Everybody has left, the part has ended: the next to come begins another one.
TEST_P(RightsTest, RulesOutliveTheConference) {
    world.govern(floor_of("alice"));
    Client& first = enter("alice");
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(first, leave.SerializeAsString());
    world.run(Duration::seconds(30));
    ASSERT_EQ(world.directory().conferences(), 0u);
    Client& bob = enter_speaking("bob");
    Client& alice = enter_speaking("alice", last());
    speak({&alice, &bob}, 5);
    EXPECT_THAT(heard(bob), AllOf(SizeIs(5), Each("alice")));
    EXPECT_THAT(heard(alice), IsEmpty());
}

TEST_P(RightsTest, WhoIsNotHeardIsNotShownAsSpeaking) {
    world.govern(floor_of("alice"));
    Client& alice = enter_speaking("alice");
    Client& bob = enter_speaking("bob", last());
    Client& dave = enter("dave");
    alice.level = bob.level = 20;
    speak({&alice, &bob}, 100);
    const auto is_told_of = [&](const Client& speaker) {
        const string sid = dave.participant(speaker.identity())->sid();
        return was_told(dave, [&](const pb::SignalResponse& response) {
            const auto& speakers = response.speakers_changed().speakers();
            return std::any_of(speakers.begin(), speakers.end(), [&](const pb::SpeakerInfo& info) {
                return info.sid() == sid && info.active();
            });
        });
    };
    EXPECT_TRUE(is_told_of(alice));
    EXPECT_FALSE(is_told_of(bob));
}

TEST_P(RightsTest, RoomsOfApplicationsKnowNoSuchRules) {
    world.govern(everybody(kViewer));
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    Client& dave = world.enter("dave", last());
    world.run(Duration::millis(300));
    world.govern(everybody(kViewer));
    speak({&alice}, 5);
    EXPECT_THAT(heard(dave), SizeIs(5));
    EXPECT_EQ(totals().gated_packets, 0u);
}

// ---- removal: nothing for it and nothing of it from the command on

TEST_P(RightsTest, A4_NothingLeavesForWhoWasRemovedAndNothingOfItArrives) {
    world.govern(everybody(MediaRights::all()));
    Client& alice = enter_speaking("alice");
    Client& bob = enter_speaking("bob", last());
    Client& mallory = enter_speaking("mallory");
    for (Client* client : {&alice, &mallory}) {
        world.publish(*client, pb::VIDEO, pb::CAMERA);
        ASSERT_TRUE(world.run_until([&] { return client->track(pb::CAMERA).keyframes_asked > 0; }));
        world.show(*client, client->identity(), true);
        world.run(Duration::millis(100));
    }
    const ReceivedPacket of_alice = mallory.packets.back();
    const ReceivedPacket of_mallory = bob.packets.back();
    const auto ask_again = [&] {
        mallory.nack(of_alice.ssrc, of_alice.sequence, world.outbox(mallory));
        bob.nack(of_mallory.ssrc, of_mallory.sequence, world.outbox(bob));
    };
    ask_again();
    speak({&alice, &bob, &mallory});
    EXPECT_THAT(mallory.retransmissions, SizeIs(1));
    EXPECT_THAT(std::exchange(bob.retransmissions, {}), SizeIs(1));
    // On its way up when she is removed.
    for (int i = 0; i < 10; ++i) world.say(mallory, "mallory");

    size_t media = 0;
    world.tap = [&](bool to_server, const SocketAddress& client, ByteView bytes) {
        if (to_server || client != mallory.address()) return;
        // RFC 5764 5.1.2, RFC 5246 6.2.1: what ends the association is an alert; data would be a record of
        // its own type.
        const bool is_alert = wire::classify(bytes) == wire::DatagramKind::Dtls && bytes[0] == 21;
        media += !is_alert;
    };
    livekit::RemoveParticipant removal;
    removal.who.set_room("room");
    removal.who.set_identity("mallory");
    mallory.responses.clear();
    for (Client* client : {&alice, &bob, &mallory}) client->packets.clear();
    const auto answer = world.call(removal, 0, conference::Owner::Meetings);
    ASSERT_TRUE(answer && answer->result);
    EXPECT_TRUE(was_told(mallory, [](const pb::SignalResponse& response) {
        return response.leave().reason() == pb::PARTICIPANT_REMOVED;
    }));
    EXPECT_FALSE(bob.participant("mallory"));
    pb::DataPacket packet;
    packet.mutable_user()->set_payload("still here");
    for (int i = 0; i < 50; ++i) {
        for (const char* label : {"_reliable", "_lossy"}) {
            (void)mallory.send_data(world.now, label, packet.SerializeAsString(), world.outbox(mallory));
            (void)alice.send_data(world.now, label, packet.SerializeAsString(), world.outbox(alice));
        }
        ask_again();
        speak({&alice, &mallory}, 1);
    }
    EXPECT_EQ(media, 0u);
    EXPECT_THAT(heard(bob), AllOf(SizeIs(50), Each("alice")));
    EXPECT_THAT(heard(alice), IsEmpty());
    EXPECT_THAT(bob.retransmissions, IsEmpty());
    EXPECT_THAT(bob.data, SizeIs(100)) << "of alice";
    EXPECT_THAT(alice.data, IsEmpty());
}

// The part that begins waits for what the others know: whoever waits for it can be removed as well.
TEST(Removal, A4_WhoWaitsToBeLetInIsNot) {
    World world(32, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& mallory = world.make("mallory", 1);
    world.holds_relays = true;
    world.join(mallory);
    livekit::RemoveParticipant removal;
    removal.who.set_room("room");
    removal.who.set_identity("mallory");
    const auto answer = world.call(removal, 1);
    EXPECT_TRUE(answer && answer->result);
    world.holds_relays = false;
    world.run(Duration::seconds(2));
    EXPECT_THAT(world.refusals, SizeIs(1));
    EXPECT_THAT(mallory.responses, IsEmpty());
    EXPECT_FALSE(alice.participant("mallory"));
}

}  // namespace
}  // namespace conclave::sim
