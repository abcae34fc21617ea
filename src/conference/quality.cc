// Who speaks and how good connections are: to each what concerns it, itself and those it receives.
#include "conference/participant.h"

namespace conclave::conference {
namespace {

void add_speaker(pb::SignalResponse& response, const std::string& sid, float level, bool active) {
    pb::SpeakerInfo& info = *response.mutable_speakers_changed()->add_speakers();
    info.set_sid(sid);
    info.set_level(level);
    info.set_active(active);
}

MediaWeight weight_of(const PublishedTrack& track) {
    if (track.info.muted()) return MediaWeight::None;
    if (track.info.type() == pb::VIDEO) return MediaWeight::Video;
    return track.info.mime_type() == "audio/red" ? MediaWeight::RedundantAudio : MediaWeight::Audio;
}

bool has_changed(const std::optional<pb::ConnectionQualityInfo>& before,
                 const pb::ConnectionQualityInfo& now) {
    return !before || before->quality() != now.quality();
}

}  // namespace

// Those whose tracks it receives.
std::set<ParticipantKey> Conference::received_by(const Participant& participant) const {
    std::set<ParticipantKey> publishers;
    for (const auto& [track, subscription] : participant.subscriptions) {
        const auto publisher = publishers_.find(track);
        if (publisher != publishers_.end()) publishers.insert(publisher->second);
    }
    return publishers;
}

void Conference::send_speakers() {
    announce_speakers(speakers_.evaluate());
}

// Of this part, to everybody.
void Conference::announce_speakers(std::span<const sfu::SpeakerDetector::Speaker> changed) {
    tell_speakers(changed);
    if (!changed.empty() && !parts_.empty()) relay(relay::Speakers{{changed.begin(), changed.end()}});
}

void Conference::handle(Turn&, PartId, const relay::Speakers& speakers) {
    for (const sfu::SpeakerDetector::Speaker& speaker : speakers.changed) {
        const auto mirror = mirrors_.find(speaker.id);
        if (mirror != mirrors_.end()) mirror->second.speaker = speaker;
    }
    tell_speakers(speakers.changed);
}

void Conference::handle(Turn&, PartId, const relay::Quality& quality) {
    const auto mirror = mirrors_.find(quality.key);
    if (mirror == mirrors_.end()) return;
    if (has_changed(mirror->second.quality, quality.info)) changed_elsewhere_.insert(quality.key);
    mirror->second.quality = quality.info;
}

const std::string* Conference::find_sid(ParticipantKey key) const {
    const auto participant = participants_.find(key);
    if (participant != participants_.end()) return &participant->second->sid;
    const auto mirror = mirrors_.find(key);
    return mirror == mirrors_.end() ? nullptr : &mirror->second.sid;
}

const sfu::SpeakerDetector::Speaker* Conference::find_speaker(ParticipantKey key) const {
    const auto mirror = mirrors_.find(key);
    if (mirror == mirrors_.end()) return speakers_.told(key);
    return mirror->second.speaker ? &*mirror->second.speaker : nullptr;
}

std::optional<pb::ConnectionQualityInfo> Conference::find_quality(ParticipantKey key) const {
    const auto participant = participants_.find(key);
    if (participant != participants_.end()) return participant->second->quality.info();
    const auto mirror = mirrors_.find(key);
    return mirror == mirrors_.end() ? std::nullopt : mirror->second.quality;
}

void Conference::tell_speakers(std::span<const sfu::SpeakerDetector::Speaker> changed) {
    if (changed.empty()) return;
    for (auto& [key, participant] : participants_) {
        const std::set<ParticipantKey> received = received_by(*participant);
        pb::SignalResponse response;
        for (const sfu::SpeakerDetector::Speaker& speaker : changed) {
            const std::string* sid = find_sid(speaker.id);
            if (!sid || (speaker.id != key && !received.contains(speaker.id))) continue;
            add_speaker(response, *sid, speaker.level, speaker.active);
        }
        if (response.has_speakers_changed()) tell(*participant, std::move(response));
    }
}

// The worst of what it sends and receives decides.
QualityMeter::Sample Conference::quality_sample(const Participant& participant, Instant now) {
    QualityMeter::Sample sample;
    sample.is_connected = participant.primary_peer().is_connected();
    participant.for_each_peer([&](Target, const peer::Peer& peer) {
        sample.loss = std::max({sample.loss, peer.loss_received(), peer.loss_sent(now)});
        sample.rtt = std::max(sample.rtt, peer.rtt());
    });
    for (const auto& [id, track] : participant.tracks)
        sample.media = std::max(sample.media, weight_of(track));
    for (const auto& [id, subscription] : participant.subscriptions) {
        const PublishedTrack* track = find_track(id);
        if (track && !subscription.is_paused) sample.media = std::max(sample.media, weight_of(*track));
    }
    return sample;
}

// To each whose quality has changed, its own and that of those it receives.
void Conference::send_qualities(const Turn& turn) {
    std::set<ParticipantKey> changed = std::exchange(changed_elsewhere_, {});
    for (auto& [key, participant] : participants_) {
        // Who is still connecting has no quality yet, and LOST would be shown as a fault.
        if (participant->state != pb::ParticipantInfo::ACTIVE) continue;
        const auto before = participant->quality.info();
        participant->quality.handle_sample(quality_sample(*participant, turn.now));
        const auto info = participant->quality.info();
        if (!info) continue;
        if (has_changed(before, *info)) changed.insert(key);
        if (!parts_.empty()) relay(relay::Quality{key, *info});
    }
    if (changed.empty()) return;
    for (auto& [key, participant] : participants_) {
        std::set<ParticipantKey> concerned = received_by(*participant);
        concerned.insert(key);
        std::erase_if(concerned, [&](ParticipantKey about) { return !changed.contains(about); });
        tell_qualities(*participant, concerned);
    }
}

void Conference::tell_qualities(Participant& to, const std::set<ParticipantKey>& about) {
    pb::SignalResponse response;
    for (const ParticipantKey key : about) {
        const std::string* sid = find_sid(key);
        const auto quality = find_quality(key);
        if (!sid || !quality) continue;
        pb::ConnectionQualityInfo& info = *response.mutable_connection_quality()->add_updates();
        info = *quality;
        info.set_participant_sid(*sid);
    }
    if (response.has_connection_quality()) tell(to, std::move(response));
}

// Whose tracks somebody has just begun to receive: it need not wait for the next round to know how they are.
void Conference::introduce(Participant& subscriber) {
    const std::set<ParticipantKey> publishers = std::exchange(subscriber.newly_received, {});
    if (publishers.empty()) return;
    pb::SignalResponse response;
    for (const ParticipantKey key : publishers) {
        const std::string* sid = find_sid(key);
        const auto* speaker = find_speaker(key);
        if (!sid || !speaker || !speaker->active) continue;
        add_speaker(response, *sid, speaker->level, true);
    }
    if (response.has_speakers_changed()) tell(subscriber, std::move(response));
    tell_qualities(subscriber, publishers);
}

// Nothing is received of `publisher` any more: nobody would say that it has stopped speaking.
void Conference::forget_speaker(Participant& subscriber, ParticipantKey publisher) {
    subscriber.newly_received.erase(publisher);
    const auto* speaker = find_speaker(publisher);
    const std::string* sid = find_sid(publisher);
    if (!sid || !speaker || !speaker->active) return;
    pb::SignalResponse response;
    add_speaker(response, *sid, 0, false);
    tell(subscriber, std::move(response));
}

}  // namespace conclave::conference
