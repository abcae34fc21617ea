// Data between participants in whole conferences: packets, their history, and data tracks.
#include <gtest/gtest.h>

#include "livekit/data_track_packet.h"
#include "livekit_data.pb.h"
#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

pb::DataPacket user_packet(const string& payload, uint32_t sequence = 0) {
    pb::DataPacket packet;
    packet.mutable_user()->set_payload(payload);
    packet.set_sequence(sequence);
    return packet;
}

void send(World& world, Client& from, const pb::DataPacket& packet, const char* label = "_reliable") {
    ASSERT_TRUE(from.send_data(world.now, label, packet.SerializeAsString(), world.outbox(from)));
    world.run(Duration::millis(50));
}

std::vector<string> payloads(const Client& client) {
    std::vector<string> out;
    for (const string& bytes : client.data) {
        pb::DataPacket packet;
        EXPECT_TRUE(packet.ParseFromString(bytes));
        out.push_back(packet.user().payload());
    }
    return out;
}

using Payloads = std::vector<string>;

void send_request(World& world, Client& client, const pb::SignalRequest& request) {
    world.request(client, request.SerializeAsString());
    world.run(Duration::millis(10));
}

// The newest response of a kind; a default one when there is none.
template <class Has>
pb::SignalResponse newest(const Client& client, Has has) {
    for (auto it = client.responses.rbegin(); it != client.responses.rend(); ++it) {
        if (((*it).*has)()) return *it;
    }
    return {};
}

pb::SignalResponse publish(World& world, Client& client, uint32_t handle, const string& name) {
    client.responses.clear();
    pb::SignalRequest request;
    request.mutable_publish_data_track_request()->set_pub_handle(handle);
    request.mutable_publish_data_track_request()->set_name(name);
    send_request(world, client, request);
    // Of people it is told at any time.
    std::erase_if(client.responses, [](const pb::SignalResponse& response) { return response.has_update(); });
    EXPECT_EQ(client.responses.size(), 1u);
    return client.responses.empty() ? pb::SignalResponse{} : client.responses[0];
}

void subscribe(World& world, Client& client, const string& sid, bool subscribe, uint32_t fps = 0) {
    pb::SignalRequest request;
    auto& update = *request.mutable_update_data_subscription()->add_updates();
    update.set_track_sid(sid);
    update.set_subscribe(subscribe);
    if (fps > 0) update.mutable_options()->set_target_fps(fps);
    send_request(world, client, request);
}

// Handle -> track sid, as the server said last.
std::map<uint32_t, string> handles(const Client& client) {
    std::map<uint32_t, string> out;
    const auto response = newest(client, &pb::SignalResponse::has_data_track_subscriber_handles);
    for (const auto& [handle, track] : response.data_track_subscriber_handles().sub_handles())
        out[handle] = track.track_sid();
    return out;
}

string frame(uint16_t handle, uint16_t number, const string& payload = "frame") {
    string packet(livekit::kDataTrackHeaderSize, '\0');
    packet[0] = 0x18;
    auto* bytes = reinterpret_cast<uint8_t*>(packet.data());
    store_be16(bytes + 2, handle);
    store_be16(bytes + 4, number);
    store_be16(bytes + 6, number);
    store_be32(bytes + 8, number * 900u);  // every 10 ms
    return packet + payload;
}

TEST(Data, WhoComesLateHearsWhatWasJustSaid) {
    World world(1);
    Client& alice = world.enter("alice");
    send(world, alice, user_packet("long ago"));
    world.run(Duration::seconds(2));
    send(world, alice, user_packet("just now"));
    pb::DataPacket secret = user_packet("for carol");
    secret.add_destination_identities("carol");
    send(world, alice, secret);
    Client& bob = world.enter("bob");
    send(world, alice, user_packet("now"));
    world.run(Duration::millis(300));
    EXPECT_EQ(payloads(bob), (Payloads{"just now", "now"}));
    EXPECT_TRUE(alice.data.empty());
}

TEST(Data, WhatIsSaidBeforeAChannelIsOpenWaits) {
    World world(2);
    Client& alice = world.enter("alice");
    Client& bob = world.make("bob");
    world.join(bob);
    send(world, alice, user_packet("welcome"));
    world.run(Duration::seconds(2));
    EXPECT_EQ(payloads(bob), (Payloads{"welcome"}));
}

TEST(Data, AResumeReplaysWhatTheClientHasNot) {
    World world(3);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    const string alice_sid = bob.participant("alice")->sid();
    for (uint32_t i = 1; i <= 3; ++i) send(world, alice, user_packet("m" + std::to_string(i), i));
    send(world, alice, user_packet("not numbered"));
    world.close_signalling(bob);
    world.join(bob, true);
    bob.data.clear();
    pb::SignalRequest request;
    auto& state = *request.mutable_sync_state()->add_datachannel_receive_states();
    state.set_publisher_sid(alice_sid);
    state.set_last_seq(1);
    send_request(world, bob, request);
    world.run(Duration::millis(200));
    EXPECT_EQ(payloads(bob), (Payloads{"m2", "m3"}));
}

TEST(Data, ARepeatedPacketIsDeliveredOnce) {
    World world(4);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    pb::DataPacket packet = user_packet("once");
    packet.mutable_user()->set_nonce("0123456789abcdef");
    send(world, alice, packet);
    send(world, carol, packet);
    send(world, alice, user_packet("numbered", 5));
    send(world, alice, user_packet("numbered", 5));
    EXPECT_EQ(payloads(bob), (Payloads{"once", "numbered"}));
}

TEST(Data, DestinationsMayBeSidsOfOldClients) {
    World world(5);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    pb::DataPacket packet = user_packet("for bob");
    packet.mutable_user()->add_destination_sids(alice.participant("bob")->sid());
    send(world, alice, packet);
    EXPECT_EQ(payloads(bob), (Payloads{"for bob"}));
    EXPECT_TRUE(carol.data.empty());
}

TEST(Data, AHiddenSenderHasNoName) {
    World world(6);
    Client& ghost = world.make("ghost");
    ghost.adjust_join = [](conference::Join& join) { join.claims.video.hidden = true; };
    world.join(ghost);
    Client& bob = world.enter("bob");
    send(world, ghost, user_packet("boo"));
    ASSERT_EQ(bob.data.size(), 1u);
    pb::DataPacket packet;
    ASSERT_TRUE(packet.ParseFromString(bob.data[0]));
    EXPECT_EQ(packet.participant_identity(), "");
    EXPECT_EQ(packet.user().participant_sid(), "");
    EXPECT_FALSE(bob.participant("ghost"));
}

TEST(Data, MetricsAreForThoseWithTheGrantInTheServersTime) {
    World world(7);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& meter = world.make("meter");
    meter.adjust_join = [](conference::Join& join) { join.claims.video.can_subscribe_metrics = true; };
    world.join(meter);
    world.run(Duration::seconds(1));
    pb::DataPacket packet;
    packet.mutable_metrics()->set_timestamp_ms(1'000'000);
    packet.mutable_metrics()->add_time_series()->add_samples()->set_timestamp_ms(990'000);
    send(world, alice, packet);
    EXPECT_TRUE(bob.data.empty());
    ASSERT_EQ(meter.data.size(), 1u);
    ASSERT_TRUE(packet.ParseFromString(meter.data[0]));
    const auto& metrics = packet.metrics();
    EXPECT_GT(metrics.normalized_timestamp().seconds(), 1'700'000'000);
    const auto& sample = metrics.time_series(0).samples(0).normalized_timestamp();
    EXPECT_EQ(metrics.normalized_timestamp().seconds() - sample.seconds(), 10)
        << "as far apart as at the client";
}

TEST(Data, LossyPacketsAreDroppedForWhoCannotKeepUp) {
    World world(8, {.bits_per_second = 800'000});
    Client& alice = world.enter("alice");
    Client& carol = world.enter("carol");
    Client& bob = world.enter("bob");
    // Twice 80,000 bytes a second for a line of 100,000.
    size_t sent = 0;
    for (int i = 0; i < 400; ++i) {
        for (Client* from : {&alice, &carol}) {
            const string packet = user_packet(std::to_string(++sent) + string(1000, 'x')).SerializeAsString();
            (void)from->send_data(world.now, "_lossy", packet, world.outbox(*from));
        }
        world.run(Duration::micros(12'500));
    }
    EXPECT_GT(bob.data.size(), sent / 4);
    EXPECT_LT(bob.data.size(), sent * 3 / 4);
    world.run(Duration::millis(800));
    const size_t received = bob.data.size();
    world.run(Duration::seconds(3));
    EXPECT_EQ(bob.data.size(), received) << "nothing was waiting but what the network held";
    EXPECT_TRUE(world.has_signalling(bob)) << "and that is no reason to send it away";
}

TEST(Data, WithoutTheGrantNothingIsForwarded) {
    World world(9);
    Client& alice = world.make("alice");
    alice.adjust_join = [](conference::Join& join) { join.claims.video.can_publish_data = false; };
    world.join(alice);
    Client& bob = world.enter("bob");
    world.run(Duration::seconds(1));
    send(world, alice, user_packet("hello"));
    EXPECT_TRUE(bob.data.empty());
    EXPECT_EQ(publish(world, alice, 1, "telemetry").request_response().reason(),
              pb::RequestResponse::NOT_ALLOWED);
}

TEST(DataTrack, FramesReachSubscribersUnderTheirOwnHandle) {
    World world(20);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    const auto published = publish(world, alice, 777, "telemetry");
    const string sid = published.publish_data_track_response().info().sid();
    ASSERT_TRUE(sid.starts_with("DTR_"));
    ASSERT_EQ(bob.participant("alice")->data_tracks_size(), 1);
    EXPECT_EQ(bob.participant("alice")->data_tracks(0).name(), "telemetry");

    subscribe(world, bob, sid, true);
    const auto map = handles(bob);
    ASSERT_EQ(map.size(), 1u);
    EXPECT_EQ(map.begin()->second, sid);
    for (uint16_t i = 0; i < 5; ++i) {
        ASSERT_TRUE(alice.send_data(world.now, "_data_track", frame(777, i), world.outbox(alice)));
        world.run(Duration::millis(10));
    }
    world.run(Duration::millis(100));
    EXPECT_TRUE(carol.frames.empty()) << "has not asked";
    ASSERT_EQ(bob.frames.size(), 5u);
    EXPECT_EQ(bob.frames[4], frame(static_cast<uint16_t>(map.begin()->first), 4))
        << "nothing else is changed";

    subscribe(world, bob, sid, false);
    EXPECT_TRUE(handles(bob).empty());
    ASSERT_TRUE(alice.send_data(world.now, "_data_track", frame(777, 5), world.outbox(alice)));
    world.run(Duration::millis(100));
    EXPECT_EQ(bob.frames.size(), 5u);
}

TEST(DataTrack, EveryMistakeHasItsReason) {
    World world(21);
    Client& alice = world.enter("alice");
    const auto reason = [&](uint32_t handle, const string& name) {
        return publish(world, alice, handle, name).request_response().reason();
    };
    EXPECT_EQ(reason(0, "a"), pb::RequestResponse::INVALID_HANDLE);
    EXPECT_EQ(reason(65'536, "a"), pb::RequestResponse::INVALID_HANDLE);
    EXPECT_EQ(reason(1, ""), pb::RequestResponse::INVALID_NAME);
    EXPECT_EQ(reason(1, string(257, 'a')), pb::RequestResponse::INVALID_NAME);
    EXPECT_TRUE(publish(world, alice, 65'535, string(256, 'a')).has_publish_data_track_response());
    EXPECT_EQ(reason(65'535, "b"), pb::RequestResponse::DUPLICATE_HANDLE);
    EXPECT_EQ(reason(1, string(256, 'a')), pb::RequestResponse::DUPLICATE_NAME);
    for (uint32_t i = 1; i < 32; ++i)
        EXPECT_TRUE(publish(world, alice, i, "t" + std::to_string(i)).has_publish_data_track_response());
    EXPECT_EQ(reason(32, "one more"), pb::RequestResponse::LIMIT_EXCEEDED);

    pb::SignalRequest request;
    request.mutable_unpublish_data_track_request()->set_pub_handle(500);
    send_request(world, alice, request);
    EXPECT_EQ(alice.responses.back().request_response().reason(), pb::RequestResponse::NOT_FOUND);
    request.mutable_unpublish_data_track_request()->set_pub_handle(5);
    send_request(world, alice, request);
    EXPECT_EQ(alice.responses.back().unpublish_data_track_response().info().name(), "t5");
}

TEST(DataTrack, EndsWithItsPublisher) {
    World world(22);
    Client& alice = world.enter("alice");
    Client& bob = world.make("bob");
    bob.adjust_join = [](conference::Join& join) {
        join.request.mutable_connection_settings()->set_auto_subscribe_data_track(true);
    };
    world.join(bob);
    publish(world, alice, 1, "one");
    publish(world, alice, 2, "two");
    EXPECT_EQ(handles(bob).size(), 2u) << "without asking";
    Client& late = world.make("late");
    late.adjust_join = bob.adjust_join;
    world.join(late);
    EXPECT_EQ(handles(late).size(), 2u);
    pb::SignalRequest leave;
    leave.mutable_leave();
    send_request(world, alice, leave);
    EXPECT_TRUE(handles(bob).empty());
}

TEST(DataTrack, AWishMayComeBeforeTheTrackAndAfterAResume) {
    World world(23);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    const string sid = publish(world, alice, 1, "one").publish_data_track_response().info().sid();
    world.close_signalling(bob);
    world.join(bob, true);
    pb::SignalRequest request;
    auto& update = *request.mutable_sync_state()->mutable_data_subscription()->add_updates();
    update.set_track_sid(sid);
    update.set_subscribe(true);
    send_request(world, bob, request);
    EXPECT_EQ(handles(bob).size(), 1u);

    world.close_signalling(alice);
    world.join(alice, true);
    request.Clear();
    request.mutable_sync_state()->add_publish_data_tracks()->mutable_info()->set_pub_handle(1);
    request.mutable_sync_state()->mutable_publish_data_tracks(0)->mutable_info()->set_sid(sid);
    send_request(world, alice, request);
    EXPECT_TRUE(world.has_signalling(alice));
    request.mutable_sync_state()->mutable_publish_data_tracks(0)->mutable_info()->set_sid("DTR_other");
    send_request(world, alice, request);
    EXPECT_EQ(alice.responses.back().leave().action(), pb::LeaveRequest::RECONNECT);
}

TEST(DataTrack, APublisherMayChooseWhoReceives) {
    World world(24);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    const string sid = publish(world, alice, 1, "one").publish_data_track_response().info().sid();
    subscribe(world, bob, sid, true);
    ASSERT_EQ(handles(bob).size(), 1u);
    pb::SignalRequest request;
    request.mutable_subscription_permission()->set_all_participants(false);
    send_request(world, alice, request);
    EXPECT_TRUE(handles(bob).empty());
    request.mutable_subscription_permission()->set_all_participants(true);
    send_request(world, alice, request);
    EXPECT_EQ(handles(bob).size(), 1u) << "the wish has been kept";
}

TEST(DataTrack, ForgedPacketsGoNowhere) {
    World world(25);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& mallory = world.enter("mallory");
    const string sid = publish(world, alice, 1, "one").publish_data_track_response().info().sid();
    subscribe(world, bob, sid, true);
    ASSERT_TRUE(mallory.send_data(world.now, "_data_track", frame(1, 0), world.outbox(mallory)));
    ASSERT_TRUE(alice.send_data(world.now, "_data_track", frame(2, 0), world.outbox(alice)));
    ASSERT_TRUE(alice.send_data(world.now, "_data_track", "short", world.outbox(alice)));
    world.run(Duration::millis(100));
    EXPECT_TRUE(bob.frames.empty());
}

TEST(DataTrack, ASubscriberMayAskForFewerFrames) {
    World world(26);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    const string sid = publish(world, alice, 1, "one").publish_data_track_response().info().sid();
    subscribe(world, bob, sid, true, 10);
    for (uint16_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(alice.send_data(world.now, "_data_track", frame(1, i), world.outbox(alice)));
        world.run(Duration::millis(10));
    }
    world.run(Duration::millis(100));
    EXPECT_NEAR(static_cast<double>(bob.frames.size()), 10, 2);
}

}  // namespace
}  // namespace conclave::sim
