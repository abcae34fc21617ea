// Who gets which packet of one conference: published tracks, subscriptions to them, and the numbering each
// subscriber sees. It holds no packet and knows no peer: route() answers with values that the conference
// sends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/rng.h"
#include "base/seq.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "sfu/packet.h"
#include "sfu/rewriter.h"

namespace conclave::sfu {

class Router {
 public:
    void add_track(TrackId, TrackKind, uint32_t clock_rate);
    void remove_track(TrackId);  // and its subscriptions
    bool has_track(TrackId track) const { return tracks_.contains(track); }

    // A muted track is not forwarded, whatever its publisher sends.
    void set_muted(TrackId, bool muted);

    void subscribe(SubscriptionId, TrackId, SubscriberId, Rng&);
    void unsubscribe(SubscriptionId);
    // A paused subscription keeps its place and gets nothing.
    void set_paused(SubscriptionId, bool paused);
    size_t subscriptions(TrackId) const;

    // The packets to send for this one. Valid until the next call.
    std::span<const Forward> route(Instant now, TrackId, const Packet&);

    // Which published packet a subscriber means by a number that we sent it.
    std::optional<PublishedPacket> origin(SubscriptionId, ExtSeqNo sent) const;
    // The subscriber's timestamp for one of the publisher's, for sender reports.
    std::optional<uint32_t> map_timestamp(SubscriptionId, uint32_t published) const;
    std::optional<TrackId> track_of(SubscriptionId) const;

    // A subscriber asks for a key frame.
    void want_keyframe(TrackId);
    // Tracks whose publisher must be asked for a key frame now: what was wanted, and what subscribers still
    // wait for, at most once per kKeyframeInterval and track. Valid until the next call.
    std::span<const TrackId> due_keyframe_requests(Instant now);

    // RFC 5104 3.5.1 leaves the pace to us: twice a second lets a lost request be repeated soon, and no
    // number of subscribers can make a publisher spend its whole bitrate on key frames.
    static constexpr Duration kKeyframeInterval = Duration::millis(500);

 private:
    struct Subscription {
        SubscriptionId id = 0;
        SubscriberId subscriber = 0;
        Rewriter rewriter;
        bool is_waiting = true;  // for a packet that it can start with
        bool is_paused = false;
    };
    struct Track {
        TrackKind kind = TrackKind::Audio;
        uint32_t clock_rate = 0;
        uint32_t source = 0;
        // Sources that the publisher has left: their stragglers must not switch back.
        StaticVector<uint32_t, 8> left_sources;
        bool is_muted = false;
        bool is_keyframe_wanted = false;
        Instant keyframe_requested_at{-kKeyframeInterval.us};
        std::vector<Subscription> subscriptions;
    };

    static bool adopt_source(Track&, uint32_t source);
    const Subscription* find(SubscriptionId) const;
    Subscription* find(SubscriptionId);

    std::unordered_map<TrackId, Track> tracks_;
    std::unordered_map<SubscriptionId, TrackId> track_of_;
    std::vector<Forward> forwards_;
    std::vector<TrackId> keyframe_requests_;
};

}  // namespace conclave::sfu
