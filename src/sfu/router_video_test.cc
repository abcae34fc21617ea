// What the router decides for tracks of several layers, one rule a test.
#include <gtest/gtest.h>

#include <algorithm>

#include "sfu/router.h"

namespace conclave::sfu {
namespace {

using Requests = std::vector<KeyframeRequest>;

// Track 2: three simulcast streams; subscription 100 of subscriber 7.
class RouterVideoTest : public ::testing::Test {
 protected:
    RouterVideoTest() {
        TrackConfig config;
        config.kind = TrackKind::Video;
        config.clock_rate = 90000;
        for (uint8_t i = 0; i < 3; ++i) {
            config.layers.push_back({static_cast<Quality>(i), 320U << i, 180U << i, 200'000U << (2 * i)});
        }
        router.add_track(2, config);
        router.subscribe(100, 2, 7, rng);
    }
    bool send(uint8_t encoding, bool key = false) {
        Packet packet;
        packet.encoding = encoding;
        packet.source = 20U + encoding;
        packet.sequence = {++sequence[encoding]};
        packet.timestamp = static_cast<uint32_t>(now.us / 1000 * 90);
        packet.marker = true;
        packet.starts_keyframe = key;
        packet.size = 1000;
        return !router.route(now, 2, packet).empty();
    }
    void pass(int64_t ms) { now = now + Duration::millis(ms); }
    // These streams send for a while.
    void flow(int64_t ms, std::initializer_list<uint8_t> encodings) {
        for (int64_t at = 0; at < ms; at += 50) {
            pass(50);
            for (const uint8_t encoding : encodings) (void)send(encoding);
        }
    }
    void start_all() {
        for (uint8_t i = 0; i < 3; ++i) (void)send(i, true);
    }
    Requests requests() {
        const auto due = router.due_keyframe_requests(now);
        return {due.begin(), due.end()};
    }
    void wish(Quality quality) { router.set_wish(100, {quality, 0, 0, 0, 0}); }

    Instant now = Instant::from_ms(10'000);
    SeededRng rng{3};
    Router router;
    std::array<int64_t, 3> sequence{1000, 2000, 3000};
};

TEST_F(RouterVideoTest, TheFirstKeyFrameIsShownAndTheWantedStreamFollowsAtItsOwn) {
    EXPECT_TRUE(send(0, true)) << "better small than nothing";
    EXPECT_FALSE(send(2)) << "not without its key frame";
    EXPECT_TRUE(send(0));
    EXPECT_EQ(requests(), (Requests{{2, 2}}));
    EXPECT_TRUE(send(2, true));
    EXPECT_FALSE(send(0));
    EXPECT_TRUE(send(2));
    EXPECT_EQ(router.encoding_of(100), 2);
}

TEST_F(RouterVideoTest, TheOldStreamIsShownUntilTheNewOneCanBe) {
    start_all();
    wish(Quality::Low);
    pass(2000);
    EXPECT_TRUE(send(2));
    EXPECT_FALSE(send(0));
    EXPECT_EQ(requests(), (Requests{{2, 0}})) << "asked of the one that is waited for";
    EXPECT_TRUE(send(0, true));
    EXPECT_FALSE(send(2));
}

TEST_F(RouterVideoTest, WhenTheStreamDiesTheNextLowerOneTakesOver) {
    start_all();
    flow(900, {0, 1});
    EXPECT_EQ(router.target_of(100)->spatial, 2);
    flow(200, {0, 1});
    EXPECT_EQ(router.target_of(100)->spatial, 1);
    EXPECT_EQ(requests(), (Requests{{2, 1}}));
    EXPECT_TRUE(send(1, true));
    // And back when it lives again.
    EXPECT_TRUE(send(2, true));
    EXPECT_EQ(router.encoding_of(100), 2);
}

TEST_F(RouterVideoTest, WhenOnlyALargerStreamThanWantedIsAliveItIsShown) {
    wish(Quality::Low);
    EXPECT_TRUE(send(1, true));
    EXPECT_TRUE(send(0, true)) << "back to what is wanted";
    EXPECT_FALSE(send(1));
}

TEST_F(RouterVideoTest, LargeStreamsAreAskedOnceASecondTheSmallestTwice) {
    start_all();
    router.want_keyframe(2, 0);
    router.want_keyframe_for(100);  // it receives 2
    EXPECT_EQ(requests(), (Requests{{2, 0}, {2, 2}}));
    pass(500);
    router.want_keyframe(2, 0);
    router.want_keyframe_for(100);
    EXPECT_EQ(requests(), (Requests{{2, 0}}));
    pass(499);
    EXPECT_EQ(requests(), Requests{});
    pass(1);
    EXPECT_EQ(requests(), (Requests{{2, 2}}));
}

TEST_F(RouterVideoTest, AKeyFrameIsAskedForAtOnceOnUnmuteAndResume) {
    start_all();
    router.want_keyframe_for(100);
    EXPECT_EQ(requests().size(), 1u);
    router.set_muted(2, true);
    EXPECT_EQ(requests(), Requests{});
    router.set_muted(2, false);
    EXPECT_EQ(requests(), (Requests{{2, 2}})) << "whatever was asked just before";
    EXPECT_FALSE(send(2));
    EXPECT_TRUE(send(2, true));
    pass(2000);
    router.set_paused(100, true);
    EXPECT_EQ(requests(), Requests{});
    EXPECT_FALSE(send(2, true));
    router.set_paused(100, false);
    EXPECT_EQ(requests(), (Requests{{2, 2}}));
}

TEST_F(RouterVideoTest, AnotherSourceOfOneStreamLeavesTheOthersAlone) {
    start_all();
    wish(Quality::Low);
    EXPECT_TRUE(send(0, true));
    Packet packet;
    packet.encoding = 1;
    packet.source = 99;
    EXPECT_TRUE(router.route(now, 2, packet).empty());
    EXPECT_TRUE(send(0)) << "no new start";
    packet.encoding = kSpatialMax;
    EXPECT_TRUE(router.route(now, 2, packet).empty());
}

TEST_F(RouterVideoTest, ANewSourceIsTakenHoweverManyThereWereStragglersOfTheLastOnesAreNot) {
    Packet packet;
    packet.starts_keyframe = true;
    for (uint32_t source = 1; source <= 30; ++source) {
        packet.source = source;
        packet.sequence = {source * 100};
        EXPECT_EQ(router.route(now, 2, packet).size(), 1u) << source;
    }
    for (uint32_t source = 22; source < 30; ++source) {
        packet.source = source;
        EXPECT_TRUE(router.route(now, 2, packet).empty()) << source;
    }
}

TEST_F(RouterVideoTest, BandwidthCapsTheLayerAndPausesOnlyWhenAllowed) {
    start_all();
    flow(2100, {0, 1, 2});  // each 160 kbit/s as measured
    Bandwidth bandwidth;
    bandwidth.estimate_bps = 200'000;
    EXPECT_TRUE(router.allocate(now, 7, bandwidth).empty());
    bandwidth.estimate_bps = 50'000;
    EXPECT_TRUE(router.allocate(now, 7, bandwidth).empty()) << "the lowest is always sent";
    bandwidth.may_pause = true;
    bandwidth.estimate_bps = 40'000;
    const auto paused = router.allocate(now, 7, bandwidth);
    ASSERT_EQ(paused.size(), 1u);
    EXPECT_EQ(paused[0], (Router::StreamState{100, true}));
    EXPECT_TRUE(router.allocate(now, 7, bandwidth).empty()) << "told once";
    EXPECT_FALSE(send(0, true));
    pass(4000);
    bandwidth.estimate_bps.reset();
    const auto resumed = router.allocate(now, 7, bandwidth);
    ASSERT_EQ(resumed.size(), 1u);
    EXPECT_EQ(resumed[0], (Router::StreamState{100, false}));
    EXPECT_TRUE(router.allocate(now, 8, bandwidth).empty()) << "nobody by that name";
}

TEST_F(RouterVideoTest, ALimitHoldsWhateverIsAskedFor) {
    start_all();
    flow(900, {0, 1, 2});
    ASSERT_EQ(router.target_of(100)->spatial, 2);
    router.limit_quality(Quality::Medium);
    EXPECT_EQ(router.target_of(100)->spatial, 1);
    EXPECT_TRUE(send(2)) << "until the next key frame";
    EXPECT_EQ(requests(), (Requests{{2, 1}}));
    router.set_wish(100, {Quality::High, 1280, 720, 0, 0});
    EXPECT_EQ(router.target_of(100)->spatial, 1);
    router.limit_quality(Quality::Low);
    EXPECT_EQ(router.target_of(100)->spatial, 0);
    wish(Quality::Medium);
    router.limit_quality(Quality::High);
    EXPECT_EQ(router.target_of(100)->spatial, 1) << "no more than was asked for";
}

TEST_F(RouterVideoTest, PublishersNeedNotSendWhatALimitKeepsBack) {
    start_all();
    flow(500, {0, 1, 2});
    (void)router.due_quality_changes(now);
    router.limit_quality(Quality::Low);
    std::optional<Quality> told;
    for (int i = 0; i < 200; ++i) {
        flow(100, {0, 1, 2});
        for (const Dynacast::Change& change : router.due_quality_changes(now)) told = change.best;
    }
    EXPECT_EQ(told, Quality::Low);
}

// It is read, and mostly has but one layer.
TEST_F(RouterVideoTest, AScreenIsNotLimited) {
    TrackConfig config;
    config.kind = TrackKind::Video;
    config.clock_rate = 90000;
    config.is_screen_share = true;
    config.layers = {};
    for (uint8_t i = 0; i < 2; ++i)
        config.layers.push_back({static_cast<Quality>(i), 960U << i, 540U << i, 0});
    router.add_track(3, config);
    router.subscribe(101, 3, 7, rng);
    router.limit_quality(Quality::Low);
    EXPECT_EQ(router.target_of(101)->spatial, 1);
}

TEST_F(RouterVideoTest, PublishersAreToldTheBestQualityThatIsWatched) {
    const auto told = [&]() -> std::vector<Dynacast::Change> {
        const auto changes = router.due_quality_changes(now);
        return {changes.begin(), changes.end()};
    };
    EXPECT_EQ(told(), (std::vector<Dynacast::Change>{{2, Quality::High}}));
    router.subscribe(101, 2, 8, rng);
    wish(Quality::Low);
    router.set_wish(101, {Quality::High, 640, 300, 0, 0});
    EXPECT_TRUE(told().empty());
    pass(5000);
    EXPECT_EQ(told(), (std::vector<Dynacast::Change>{{2, Quality::Medium}}));
    router.unsubscribe(101);
    router.set_paused(100, true);
    EXPECT_TRUE(told().empty());
    pass(5000);
    EXPECT_EQ(told(), (std::vector<Dynacast::Change>{{2, std::nullopt}}));
    router.set_paused(100, false);
    EXPECT_EQ(told(), (std::vector<Dynacast::Change>{{2, Quality::Low}}));
    router.remove_track(2);
    EXPECT_TRUE(told().empty());
}

// Track 3: the same pictures in one stream, sent only when it is asked for.
class RouterMoveTest : public RouterVideoTest {
 protected:
    RouterMoveTest() {
        TrackConfig config;
        config.kind = TrackKind::Video;
        config.clock_rate = 90000;
        config.is_on_demand = true;
        config.layers.push_back({});
        router.add_track(3, config);
    }
    std::optional<Forward> show(TrackId track, uint32_t source, int64_t number, uint32_t timestamp,
                                bool key) {
        Packet packet;
        packet.source = source;
        packet.sequence = {number};
        packet.timestamp = timestamp;
        packet.marker = true;
        packet.starts_keyframe = key;
        const auto forwards = router.route(now, track, packet);
        return forwards.empty() ? std::nullopt : std::optional(forwards[0]);
    }
};

TEST_F(RouterMoveTest, NumbersAndTimeRunOnByTheClocksOfBoth) {
    router.set_wish(100, {Quality::Low, 0, 0, 0, 0});
    const auto before = show(2, 20, 1000, 90'000, true);
    ASSERT_TRUE(before);
    router.set_sender_clock(2, 0, NtpTime{}, 90'000);
    router.move(100, 3);
    EXPECT_EQ(router.track_of(100), 3u);
    pass(100);
    EXPECT_FALSE(show(2, 20, 1001, 93'000, true)) << "no longer of this one";
    EXPECT_FALSE(show(3, 30, 70, 5'003'000, false)) << "from a key frame on";
    EXPECT_EQ(requests(), Requests{(KeyframeRequest{3, 0})});
    router.set_sender_clock(3, 0, NtpTime{}, 5'000'000);
    const auto after = show(3, 30, 71, 5'006'000, true);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->sequence, before->sequence + 1);
    EXPECT_EQ(after->timestamp, before->timestamp + 6'000) << "one clock shows what the other does";

    EXPECT_FALSE(router.origin(100, before->sequence)) << "nobody keeps what it had before";
    const auto origin = router.origin(100, after->sequence);
    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->track, 3u);
    EXPECT_EQ(origin->sequence.value, 71);
    router.unsubscribe(100);
    EXPECT_EQ(router.subscriptions(3), 0u);
}

TEST_F(RouterMoveTest, WhoIsMovedBackAndForthGoesOnWhereItWas) {
    router.set_wish(100, {Quality::Low, 0, 0, 0, 0});
    const auto before = show(2, 20, 1000, 90'000, true);
    ASSERT_TRUE(before);
    router.move(100, 3);
    router.move(100, 2);
    router.move(100, 2);
    router.move(100, 99);
    router.move(77, 3);
    pass(100);
    const auto after = show(2, 20, 1001, 99'000, true);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->sequence, before->sequence + 1);
    EXPECT_EQ(after->timestamp, before->timestamp + 9'000);
}

TEST_F(RouterMoveTest, APauseAndAWishGoWithIt) {
    router.set_paused(100, true);
    router.move(100, 3);
    EXPECT_FALSE(show(3, 30, 1, 0, true));
    EXPECT_FALSE(router.told_quality(3));
    router.set_paused(100, false);
    EXPECT_TRUE(show(3, 30, 2, 3'000, true));
    EXPECT_EQ(router.subscriptions(2), 0u);
    router.remove_track(3);
    EXPECT_FALSE(router.track_of(100));
}

TEST_F(RouterMoveTest, ATrackOnDemandIsAskedForByItsFirstViewerOnly) {
    const auto told = [&](TrackId track) {
        const auto changes = router.due_quality_changes(now);
        return std::any_of(changes.begin(), changes.end(),
                           [track](const Dynacast::Change& change) { return change.track == track; });
    };
    EXPECT_FALSE(told(3));
    pass(20'000);
    EXPECT_FALSE(told(3)) << "nobody watches, and its publisher sends nothing";
    router.move(100, 3);
    EXPECT_TRUE(told(3));
    EXPECT_TRUE(router.told_quality(3));
    router.move(100, 2);
    EXPECT_FALSE(told(3));
    pass(5'000);
    EXPECT_TRUE(told(3));
    EXPECT_FALSE(router.told_quality(3));
}

}  // namespace
}  // namespace conclave::sfu
