// Who gets which packet of one conference: published tracks, subscriptions to them, the layers and the
// numbering each subscriber sees. It holds no packet and knows no peer: route() answers with values that the
// conference sends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/rng.h"
#include "base/seq.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "sfu/allocator.h"
#include "sfu/demand.h"
#include "sfu/dynacast.h"
#include "sfu/layer_monitor.h"
#include "sfu/layer_selector.h"
#include "sfu/layers.h"
#include "sfu/packet.h"
#include "sfu/rewriter.h"

namespace conclave::sfu {

struct TrackConfig {
    TrackKind kind = TrackKind::Audio;
    uint32_t clock_rate = 48000;
    bool is_svc = false;  // its spatial layers are in one stream (VP9, AV1); else each is a stream
    bool is_screen_share = false;
    bool is_on_demand = false;  // video: not sent before its publisher is told that somebody watches it
    LayerInfos layers;
};

struct KeyframeRequest {
    TrackId track = 0;
    uint8_t encoding = 0;
    bool operator==(const KeyframeRequest&) const = default;
};

class Router {
 public:
    void add_track(TrackId, const TrackConfig&);
    void remove_track(TrackId);  // and its subscriptions
    bool has_track(TrackId track) const { return tracks_.contains(track); }
    void set_layers(TrackId, const LayerInfos&);

    // A muted track is not forwarded, whatever its publisher sends. Nor is a closed one, and what was sent
    // of it before is not repeated either: a late packet may have been made since.
    void set_muted(TrackId, bool muted);
    void set_closed(TrackId, bool closed);
    bool is_closed(TrackId) const;
    // The stream's clock at one moment of the publisher's, from its sender reports. Known for two streams of
    // a track, it keeps time continuous when a subscriber moves from one to the other.
    void set_sender_clock(TrackId, uint8_t encoding, NtpTime, uint32_t timestamp);

    void subscribe(SubscriptionId, TrackId, SubscriberId, Rng&);
    void unsubscribe(SubscriptionId);
    // From one video track to another that shows the same: numbers and time run on, and the picture at the
    // next key frame.
    void move(SubscriptionId, TrackId to);
    // A paused subscription keeps its place and gets nothing.
    void set_paused(SubscriptionId, bool paused);
    // Others watch the track too, not through this router: for its publisher they count as well.
    void set_watched_elsewhere(TrackId, std::optional<Quality> best);
    // What the subscriber asks for; video only.
    void set_wish(SubscriptionId, const Wish&);
    // Nobody is sent more of a video than this, whatever they ask for, except of a shared screen: that is
    // read.
    void limit_quality(Quality);
    size_t subscriptions(TrackId) const;
    // Anything has come of this video track.
    bool is_sent(TrackId) const;

    // The packets to send for this one. Valid until the next call.
    std::span<const Forward> route(Instant now, TrackId, const Packet&);

    // Which published packet a subscriber means by a number that we sent it, and how to send it again.
    std::optional<PublishedPacket> origin(SubscriptionId, ExtSeqNo sent) const;
    std::optional<Forward> again(SubscriptionId, ExtSeqNo sent, const KeptPacket&) const;
    // The simulcast stream that a subscriber receives now, 0 when the track has one; and its timestamp for
    // one of that stream, for sender reports.
    uint8_t encoding_of(SubscriptionId) const;
    std::optional<uint32_t> map_timestamp(SubscriptionId, uint32_t published) const;
    std::optional<TrackId> track_of(SubscriptionId) const;

    // A subscriber asks for a key frame of what it receives; a stream has lost more than can be repaired.
    void want_keyframe_for(SubscriptionId);
    void want_keyframe(TrackId, uint8_t encoding);
    // Streams whose publisher must be asked for a key frame now: what was wanted, and what subscribers still
    // wait for, at most once per interval and stream. To be called every kTick and after whatever made
    // someone wait. Valid until the next call.
    std::span<const KeyframeRequest> due_keyframe_requests(Instant now);

    // Shares a subscriber's bandwidth among its videos. To be called every Allocator::kInterval, and at once
    // when its estimate falls or its subscriptions and wishes change. The answer is what was paused or
    // resumed by it. Valid until the next call.
    struct StreamState {
        SubscriptionId subscription = 0;
        bool is_paused = false;
        bool operator==(const StreamState&) const = default;
    };
    std::span<const StreamState> allocate(Instant now, SubscriberId, const Bandwidth&);
    // As of its last allocation: what would be sent to it if there were enough.
    uint64_t wanted_bps(SubscriberId) const;

    // Which qualities of a track are watched, where that has changed: for its publisher. To be called every
    // kTick. Valid until the next call.
    std::span<const Dynacast::Change> due_quality_changes(Instant now);
    std::optional<Quality> told_quality(TrackId track) const { return dynacast_.told(track); }
    // The track's publisher may not have heard of the last change.
    void repeat_quality(TrackId track) { dynacast_.repeat(track); }

    // What a video subscription is on its way to, or at.
    std::optional<Layer> target_of(SubscriptionId) const;

    // RFC 5104 3.5.1 leaves the pace to us: twice a second lets a lost request be repeated soon, and no
    // number of subscribers can make a publisher spend its whole bitrate on key frames. Those of larger
    // streams cost more.
    static constexpr Duration kKeyframeInterval = Duration::millis(500);
    static constexpr Duration kLargeKeyframeInterval = Duration::seconds(1);
    static constexpr Duration kTick = Duration::millis(100);

 private:
    struct Viewing {
        explicit Viewing(bool is_svc) : selector(is_svc) {}
        LayerSelector selector;
        Wish wish;
        Layer wanted = kTopLayer;
        std::optional<Layer> cap = kTopLayer;
    };
    struct Clock {
        NtpTime ntp;
        uint32_t timestamp = 0;
    };
    struct Subscription {
        SubscriptionId id = 0;
        SubscriberId subscriber = 0;
        Rewriter rewriter;
        std::unique_ptr<Viewing> video;  // null for audio
        bool is_waiting = true;          // audio: for its first packet
        bool is_paused = false;
        // Since it was moved nothing has been sent: what it shows is of another track, of this clock.
        bool has_moved = false;
        std::optional<Clock> left_clock;
        bool flows() const { return !is_paused && (!video || video->cap); }
        void restart();
    };
    struct Encoding {
        uint32_t source = 0;
        // Sources that the publisher has left, newest last: their stragglers must not switch back.
        std::array<uint32_t, 8> left_sources{};
        size_t left_count = 0;
        bool is_keyframe_wanted = false;
        Instant keyframe_requested_at{-kLargeKeyframeInterval.us};
        std::optional<Clock> clock;
        bool adopt(uint32_t next);
    };
    struct Track {
        explicit Track(const TrackConfig& c) : config(c), monitor(c.is_svc, c.is_screen_share) {}
        TrackConfig config;
        LayerMonitor monitor;
        std::array<Encoding, kSpatialMax> encodings;
        bool is_muted = false;
        bool is_closed = false;
        // What to look at next time; most tracks change nothing for minutes.
        bool may_await = true;  // somebody may need a key frame
        std::optional<Quality> elsewhere;
        bool is_rewatched = true;  // who watches what has changed
        bool has_fps_wish = false;
        std::vector<Subscription> subscriptions;
        bool is_video() const { return config.kind == TrackKind::Video; }
        bool is_stopped() const { return is_muted || is_closed; }
    };

    void stop(TrackId, bool Track::*why, bool stops);
    void route_audio(Instant now, Track&, const Packet&);
    void route_video(Instant now, Track&, const Packet&);
    void forward(const Subscription&, const Rewriter::Sent&);
    static std::optional<uint32_t> clock_step(const Track&, const Subscription&, const Packet&);
    void retarget(Track&, Subscription&);
    void retarget_all(Track&);
    static uint32_t awaited_encodings(Instant now, const Track&);
    bool set_cap(Track&, Subscription&, std::optional<Layer> cap);
    static std::optional<Demand> demand(Instant now, const Track&, const Subscription&);
    static std::optional<Quality> watched_quality(const Track&);
    void forget(const Subscription&);
    const Subscription* find(SubscriptionId) const;
    Subscription* find(SubscriptionId);

    struct Subscriber {
        Allocator allocator;
        std::vector<SubscriptionId> videos;
    };
    std::unordered_map<TrackId, Track> tracks_;
    std::unordered_map<SubscriberId, Subscriber> subscribers_;
    std::unordered_map<SubscriptionId, TrackId> track_of_;
    std::vector<Forward> forwards_;
    std::vector<KeyframeRequest> keyframe_requests_;
    std::vector<Demand> demands_;
    std::vector<StreamState> states_;
    Dynacast dynacast_;
    Instant next_retarget_;
    Quality limit_ = Quality::High;
};

}  // namespace conclave::sfu
