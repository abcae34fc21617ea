// Rows A3 to A6 and A16 of docs/security.md: what can be sent on the signalling socket and the data channels
// by somebody who was let in, who was not, or who no longer is.
#include "livekit/data_packet.h"
#include "sim/hostile.h"

namespace conclave::sim {
namespace {

using std::string;

class HostileSignallingTest : public HostileTest {
 protected:
    template <class Fill>
    static string message(Fill fill) {
        pb::SignalRequest request;
        fill(request);
        return request.SerializeAsString();
    }
    static string leave() {
        return message([](auto& r) { r.mutable_leave()->set_reason(pb::CLIENT_INITIATED); });
    }
    const pb::TrackInfo& microphone() { return bob.participant("alice")->tracks(0); }
    // What reached a client since the last call: datagrams, signalling and data.
    static size_t taken(Client& client) {
        return std::exchange(client.datagrams, 0) + std::exchange(client.responses, {}).size() +
               std::exchange(client.data, {}).size();
    }
    void write(Client& client, std::string_view text) {
        pb::DataPacket packet;
        packet.mutable_user()->set_payload(string(text));
        ASSERT_TRUE(
            client.send_data(world.now, "_reliable", packet.SerializeAsString(), world.outbox(client)));
    }
};

// ---- A3: not admitted. A lobby is yet to come; until then there is one door, and these are the ways around
// it.

TEST_F(HostileSignallingTest, A3_WhoWasNotAdmittedGetsNothing) {
    // The whole protocol on a connection that never joined.
    Client& outside = world.make("outside");
    (void)outside.join(0);
    world.request_on(4711, outside.offer_request());
    world.request_on(4711, message([&](auto& r) {
                         r.mutable_subscription()->add_track_sids(microphone().sid());
                         r.mutable_subscription()->set_subscribe(true);
                     }));
    world.request_on(4711, message([](auto& r) { r.mutable_sync_state(); }));
    write(alice, "for those who are here");
    talk();
    EXPECT_EQ(taken(outside), 0u);
    EXPECT_EQ(totals().participants, 2u);
}

TEST_F(HostileSignallingTest, A3_AResumeOfSomebodyWhoIsNotThereGetsNothingButTheWayBack) {
    Client& outside = world.make("outside");
    world.join(outside, true);
    world.run(Duration::seconds(1));
    ASSERT_EQ(outside.responses.size(), 1u);
    EXPECT_EQ(outside.responses[0].leave().action(), pb::LeaveRequest::RECONNECT);
    EXPECT_EQ(outside.responses[0].leave().reason(), pb::STATE_MISMATCH);
    EXPECT_EQ(outside.datagrams, 0u);
    EXPECT_FALSE(world.has_signalling(outside));
    EXPECT_FALSE(alice.participant("outside"));
}

TEST_F(HostileSignallingTest, A3_AResumeAfterRemovalGetsNothing) {
    Client& mallory = world.enter("mallory");
    world.request(mallory, leave());
    (void)taken(mallory);
    world.join(mallory, true);  // with the sid of the session that ended
    talk();
    ASSERT_EQ(mallory.responses.size(), 1u);
    EXPECT_TRUE(mallory.responses[0].has_leave());
    EXPECT_TRUE(mallory.packets.empty() || heard(mallory) == 0);
    EXPECT_FALSE(alice.participant("mallory"));
}

// The sid in a resume names nobody: identity comes from the token.
TEST_F(HostileSignallingTest, A3_AForeignSidInAResumeTakesNobodysPlace) {
    Client& mallory = world.enter("mallory");
    conference::Join join = mallory.join(500, true);
    join.request.set_participant_sid(alice.participant("bob")->sid());
    world.join(mallory, std::move(join));
    talk();
    EXPECT_TRUE(world.has_signalling(bob));
    EXPECT_TRUE(world.has_signalling(mallory));
    EXPECT_EQ(alice.participant("mallory")->identity(), "mallory");
    EXPECT_EQ(heard(mallory), 20u) << "its own session went on";
}

TEST_F(HostileSignallingTest, A3_WhoMayNotSubscribeGetsNoMedia) {
    Client& deaf = world.make("deaf");
    deaf.grant.can_subscribe = false;
    world.join(deaf);
    ASSERT_TRUE(world.run_until([&] { return deaf.is_connected(); }));
    world.request(deaf, message([&](auto& r) {
                      r.mutable_subscription()->add_track_sids(microphone().sid());
                      r.mutable_subscription()->set_subscribe(true);
                  }));
    world.request(deaf, message([&](auto& r) {
                      r.mutable_sync_state()->mutable_subscription()->add_track_sids(microphone().sid());
                      r.mutable_sync_state()->mutable_subscription()->set_subscribe(true);
                  }));
    world.request(deaf, deaf.offer_request());
    talk();
    EXPECT_TRUE(deaf.packets.empty());
    EXPECT_EQ(deaf.ssrc_of(microphone().sid()), 0u);
}

// ---- A4: ghosts

TEST_F(HostileSignallingTest, A4_WhoeverReceivesIsOnEverybodysRoster) {
    std::vector<Client*> all{&alice, &bob};
    const auto check = [&] {
        for (Client* client : all) {
            if (taken(*client) == 0 || !world.has_signalling(*client)) continue;
            for (Client* other : all) {
                if (other == client || !world.has_signalling(*other)) continue;
                EXPECT_TRUE(other->participant(client->identity()))
                    << client->identity() << " receives and " << other->identity() << " does not know";
            }
        }
    };
    for (int round = 0; round < 30; ++round) {
        if (round % 3 == 0) all.push_back(&world.enter("guest" + std::to_string(round)));
        if (round % 4 == 3) world.request(*all.back(), leave());
        if (round % 5 == 4) world.close_signalling(*all[2 + static_cast<size_t>(round) % (all.size() - 2)]);
        talk(5);
        check();
    }
}

TEST_F(HostileSignallingTest, A4_WhoWasRemovedGetsNoPacketAnyMore) {
    Client& mallory = world.enter("mallory");
    talk();
    EXPECT_EQ(heard(mallory), 20u);
    const uint32_t ssrc = mallory.ssrc_of(mallory.participant("alice")->tracks(0).sid());
    const uint16_t newest = mallory.packets.back().sequence;
    world.request(mallory, leave());
    world.run(Duration::millis(50));  // what was under way
    (void)taken(mallory);
    for (int i = 0; i < 20; ++i) {
        // Still has keys, path and numbers: asks for more of everything.
        mallory.nack(ssrc, static_cast<uint16_t>(newest - i), world.outbox(mallory));
        (void)mallory.send_data(world.now, "_reliable", "x", world.outbox(mallory));
        write(alice, "for those who are here");
        talk(3);
    }
    EXPECT_EQ(taken(mallory), 0u);
    EXPECT_EQ(bob.data.size(), 20u);
}

TEST_F(HostileSignallingTest, A4_ASessionThatWasReplacedGetsNoPacketAnyMore) {
    Client& first = world.enter("twice");
    Client& second = world.enter("twice");
    world.run(Duration::millis(50));
    (void)taken(first);
    talk();
    EXPECT_EQ(taken(first), 0u);
    EXPECT_EQ(heard(second), 20u);
    EXPECT_FALSE(world.has_signalling(first));
}

// ---- A5: claims to be another

TEST_F(HostileSignallingTest, A5_TheSenderOfDataIsWhatTheServerSays) {
    Client& mallory = world.enter("mallory");
    const auto send = [&](const auto& fill) {
        pb::DataPacket packet;
        packet.set_participant_identity("alice");
        packet.set_participant_sid(bob.participant("alice")->sid());
        fill(packet);
        for (const char* label : {"_reliable", "_lossy"})
            ASSERT_TRUE(
                mallory.send_data(world.now, label, packet.SerializeAsString(), world.outbox(mallory)));
    };
    send([](auto& p) {
        p.mutable_user()->set_participant_identity("alice");
        p.mutable_user()->set_payload("forged");
    });
    send([](auto& p) { p.mutable_chat_message()->set_generated(true); });
    send([](auto& p) { p.mutable_rpc_request()->set_method("pay"); });
    send([](auto& p) { p.mutable_rpc_response()->set_request_id("1"); });
    send([](auto& p) { p.mutable_rpc_ack()->set_request_id("1"); });
    send([](auto& p) { p.mutable_sip_dtmf()->set_code(1); });
    send([](auto& p) { p.mutable_stream_header()->mutable_text_header()->set_generated(true); });
    send([](auto& p) { p.mutable_stream_chunk()->set_stream_id("s"); });
    send([](auto& p) { p.mutable_stream_trailer()->set_stream_id("s"); });
    send([](auto& p) { p.mutable_encrypted_packet()->set_key_index(1); });
    send([](auto& p) { p.mutable_speaker()->add_speakers()->set_sid("alice"); });
    send([](auto& p) { p.mutable_transcription()->set_transcribed_participant_identity("alice"); });
    world.run(Duration::millis(200));
    ASSERT_EQ(bob.data.size(), 20u) << "all but speakers and transcriptions";
    for (const string& bytes : bob.data) {
        pb::DataPacket packet;
        ASSERT_TRUE(packet.ParseFromString(bytes));
        EXPECT_EQ(packet.participant_identity(), "mallory");
        EXPECT_EQ(packet.participant_sid(), bob.participant("mallory")->sid());
        if (packet.has_user()) {
            EXPECT_EQ(packet.user().participant_identity(), "mallory");
        }
    }
}

TEST_F(HostileSignallingTest, A5_RequestsAboutWhatIsAnothersChangeNothing) {
    Client& mallory = world.enter("mallory");
    const string track = microphone().sid();
    const string victim = bob.participant("alice")->sid();
    const std::vector<string> requests{
        message([&](auto& r) {
            r.mutable_mute()->set_sid(track);
            r.mutable_mute()->set_muted(true);
        }),
        message([&](auto& r) {
            r.mutable_update_audio_track()->set_track_sid(track);
            r.mutable_update_audio_track()->add_features(pb::TF_STEREO);
        }),
        message([&](auto& r) {
            r.mutable_update_video_track()->set_track_sid(track);
            r.mutable_update_video_track()->set_width(9999);
        }),
        message([&](auto& r) {
            r.mutable_update_layers()->set_track_sid(track);
            r.mutable_update_layers()->add_layers()->set_bitrate(1);
        }),
        // Rights over one's own tracks only, whatever they name.
        message([&](auto& r) {
            auto& entry = *r.mutable_subscription_permission()->add_track_permissions();
            entry.set_participant_identity("bob");
            entry.add_track_sids(track);
        }),
        message([&](auto& r) {
            r.mutable_subscription()->add_track_sids(track);
            r.mutable_subscription()->set_subscribe(false);
            r.mutable_subscription()->add_participant_tracks()->set_participant_sid(victim);
        }),
        message([&](auto& r) {
            r.mutable_track_setting()->add_track_sids(track);
            r.mutable_track_setting()->set_disabled(true);
        }),
        message([&](auto& r) {
            r.mutable_add_track()->set_cid("x");
            r.mutable_add_track()->set_sid(track);
            r.mutable_add_track()->set_type(pb::AUDIO);
        }),
        message(
            [&](auto& r) { r.mutable_sync_state()->add_publish_tracks()->mutable_track()->set_sid(track); }),
    };
    const string before = bob.participant("alice")->SerializeAsString();
    for (const string& request : requests) {
        world.request(mallory, request);
        talk(3);
    }
    EXPECT_EQ(bob.participant("alice")->SerializeAsString(), before);
}

// ---- A6: readers that disagree. What is passed on is what was read, written anew.

TEST_F(HostileSignallingTest, A6_DataWithAFieldTwiceReachesOthersWithItOnce) {
    Client& mallory = world.enter("mallory");
    pb::DataPacket first;
    first.mutable_chat_message()->set_message("read by one");
    pb::DataPacket second;
    second.mutable_user()->set_payload("read by another");
    second.set_participant_identity("alice");
    // Concatenation is merging: the last member of a oneof counts (protobuf encoding, "last one wins").
    const string twice = first.SerializeAsString() + second.SerializeAsString();
    ASSERT_TRUE(mallory.send_data(world.now, "_reliable", twice, world.outbox(mallory)));
    world.run(Duration::millis(200));
    ASSERT_EQ(bob.data.size(), 1u);
    pb::DataPacket got;
    ASSERT_TRUE(got.ParseFromString(bob.data[0]));
    EXPECT_EQ(got.user().payload(), "read by another");
    EXPECT_EQ(got.participant_identity(), "mallory");
    EXPECT_EQ(bob.data[0].find("read by one"), string::npos) << "the other reading is not passed on";
    EXPECT_EQ(bob.data[0].find("alice"), string::npos);
}

TEST_F(HostileSignallingTest, A6_DataThatIsNoUtf8OrCutOffIsNotPassedOn) {
    Client& mallory = world.enter("mallory");
    for (const string& bytes : {string("\x52\x02\xff\xfe", 4),      // chat_message that is no message
                                string("\x22\x02\xc0\xaf", 4),      // overlong UTF-8 as identity
                                string("\x22\x03\xed\xa0\x80", 5),  // a lone surrogate as identity
                                string("\x12\x7f\x0a", 3),          // longer than it is
                                string(3000, '\x0b')}) {            // groups without end
        (void)mallory.send_data(world.now, "_reliable", bytes, world.outbox(mallory));
    }
    world.run(Duration::millis(300));
    EXPECT_TRUE(bob.data.empty());
}

// ---- A16: one's own connection only

TEST_F(HostileSignallingTest, A16_AnOversizedMessageEndsOnlyItsOwnSocket) {
    Client& mallory = world.enter("mallory");
    world.request(mallory, string(3 << 20, 'x'));
    EXPECT_FALSE(world.has_signalling(mallory));
}

TEST_F(HostileSignallingTest, A16_AMalformedMessageEndsOnlyItsOwnSocket) {
    Client& mallory = world.enter("mallory");
    world.request(mallory, "\xff\xff\xff\xff");
    EXPECT_FALSE(world.has_signalling(mallory));
}

TEST_F(HostileSignallingTest, A16_AMalformedOfferEndsOnlyItsOwnSession) {
    Client& mallory = world.enter("mallory");
    world.request(mallory, message([](auto& r) {
                      r.mutable_offer()->set_type("offer");
                      r.mutable_offer()->set_sdp("v=0\r\nnonsense");
                  }));
    EXPECT_FALSE(world.has_signalling(mallory));
    EXPECT_FALSE(alice.participant("mallory"));
}

TEST_F(HostileSignallingTest, A16_FloodsOfRequestsEndOnlyTheirOwnSocket) {
    Client& mallory = world.enter("mallory");
    for (size_t i = 0; i < livekit::kMessagesBurst + 100; ++i) {
        world.request(
            mallory, message([&](auto& r) { r.mutable_ping_req()->set_timestamp(static_cast<int64_t>(i)); }));
    }
    EXPECT_FALSE(world.has_signalling(mallory));
}

TEST_F(HostileSignallingTest, A16_EveryMessageOfRandomBytesLeavesTheOthersAlone) {
    for (size_t i = 0; i < scaled(100'000, 100); ++i) {
        const string name = "m" + std::to_string(i);
        Client& mallory = world.make(name);
        world.join(mallory);
        string bytes(world.rng.u32() % 300, '\0');
        world.rng.fill({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
        if (!bytes.empty()) bytes[0] = static_cast<char>((1 + i % 30) << 3 | 2);
        world.request(mallory, bytes);
        world.request(mallory, leave());
        ASSERT_FALSE(alice.participant(name));
    }
}

TEST_F(HostileSignallingTest, A7_OneCannotMuteTheTrackOfAnother) {
    world.request(bob, message([&](auto& r) {
                      r.mutable_mute()->set_sid(microphone().sid());
                      r.mutable_mute()->set_muted(true);
                  }));
    EXPECT_FALSE(microphone().muted());
}

}  // namespace
}  // namespace conclave::sim
