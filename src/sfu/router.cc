#include "sfu/router.h"

#include <algorithm>

namespace conclave::sfu {

void Router::add_track(TrackId id, TrackKind kind, uint32_t clock_rate) {
    Track& track = tracks_[id];
    track.kind = kind;
    track.clock_rate = clock_rate;
}

void Router::remove_track(TrackId id) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end()) return;
    for (const Subscription& subscription : it->second.subscriptions) track_of_.erase(subscription.id);
    tracks_.erase(it);
}

void Router::set_muted(TrackId id, bool muted) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end() || it->second.is_muted == muted) return;
    it->second.is_muted = muted;
    // What was dropped meanwhile must not show as loss, and a decoder starts again at a key frame.
    for (Subscription& subscription : it->second.subscriptions) subscription.is_waiting = true;
}

void Router::subscribe(SubscriptionId id, TrackId track_id, SubscriberId subscriber, Rng& rng) {
    const auto it = tracks_.find(track_id);
    CHECK(it != tracks_.end() && !track_of_.contains(id));
    Track& track = it->second;
    // RFC 3550 5.1: random first values.
    Rewriter rewriter({static_cast<uint16_t>(rng.u32())}, rng.u32(), track.clock_rate);
    track.subscriptions.push_back({id, subscriber, rewriter, true, false});
    track_of_[id] = track_id;
    forwards_.reserve(std::max(forwards_.capacity(), track.subscriptions.size()));
}

void Router::unsubscribe(SubscriptionId id) {
    const auto it = track_of_.find(id);
    if (it == track_of_.end()) return;
    std::erase_if(tracks_.at(it->second).subscriptions, [id](const Subscription& s) { return s.id == id; });
    track_of_.erase(it);
}

void Router::set_paused(SubscriptionId id, bool paused) {
    Subscription* subscription = find(id);
    if (!subscription || subscription->is_paused == paused) return;
    subscription->is_paused = paused;
    subscription->is_waiting = true;
}

size_t Router::subscriptions(TrackId id) const {
    const auto it = tracks_.find(id);
    return it == tracks_.end() ? 0 : it->second.subscriptions.size();
}

bool Router::adopt_source(Track& track, uint32_t source) {
    if (source == track.source) return true;
    if (std::find(track.left_sources.begin(), track.left_sources.end(), source) != track.left_sources.end()) {
        return false;
    }
    if (track.source != 0 && !track.left_sources.try_push_back(track.source)) return false;
    track.source = source;
    for (Subscription& subscription : track.subscriptions) subscription.is_waiting = true;
    return true;
}

std::span<const Forward> Router::route(Instant now, TrackId id, const Packet& packet) {
    forwards_.clear();
    const auto it = tracks_.find(id);
    if (it == tracks_.end() || it->second.is_muted) return {};
    Track& track = it->second;
    if (!adopt_source(track, packet.source)) return {};
    const bool can_start = track.kind == TrackKind::Audio || packet.starts_keyframe;
    for (Subscription& subscription : track.subscriptions) {
        if (subscription.is_paused) continue;
        if (subscription.is_waiting) {
            if (!can_start) continue;
            subscription.rewriter.start(now, packet.source, packet.sequence, packet.timestamp);
            subscription.is_waiting = false;
        }
        const auto sent = subscription.rewriter.map(now, packet.source, packet.sequence, packet.timestamp);
        if (!sent) continue;
        forwards_.push_back({subscription.id, subscription.subscriber, sent->sequence, sent->timestamp,
                             packet.marker, std::nullopt, std::nullopt});
    }
    return forwards_;
}

std::optional<PublishedPacket> Router::origin(SubscriptionId id, ExtSeqNo sent) const {
    const Subscription* subscription = find(id);
    if (!subscription) return std::nullopt;
    const auto origin = subscription->rewriter.origin(sent);
    if (!origin) return std::nullopt;
    return PublishedPacket{track_of_.at(id), 0, origin->source, origin->sequence};
}

std::optional<uint32_t> Router::map_timestamp(SubscriptionId id, uint32_t published) const {
    const Subscription* subscription = find(id);
    if (!subscription) return std::nullopt;
    return subscription->rewriter.map_timestamp(tracks_.at(track_of_.at(id)).source, published);
}

std::optional<TrackId> Router::track_of(SubscriptionId id) const {
    const auto it = track_of_.find(id);
    if (it == track_of_.end()) return std::nullopt;
    return it->second;
}

void Router::want_keyframe(TrackId id) {
    const auto it = tracks_.find(id);
    if (it != tracks_.end() && it->second.kind == TrackKind::Video) it->second.is_keyframe_wanted = true;
}

std::span<const TrackId> Router::due_keyframe_requests(Instant now) {
    keyframe_requests_.clear();
    for (auto& [id, track] : tracks_) {
        if (track.kind != TrackKind::Video || track.is_muted) continue;
        if (now - track.keyframe_requested_at < kKeyframeInterval) continue;
        const bool is_waited_for =
            std::any_of(track.subscriptions.begin(), track.subscriptions.end(),
                        [](const Subscription& s) { return s.is_waiting && !s.is_paused; });
        if (!is_waited_for && !track.is_keyframe_wanted) continue;
        track.is_keyframe_wanted = false;
        track.keyframe_requested_at = now;
        keyframe_requests_.push_back(id);
    }
    return keyframe_requests_;
}

const Router::Subscription* Router::find(SubscriptionId id) const {
    const auto it = track_of_.find(id);
    if (it == track_of_.end()) return nullptr;
    const auto& subscriptions = tracks_.at(it->second).subscriptions;
    const auto found = std::find_if(subscriptions.begin(), subscriptions.end(),
                                    [id](const Subscription& s) { return s.id == id; });
    return found == subscriptions.end() ? nullptr : &*found;
}

Router::Subscription* Router::find(SubscriptionId id) {
    return const_cast<Subscription*>(static_cast<const Router*>(this)->find(id));
}

}  // namespace conclave::sfu
