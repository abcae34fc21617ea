// Whole conferences: coming, talking, seeing, going, losing the network and coming back.
#include <gtest/gtest.h>

#include <set>

#include "livekit_data.pb.h"
#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

size_t heard(const Client& client, const string& what) {
    size_t count = 0;
    for (const ReceivedPacket& packet : client.packets) {
        const string payload(packet.payload.begin(), packet.payload.end());
        if (payload.find(what) != string::npos) ++count;
    }
    return count;
}

string sid_of(const Client& seen_by, const string& identity, pb::TrackSource source) {
    const auto* info = seen_by.participant(identity);
    if (!info) return {};
    for (const auto& track : info->tracks()) {
        if (track.source() == source) return track.sid();
    }
    return {};
}

template <class Predicate>
bool any_response(const Client& client, Predicate predicate) {
    return std::any_of(client.responses.begin(), client.responses.end(), predicate);
}

// Every story with one peer connection and with two.
class Call : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, Call, ::testing::Bool(),
                         [](const auto& run) { return run.param ? "Classic" : "SinglePeerConnection"; });

class CallWorld : public World {
 public:
    explicit CallWorld(uint64_t seed, Link link = {}) : World(seed, link) { is_classic = Call::GetParam(); }
};

TEST_P(Call, ThreePeopleHearEachOther) {
    CallWorld world(1);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    for (Client* client : {&alice, &bob, &carol}) world.publish(*client, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    for (int i = 0; i < 50; ++i) {
        for (Client* client : {&alice, &bob, &carol}) world.say(*client, "voice of " + client->identity());
        world.run(Duration::millis(20));
    }
    world.run(Duration::millis(100));
    for (Client* listener : {&alice, &bob, &carol}) {
        for (const char* speaker : {"alice", "bob", "carol"}) {
            EXPECT_EQ(heard(*listener, string("voice of ") + speaker),
                      listener->identity() == speaker ? 0u : 50u)
                << listener->identity() << " hears " << speaker;
        }
    }
}

TEST_P(Call, SequenceNumbersAreContinuousAndTimestampsKeepTheirSteps) {
    CallWorld world(2);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    for (int i = 0; i < 30; ++i) {
        world.say(alice, "x");
        world.run(Duration::millis(20));
    }
    world.run(Duration::millis(100));
    ASSERT_EQ(bob.packets.size(), 30u);
    for (size_t i = 1; i < bob.packets.size(); ++i) {
        EXPECT_EQ(bob.packets[i].sequence, static_cast<uint16_t>(bob.packets[i - 1].sequence + 1));
        EXPECT_EQ(bob.packets[i].timestamp, bob.packets[i - 1].timestamp + 960);
    }
    EXPECT_EQ(bob.packets[0].ssrc, bob.ssrc_of(sid_of(bob, "alice", pb::MICROPHONE)));
}

TEST_P(Call, ALateComerGetsVideoFromAKeyFrameThatIsAskedFor) {
    CallWorld world(3);
    Client& alice = world.enter("alice");
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.show(alice, "first", true);
    Client& bob = world.enter("bob");
    world.run(Duration::millis(300));
    EXPECT_GT(alice.track(pb::CAMERA).keyframes_asked, 0u);
    world.show(alice, "delta", false);
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "delta"), 0u) << "not decodable without a key frame";
    world.show(alice, "key", true);
    world.show(alice, "after", false);
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "key"), 1u);
    EXPECT_EQ(heard(bob, "after"), 1u);
}

TEST_P(Call, AClientThatNominatesAfterTheHandshakeIsServedAtOnce) {
    CallWorld world(21);
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    Client& bob = world.make("bob");
    bob.nominates_late = true;
    world.join(bob);
    ASSERT_TRUE(world.run_until([&] { return bob.is_connected(); }));
    world.run(Duration::millis(60));
    world.say(alice, "hello");
    world.run(Duration::millis(60));
    EXPECT_EQ(heard(bob, "hello"), 1u);
}

TEST_P(Call, KeyFrameRequestsOfManyAreOnePerHalfSecond) {
    CallWorld world(4);
    Client& alice = world.enter("alice");
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    for (int i = 0; i < 6; ++i) world.enter("viewer" + std::to_string(i));
    const size_t before = alice.track(pb::CAMERA).keyframes_asked;
    world.run(Duration::seconds(3));
    EXPECT_LE(alice.track(pb::CAMERA).keyframes_asked - before, 7u);
    EXPECT_GE(alice.track(pb::CAMERA).keyframes_asked - before, 4u) << "nobody has got one yet";
}

// While it resumes, livekit-client offers before it announces; Firefox names tracks in SDP as it likes.
TEST_P(Call, AnOfferBeforeItsAnnouncementCountsUnderEitherName) {
    for (const char* announced : {"", "another name"}) {
        CallWorld world(22);
        Client& alice = world.enter("alice");
        Client& bob = world.enter("bob");
        std::vector<string> requests;
        alice.publish(pb::AUDIO, pb::MICROPHONE, requests);
        ASSERT_EQ(requests.size(), 2u);
        pb::SignalRequest announcement;
        ASSERT_TRUE(announcement.ParseFromString(requests[0]));
        if (*announced != 0) announcement.mutable_add_track()->set_cid(announced);
        world.request(alice, requests[1]);
        world.run(Duration::millis(200));
        EXPECT_EQ(sid_of(bob, "alice", pb::MICROPHONE), "");
        world.request(alice, announcement.SerializeAsString());
        world.run(Duration::millis(300));
        for (int i = 0; i < 20; ++i) {
            world.say(alice, "here I am");
            world.run(Duration::millis(20));
        }
        world.run(Duration::millis(100));
        EXPECT_EQ(heard(bob, "here I am"), 20u) << announced;
    }
}

// Chromium's first offer may have the data section and not yet the video that was announced before it.
TEST_P(Call, ASectionOfDataCarriesNoTrack) {
    CallWorld world(23);
    Client& bob = world.enter("bob");
    Client& alice = world.make("alice");
    alice.opens_publisher = false;
    world.join(alice);
    world.run(Duration::millis(100));
    const string data_alone = alice.offer_request();
    std::vector<string> requests;
    alice.publish(pb::VIDEO, pb::CAMERA, requests);
    ASSERT_EQ(requests.size(), 2u);
    for (const string& request : {requests[0], data_alone, requests[1]}) world.request(alice, request);
    ASSERT_TRUE(world.run_until([&] { return alice.is_connected(); }));
    world.run(Duration::millis(300));
    world.show(alice, "picture", true);
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "picture"), 1u);
}

TEST_P(Call, MuteIsEnforcedByTheServerAndTold) {
    CallWorld world(5);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.say(alice, "before");
    world.mute(alice, pb::MICROPHONE, true);
    world.run(Duration::millis(200));
    for (int i = 0; i < 10; ++i) world.say(alice, "during");
    world.run(Duration::millis(200));
    EXPECT_TRUE(bob.participant("alice")->tracks(0).muted());
    world.mute(alice, pb::MICROPHONE, false);
    world.say(alice, "after");
    world.run(Duration::millis(200));
    EXPECT_EQ(heard(bob, "during"), 0u);
    EXPECT_EQ(heard(bob, "after"), 1u);
    EXPECT_FALSE(bob.participant("alice")->tracks(0).muted());
}

TEST_P(Call, MoreTracksThanFreeSectionsAskForMore) {
    CallWorld world(6);
    Client& viewer = world.enter("viewer");
    for (int i = 0; i < 6; ++i) {
        Client& publisher = world.enter("p" + std::to_string(i));
        world.publish(publisher, pb::VIDEO, pb::CAMERA);
    }
    world.run(Duration::seconds(1));
    std::set<uint32_t> ssrcs;
    for (int i = 0; i < 6; ++i)
        ssrcs.insert(viewer.ssrc_of(sid_of(viewer, "p" + std::to_string(i), pb::CAMERA)));
    EXPECT_FALSE(ssrcs.contains(0));
    EXPECT_EQ(ssrcs.size(), 6u);
}

TEST_P(Call, UnpublishingFreesTheSectionForTheNextTrack) {
    CallWorld world(7);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    for (int round = 0; round < 5; ++round) {
        world.publish(alice, pb::VIDEO, pb::CAMERA);
        world.run(Duration::millis(300));
        const string sid = sid_of(bob, "alice", pb::CAMERA);
        ASSERT_FALSE(sid.empty());
        EXPECT_NE(bob.ssrc_of(sid), 0u);
        world.unpublish(alice, alice.track(pb::CAMERA).cid);
        world.run(Duration::millis(300));
        EXPECT_TRUE(sid_of(bob, "alice", pb::CAMERA).empty());
        EXPECT_EQ(bob.ssrc_of(sid), 0u) << "no longer in the answer";
    }
}

TEST_P(Call, LostPacketsAreRepairedOnBothWays) {
    CallWorld world(8, {.loss = 0.05, .delay = Duration::millis(20), .jitter = Duration::millis(5)});
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.run(Duration::millis(500));
    const uint32_t ssrc = bob.ssrc_of(sid_of(bob, "alice", pb::CAMERA));
    ASSERT_NE(ssrc, 0u);
    for (int i = 0; i < 1000; ++i) {
        world.show(alice, "frame " + std::to_string(i) + ".", i % 100 == 0);
        world.run(Duration::millis(10));
        // As a browser does: asks for what is missing among the newest.
        if (bob.packets.size() < 2 || i % 5 != 0) continue;
        std::set<uint16_t> have;
        for (const auto& packet : bob.packets) have.insert(packet.sequence);
        for (const auto& packet : bob.retransmissions) have.insert(packet.sequence);
        const uint16_t newest = bob.packets.back().sequence;
        for (uint16_t back = 2; back < 40; ++back) {
            const auto sequence = static_cast<uint16_t>(newest - back);
            if (static_cast<int16_t>(sequence - bob.packets.front().sequence) > 0 &&
                !have.contains(sequence)) {
                bob.nack(ssrc, sequence, world.outbox(bob));
            }
        }
    }
    world.run(Duration::seconds(1));
    std::set<string> frames;
    for (const auto* list : {&bob.packets, &bob.retransmissions}) {
        for (const auto& packet : *list) frames.emplace(packet.payload.begin(), packet.payload.end());
    }
    EXPECT_GT(bob.retransmissions.size(), 20u) << "from the server's cache";
    EXPECT_GE(frames.size(), 990u) << "of 1,000 with 5 % lost on each way";
}

TEST_P(Call, MediaGoesOnWithoutSignallingAndTheSessionResumes) {
    CallWorld world(9);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.close_signalling(bob);
    world.run(Duration::seconds(3));
    world.say(alice, "meanwhile");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "meanwhile"), 1u);

    Client& carol = world.enter("carol");  // joins while bob cannot be told
    bob.responses.clear();
    world.join(bob, true);
    world.run(Duration::millis(300));
    ASSERT_FALSE(bob.responses.empty());
    EXPECT_TRUE(bob.responses[0].has_reconnect()) << "nothing may come before it";
    EXPECT_TRUE(bob.participant("carol"));
    world.publish(carol, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.say(carol, "hello bob");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "hello bob"), 1u);
}

// With two, the server begins it: classic_test.cc.
TEST(SinglePeerConnection, AnIceRestartMovesToTheNewNetwork) {
    World world(10);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    bob.move_to(SocketAddress::v4(172, 16, 0, 1, 5555));
    bob.restart_ice();
    world.request(bob, bob.offer_request());
    world.run(Duration::seconds(2));
    world.say(alice, "are you there");
    world.run(Duration::millis(100));
    // Bob has nothing to say: his check is enough.
    EXPECT_EQ(heard(bob, "are you there"), 1u);
}

// Nobody tells the client, and its next check is seconds away: the server asks.
TEST(SinglePeerConnection, MediaFollowsWhomANatHasMoved) {
    World world(31);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.publish(bob, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.say(bob, "here");
    world.run(Duration::seconds(1));
    bob.checks = false;
    bob.move_to(SocketAddress::v4(172, 16, 0, 1, 5555));
    world.say(bob, "still here");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(alice, "still here"), 1u) << "what is authentic is forwarded, wherever it comes from";
    world.say(alice, "and do you hear me");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "and do you hear me"), 1u);
}

TEST_P(Call, ATunnelOf25SecondsEndsNothing) {
    CallWorld world(32);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    bob.checks = false;
    world.run(Duration::seconds(25));
    bob.checks = true;
    world.run(Duration::seconds(1));
    world.say(alice, "there you are");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "there you are"), 1u);
    EXPECT_FALSE(any_response(bob, [](const pb::SignalResponse& r) { return r.has_leave(); }));
}

TEST_P(Call, SilenceEndsAParticipant) {
    CallWorld world(11);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    bob.wrong_ice_password = true;  // as good as gone: its checks do not count
    world.run(Duration::seconds(33));
    EXPECT_TRUE(alice.participant("bob"));
    world.run(Duration::seconds(10));
    EXPECT_FALSE(alice.participant("bob"));
    EXPECT_TRUE(any_response(bob, [](const pb::SignalResponse& r) {
        return r.has_leave() && r.leave().action() == pb::LeaveRequest::RESUME;
    })) << "first it is asked to come back";
}

// It says hello and nothing more.
TEST_P(Call, WhoNeverConnectsTheMediaIsRemovedAfterAMinute) {
    CallWorld world(23);
    Client& alice = world.enter("alice");
    Client& bob = world.make("bob");
    bob.wrong_ice_password = true;
    world.join(bob);
    world.run(Duration::seconds(55));
    EXPECT_TRUE(alice.participant("bob"));
    EXPECT_FALSE(any_response(bob, [](const pb::SignalResponse& r) { return r.has_leave(); }));
    world.run(Duration::seconds(10));
    EXPECT_FALSE(alice.participant("bob"));
    EXPECT_TRUE(any_response(bob, [](const pb::SignalResponse& r) {
        return r.has_leave() && r.leave().reason() == pb::JOIN_FAILURE &&
               r.leave().action() == pb::LeaveRequest::DISCONNECT;
    }));
}

TEST_P(Call, LeavingIsToldAtOnce) {
    CallWorld world(12);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(bob, leave.SerializeAsString());
    EXPECT_FALSE(alice.participant("bob"));
    EXPECT_FALSE(world.has_signalling(bob));
}

TEST_P(Call, TheSameIdentityReplacesItsFormerSession) {
    CallWorld world(13);
    Client& alice = world.enter("alice");
    Client& first = world.enter("bob");
    Client& second = world.enter("bob");
    EXPECT_FALSE(world.has_signalling(first));
    EXPECT_TRUE(any_response(first, [](const pb::SignalResponse& r) {
        return r.has_leave() && r.leave().reason() == pb::DUPLICATE_IDENTITY;
    }));
    EXPECT_TRUE(second.is_connected());
    EXPECT_TRUE(alice.participant("bob"));
}

TEST_P(Call, ResumingWhatIsUnknownMeansJoiningAnew) {
    CallWorld world(14);
    Client& stranger = world.make("stranger");
    world.join(stranger, true);
    ASSERT_EQ(stranger.responses.size(), 1u);
    EXPECT_EQ(stranger.responses[0].leave().action(), pb::LeaveRequest::RECONNECT);
    EXPECT_FALSE(world.has_signalling(stranger));
}

TEST_P(Call, SenderReportsCarryThePublishersClock) {
    CallWorld world(15);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    for (int i = 0; i < 300; ++i) {
        world.say(alice, "x");
        if (i % 50 == 0) world.report(alice, pb::MICROPHONE);
        world.run(Duration::millis(20));
    }
    ASSERT_FALSE(bob.sender_reports.empty());
    // The same distance between NTP and RTP time as at the publisher, in the subscriber's numbering.
    const auto& report = bob.sender_reports.back();
    const Duration before_end = NtpTime::from_wall(WallTime{world.now.us}) - report.ntp;
    const auto newest = static_cast<int64_t>(bob.packets.back().timestamp);
    const auto reported = static_cast<int64_t>(report.rtp_timestamp);
    const double expected = static_cast<double>(before_end.us) * 48.0 / 1000.0;
    EXPECT_NEAR(static_cast<double>(newest - reported), expected, 48.0 * 60) << "within the network's delay";
}

TEST_P(Call, DataReachesThoseItIsAddressedTo) {
    CallWorld world(16);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    world.run(Duration::millis(500));
    pb::DataPacket packet;
    packet.mutable_user()->set_payload("to all");
    packet.set_participant_identity("somebody else");
    ASSERT_TRUE(alice.send_data(world.now, "_reliable", packet.SerializeAsString(), world.outbox(alice)));
    packet.mutable_user()->set_payload("to carol");
    packet.add_destination_identities("carol");
    ASSERT_TRUE(alice.send_data(world.now, "_reliable", packet.SerializeAsString(), world.outbox(alice)));
    world.run(Duration::millis(500));
    ASSERT_EQ(bob.data.size(), 1u);
    ASSERT_EQ(carol.data.size(), 2u);
    EXPECT_TRUE(alice.data.empty());
    pb::DataPacket received;
    ASSERT_TRUE(received.ParseFromString(bob.data[0]));
    EXPECT_EQ(received.user().payload(), "to all");
    EXPECT_EQ(received.participant_identity(), "alice") << "the server says who it is from";
}

TEST_P(Call, WhoMayNotPublishIsNotHeard) {
    CallWorld world(17);
    Client& alice = world.enter("alice");
    Client& bob = world.make("bob");
    auto join = bob.join(77);
    join.claims.video.can_publish = false;
    std::vector<conference::ToClient> out;
    TransmitQueue tx(64, 65536);
    PacketPool pool(16);
    std::vector<conference::ToPart> relays;
    std::vector<conference::Vacancy> vacancies;
    std::vector<conference::Handshake> handshakes;
    conference::Turn turn{world.now, {}, pool, tx, out, relays, vacancies, handshakes};
    world.directory().join(turn, std::move(join));
    pb::SignalRequest request;
    request.mutable_add_track()->set_cid("x");
    request.mutable_add_track()->set_type(pb::AUDIO);
    request.mutable_add_track()->set_source(pb::MICROPHONE);
    out.clear();
    world.directory().handle_message(turn, 77, as_bytes(request.SerializeAsString()), false);
    ASSERT_EQ(out.size(), 1u);
    pb::SignalResponse response;
    ASSERT_TRUE(response.ParseFromString(out[0].payload));
    EXPECT_EQ(response.request_response().reason(), pb::RequestResponse::NOT_ALLOWED);
    EXPECT_TRUE(alice.participant("bob") == nullptr || alice.participant("bob")->tracks().empty());
}

TEST_P(Call, APublisherMayChooseWhoReceives) {
    CallWorld world(18);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    pb::SignalRequest request;
    auto& permission = *request.mutable_subscription_permission();
    permission.set_all_participants(false);
    auto& only = *permission.add_track_permissions();
    only.set_participant_identity("bob");
    only.set_all_tracks(true);
    world.request(alice, request.SerializeAsString());
    world.run(Duration::millis(100));
    bob.packets.clear();
    carol.packets.clear();
    world.say(alice, "for bob");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(bob, "for bob"), 1u);
    EXPECT_EQ(heard(carol, "for bob"), 0u);
    permission.set_all_participants(true);
    world.request(alice, request.SerializeAsString());
    world.run(Duration::millis(300));
    world.say(alice, "for all");
    world.run(Duration::millis(100));
    EXPECT_EQ(heard(carol, "for all"), 1u);
}

TEST_P(Call, ShutdownTellsEverybodyToComeBack) {
    CallWorld world(19);
    Client& alice = world.enter("alice");
    std::vector<conference::ToClient> out;
    TransmitQueue tx(64, 65536);
    PacketPool pool(16);
    std::vector<conference::ToPart> relays;
    std::vector<conference::Vacancy> vacancies;
    std::vector<conference::Handshake> handshakes;
    conference::Turn turn{world.now, {}, pool, tx, out, relays, vacancies, handshakes};
    world.directory().shut_down(turn);
    ASSERT_GE(out.size(), 2u);
    pb::SignalResponse response;
    ASSERT_TRUE(response.ParseFromString(out[0].payload));
    EXPECT_EQ(response.leave().action(), pb::LeaveRequest::RECONNECT);
    EXPECT_EQ(out.back().kind, conference::ToClient::Kind::Close);
    (void)alice;
}

TEST_P(Call, AnEmptyConferenceEnds) {
    CallWorld world(20);
    Client& alice = world.enter("alice");
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(alice, leave.SerializeAsString());
    EXPECT_EQ(world.directory().conferences(), 1u);
    world.run(Duration::seconds(21));
    EXPECT_EQ(world.directory().conferences(), 0u);
    EXPECT_EQ(world.directory().take_ended(), std::vector<string>{"room"});
}

}  // namespace
}  // namespace conclave::sim
