#include "sfu/router.h"

#include <algorithm>
#include <utility>

namespace conclave::sfu {

namespace {

bool is_measured(const std::array<uint32_t, kTemporalMax>& rates) {
    return rates[kTemporalMax - 1] > 0;
}

// The wanted spatial layer, or the nearest that is alive: rather below than above.
uint8_t nearest_alive(uint8_t spatial, uint8_t alive) {
    for (int i = spatial; i >= 0; --i) {
        if ((alive >> i & 1) != 0) return static_cast<uint8_t>(i);
    }
    for (uint8_t i = spatial; i < kSpatialMax; ++i) {
        if ((alive >> i & 1) != 0) return i;
    }
    return spatial;
}

}  // namespace

void Router::Subscription::restart() {
    is_waiting = true;
    if (video) video->selector.restart();
}

bool Router::Encoding::adopt(uint32_t next) {
    if (next == source) return true;
    const auto end = left_sources.begin() + std::min(left_count, left_sources.size());
    if (std::find(left_sources.begin(), end, next) != end) return false;
    if (source != 0) left_sources[left_count++ % left_sources.size()] = source;
    source = next;
    clock.reset();
    return true;
}

void Router::add_track(TrackId id, const TrackConfig& config) {
    tracks_.try_emplace(id, config);
    if (config.is_on_demand) dynacast_.add_idle(id);
}

void Router::remove_track(TrackId id) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end()) return;
    for (const Subscription& subscription : it->second.subscriptions) forget(subscription);
    tracks_.erase(it);
    dynacast_.remove(id);
}

void Router::forget(const Subscription& subscription) {
    track_of_.erase(subscription.id);
    const auto it = subscribers_.find(subscription.subscriber);
    if (!subscription.video || it == subscribers_.end()) return;
    std::erase(it->second.videos, subscription.id);
    if (it->second.videos.empty()) subscribers_.erase(it);
}

void Router::set_layers(TrackId id, const LayerInfos& layers) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end()) return;
    it->second.config.layers = layers;
    retarget_all(it->second);
}

void Router::set_muted(TrackId id, bool muted) {
    stop(id, &Track::is_muted, muted);
}

void Router::set_closed(TrackId id, bool closed) {
    stop(id, &Track::is_closed, closed);
}

bool Router::is_closed(TrackId id) const {
    const auto it = tracks_.find(id);
    return it != tracks_.end() && it->second.is_closed;
}

void Router::stop(TrackId id, bool Track::*why, bool stops) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end()) return;
    Track& track = it->second;
    const bool was_stopped = track.is_stopped();
    track.*why = stops;
    if (track.is_stopped() == was_stopped) return;
    if (track.is_video()) dynacast_.set_muted(id, !was_stopped);
    // What was dropped meanwhile must not show as loss, and a decoder starts again at a key frame.
    for (Subscription& subscription : track.subscriptions) subscription.restart();
    track.may_await = true;
    for (Encoding& encoding : track.encodings) {
        encoding.keyframe_requested_at = Instant{-kLargeKeyframeInterval.us};
    }
}

void Router::set_sender_clock(TrackId id, uint8_t encoding, NtpTime ntp, uint32_t timestamp) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end() || encoding >= kSpatialMax) return;
    it->second.encodings[encoding].clock = {ntp, timestamp};
}

void Router::subscribe(SubscriptionId id, TrackId track_id, SubscriberId subscriber, Rng& rng) {
    const auto it = tracks_.find(track_id);
    CHECK(it != tracks_.end() && !track_of_.contains(id));
    Track& track = it->second;
    // RFC 3550 5.1: random first values.
    Rewriter rewriter({static_cast<uint16_t>(rng.u32())}, rng.u32(), track.config.clock_rate,
                      track.is_video() ? kVideoSegments : kAudioSegments);
    track.subscriptions.push_back({.id = id,
                                   .subscriber = subscriber,
                                   .rewriter = std::move(rewriter),
                                   .video = nullptr,
                                   .is_waiting = true,
                                   .is_paused = false,
                                   .has_moved = false,
                                   .left_clock = {}});
    if (track.is_video()) {
        track.subscriptions.back().video = std::make_unique<Viewing>(track.config.is_svc);
        retarget(track, track.subscriptions.back());
        subscribers_[subscriber].videos.push_back(id);
    }
    track_of_[id] = track_id;
    forwards_.reserve(std::max(forwards_.capacity(), track.subscriptions.size()));
}

void Router::unsubscribe(SubscriptionId id) {
    const auto it = track_of_.find(id);
    if (it == track_of_.end()) return;
    auto& subscriptions = tracks_.at(it->second).subscriptions;
    const auto found = std::find_if(subscriptions.begin(), subscriptions.end(),
                                    [id](const Subscription& s) { return s.id == id; });
    tracks_.at(it->second).is_rewatched = true;
    forget(*found);
    subscriptions.erase(found);
}

void Router::move(SubscriptionId id, TrackId to) {
    const auto at = track_of_.find(id);
    const auto target = tracks_.find(to);
    if (at == track_of_.end() || target == tracks_.end() || at->second == to) return;
    Track& from = tracks_.at(at->second);
    Track& track = target->second;
    if (!from.is_video() || !track.is_video()) return;
    const auto found = std::find_if(from.subscriptions.begin(), from.subscriptions.end(),
                                    [id](const Subscription& s) { return s.id == id; });
    Subscription moved = std::move(*found);
    from.subscriptions.erase(found);
    from.is_rewatched = true;
    const auto shown = moved.rewriter.encoding();
    if (shown && !moved.has_moved) {
        moved.has_moved = true;
        moved.left_clock = from.encodings[*shown].clock;
    }
    auto video = std::make_unique<Viewing>(track.config.is_svc);
    video->wish = moved.video->wish;
    video->cap = moved.video->cap;
    moved.video = std::move(video);
    at->second = to;
    track.subscriptions.push_back(std::move(moved));
    retarget(track, track.subscriptions.back());
    forwards_.reserve(std::max(forwards_.capacity(), track.subscriptions.size()));
}

void Router::set_paused(SubscriptionId id, bool paused) {
    Subscription* subscription = find(id);
    if (!subscription || subscription->is_paused == paused) return;
    subscription->is_paused = paused;
    subscription->restart();
    Track& track = tracks_.at(track_of_.at(id));
    track.may_await = track.is_rewatched = true;
}

void Router::set_wish(SubscriptionId id, const Wish& wish) {
    Subscription* subscription = find(id);
    if (!subscription || !subscription->video) return;
    subscription->video->wish = wish;
    retarget(tracks_.at(track_of_.at(id)), *subscription);
}

void Router::limit_quality(Quality limit) {
    if (limit == limit_) return;
    limit_ = limit;
    for (auto& [id, track] : tracks_) retarget_all(track);
}

// True when that pauses or resumes it.
bool Router::set_cap(Track& track, Subscription& subscription, std::optional<Layer> cap) {
    std::optional<Layer>& old = subscription.video->cap;
    if (old == cap) return false;
    const bool has_turned = cap.has_value() != old.has_value();
    if (has_turned) subscription.restart();
    old = cap;
    retarget(track, subscription);
    return has_turned;
}

size_t Router::subscriptions(TrackId id) const {
    const auto it = tracks_.find(id);
    return it == tracks_.end() ? 0 : it->second.subscriptions.size();
}

bool Router::is_sent(TrackId id) const {
    const auto it = tracks_.find(id);
    return it != tracks_.end() && it->second.monitor.alive() != 0;
}

void Router::retarget(Track& track, Subscription& subscription) {
    Viewing& video = *subscription.video;
    video.wanted.spatial = wanted_spatial(video.wish, track.config.layers);
    if (limit_ != Quality::High && !track.config.is_screen_share) {
        const Wish most{.quality = limit_};
        video.wanted.spatial = std::min(video.wanted.spatial, wanted_spatial(most, track.config.layers));
    }
    video.wanted.temporal = kTopLayer.temporal;
    if (video.wish.fps > 0) {
        track.has_fps_wish = true;
        const LayerFrameRates rates = track.monitor.frame_rates();
        video.wanted.temporal = wanted_temporal(video.wish, rates[video.wanted.spatial]);
    }
    Layer target = lower_of(video.wanted, video.cap.value_or(Layer{}));
    const uint8_t alive = track.monitor.alive();
    if (alive == 0) {
        // Nothing has come yet: what was declared, or the one stream there will be.
        const size_t top = std::max<size_t>(track.config.layers.size(), 1) - 1;
        target.spatial = std::min(target.spatial, static_cast<uint8_t>(top));
    } else {
        target.spatial = nearest_alive(target.spatial, alive);
    }
    video.selector.set_target(target);
    track.may_await = track.is_rewatched = true;
}

void Router::retarget_all(Track& track) {
    if (!track.is_video()) return;
    for (Subscription& subscription : track.subscriptions) retarget(track, subscription);
}

std::span<const Forward> Router::route(Instant now, TrackId id, const Packet& packet) {
    forwards_.clear();
    const auto it = tracks_.find(id);
    if (it == tracks_.end() || it->second.is_stopped() || packet.encoding >= kSpatialMax) return {};
    Track& track = it->second;
    Encoding& encoding = track.encodings[packet.encoding];
    if (packet.source != encoding.source) {
        if (!encoding.adopt(packet.source)) return {};
        for (Subscription& s : track.subscriptions) {
            if (!s.video || s.video->selector.encoding() == packet.encoding) s.restart();
        }
        track.may_await = true;
    }
    if (track.is_video()) {
        route_video(now, track, packet);
    } else {
        route_audio(now, track, packet);
    }
    return forwards_;
}

void Router::route_audio(Instant now, Track& track, const Packet& packet) {
    for (Subscription& subscription : track.subscriptions) {
        if (subscription.is_paused) continue;
        if (subscription.is_waiting) {
            subscription.rewriter.start(now, packet, std::nullopt);
            subscription.is_waiting = false;
        }
        if (const auto sent = subscription.rewriter.map(now, packet, packet.marker)) {
            forward(subscription, *sent);
        }
    }
}

void Router::route_video(Instant now, Track& track, const Packet& packet) {
    if (track.monitor.observe(now, packet)) retarget_all(track);
    for (Subscription& subscription : track.subscriptions) {
        if (!subscription.flows()) continue;
        LayerSelector& selector = subscription.video->selector;
        const LayerSelector::Decision decision = selector.decide(now, packet);
        if (packet.marker && selector.awaited(now)) track.may_await = true;
        switch (decision.verdict) {
            case LayerSelector::Verdict::Skip:
                continue;
            case LayerSelector::Verdict::Drop:
                subscription.rewriter.drop(packet);
                continue;
            case LayerSelector::Verdict::Start:
                subscription.rewriter.start(now, packet, clock_step(track, subscription, packet));
                subscription.has_moved = false;
                break;
            case LayerSelector::Verdict::Forward:
                break;
        }
        if (const auto sent = subscription.rewriter.map(now, packet, decision.marker)) {
            forward(subscription, *sent);
        }
    }
}

void Router::forward(const Subscription& subscription, const Rewriter::Sent& sent) {
    forwards_.push_back({subscription.id, subscription.subscriber, sent.sequence, sent.timestamp, sent.marker,
                         sent.vp8, sent.frame_number});
}

// How far the stream shown so far is ahead of the packet's, by what their sender reports say.
std::optional<uint32_t> Router::clock_step(const Track& track, const Subscription& subscription,
                                           const Packet& packet) {
    const auto shown = subscription.rewriter.encoding();
    const bool has_moved = subscription.has_moved;
    if (!shown || (*shown == packet.encoding && !has_moved)) return std::nullopt;
    const auto& from = has_moved ? subscription.left_clock : track.encodings[*shown].clock;
    const auto& to = track.encodings[packet.encoding].clock;
    if (!from || !to) return std::nullopt;
    const int64_t ticks = (to->ntp - from->ntp).us * track.config.clock_rate / 1'000'000;
    return from->timestamp + static_cast<uint32_t>(ticks) - to->timestamp;
}

std::optional<PublishedPacket> Router::origin(SubscriptionId id, ExtSeqNo sent) const {
    const Subscription* subscription = find(id);
    if (!subscription) return std::nullopt;
    const auto origin = subscription->rewriter.origin(sent);
    if (!origin) return std::nullopt;
    // What was sent of a stream that has ended, or of the track it received before, nobody keeps for it.
    const TrackId track = track_of_.at(id);
    const Track& published = tracks_.at(track);
    if (published.is_closed || published.encodings[origin->encoding].source != origin->source)
        return std::nullopt;
    return PublishedPacket{track, origin->encoding, origin->source, origin->sequence};
}

std::optional<Forward> Router::again(SubscriptionId id, ExtSeqNo sent, const KeptPacket& kept) const {
    const Subscription* subscription = find(id);
    if (!subscription) return std::nullopt;
    const auto result = subscription->rewriter.again(sent, kept);
    if (!result) return std::nullopt;
    return Forward{id,          subscription->subscriber, sent, result->timestamp, result->marker,
                   result->vp8, result->frame_number};
}

uint8_t Router::encoding_of(SubscriptionId id) const {
    const Subscription* subscription = find(id);
    return subscription ? subscription->rewriter.encoding().value_or(0) : uint8_t{0};
}

std::optional<uint32_t> Router::map_timestamp(SubscriptionId id, uint32_t published) const {
    const Subscription* subscription = find(id);
    if (!subscription) return std::nullopt;
    const auto encoding = subscription->rewriter.encoding();
    if (!encoding) return std::nullopt;
    const Track& track = tracks_.at(track_of_.at(id));
    return subscription->rewriter.map_timestamp(track.encodings[*encoding].source, published);
}

std::optional<TrackId> Router::track_of(SubscriptionId id) const {
    const auto it = track_of_.find(id);
    if (it == track_of_.end()) return std::nullopt;
    return it->second;
}

void Router::want_keyframe_for(SubscriptionId id) {
    const Subscription* subscription = find(id);
    if (!subscription || !subscription->video) return;
    want_keyframe(track_of_.at(id), subscription->video->selector.expected());
}

void Router::want_keyframe(TrackId id, uint8_t encoding) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end() || !it->second.is_video() || encoding >= kSpatialMax) return;
    it->second.encodings[encoding].is_keyframe_wanted = true;
}

uint32_t Router::awaited_encodings(Instant now, const Track& track) {
    uint32_t awaited = 0;
    for (const Subscription& subscription : track.subscriptions) {
        if (!subscription.flows()) continue;
        if (const auto encoding = subscription.video->selector.awaited(now)) awaited |= 1U << *encoding;
    }
    return awaited;
}

std::span<const KeyframeRequest> Router::due_keyframe_requests(Instant now) {
    keyframe_requests_.clear();
    const bool is_retargeting = now >= next_retarget_;
    if (is_retargeting) next_retarget_ = now + LayerMonitor::kWindow;
    for (auto& [id, track] : tracks_) {
        if (!track.is_video() || track.is_stopped()) continue;
        // Frame rates have changed, and with them which layer has enough frames for a wish.
        if (is_retargeting && std::exchange(track.has_fps_wish, false)) retarget_all(track);
        const uint32_t awaited = track.may_await ? awaited_encodings(now, track) : 0;
        track.may_await = awaited != 0;
        for (uint8_t i = 0; i < kSpatialMax; ++i) {
            Encoding& encoding = track.encodings[i];
            const Duration interval = i == 0 ? kKeyframeInterval : kLargeKeyframeInterval;
            if (now - encoding.keyframe_requested_at < interval) continue;
            if (!encoding.is_keyframe_wanted && (awaited >> i & 1) == 0) continue;
            encoding.is_keyframe_wanted = false;
            encoding.keyframe_requested_at = now;
            keyframe_requests_.push_back({id, i});
        }
    }
    return keyframe_requests_;
}

// Nothing for what is stopped or paused by the subscriber: it costs nothing and keeps its cap.
std::optional<Demand> Router::demand(Instant now, const Track& track, const Subscription& subscription) {
    if (subscription.is_paused || track.is_stopped()) return std::nullopt;
    Demand demand;
    demand.id = subscription.id;
    demand.wanted = subscription.video->wanted;
    demand.priority = subscription.video->wish.priority;
    if (demand.priority == 0)
        demand.priority = track.config.is_screen_share ? kScreenPriority : kCameraPriority;
    demand.bitrates = track.monitor.bitrates(now);
    for (size_t i = 0; i < track.config.layers.size(); ++i) {
        // Not sent now, because nobody has watched it: as declared.
        if (!is_measured(demand.bitrates[i])) demand.bitrates[i].fill(track.config.layers[i].bitrate_bps);
    }
    return demand;
}

std::span<const Router::StreamState> Router::allocate(Instant now, SubscriberId id,
                                                      const Bandwidth& bandwidth) {
    states_.clear();
    demands_.clear();
    const auto it = subscribers_.find(id);
    if (it == subscribers_.end()) return {};
    for (const SubscriptionId video : it->second.videos) {
        const auto wanted = demand(now, tracks_.at(track_of_.at(video)), *find(video));
        if (wanted) demands_.push_back(*wanted);
    }
    for (const Allocator::Allocation& allocation : it->second.allocator.allocate(now, bandwidth, demands_)) {
        if (set_cap(tracks_.at(track_of_.at(allocation.id)), *find(allocation.id), allocation.cap)) {
            states_.push_back({allocation.id, !allocation.cap});
        }
    }
    return states_;
}

uint64_t Router::wanted_bps(SubscriberId id) const {
    const auto it = subscribers_.find(id);
    return it == subscribers_.end() ? 0 : it->second.allocator.wanted_bps();
}

void Router::set_watched_elsewhere(TrackId id, std::optional<Quality> best) {
    const auto it = tracks_.find(id);
    if (it == tracks_.end() || it->second.elsewhere == best) return;
    it->second.elsewhere = best;
    it->second.is_rewatched = true;
}

std::optional<Quality> Router::watched_quality(const Track& track) {
    std::optional<Quality> best = track.elsewhere;
    for (const Subscription& subscription : track.subscriptions) {
        if (subscription.is_paused) continue;
        // Who cannot afford even the lowest layer can once that is known to be sent.
        const Quality quality = subscription.video->cap
                                    ? quality_of(subscription.video->wanted.spatial, track.config.layers)
                                    : Quality::Low;
        if (!best || quality > *best) best = quality;
    }
    return best;
}

std::span<const Dynacast::Change> Router::due_quality_changes(Instant now) {
    for (auto& [id, track] : tracks_) {
        if (track.is_video() && std::exchange(track.is_rewatched, false))
            dynacast_.observe(now, id, watched_quality(track));
    }
    return dynacast_.changes(now);
}

std::optional<Layer> Router::target_of(SubscriptionId id) const {
    const Subscription* subscription = find(id);
    if (!subscription || !subscription->video) return std::nullopt;
    return subscription->video->selector.target();
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
