// One conference on several workers: for its people it is one.
#include <gtest/gtest.h>

#include <algorithm>

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

template <class Call>
Call about(const std::string& identity) {
    Call call;
    call.set_room("room");
    call.set_identity(identity);
    return call;
}

TEST(Parts, WhatTheServerApiSaysOfTheRoomHoldsEverywhere) {
    World world(5, {}, 2);
    pb::CreateRoomRequest create;
    create.set_name("room");
    create.set_metadata("first");
    create.set_max_participants(2);
    ASSERT_TRUE(world.call(create, 0));
    (void)world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    const auto metadata_at = [&](size_t worker) {
        const auto answer = world.call(pb::ListRoomsRequest(), worker);
        return std::get<pb::ListRoomsResponse>(*answer->result).rooms(0).metadata();
    };
    EXPECT_EQ(metadata_at(1), "first");
    pb::UpdateRoomMetadataRequest update;
    update.set_room("room");
    update.set_metadata("second");
    ASSERT_TRUE(world.call(update, 0)->result);
    world.run(Duration::millis(10));
    EXPECT_EQ(metadata_at(1), "second");
    const auto& told = bob.responses;
    EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const pb::SignalResponse& response) {
        return response.room_update().room().metadata() == "second";
    }));
    // Full, wherever the two are.
    world.join(world.make("carol", 1));
    EXPECT_EQ(world.refusals.size(), 1u);
}

TEST(Parts, APersonIsChangedWhereItIsAndSeenEverywhere) {
    World world(6, {}, 2);
    Client& alice = world.enter("alice", 0);
    (void)world.enter("bob", 1);
    auto update = about<pb::UpdateParticipantRequest>("bob");
    update.set_name("Bob B.");
    EXPECT_FALSE(world.call(update, 0)->result);
    ASSERT_TRUE(world.call(update, 1)->result);
    world.run(Duration::millis(10));
    EXPECT_EQ(alice.participant("bob")->name(), "Bob B.");
    update.mutable_permission()->set_hidden(true);
    ASSERT_TRUE(world.call(update, 1)->result);
    world.run(Duration::millis(10));
    EXPECT_FALSE(sees(alice, "bob"));
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

std::vector<std::string> heard(const Client& client) {
    std::vector<std::string> words;
    for (const ReceivedPacket& packet : client.packets)
        words.emplace_back(packet.payload.begin(), packet.payload.end());
    return words;
}

size_t count(const std::vector<std::string>& words, const std::string& word) {
    return static_cast<size_t>(std::count(words.begin(), words.end(), word));
}

TEST(Parts, AWordIsHeardAtEveryWorkerOnce) {
    World world(5, {}, 3);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 0);
    Client& carol = world.enter("carol", 1);
    Client& dave = world.enter("dave", 1);
    Client& erin = world.enter("erin", 2);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    for (int i = 0; i < 20; ++i) {
        world.say(alice, "word" + std::to_string(i));
        world.run(Duration::millis(20));
    }
    world.run(Duration::millis(100));
    for (const Client* listener : {&bob, &carol, &dave, &erin}) {
        const auto words = heard(*listener);
        for (int i = 0; i < 20; ++i)
            EXPECT_EQ(count(words, "word" + std::to_string(i)), 1u) << listener->identity() << " " << i;
    }
    EXPECT_TRUE(heard(alice).empty());
}

TEST(Parts, SpeechBothWays) {
    World world(6, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.publish(bob, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.say(alice, "hello");
    world.say(bob, "salut");
    world.run(Duration::millis(100));
    EXPECT_EQ(count(heard(bob), "hello"), 1u);
    EXPECT_EQ(count(heard(alice), "salut"), 1u);
}

TEST(Parts, AKeyFrameIsAskedForAcrossWorkers) {
    World world(7, {}, 2);
    Client& alice = world.enter("alice", 0);
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    Client& bob = world.enter("bob", 1);
    EXPECT_TRUE(world.run_until([&] { return alice.track(pb::CAMERA).keyframes_asked > 0; }));
    world.show(alice, "delta", false);
    world.run(Duration::millis(50));
    EXPECT_TRUE(bob.packets.empty()) << "nothing to begin with";
    world.show(alice, "key", true);
    world.show(alice, "delta", false);
    world.run(Duration::millis(100));
    EXPECT_EQ(bob.packets.size(), 2u);
}

TEST(Parts, WhatTheNetworkLosesOverThereIsSentAgainFromThere) {
    World world(8, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    EXPECT_TRUE(world.run_until([&] { return alice.track(pb::CAMERA).keyframes_asked > 0; }));
    for (int i = 0; i < 10; ++i) {
        world.show(alice, "frame" + std::to_string(i), i == 0);
        world.run(Duration::millis(10));
    }
    ASSERT_GT(bob.packets.size(), 5u);
    const ReceivedPacket wanted = bob.packets[3];  // more may come
    const size_t asked = alice.track(pb::CAMERA).packets_asked;
    bob.nack(wanted.ssrc, wanted.sequence, world.outbox(bob));
    world.run(Duration::millis(100));
    ASSERT_EQ(bob.retransmissions.size(), 1u);
    EXPECT_EQ(bob.retransmissions[0].payload, wanted.payload);
    EXPECT_EQ(alice.track(pb::CAMERA).packets_asked, asked) << "her uplink has lost nothing";
}

TEST(Parts, AMutedMicrophoneIsSilentEverywhere) {
    World world(9, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    world.mute(alice, pb::MICROPHONE, true);
    world.say(alice, "secret");
    world.run(Duration::millis(100));
    EXPECT_TRUE(bob.packets.empty());
    world.mute(alice, pb::MICROPHONE, false);
    world.say(alice, "public");
    world.run(Duration::millis(100));
    EXPECT_EQ(count(heard(bob), "public"), 1u);
}

TEST(Parts, WhoeverMayNotReceiveATrackDoesNotAtAnyWorker) {
    World world(10, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    Client& carol = world.enter("carol", 1);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    pb::SignalRequest request;
    pb::TrackPermission& permission = *request.mutable_subscription_permission()->add_track_permissions();
    permission.set_participant_identity("carol");
    permission.set_all_tracks(true);
    world.request(alice, request.SerializeAsString());
    world.run(Duration::millis(300));
    bob.packets.clear();
    world.say(alice, "for carol");
    world.run(Duration::millis(100));
    EXPECT_TRUE(bob.packets.empty());
    EXPECT_EQ(count(heard(carol), "for carol"), 1u);
}

TEST(Parts, DataReachesWhomItIsForAtEveryWorkerOnce) {
    World world(12, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    Client& carol = world.enter("carol", 1);
    Client& dave = world.enter("dave", 0);
    pb::DataPacket packet;
    packet.mutable_user()->set_payload("for bob and dave");
    packet.add_destination_identities("bob");
    packet.add_destination_identities("dave");
    ASSERT_TRUE(alice.send_data(world.now, "_reliable", packet.SerializeAsString(), world.outbox(alice)));
    world.run(Duration::millis(300));
    EXPECT_EQ(bob.data.size(), 1u);
    EXPECT_EQ(dave.data.size(), 1u);
    EXPECT_TRUE(carol.data.empty());
    EXPECT_TRUE(alice.data.empty());
}

TEST(Parts, WhoSpeaksIsSeenAtEveryWorker) {
    World world(13, {}, 2);
    world.settings.simulate = true;
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    bob.responses.clear();
    pb::SignalRequest request;
    request.mutable_simulate()->set_speaker_update(1);
    world.request(alice, request.SerializeAsString());
    const auto heard_of = [&](bool active) {
        return std::any_of(bob.responses.begin(), bob.responses.end(), [&](const pb::SignalResponse& r) {
            return r.speakers_changed().speakers_size() == 1 &&
                   r.speakers_changed().speakers(0).active() == active;
        });
    };
    EXPECT_TRUE(heard_of(true));
    world.run(Duration::seconds(2));
    EXPECT_TRUE(heard_of(false));
}

TEST(Parts, LipSyncCrossesWorkers) {
    World world(11, {}, 2);
    Client& alice = world.enter("alice", 0);
    Client& bob = world.enter("bob", 1);
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    for (int i = 0; i < 300; ++i) {
        world.say(alice, "word");
        if (i % 50 == 0) world.report(alice, pb::MICROPHONE);
        world.run(Duration::millis(20));
    }
    EXPECT_FALSE(bob.sender_reports.empty());
}

}  // namespace
}  // namespace conclave::sim
