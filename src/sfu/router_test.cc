#include "sfu/router.h"

#include <gtest/gtest.h>

namespace conclave::sfu {
namespace {

class RouterTest : public ::testing::Test {
 protected:
    RouterTest() {
        router.add_track(1, {});
        TrackConfig video;
        video.kind = TrackKind::Video;
        video.clock_rate = 90000;
        video.layers.push_back({});
        router.add_track(2, video);
    }
    static Packet packet(uint32_t source, int64_t sequence, bool key = false) {
        Packet packet;
        packet.source = source;
        packet.sequence = {sequence};
        packet.starts_keyframe = key;
        return packet;
    }
    size_t audio(int64_t sequence, uint32_t source = 10) {
        return router.route(now, 1, packet(source, sequence)).size();
    }
    size_t video(int64_t sequence, bool key = false, uint32_t source = 20) {
        return router.route(now, 2, packet(source, sequence, key)).size();
    }
    Instant now = Instant::from_ms(1000);
    SeededRng rng{3};
    Router router;
};

TEST_F(RouterTest, EachSubscriberGetsItsOwnNumbering) {
    router.subscribe(100, 1, 7, rng);
    router.subscribe(101, 1, 8, rng);
    const auto forwards = router.route(now, 1, packet(10, 500));
    ASSERT_EQ(forwards.size(), 2u);
    EXPECT_EQ(forwards[0].subscriber, 7u);
    EXPECT_EQ(forwards[1].subscriber, 8u);
    EXPECT_NE(forwards[0].sequence, forwards[1].sequence);
}

TEST_F(RouterTest, VideoStartsAtAKeyFrameAudioAtOnce) {
    router.subscribe(100, 1, 7, rng);
    router.subscribe(101, 2, 7, rng);
    EXPECT_EQ(audio(1), 1u);
    EXPECT_EQ(video(1), 0u);
    EXPECT_EQ(video(2, true), 1u);
    EXPECT_EQ(video(3), 1u);
}

TEST_F(RouterTest, MutedIsNotForwardedAndVideoResumesAtAKeyFrame) {
    router.subscribe(100, 1, 7, rng);
    router.subscribe(101, 2, 7, rng);
    EXPECT_EQ(video(1, true), 1u);
    router.set_muted(1, true);
    router.set_muted(2, true);
    EXPECT_EQ(audio(1), 0u);
    EXPECT_EQ(video(2, true), 0u);
    router.set_muted(1, false);
    router.set_muted(2, false);
    EXPECT_EQ(audio(2), 1u);
    EXPECT_EQ(video(3), 0u);
    EXPECT_EQ(video(4, true), 1u);
}

TEST_F(RouterTest, AClosedTrackIsNotForwardedNorRepeatedAndGoesOnWithoutAGap) {
    router.subscribe(100, 1, 7, rng);
    const auto sent = router.route(now, 1, packet(10, 1))[0].sequence;
    router.set_closed(1, true);
    EXPECT_TRUE(router.is_closed(1));
    for (int64_t i = 2; i <= 500; ++i) EXPECT_EQ(audio(i), 0u);
    EXPECT_FALSE(router.origin(100, sent)) << "a late packet may have been made since";
    router.set_closed(1, false);
    EXPECT_FALSE(router.is_closed(1));
    const auto forwards = router.route(now, 1, packet(10, 501));
    ASSERT_EQ(forwards.size(), 1u);
    EXPECT_EQ(forwards[0].sequence, sent + 1);
    EXPECT_TRUE(router.origin(100, sent));
    EXPECT_EQ(audio(250), 0u) << "what was kept from being heard comes no more";
}

TEST_F(RouterTest, ATrackFlowsWhenNeitherItsPublisherNorTheRulesStopIt) {
    router.subscribe(100, 1, 7, rng);
    router.set_closed(1, true);
    router.set_muted(1, true);
    router.set_closed(1, false);
    EXPECT_EQ(audio(1), 0u);
    EXPECT_FALSE(router.is_closed(1));
    router.set_muted(1, false);
    EXPECT_EQ(audio(2), 1u);
    router.set_muted(1, true);
    router.set_closed(1, true);
    router.set_muted(1, false);
    EXPECT_EQ(audio(3), 0u);
}

TEST_F(RouterTest, OpeningAVideoAsksForAKeyFrameAtOnce) {
    router.subscribe(100, 2, 7, rng);
    EXPECT_EQ(router.due_keyframe_requests(now).size(), 1u);
    EXPECT_EQ(video(1, true), 1u);
    router.set_closed(2, true);
    EXPECT_TRUE(router.due_keyframe_requests(now).empty());
    router.set_closed(2, false);
    EXPECT_EQ(router.due_keyframe_requests(now).size(), 1u);
    EXPECT_EQ(video(2), 0u);
    EXPECT_EQ(video(3, true), 1u);
}

TEST_F(RouterTest, PausedSubscriptionGetsNothingOthersDo) {
    router.subscribe(100, 1, 7, rng);
    router.subscribe(101, 1, 8, rng);
    router.set_paused(100, true);
    const auto forwards = router.route(now, 1, packet(10, 1));
    ASSERT_EQ(forwards.size(), 1u);
    EXPECT_EQ(forwards[0].subscriber, 8u);
}

TEST_F(RouterTest, StragglersOfALeftSourceDoNotSwitchBack) {
    router.subscribe(100, 2, 7, rng);
    EXPECT_EQ(video(1, true, 20), 1u);
    EXPECT_EQ(video(1, true, 21), 1u);
    EXPECT_EQ(video(2, true, 20), 0u);
    EXPECT_EQ(video(2, false, 21), 1u);
}

TEST_F(RouterTest, OriginFindsThePublishedPacket) {
    router.subscribe(100, 1, 7, rng);
    const auto sent = router.route(now, 1, packet(10, 77))[0].sequence;
    const auto origin = router.origin(100, sent);
    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->track, 1u);
    EXPECT_EQ(origin->source, 10u);
    EXPECT_EQ(origin->sequence.value, 77);
    EXPECT_FALSE(router.origin(100, sent + 1));
    EXPECT_FALSE(router.origin(999, sent));
}

TEST_F(RouterTest, KeyframeRequestsAreThrottledAndRepeatedWhileSomeoneWaits) {
    router.subscribe(100, 2, 7, rng);
    EXPECT_EQ(router.due_keyframe_requests(now).size(), 1u);
    EXPECT_EQ(router.due_keyframe_requests(now + Duration::millis(499)).size(), 0u);
    EXPECT_EQ(router.due_keyframe_requests(now + Duration::millis(500)).size(), 1u);
    (void)video(1, true);
    EXPECT_EQ(router.due_keyframe_requests(now + Duration::millis(1000)).size(), 0u);
    for (int i = 0; i < 1000; ++i) router.want_keyframe(2, 0);
    EXPECT_EQ(router.due_keyframe_requests(now + Duration::millis(1000)).size(), 1u);
    EXPECT_EQ(router.due_keyframe_requests(now + Duration::millis(1600)).size(), 0u);
}

TEST_F(RouterTest, NobodyIsAskedForKeyFramesOfAMutedOrUnwatchedTrack) {
    EXPECT_EQ(router.due_keyframe_requests(now).size(), 0u);
    router.subscribe(100, 2, 7, rng);
    router.set_muted(2, true);
    EXPECT_EQ(router.due_keyframe_requests(now).size(), 0u);
}

TEST_F(RouterTest, RemovingATrackRemovesItsSubscriptions) {
    router.subscribe(100, 2, 7, rng);
    router.remove_track(2);
    EXPECT_FALSE(router.track_of(100));
    EXPECT_EQ(video(1, true), 0u);
    router.unsubscribe(100);
}

}  // namespace
}  // namespace conclave::sfu
