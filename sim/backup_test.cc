// The backup codec: whoever cannot play what a video is sent in gets it in another codec, and only then is
// that asked for.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world.h"

namespace conclave::sim {
namespace {

using std::string;

// Alice films in VP9 and could in VP8, bob plays both; true: all have two peer connections.
class BackupTest : public ::testing::TestWithParam<bool> {
 protected:
    BackupTest() : BackupTest(1) {}
    explicit BackupTest(size_t workers) : world(70, {}, workers) {
        world.is_classic = GetParam();
        alice = &enter("alice", {"VP9", "VP8"});
        bob = &enter("bob", {"VP9", "VP8"}, workers - 1);
    }
    Client& enter(const string& identity, std::vector<string> codecs, size_t worker = 0) {
        Client& client = world.make(identity, worker);
        client.video_codecs = std::move(codecs);
        world.join(client);
        EXPECT_TRUE(world.run_until([&] { return client.is_connected(); }));
        world.run(Duration::millis(300));
        return client;
    }
    void film(pb::BackupCodecPolicy policy = pb::SIMULCAST) {
        alice->adjust_track = [policy](pb::AddTrackRequest& add) {
            add.set_backup_codec_policy(policy);
            add.add_simulcast_codecs()->set_codec("vp9");
            add.mutable_simulcast_codecs(0)->set_cid(add.cid());
            add.add_simulcast_codecs()->set_codec("vp8");
        };
        world.publish(*alice, pb::VIDEO, pb::CAMERA);
        cid = alice->track(pb::CAMERA).cid;
        sid = alice->track(pb::CAMERA).sid;
        world.run(Duration::millis(300));
    }
    std::vector<string> backup_requests(const string& codec = "VP8") {
        std::vector<string> requests;
        backup_cid = alice->publish_backup(cid, codec, requests);
        return requests;
    }
    void add_backup() {
        for (const string& request : backup_requests()) world.request(*alice, request);
        world.run(Duration::millis(300));
    }
    LocalTrack& backup() { return alice->track(backup_cid); }
    // A key frame in each codec.
    void show(const string& nine, const string& eight) {
        if (!nine.empty()) world.show(*alice, nine, true);
        if (!eight.empty()) alice->send_packet(backup(), as_bytes(eight), true, 3000, world.outbox(*alice));
        world.run(Duration::millis(200));
    }
    // What the publisher was told last of this codec.
    bool is_wanted(const string& codec) const {
        bool is_wanted = false;
        for (const pb::SignalResponse& response : alice->responses) {
            for (const auto& told : response.subscribed_quality_update().subscribed_codecs()) {
                if (told.codec() != codec) continue;
                is_wanted = std::any_of(told.qualities().begin(), told.qualities().end(),
                                        [](const auto& quality) { return quality.enabled(); });
            }
        }
        return is_wanted;
    }
    static size_t seen(const Client& client, const string& what) {
        return static_cast<size_t>(
            std::count_if(client.packets.begin(), client.packets.end(), [&](const ReceivedPacket& p) {
                return string(p.payload.begin(), p.payload.end()).find(what) != string::npos;
            }));
    }
    static bool was_refused(const Client& client) {
        return std::any_of(client.responses.begin(), client.responses.end(), [](const auto& r) {
            return r.subscription_response().err() == pb::SE_CODEC_UNSUPPORTED;
        });
    }
    static pb::RequestResponse::Reason refusal(const Client& client) {
        return client.responses.back().request_response().reason();
    }
    static void leave(World& world, Client& client) {
        pb::SignalRequest request;
        request.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
        world.request(client, request.SerializeAsString());
    }

    World world;
    Client* alice = nullptr;
    Client* bob = nullptr;
    string cid;
    string backup_cid;
    string sid;
};

TEST_P(BackupTest, EachGetsTheCodecThatItCanPlay) {
    film();
    show("nine", "");
    EXPECT_EQ(seen(*bob, "nine"), 1u);
    EXPECT_FALSE(is_wanted("vp8")) << "nobody needs it";

    Client& cat = enter("cat", {"VP8"});
    EXPECT_TRUE(is_wanted("vp8")) << "asked for before it is there";
    EXPECT_TRUE(is_wanted("vp9"));
    EXPECT_FALSE(was_refused(cat));
    add_backup();
    show("first nine", "first eight");
    Client& dan = enter("dan", {"VP8"});
    show("then nine", "then eight");
    for (const string when : {"first", "then"}) {
        EXPECT_EQ(seen(*bob, when + " nine"), 1u);
        EXPECT_EQ(seen(*bob, when + " eight"), 0u);
        EXPECT_EQ(seen(cat, when + " nine"), 0u);
        EXPECT_EQ(seen(cat, when + " eight"), 1u);
    }
    EXPECT_EQ(seen(dan, "then eight"), 1u) << "it was there before the viewer";
    EXPECT_EQ(seen(dan, "nine"), 0u);
}

TEST_P(BackupTest, ItIsTheSameTrackForEverybody) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    EXPECT_EQ(backup().sid, sid);
    EXPECT_TRUE(backup().is_answered);
    for (const Client* client : {bob, &cat}) {
        const pb::ParticipantInfo& info = *client->participant("alice");
        ASSERT_EQ(info.tracks_size(), 1);
        EXPECT_EQ(info.tracks(0).sid(), sid);
        EXPECT_EQ(info.tracks(0).mime_type(), "video/VP9");
        EXPECT_EQ(info.tracks(0).codecs(1).mime_type(), "video/VP8");
        EXPECT_EQ(info.tracks(0).codecs(1).cid(), backup_cid);
        EXPECT_EQ(info.tracks(0).codecs(1).mid(), backup().mid);
    }
    EXPECT_EQ(std::count_if(world.events.begin(), world.events.end(),
                            [](const pb::WebhookEvent& e) { return e.event() == "track_published"; }),
              std::count_if(world.events.begin(), world.events.end(),
                            [&](const pb::WebhookEvent& e) { return e.track().sid() == sid; }));
}

TEST_P(BackupTest, ItIsAskedOffAWhileAfterItsLastViewerLeft) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    leave(world, cat);
    world.run(Duration::seconds(4));
    EXPECT_TRUE(is_wanted("vp8")) << "people come back";
    world.run(Duration::seconds(2));
    EXPECT_FALSE(is_wanted("vp8"));
    EXPECT_TRUE(is_wanted("vp9"));

    Client& dan = enter("dan", {"VP8"});
    EXPECT_TRUE(is_wanted("vp8"));
    show("nine", "eight");
    EXPECT_EQ(seen(dan, "eight"), 1u);
}

TEST_P(BackupTest, TheOfferMayComeBeforeItsAnnouncement) {
    film();
    Client& cat = enter("cat", {"VP8"});
    const std::vector<string> requests = backup_requests();
    world.request(*alice, requests[1]);
    world.run(Duration::millis(100));
    world.request(*alice, requests[0]);
    world.run(Duration::millis(100));
    show("nine", "eight");
    EXPECT_EQ(seen(cat, "eight"), 1u);
    EXPECT_EQ(seen(*bob, "eight"), 0u);
    EXPECT_EQ(seen(*bob, "nine"), 1u);
}

TEST_P(BackupTest, LossAndKeyFramesAreRepairedInEitherCodec) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    show("nine", "eight");
    world.run(Duration::seconds(1));
    EXPECT_GE(backup().keyframes_asked + alice->track(cid).keyframes_asked, 1u);
    const ReceivedPacket& packet = cat.packets.back();
    cat.nack(packet.ssrc, packet.sequence, world.outbox(cat));
    world.run(Duration::millis(200));
    ASSERT_EQ(cat.retransmissions.size(), 1u);
    EXPECT_EQ(cat.retransmissions[0].payload, packet.payload);

    alice->track(cid).keyframes_asked = backup().keyframes_asked = 0;
    enter("dan", {"VP8"});
    EXPECT_GE(backup().keyframes_asked, 1u) << "for who begins to watch it";
    EXPECT_EQ(alice->track(cid).keyframes_asked, 0u) << "the other has its picture";
}

TEST_P(BackupTest, MutingSilencesBoth) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    show("before nine", "before eight");
    world.mute(*alice, pb::CAMERA, true);
    show("muted nine", "muted eight");
    world.mute(*alice, pb::CAMERA, false);
    world.run(Duration::millis(200));
    show("after nine", "after eight");
    for (const Client* client : {bob, &cat}) {
        EXPECT_EQ(seen(*client, "before"), 1u);
        EXPECT_EQ(seen(*client, "muted"), 0u);
        EXPECT_EQ(seen(*client, "after"), 1u);
    }
}

TEST_P(BackupTest, BothEndWithTheTrack) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    std::vector<string> requests;
    alice->unpublish(backup_cid, requests);
    requests.clear();
    alice->unpublish(cid, requests);
    world.request(*alice, requests[0]);
    world.run(Duration::millis(300));
    EXPECT_EQ(world.directory().totals().subscriptions, 0u);
    EXPECT_EQ(bob->participant("alice")->tracks_size(), 0);

    film();
    add_backup();
    show("second nine", "second eight");
    EXPECT_EQ(seen(*bob, "second nine"), 1u);
    EXPECT_EQ(seen(cat, "second eight"), 1u);
}

TEST_P(BackupTest, TheBackupMayEndAloneAndComeBack) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    show("nine", "eight");
    world.unpublish(*alice, backup_cid);
    EXPECT_EQ(bob->participant("alice")->tracks_size(), 1);
    EXPECT_TRUE(bob->participant("alice")->tracks(0).codecs(1).mid().empty());
    show("alone nine", "");
    EXPECT_EQ(seen(*bob, "alone nine"), 1u);
    add_backup();
    show("again nine", "again eight");
    EXPECT_EQ(seen(*bob, "again nine"), 1u);
    EXPECT_EQ(seen(cat, "again eight"), 1u);
    EXPECT_EQ(seen(*bob, "eight"), 0u);
}

TEST_P(BackupTest, UnderRegressionAllGoOverOnceSomebodyNeedsIt) {
    film(pb::REGRESSION);
    for (int i = 0; i < 20; ++i) show("nine", "");
    EXPECT_EQ(seen(*bob, "nine"), 20u);
    Client& cat = enter("cat", {"VP8"});
    show("still nine", "");
    EXPECT_EQ(seen(*bob, "still nine"), 1u) << "the backup is not there yet";
    const uint16_t last = bob->packets.back().sequence;
    const uint32_t time = bob->packets.back().timestamp;
    const uint32_t ssrc = bob->packets.back().ssrc;
    add_backup();
    show("", "an eight");
    show("", "both eight");
    EXPECT_EQ(seen(cat, "both eight"), 1u);
    ASSERT_EQ(seen(*bob, "both eight"), 1u);
    EXPECT_EQ(seen(*bob, "an eight"), 0u) << "it decides";
    const ReceivedPacket& packet = bob->packets.back();
    EXPECT_EQ(packet.ssrc, ssrc) << "without a new negotiation";
    EXPECT_EQ(packet.sequence, static_cast<uint16_t>(last + 1));
    EXPECT_GT(packet.timestamp - time, 0u);
    EXPECT_LT(packet.timestamp - time, 90'000u * 3);
    EXPECT_TRUE(is_wanted("vp9"));
    world.run(Duration::seconds(6));
    EXPECT_FALSE(is_wanted("vp9")) << "its encoder may rest";
    EXPECT_TRUE(is_wanted("vp8"));

    bob->nack(ssrc, last, world.outbox(*bob));
    world.run(Duration::millis(200));
    EXPECT_TRUE(bob->retransmissions.empty()) << "of the codec that it had before nothing is kept for it";

    Client& dan = enter("dan", {"VP9", "VP8"});
    show("late nine", "late eight");
    EXPECT_EQ(seen(dan, "late eight"), 1u);
    EXPECT_EQ(seen(dan, "nine"), 0u);

    world.unpublish(*alice, backup_cid);
    world.run(Duration::millis(200));
    EXPECT_TRUE(is_wanted("vp9"));
    show("last nine", "");
    EXPECT_EQ(seen(*bob, "last nine"), 1u) << "back to what is left";
}

TEST_P(BackupTest, RegressionIsPreferredAmongFew) {
    film(pb::PREFER_REGRESSION);
    enter("cat", {"VP8"});
    enter("dan", {"VP9"});
    Client& eve = enter("eve", {"VP8"});
    add_backup();
    show("many nine", "many eight");
    show("many nine", "many eight");
    EXPECT_EQ(seen(*bob, "many nine"), 2u) << "five";
    leave(world, eve);
    world.run(Duration::millis(200));
    show("few nine", "few eight");
    EXPECT_EQ(seen(*bob, "few eight"), 1u) << "four";
    EXPECT_EQ(seen(*bob, "few nine"), 0u);
}

TEST_P(BackupTest, WhoPlaysNeitherIsTold) {
    film();
    Client& cat = enter("cat", {"H264"});
    EXPECT_TRUE(was_refused(cat));
    EXPECT_FALSE(is_wanted("vp8"));
}

TEST_P(BackupTest, APublisherThatComesBackIsToldAgain) {
    film();
    enter("cat", {"VP8"});
    world.close_signalling(*alice);
    alice->responses.clear();
    world.join(*alice, true);
    world.run(Duration::millis(300));
    EXPECT_TRUE(is_wanted("vp8"));
    EXPECT_TRUE(is_wanted("vp9"));
}

// ---- what a publisher may try

TEST_P(BackupTest, A5_TheTrackOfAnotherGetsNoBackup) {
    film();
    Client& cat = enter("cat", {"VP8"});
    pb::SignalRequest request;
    ASSERT_TRUE(request.ParseFromString(backup_requests()[0]));
    bob->responses.clear();
    world.request(*bob, request.SerializeAsString());
    EXPECT_EQ(refusal(*bob), pb::RequestResponse::NOT_FOUND);
    std::vector<string> requests;
    world.publish(*bob, pb::VIDEO, pb::CAMERA);
    const string forged = bob->publish_backup(bob->track(pb::CAMERA).cid, "VP8", requests);
    EXPECT_TRUE(request.ParseFromString(requests[0]));
    request.mutable_add_track()->set_sid(sid);
    world.request(*bob, request.SerializeAsString());
    EXPECT_EQ(refusal(*bob), pb::RequestResponse::NOT_FOUND);
    world.request(*bob, requests[1]);
    world.run(Duration::millis(300));
    bob->send_packet(bob->track(forged), as_bytes("forged"), true, 3000, world.outbox(*bob));
    world.run(Duration::millis(200));
    EXPECT_EQ(seen(cat, "forged"), 0u);
}

TEST_P(BackupTest, A5_OnlyTheAnnouncedCodecIsTaken) {
    film();
    Client& cat = enter("cat", {"VP8"});
    for (const char* codec : {"vp9", "h264", "av1", "", "nonsense"}) {
        pb::SignalRequest request;
        request.mutable_add_track()->set_sid(sid);
        request.mutable_add_track()->set_type(pb::VIDEO);
        request.mutable_add_track()->set_source(pb::CAMERA);
        request.mutable_add_track()->add_simulcast_codecs()->set_codec(codec);
        world.request(*alice, request.SerializeAsString());
        EXPECT_EQ(refusal(*alice), pb::RequestResponse::UNSUPPORTED_TYPE) << codec;
    }
    // Announced in one codec and sent in another: what cannot be played is sent to nobody.
    for (const string& request : backup_requests("VP8")) world.request(*alice, request);
    world.run(Duration::millis(300));
    backup().codec = "VP9";
    show("nine", "not eight");
    EXPECT_EQ(seen(cat, "eight"), 0u);
    EXPECT_EQ(seen(*bob, "nine"), 1u);
}

TEST_P(BackupTest, A5_ASecondBackupOfATrackIsIgnored) {
    film();
    Client& cat = enter("cat", {"VP8"});
    add_backup();
    pb::SignalRequest request;
    std::vector<string> requests;
    alice->publish_backup(cid, "VP8", requests);
    ASSERT_TRUE(request.ParseFromString(requests[0]));
    world.request(*alice, request.SerializeAsString());
    world.request(*alice, requests[1]);
    world.run(Duration::millis(300));
    show("nine", "eight");
    EXPECT_EQ(seen(cat, "eight"), 1u);
    EXPECT_EQ(seen(*bob, "nine"), 1u);
    EXPECT_EQ(bob->participant("alice")->tracks_size(), 1);
}

TEST_P(BackupTest, A5_ASectionThatNobodyAnnouncedReachesNobody) {
    film();
    Client& cat = enter("cat", {"VP8"});
    world.request(*alice, backup_requests()[1]);
    world.run(Duration::millis(300));
    show("nine", "eight");
    EXPECT_EQ(seen(cat, "eight"), 0u);
    EXPECT_EQ(seen(*bob, "nine"), 1u);
    EXPECT_EQ(bob->participant("alice")->tracks_size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Models, BackupTest, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Classic" : "Single"; });

// Bob is at another worker: the primary codec goes there, the backup does not.
class BackupPartsTest : public BackupTest {
 protected:
    BackupPartsTest() : BackupTest(2) {}
};

TEST_P(BackupPartsTest, TheBackupStaysWhereItsPublisherIs) {
    film(pb::REGRESSION);
    Client& there = enter("there", {"VP8"}, 1);
    EXPECT_TRUE(was_refused(there));
    EXPECT_FALSE(is_wanted("vp8"));
    Client& here = enter("here", {"VP8"}, 0);
    EXPECT_FALSE(was_refused(here));
    add_backup();
    show("nine", "eight");
    world.run(Duration::seconds(6));
    EXPECT_TRUE(is_wanted("vp9")) << "the other worker needs it";
    show("then nine", "then eight");
    EXPECT_EQ(seen(here, "then eight"), 1u);
    EXPECT_EQ(seen(*bob, "then nine"), 1u);
    EXPECT_EQ(seen(*bob, "eight"), 0u);
    world.unpublish(*alice, cid);
    world.run(Duration::millis(300));
    EXPECT_EQ(bob->participant("alice")->tracks_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(Models, BackupPartsTest, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Classic" : "Single"; });

}  // namespace
}  // namespace conclave::sim
