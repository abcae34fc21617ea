// Which layers of a video each subscriber gets, and which its publisher need send at all.
#include <algorithm>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

sfu::Quality quality_of(pb::VideoQuality quality) {
    return quality == pb::LOW      ? sfu::Quality::Low
           : quality == pb::MEDIUM ? sfu::Quality::Medium
                                   : sfu::Quality::High;
}

pb::VideoQuality to_proto(sfu::Quality quality) {
    return static_cast<pb::VideoQuality>(quality);
}

sfu::LayerInfos layers_of(const pb::TrackInfo& info, int codec) {
    sfu::LayerInfos layers;
    const bool is_told = info.codecs_size() > codec && info.codecs(codec).layers_size() > 0;
    const auto& declared = is_told ? info.codecs(codec).layers() : info.layers();
    for (const pb::VideoLayer& layer : declared) {
        if (layer.quality() == pb::OFF || layers.full()) continue;
        layers.push_back({quality_of(layer.quality()), layer.width(), layer.height(), layer.bitrate()});
    }
    std::sort(layers.begin(), layers.end(),
              [](const sfu::LayerInfo& a, const sfu::LayerInfo& b) { return a.quality < b.quality; });
    return layers;
}

// "video/VP8" is "vp8" where publishers are told which layers to send.
std::string short_name(const std::string& mime) {
    std::string name = mime.substr(mime.find('/') + 1);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name;
}

void add_watched(const std::string& mime, std::optional<sfu::Quality> best,
                 pb::SubscribedQualityUpdate& update) {
    pb::SubscribedCodec& codec = *update.add_subscribed_codecs();
    codec.set_codec(short_name(mime));
    for (const sfu::Quality quality : {sfu::Quality::Low, sfu::Quality::Medium, sfu::Quality::High}) {
        pb::SubscribedQuality& entry = *codec.add_qualities();
        entry.set_quality(to_proto(quality));
        entry.set_enabled(best && quality <= *best);
    }
}

// What is sent to somebody is counted over so much time at least.
constexpr Duration kMeasured = Duration::millis(250);

// Of a client that judges by itself (REMB): nobody probes for it, and its estimate is held at one and a half
// times what arrives. Where that alone holds it, twice as much may be tried. Loss it knows nothing of.
uint64_t believed(uint64_t estimate, uint64_t sent, float loss) {
    constexpr float kCongested = 0.10F;
    if (loss >= kCongested)
        return std::min(estimate, static_cast<uint64_t>(static_cast<double>(sent) * (1 - loss / 2)));
    return estimate >= sent + sent / 4 ? 2 * estimate : estimate;
}

}  // namespace

sfu::TrackConfig track_config(const pb::TrackInfo& info, int codec) {
    sfu::TrackConfig config;
    if (info.type() == pb::AUDIO) return config;
    config.kind = sfu::TrackKind::Video;
    config.clock_rate = 90000;
    config.is_svc = info.codecs_size() > codec && info.codecs(codec).video_layer_mode() ==
                                                      pb::VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM;
    config.is_screen_share = info.source() == pb::SCREEN_SHARE;
    config.layers = layers_of(info, codec);
    return config;
}

// Before the subscriber has said what it shows: with adaptive stream it is about to.
sfu::Wish Conference::first_wish(const Participant& subscriber) {
    sfu::Wish wish;
    wish.quality = subscriber.has_adaptive_stream ? sfu::Quality::Low : sfu::Quality::High;
    return wish;
}

void Conference::handle_track_settings(Participant& participant, const pb::UpdateTrackSettings& settings) {
    for (const std::string& sid : settings.track_sids()) {
        const PublishedTrack* track = find_track(sid);
        const auto it = track ? participant.subscriptions.find(track->id) : participant.subscriptions.end();
        if (it == participant.subscriptions.end()) continue;
        it->second.is_paused = settings.disabled();
        // Whoever turns a video off says nothing of its size.
        if (track->info.type() == pb::VIDEO && !settings.disabled()) {
            const auto priority = static_cast<uint8_t>(std::min(settings.priority(), 255U));
            router_.set_wish(it->second.id, {quality_of(settings.quality()), settings.width(),
                                             settings.height(), settings.fps(), priority});
        }
        resume_routing(participant, it->second);
    }
}

void Conference::measure_sent(Instant now, Participant& subscriber) {
    const int64_t elapsed_us = (now - subscriber.measured_at).us;
    if (elapsed_us < kMeasured.us) return;
    const peer::SentBytes sent = subscriber.sending_peer().sent_bytes();
    const auto rate = [&](uint64_t bytes, uint64_t before) {
        return (bytes - before) * 8 * 1'000'000 / static_cast<uint64_t>(elapsed_us);
    };
    subscriber.audio_bps = rate(sent.audio, subscriber.measured.audio);
    subscriber.sent_bps = subscriber.audio_bps + rate(sent.video, subscriber.measured.video);
    subscriber.measured = sent;
    subscriber.measured_at = now;
}

// Shares what the client can take among what it watches.
void Conference::allocate(Instant now, Participant& subscriber) {
    peer::Peer& peer = subscriber.sending_peer();
    if (!peer.is_connected()) return;
    measure_sent(now, subscriber);
    sfu::Bandwidth bandwidth;
    if (subscriber.simulated_bandwidth > 0) {
        bandwidth.estimate_bps = static_cast<uint64_t>(subscriber.simulated_bandwidth);
    } else if (const auto estimate = peer.estimated_bitrate(now)) {
        bandwidth.estimate_bps = peer.is_measured(now)
                                     ? estimate->bps
                                     : believed(estimate->bps, subscriber.sent_bps, peer.loss_sent(now));
    }
    bandwidth.audio_bps = subscriber.audio_bps;
    bandwidth.may_pause = subscriber.may_pause;

    pb::SignalResponse response;
    for (const sfu::Router::StreamState& state : router_.allocate(now, subscriber.key, bandwidth)) {
        const auto track = router_.track_of(state.subscription);
        const Publisher* publisher = track ? find_publisher(*track) : nullptr;
        const PublishedTrack* published = track ? find_track(*track) : nullptr;
        if (!publisher || !published) continue;
        pb::StreamStateInfo& info = *response.mutable_stream_state_update()->add_stream_states();
        info.set_participant_sid(publisher->sid);
        info.set_track_sid(published->info.sid());
        info.set_state(state.is_paused ? pb::PAUSED : pb::ACTIVE);
    }
    if (response.has_stream_state_update()) tell(subscriber, std::move(response));
    peer.want_bitrate(now, {subscriber.simulated_bandwidth > 0 ? 0 : router_.wanted_bps(subscriber.key)});
}

void Conference::allocate_all(Instant now) {
    for (auto& [key, participant] : participants_) allocate(now, *participant);
}

// Dynacast: nobody need encode what nobody watches.
void Conference::send_watched_qualities(Instant now) {
    std::set<sfu::TrackId> told;  // of both codecs at once
    for (const sfu::Dynacast::Change& change : router_.due_quality_changes(now)) {
        const PublishedTrack* track = find_track(change.track);
        if (!track || !told.insert(track->id).second) continue;
        const auto publisher = participants_.find(track->publisher);
        if (publisher != participants_.end()) {
            tell(*publisher->second, watched_quality(*track));
        } else if (const Mirror* mirror = find_mirror(change.track)) {
            relays_.push_back({mirror->part, name_, relay::Interest{change.track, change.best}});
        }
    }
}

// The primary codec and, whether it is wanted or not, its backup.
pb::SignalResponse Conference::watched_quality(const PublishedTrack& track) const {
    pb::SignalResponse response;
    pb::SubscribedQualityUpdate& update = *response.mutable_subscribed_quality_update();
    update.set_track_sid(track.info.sid());
    add_watched(track.info.mime_type(), router_.told_quality(track.id), update);
    *update.mutable_subscribed_qualities() = update.subscribed_codecs(0).qualities();
    if (track.backup)
        add_watched(track.info.codecs(1).mime_type(), router_.told_quality(track.backup->id), update);
    return response;
}

}  // namespace conclave::conference
