// The router against publishers as they are (sfu/streams_for_test.h) and a subscriber that is a decoder:
// whatever people ask for, whatever the publisher does, what arrives has no gap and can be decoded.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sfu/router.h"
#include "sfu/streams_for_test.h"

namespace conclave::sfu {
namespace {

using Codec = TestStreamConfig::Codec;
constexpr SubscriptionId kSubscription = 7;

// Receives in order and without loss.
class Decoder {
 public:
    void receive(const TestPacket& packet, const Forward& forward) {
        if (newest_) {
            ASSERT_EQ(forward.sequence - newest_->sequence, 1) << "no gap, no repetition";
            const auto step = static_cast<int32_t>(forward.timestamp - newest_->timestamp);
            ASSERT_GE(step, 0);
            if (newest_->frame != packet.frame.id) start_frame(packet, step);
        } else {
            start_frame(packet, 1);
        }
        ids(packet, forward);
        newest_ = Newest{forward.sequence, forward.timestamp, packet.frame.id, forward.marker};
    }
    size_t frames() const { return decoded_.size(); }

 private:
    struct Newest {
        ExtSeqNo sequence;
        uint32_t timestamp = 0;
        int64_t frame = 0;
        bool marker = false;
    };
    void start_frame(const TestPacket& packet, int32_t step) {
        for (const int64_t reference : packet.frame.references) {
            ASSERT_TRUE(decoded_.contains(reference)) << packet.frame.id << " needs " << reference;
        }
        decoded_.insert(packet.frame.id);
        if (!newest_) return;
        // The marker ends a picture, and nothing else does (RFC 9628 4.1, AV1 RTP 4.2).
        ASSERT_EQ(newest_->marker, step > 0) << packet.frame.id;
    }
    void ids(const TestPacket& packet, const Forward& forward) {
        ASSERT_EQ(forward.vp8.has_value(), packet.has_vp8);
        if (forward.vp8) {
            const bool is_new = picture_ && newest_->frame != packet.frame.id;
            if (picture_) {
                ASSERT_EQ(forward.vp8->picture_id, (*picture_ + is_new) & 0x7fff);
                const bool is_base = packet.vp8.temporal_id == 0;
                ASSERT_EQ(forward.vp8->tl0_pic_idx, static_cast<uint8_t>(tl0_ + (is_new && is_base)));
            }
            picture_ = forward.vp8->picture_id;
            tl0_ = forward.vp8->tl0_pic_idx;
        }
        ASSERT_EQ(forward.frame_number.has_value(), packet.has_dependencies);
        if (forward.frame_number) {
            const uint16_t before = frame_number_.value_or(*forward.frame_number);
            ASSERT_GE(static_cast<int16_t>(*forward.frame_number - before), 0) << "never into the past";
            frame_number_ = forward.frame_number;
        }
    }

    std::set<int64_t> decoded_;
    std::optional<Newest> newest_;
    std::optional<uint16_t> picture_;
    uint8_t tl0_ = 0;
    std::optional<uint16_t> frame_number_;
};

struct Scenario {
    const char* name;
    Codec codec;
    uint8_t encodings;
    uint8_t spatial_layers;
    uint8_t temporal_layers = 3;
    bool is_k_svc = false;
    bool has_short_picture_id = false;
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
    return out << scenario.name;
}

class Call {
 public:
    Call(const Scenario& scenario, uint64_t seed) : scenario_(scenario), rng(seed) {
        TrackConfig config;
        config.kind = TrackKind::Video;
        config.clock_rate = 90000;
        config.is_svc = scenario.spatial_layers > 1;
        for (uint8_t i = 0; i < std::max(scenario.encodings, scenario.spatial_layers); ++i) {
            config.layers.push_back({static_cast<Quality>(i), 320U << i, 180U << i, 150'000U << (2 * i)});
        }
        router.add_track(1, config);
        for (uint8_t i = 0; i < scenario.encodings; ++i) {
            TestStreamConfig stream;
            stream.codec = scenario.codec;
            stream.encoding = i;
            stream.spatial_layers = scenario.spatial_layers;
            stream.temporal_layers = scenario.temporal_layers;
            stream.is_k_svc = scenario.is_k_svc;
            stream.timestamp = rng.u32();
            stream.first_picture_id = static_cast<uint16_t>(rng.u32());
            stream.has_short_picture_id = scenario.has_short_picture_id;
            streams.emplace_back(stream, rng);
            router.set_sender_clock(1, i, NtpTime{uint64_t{1} << 40}, stream.timestamp);
        }
        silent.resize(scenario.encodings);
        router.subscribe(kSubscription, 1, 1, rng);
        router.set_wish(kSubscription, {});
    }

    // One picture of every stream, 33 ms; key frames come a picture after they were asked for.
    void step() {
        now = now + Duration::micros(33'333);
        for (const KeyframeRequest& request : router.due_keyframe_requests(now)) {
            ASSERT_LT(request.encoding, streams.size());
            streams[request.encoding].force_key();
            ++keyframes_asked;
        }
        for (size_t i = 0; i < streams.size(); ++i) {
            const auto packets = streams[i].next();
            if (silent[i]) continue;
            for (const TestPacket& packet : packets) deliver(packet);
            if (::testing::Test::HasFatalFailure()) return;
        }
    }
    void run(int pictures) {
        for (int i = 0; i < pictures && !::testing::Test::HasFatalFailure(); ++i) step();
    }
    void deliver(const TestPacket& packet) {
        const auto forwards = router.route(now, 1, packet.view());
        ASSERT_LE(forwards.size(), 1u);
        if (forwards.empty()) return;
        const Forward forward = forwards[0];
        last_forward = now;
        shown = {packet.has_dependencies ? packet.dependencies.spatial : packet.vp9.spatial,
                 *packet.vp8.temporal_id};
        if (scenario_.encodings > 1) shown.spatial = packet.packet.encoding;
        top = {std::max(top.spatial, shown.spatial), std::max(top.temporal, shown.temporal)};
        decoder.receive(packet, forward);
        check_way_back(packet, forward);
    }
    void check_way_back(const TestPacket& packet, const Forward& forward) const {
        const auto origin = router.origin(kSubscription, forward.sequence);
        ASSERT_TRUE(origin);
        ASSERT_EQ(origin->sequence, packet.packet.sequence);
        ASSERT_EQ(origin->source, packet.packet.source);
        ASSERT_EQ(origin->encoding, packet.packet.encoding);
        KeptPacket kept{packet.packet.timestamp, packet.packet.marker, packet.view().vp8, std::nullopt};
        if (packet.has_dependencies)
            kept.frame_number = static_cast<uint16_t>(packet.dependencies.frame_number);
        const auto again = router.again(kSubscription, forward.sequence, kept);
        ASSERT_TRUE(again);
        ASSERT_EQ(again->timestamp, forward.timestamp);
        ASSERT_EQ(again->marker, forward.marker);
        ASSERT_EQ(again->vp8, forward.vp8);
        ASSERT_EQ(again->frame_number, forward.frame_number);
    }
    // The best that arrives within so many pictures.
    Layer best_of(int pictures) {
        top = {};
        run(pictures);
        return top;
    }

    Scenario scenario_;
    SeededRng rng;
    Router router;
    Decoder decoder;
    std::vector<TestStream> streams;
    std::vector<bool> silent;
    Instant now = Instant::from_ms(1000);
    Instant last_forward = now;
    Layer shown;
    Layer top;
    size_t keyframes_asked = 0;
};

Bandwidth limited_to(uint64_t bps) {
    Bandwidth bandwidth;
    bandwidth.estimate_bps = bps;
    return bandwidth;
}

class LayerSelection : public ::testing::TestWithParam<Scenario> {};

TEST_P(LayerSelection, WhateverIsAskedForNothingUndecodableArrivesAndNothingFreezes) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        Call call(GetParam(), seed);
        Instant flows_since = call.now;
        bool is_paused = false;
        for (int i = 0; i < 1500; ++i) {
            call.step();
            if (HasFatalFailure()) return;
            switch (call.rng.u32() % 60) {
                case 0:
                    call.router.set_wish(kSubscription,
                                         {static_cast<Quality>(call.rng.u32() % 3), 0, 0, 0, 0});
                    break;
                case 1:
                    call.router.set_wish(kSubscription,
                                         {Quality::High, 1, call.rng.u32() % 900, call.rng.u32() % 31, 0});
                    break;
                case 2:
                    (void)call.router.allocate(call.now, 1, limited_to(call.rng.u32() % 3'000'000));
                    break;
                case 3:
                    is_paused = call.rng.u32() % 4 == 0;
                    call.router.set_paused(kSubscription, is_paused);
                    flows_since = call.now;
                    break;
                case 4:
                    call.streams[call.rng.u32() % call.streams.size()].force_key();
                    break;
                case 5:
                    call.router.set_muted(1, true);
                    call.router.set_muted(1, false);
                    break;
                default:
                    break;
            }
            if (is_paused || call.now - flows_since < Duration::seconds(2)) continue;
            ASSERT_LT(call.now - call.last_forward, Duration::millis(1200)) << "frozen";
        }
    }
}

TEST_P(LayerSelection, GoesUpAndDownToWhatIsWanted) {
    Call call(GetParam(), 5);
    const auto top_spatial =
        static_cast<uint8_t>(std::max(GetParam().encodings, GetParam().spatial_layers) - 1);
    call.run(60);
    EXPECT_EQ(call.best_of(10).spatial, top_spatial);
    EXPECT_EQ(call.top.temporal, GetParam().temporal_layers - 1);
    call.router.set_wish(kSubscription, {Quality::Low, 0, 0, 0, 0});
    call.run(60);
    EXPECT_EQ(call.best_of(30).spatial, 0);
    const uint32_t base_fps = GetParam().temporal_layers == 2 ? 15 : 7;
    call.router.set_wish(kSubscription, {Quality::Low, 0, 0, base_fps, 0});
    call.run(90);
    EXPECT_EQ(call.best_of(30).temporal, 0) << "the base layer has as many frames";
    call.router.set_wish(kSubscription, {});
    call.run(150);
    EXPECT_EQ(call.best_of(30).spatial, top_spatial);
    EXPECT_EQ(call.top.temporal, GetParam().temporal_layers - 1);
}

TEST_P(LayerSelection, WhatIsLostLeavesHolesThatARetransmissionFills) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        Call call(GetParam(), seed);
        std::map<int64_t, bool> sent;
        std::vector<TestPacket> late;
        std::set<std::pair<uint32_t, int64_t>> lost;
        const auto route = [&](const TestPacket& packet) {
            // Before a late key frame was there, its other packets were of no use.
            if (call.router.encoding_of(kSubscription) != packet.packet.encoding) {
                lost.emplace(packet.packet.source, packet.packet.sequence.value);
            }
            for (const Forward& forward : call.router.route(call.now, 1, packet.view())) {
                ASSERT_TRUE(sent.emplace(forward.sequence.value, true).second) << "no number twice";
                ASSERT_EQ(call.router.origin(kSubscription, forward.sequence)->sequence,
                          packet.packet.sequence);
            }
        };
        for (int i = 0; i < 900; ++i) {
            call.now = call.now + Duration::micros(33'333);
            for (const auto& request : call.router.due_keyframe_requests(call.now)) {
                call.streams[request.encoding].force_key();
            }
            if (call.rng.u32() % 50 == 0) {
                call.router.set_wish(kSubscription, {static_cast<Quality>(call.rng.u32() % 3), 0, 0, 0, 0});
            }
            for (TestStream& stream : call.streams) {
                for (const TestPacket& packet : stream.next()) {
                    const uint32_t fate = call.rng.u32() % 20;
                    if (fate <= 1) lost.emplace(packet.packet.source, packet.packet.sequence.value);
                    if (fate == 1) late.push_back(packet);
                    if (fate > 1) route(packet);
                }
            }
            if (i % 5 == 0) {
                for (const TestPacket& packet : late) route(packet);
                late.clear();
            }
            if (HasFatalFailure()) return;
        }
        ASSERT_GT(sent.size(), 500u);
        const int64_t newest = sent.rbegin()->first;
        for (int64_t number = newest - 100; number < newest; ++number) {
            if (sent.contains(number)) continue;
            // A hole is a packet that was lost, or came late: left out then, or of a stream left meanwhile.
            const auto origin = call.router.origin(kSubscription, {number});
            ASSERT_TRUE(!origin || lost.contains({origin->source, origin->sequence.value})) << number;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Publishers, LayerSelection,
                         ::testing::Values(Scenario{"Vp8Simulcast", Codec::Vp8, 3, 1},
                                           Scenario{"Vp8Alone", Codec::Vp8, 1, 1},
                                           Scenario{"Vp8TwoTemporal", Codec::Vp8, 2, 1, 2},
                                           Scenario{"Vp8ShortPictureIds", Codec::Vp8, 3, 1, 3, false, true},
                                           Scenario{"H264Simulcast", Codec::H264, 3, 1, 1},
                                           Scenario{"Vp9Svc", Codec::Vp9, 1, 3},
                                           Scenario{"Vp9FlexibleSvc", Codec::Vp9Flexible, 1, 3},
                                           Scenario{"Av1Svc", Codec::Dependencies, 1, 3},
                                           Scenario{"Av1KeySvc", Codec::Dependencies, 1, 3, 3, true},
                                           Scenario{"Av1TwoSpatial", Codec::Dependencies, 1, 2, 1, true},
                                           Scenario{"Av1Simulcast", Codec::Dependencies, 3, 1}),
                         [](const auto& of) { return std::string(of.param.name); });

}  // namespace
}  // namespace conclave::sfu
