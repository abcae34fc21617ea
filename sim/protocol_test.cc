// What clients are told, and when: subscriptions, updates, resumes, quality.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "livekit_data.pb.h"
#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

void send(World& world, Client& client, const pb::SignalRequest& request) {
    world.request(client, request.SerializeAsString());
    world.run(Duration::millis(10));
}

template <class Predicate>
size_t count(const Client& client, Predicate predicate) {
    return static_cast<size_t>(std::count_if(client.responses.begin(), client.responses.end(), predicate));
}

// The sids of those of whom the client was told that they left.
std::multiset<string> departed(const Client& client) {
    std::multiset<string> sids;
    for (const pb::SignalResponse& response : client.responses) {
        for (const auto& info : response.update().participants()) {
            if (info.state() == pb::ParticipantInfo::DISCONNECTED) sids.insert(info.sid());
        }
    }
    return sids;
}

string camera_of(const Client& seen_by, const string& identity) {
    const auto* info = seen_by.participant(identity);
    return info && info->tracks_size() > 0 ? info->tracks(0).sid() : string{};
}

pb::SignalRequest subscription(const string& sid, bool subscribe) {
    pb::SignalRequest request;
    request.mutable_subscription()->add_track_sids(sid);
    request.mutable_subscription()->set_subscribe(subscribe);
    return request;
}

void leave(World& world, Client& client) {
    pb::SignalRequest request;
    request.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    send(world, client, request);
}

// ---- subscriptions

TEST(Subscription, AnUnknownTrackIsAwaitedForAMinute) {
    World world(1);
    Client& bob = world.enter("bob");
    bob.responses.clear();
    send(world, bob, subscription("TR_later", true));
    const auto refused = [](const pb::SignalResponse& r) { return r.has_subscription_response(); };
    world.run(Duration::seconds(59));
    EXPECT_EQ(count(bob, refused), 0u);
    world.run(Duration::seconds(2));
    ASSERT_EQ(count(bob, refused), 1u);
    const auto it = std::find_if(bob.responses.begin(), bob.responses.end(), refused);
    EXPECT_EQ(it->subscription_response().track_sid(), "TR_later");
    EXPECT_EQ(it->subscription_response().err(), pb::SE_TRACK_NOTFOUND);
}

TEST(Subscription, NobodyAwaitsMoreThanSomeTracks) {
    World world(2);
    Client& bob = world.enter("bob");
    bob.responses.clear();
    pb::SignalRequest request;
    request.mutable_subscription()->set_subscribe(true);
    for (int i = 0; i < 256; ++i) request.mutable_subscription()->add_track_sids("TR_" + std::to_string(i));
    send(world, bob, request);
    const auto refused = [](const pb::SignalResponse& r) { return r.has_subscription_response(); };
    EXPECT_EQ(count(bob, refused), 0u);
    send(world, bob, subscription("TR_one_more", true));
    EXPECT_EQ(count(bob, refused), 1u);
    send(world, bob, subscription("TR_0", false));
    send(world, bob, subscription("TR_another", true));
    EXPECT_EQ(count(bob, refused), 1u) << "one has been given up";
}

TEST(Subscription, AWishIsKeptUntilTheTrackIsNegotiated) {
    World world(3);
    Client& alice = world.enter("alice");
    Client& bob = world.make("bob");
    bob.adjust_join = [](conference::Join& join) {
        join.request.mutable_connection_settings()->set_auto_subscribe(false);
    };
    world.join(bob);
    world.run(Duration::seconds(1));
    pb::SignalRequest add;
    add.mutable_add_track()->set_cid("later");
    add.mutable_add_track()->set_type(pb::AUDIO);
    add.mutable_add_track()->set_source(pb::SCREEN_SHARE_AUDIO);
    send(world, alice, add);
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    EXPECT_EQ(bob.ssrc_of(camera_of(bob, "alice")), 0u);
    pb::SignalRequest request;
    auto& tracks = *request.mutable_subscription()->add_participant_tracks();
    tracks.set_participant_sid(bob.participant("alice")->sid());
    tracks.add_track_sids(camera_of(bob, "alice"));
    request.mutable_subscription()->set_subscribe(true);
    send(world, bob, request);
    world.run(Duration::millis(200));
    EXPECT_NE(bob.ssrc_of(camera_of(bob, "alice")), 0u);
}

TEST(Subscription, WhoPlaysNoneOfTheCodecsIsTold) {
    World world(4);
    Client& alice = world.enter("alice");
    Client& bob = world.make("bob");
    bob.video_codecs = {"H264"};
    world.join(bob);
    world.run(Duration::seconds(1));
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.run(Duration::millis(300));
    const string sid = camera_of(bob, "alice");
    EXPECT_EQ(count(bob,
                    [&](const pb::SignalResponse& r) {
                        return r.subscription_response().track_sid() == sid &&
                               r.subscription_response().err() == pb::SE_CODEC_UNSUPPORTED;
                    }),
              1u);
}

TEST(Subscription, ThePublisherLearnsOnceThatSomebodyReceives) {
    World world(5);
    Client& alice = world.enter("alice");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    const auto subscribed = [](const pb::SignalResponse& r) { return r.has_track_subscribed(); };
    Client& ghost = world.make("ghost");
    ghost.adjust_join = [](conference::Join& join) { join.claims.video.hidden = true; };
    world.join(ghost);
    world.run(Duration::seconds(1));
    EXPECT_NE(ghost.ssrc_of(alice.track(pb::MICROPHONE).sid), 0u);
    EXPECT_EQ(count(alice, subscribed), 0u) << "nobody that is there for others";
    world.enter("bob");
    world.enter("carol");
    EXPECT_EQ(count(alice, subscribed), 1u);
}

TEST(Subscription, ARecorderReceivesWhateverThePublisherPermits) {
    World world(6);
    Client& alice = world.enter("alice");
    Client& recorder = world.make("recorder");
    recorder.adjust_join = [](conference::Join& join) { join.claims.video.recorder = true; };
    world.join(recorder);
    Client& bob = world.enter("bob");
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    pb::SignalRequest request;
    auto& entry = *request.mutable_subscription_permission()->add_track_permissions();
    entry.set_participant_sid(alice.participant("bob")->sid());
    entry.add_track_sids("TR_another");
    send(world, alice, request);
    world.run(Duration::millis(300));
    EXPECT_NE(recorder.ssrc_of(camera_of(recorder, "alice")), 0u);
    EXPECT_EQ(bob.ssrc_of(camera_of(bob, "alice")), 0u);
    entry.add_track_sids(camera_of(bob, "alice"));
    send(world, alice, request);
    world.run(Duration::millis(300));
    EXPECT_NE(bob.ssrc_of(camera_of(bob, "alice")), 0u) << "by sid, track by track";
}

// ---- updates

TEST(Update, ACrowdIsToldOfTogether) {
    World world(10);
    Client& first = world.enter("first");
    for (int i = 0; i < 60; ++i) world.join(world.make("p" + std::to_string(i)));
    const auto update = [](const pb::SignalResponse& r) { return r.has_update(); };
    EXPECT_LT(count(first, update), 40u);
    world.run(Duration::seconds(2));
    for (int i = 0; i < 60; ++i) {
        const auto* info = first.participant("p" + std::to_string(i));
        ASSERT_TRUE(info) << i;
        EXPECT_EQ(info->state(), pb::ParticipantInfo::ACTIVE) << i;
    }
    EXPECT_LT(count(first, update), 80u) << "of 120 changes";
}

TEST(Update, TheReplacedSessionOfAnIdentityDoesNotLeave) {
    World world(11);
    Client& alice = world.enter("alice");
    Client& old = world.make("old");
    old.adjust_join = [](conference::Join& join) { join.request.mutable_client_info()->set_protocol(11); };
    world.join(old);
    world.enter("bob");
    const string first_sid = alice.participant("bob")->sid();
    Client& again = world.enter("bob");
    EXPECT_TRUE(again.is_connected());
    EXPECT_NE(alice.participant("bob")->sid(), first_sid);
    EXPECT_TRUE(departed(alice).empty());
    EXPECT_EQ(departed(old).count(first_sid), 1u);
}

TEST(Update, WhoLeftMeanwhileIsToldToWhoResumes) {
    World world(12);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    Client& carol = world.enter("carol");
    const string bob_sid = alice.participant("bob")->sid();
    world.close_signalling(alice);
    leave(world, bob);
    leave(world, carol);
    world.enter("carol");
    alice.responses.clear();
    world.join(alice, true);
    ASSERT_TRUE(alice.responses[0].has_reconnect());
    EXPECT_EQ(departed(alice), std::multiset<string>{bob_sid})
        << "clients know people by identity: carol is there";
}

TEST(Update, TooManyDeparturesMeanJoiningAnew) {
    World world(13);
    Client& alice = world.enter("alice");
    world.close_signalling(alice);
    for (int i = 0; i < 520; ++i) {
        Client& guest = world.make("guest" + std::to_string(i));
        world.join(guest);
        leave(world, guest);
    }
    alice.responses.clear();
    world.join(alice, true);
    ASSERT_EQ(alice.responses.size(), 1u);
    EXPECT_EQ(alice.responses[0].leave().action(), pb::LeaveRequest::RECONNECT);
}

// ---- publishing

TEST(Publish, TheSameNameWaitsForItsTurn) {
    World world(20);
    Client& alice = world.enter("alice");
    alice.responses.clear();
    pb::SignalRequest add;
    add.mutable_add_track()->set_cid("cam");
    add.mutable_add_track()->set_type(pb::VIDEO);
    add.mutable_add_track()->set_source(pb::CAMERA);
    send(world, alice, add);
    ASSERT_TRUE(alice.responses.back().has_track_published());
    for (int i = 0; i < 3; ++i) {
        send(world, alice, add);
        EXPECT_EQ(alice.responses.back().request_response().reason(), pb::RequestResponse::QUEUED);
    }
    send(world, alice, add);
    EXPECT_EQ(alice.responses.back().request_response().reason(), pb::RequestResponse::LIMIT_EXCEEDED);
}

TEST(Publish, WhatWaitedIsAnnouncedOnceTheFirstIsThere) {
    World world(23);
    Client& alice = world.enter("alice");
    std::vector<string> requests;
    alice.publish(pb::VIDEO, pb::CAMERA, requests);
    ASSERT_EQ(requests.size(), 2u) << "AddTrackRequest, offer";
    alice.responses.clear();
    world.request(alice, requests[0]);
    world.request(alice, requests[0]);
    const auto published = [](const pb::SignalResponse& r) { return r.has_track_published(); };
    EXPECT_EQ(count(alice, published), 1u);
    world.request(alice, requests[1]);
    EXPECT_EQ(count(alice, published), 2u);
}

TEST(Publish, ABackupCodecIsAnnouncedLater) {
    World world(21);
    Client& alice = world.enter("alice");
    alice.responses.clear();
    pb::SignalRequest add;
    add.mutable_add_track()->set_cid("cam");
    add.mutable_add_track()->set_type(pb::VIDEO);
    add.mutable_add_track()->set_source(pb::CAMERA);
    add.mutable_add_track()->set_backup_codec_policy(pb::SIMULCAST);
    add.mutable_add_track()->add_simulcast_codecs()->set_codec("h264");
    add.mutable_add_track()->mutable_simulcast_codecs(0)->set_cid("cam");
    add.mutable_add_track()->add_simulcast_codecs()->set_codec("vp8");
    send(world, alice, add);
    const pb::TrackInfo track = alice.responses.back().track_published().track();
    ASSERT_EQ(track.codecs_size(), 2);
    EXPECT_EQ(track.backup_codec_policy(), pb::SIMULCAST);

    pb::SignalRequest backup;
    backup.mutable_add_track()->set_cid("backup");
    backup.mutable_add_track()->set_sid(track.sid());
    backup.mutable_add_track()->set_type(pb::VIDEO);
    backup.mutable_add_track()->set_source(pb::CAMERA);
    backup.mutable_add_track()->add_simulcast_codecs()->set_codec("vp8");
    backup.mutable_add_track()->mutable_simulcast_codecs(0)->set_cid("backup");
    send(world, alice, backup);
    EXPECT_EQ(alice.responses.back().track_published().cid(), "backup");
    EXPECT_EQ(alice.responses.back().track_published().track().sid(), track.sid());
    EXPECT_EQ(alice.responses.back().track_published().track().codecs(1).cid(), "backup");
    backup.mutable_add_track()->set_sid("TR_other");
    send(world, alice, backup);
    EXPECT_EQ(alice.responses.back().request_response().reason(), pb::RequestResponse::NOT_FOUND);
}

TEST(Publish, DataBlobsAreNotKept) {
    World world(22);
    Client& alice = world.enter("alice");
    pb::SignalRequest request;
    request.mutable_store_data_blob_request()->set_request_id(7);
    send(world, alice, request);
    EXPECT_EQ(alice.responses.back().request_response().request_id(), 7u);
    EXPECT_EQ(alice.responses.back().request_response().reason(), pb::RequestResponse::NOT_ALLOWED);
    request.mutable_get_data_blob_request()->set_request_id(8);
    send(world, alice, request);
    EXPECT_EQ(alice.responses.back().request_response().request_id(), 8u);
}

// ---- quality and speakers

TEST(Quality, IsToldOfOneselfAndThoseOneReceives) {
    World world(30);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.enter("carol");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    bob.responses.clear();
    world.run(Duration::seconds(6));
    std::set<string> about;
    for (const auto& response : bob.responses) {
        for (const auto& info : response.connection_quality().updates()) {
            about.insert(info.participant_sid());
            EXPECT_EQ(info.quality(), pb::EXCELLENT);
        }
    }
    EXPECT_EQ(about, (std::set<string>{alice.participant("bob")->sid(), bob.participant("alice")->sid()}));
}

TEST(Quality, WhoSubscribesLearnsAtOnceWhoSpeaks) {
    World world(31);
    world.settings.simulate = true;
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::AUDIO, pb::MICROPHONE);
    const string sid = alice.track(pb::MICROPHONE).sid;
    send(world, bob, subscription(sid, false));
    world.run(Duration::seconds(6));
    bob.responses.clear();
    send(world, bob, subscription(sid, true));
    EXPECT_EQ(count(bob,
                    [&](const pb::SignalResponse& r) {
                        return r.connection_quality().updates_size() == 1 &&
                               r.connection_quality().updates(0).participant_sid() ==
                                   bob.participant("alice")->sid();
                    }),
              1u);
}

// ---- accidents on demand

struct Accident {
    explicit Accident(uint64_t seed) : world(seed) {
        world.settings.simulate = true;
        alice = &world.enter("alice");
        bob = &world.enter("bob");
        world.publish(*alice, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(200));
        alice->responses.clear();
        bob->responses.clear();
    }
    void ask(const std::function<void(pb::SimulateScenario&)>& fill) {
        pb::SignalRequest request;
        fill(*request.mutable_simulate());
        send(world, *alice, request);
    }
    pb::LeaveRequest left() const {
        const auto& all = alice->responses;
        const auto it = std::find_if(all.begin(), all.end(), [](const auto& r) { return r.has_leave(); });
        return it == all.end() ? pb::LeaveRequest{} : it->leave();
    }
    World world;
    Client* alice = nullptr;
    Client* bob = nullptr;
};

TEST(Simulate, IsOffUnlessTheAdministratorAllowsIt) {
    Accident accident(40);
    accident.world.settings.simulate = false;
    accident.ask([](auto& scenario) { scenario.set_server_leave(true); });
    EXPECT_TRUE(accident.world.has_signalling(*accident.alice));
    accident.world.settings.simulate = true;
    accident.world.settings.meeting_issuer = "meetings";
    Client& guest = accident.world.make("guest");
    guest.adjust_join = [](conference::Join& join) { join.claims.issuer = "meetings"; };
    accident.world.join(guest);
    pb::SignalRequest request;
    request.mutable_simulate()->set_server_leave(true);
    send(accident.world, guest, request);
    EXPECT_TRUE(accident.world.has_signalling(guest)) << "a meeting is no test";
}

TEST(Simulate, SpeakerUpdate) {
    Accident accident(41);
    accident.ask([](auto& scenario) { scenario.set_speaker_update(2); });
    const auto speaking = [](bool active) {
        return [active](const pb::SignalResponse& r) {
            return r.speakers_changed().speakers_size() == 1 &&
                   r.speakers_changed().speakers(0).active() == active;
        };
    };
    EXPECT_EQ(count(*accident.alice, speaking(true)), 1u);
    EXPECT_EQ(count(*accident.bob, speaking(true)), 1u);
    accident.world.run(Duration::seconds(3));
    EXPECT_EQ(count(*accident.bob, speaking(false)), 1u);
}

TEST(Simulate, NodeFailureAndMigrationComeWithoutAWord) {
    for (const bool migrates : {false, true}) {
        Accident accident(42);
        accident.ask([&](auto& scenario) {
            migrates ? scenario.set_migration(true) : scenario.set_node_failure(true);
        });
        EXPECT_FALSE(accident.world.has_signalling(*accident.alice));
        EXPECT_TRUE(accident.alice->responses.empty());
        EXPECT_FALSE(accident.bob->participant("alice"));
        accident.world.join(*accident.alice, true);
        EXPECT_EQ(accident.left().action(), pb::LeaveRequest::RECONNECT);
    }
}

TEST(Simulate, LeavesOfEveryKind) {
    const std::pair<std::function<void(pb::SimulateScenario&)>, pb::LeaveRequest::Action> cases[] = {
        {[](auto& s) { s.set_server_leave(true); }, pb::LeaveRequest::DISCONNECT},
        {[](auto& s) { s.set_leave_request_full_reconnect(true); }, pb::LeaveRequest::RECONNECT},
        {[](auto& s) { s.set_switch_candidate_protocol(pb::TCP); }, pb::LeaveRequest::RECONNECT},
        {[](auto& s) { s.set_switch_candidate_protocol(pb::TLS); }, pb::LeaveRequest::RECONNECT},
    };
    for (const auto& [fill, action] : cases) {
        Accident accident(43);
        accident.ask(fill);
        EXPECT_EQ(accident.left().action(), action);
        EXPECT_FALSE(accident.world.has_signalling(*accident.alice));
    }
    Accident accident(43);
    accident.ask([](auto& s) { s.set_switch_candidate_protocol(pb::UDP); });
    EXPECT_TRUE(accident.world.has_signalling(*accident.alice)) << "that is what it has";
}

TEST(Simulate, DisconnectSignalOnResume) {
    Accident accident(44);
    accident.ask([](auto& scenario) { scenario.set_disconnect_signal_on_resume(true); });
    accident.world.close_signalling(*accident.alice);
    accident.alice->responses.clear();
    accident.world.join(*accident.alice, true);
    EXPECT_TRUE(accident.alice->responses.at(0).has_reconnect());
    EXPECT_FALSE(accident.world.has_signalling(*accident.alice));
    accident.world.join(*accident.alice, true);
    EXPECT_TRUE(accident.world.has_signalling(*accident.alice)) << "once only";
}

TEST(Simulate, DisconnectSignalOnResumeWithoutMessages) {
    Accident accident(45);
    accident.ask([](auto& scenario) { scenario.set_disconnect_signal_on_resume_no_messages(true); });
    accident.world.close_signalling(*accident.alice);
    accident.alice->responses.clear();
    accident.world.join(*accident.alice, true);
    EXPECT_TRUE(accident.alice->responses.empty());
    EXPECT_FALSE(accident.world.has_signalling(*accident.alice));
    accident.world.join(*accident.alice, true);
    EXPECT_TRUE(accident.alice->responses.at(0).has_reconnect());
    EXPECT_TRUE(accident.world.has_signalling(*accident.alice));
    EXPECT_TRUE(accident.bob->participant("alice"));
}

TEST(Simulate, AResumeFaultIsForgottenAfterFiveSeconds) {
    Accident accident(46);
    accident.ask([](auto& scenario) { scenario.set_disconnect_signal_on_resume(true); });
    accident.world.run(Duration::seconds(6));
    accident.world.close_signalling(*accident.alice);
    accident.world.join(*accident.alice, true);
    EXPECT_TRUE(accident.world.has_signalling(*accident.alice));
}

}  // namespace
}  // namespace conclave::sim
