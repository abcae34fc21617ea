// What clients are told.
#include <cmath>

#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

// Loss that people hear or see: above a tenth a call is hard to follow, above a third it is lost.
constexpr float kExcellentBelow = 0.02F;
constexpr float kGoodBelow = 0.10F;
constexpr float kScoreMax = 4.5F;

}  // namespace

void Conference::tell(Participant& participant, pb::SignalResponse response) {
    has_frames_ = true;
    participant.session.send(std::move(response), participant.outbox);
}

pb::ParticipantInfo Conference::info(const Participant& participant) const {
    pb::ParticipantInfo info;
    info.set_sid(participant.sid);
    info.set_identity(participant.identity());
    info.set_name(participant.claims.name);
    info.set_metadata(participant.claims.metadata);
    info.set_state(participant.state);
    info.set_joined_at(participant.joined_at_ms / 1000);
    info.set_joined_at_ms(participant.joined_at_ms);
    info.set_version(participant.version);
    info.set_region(settings_.region);
    info.set_kind(participant.claims.kind);
    for (const auto detail : participant.claims.kind_details) info.add_kind_details(detail);
    *info.mutable_permission() = livekit::permission_from(participant.claims.video);
    for (const auto& [name, value] : participant.claims.attributes)
        (*info.mutable_attributes())[name] = value;
    info.set_client_protocol(participant.client.client_protocol());
    *info.mutable_capabilities() = participant.client.capabilities();
    for (const auto& [id, track] : participant.tracks) {
        if (!track.is_visible()) continue;
        info.set_is_publisher(true);
        *info.add_tracks() = track.info;
    }
    for (const auto& [handle, track] : participant.data_tracks) *info.add_data_tracks() = track.info;
    return info;
}

pb::Room Conference::room() const {
    pb::Room room;
    room.set_sid(sid_);
    room.set_name(name_);
    room.set_creation_time(created_at_ms_ / 1000);
    room.set_creation_time_ms(created_at_ms_);
    room.set_max_participants(static_cast<uint32_t>(settings_.participants_max));
    room.set_departure_timeout(static_cast<uint32_t>(settings_.departure_timeout.us / 1'000'000));
    uint32_t participants = 0;
    uint32_t publishers = 0;
    for (const auto& [key, participant] : participants_) {
        if (participant->is_hidden()) continue;
        ++participants;
        if (!participant->tracks.empty()) ++publishers;
    }
    for (const auto& [key, mirror] : mirrors_) {
        if (mirror.is_hidden) continue;
        ++participants;
        if (!mirror.tracks.empty()) ++publishers;
    }
    room.set_num_participants(participants);
    room.set_num_publishers(publishers);
    return room;
}

void Conference::broadcast(const Participant& about, bool include_self) {
    Participant& subject = *participants_.at(about.key);
    ++subject.version;
    pb::SignalResponse response;
    *response.mutable_update()->add_participants() = info(subject);
    for (auto& [key, participant] : participants_) {
        if (key == subject.key ? !include_self : subject.is_hidden()) continue;
        tell(*participant, response);
    }
    if (!parts_.empty()) relay(portrait(subject));
}

void Conference::tell_left(pb::ParticipantInfo info, pb::DisconnectReason reason) {
    info.set_state(pb::ParticipantInfo::DISCONNECTED);
    info.set_disconnect_reason(reason);
    info.clear_tracks();
    info.clear_data_tracks();
    pb::SignalResponse update;
    *update.mutable_update()->add_participants() = std::move(info);
    for (auto& [key, participant] : participants_) tell(*participant, update);
}

void Conference::send_room_update() {
    is_room_changed_ = false;
    pb::SignalResponse response;
    *response.mutable_room_update()->mutable_room() = room();
    for (auto& [key, participant] : participants_) tell(*participant, response);
}

void Conference::send_speakers() {
    const auto& changed = speakers_.evaluate();
    if (changed.empty()) return;
    for (auto& [key, participant] : participants_) {
        pb::SignalResponse response;
        for (const sfu::SpeakerDetector::Speaker& speaker : changed) {
            const auto it = participants_.find(speaker.id);
            if (it == participants_.end()) continue;
            bool is_heard = speaker.id == key;
            for (const auto& [track, subscription] : participant->subscriptions) {
                is_heard = is_heard || it->second->tracks.contains(track);
            }
            if (!is_heard) continue;
            pb::SpeakerInfo& info = *response.mutable_speakers_changed()->add_speakers();
            info.set_sid(it->second->sid);
            info.set_level(speaker.level);
            info.set_active(speaker.active);
        }
        if (response.has_speakers_changed()) tell(*participant, std::move(response));
    }
}

// What each hears and sees depends on two ways: from the publisher to us, from us to them.
void Conference::send_qualities(const Turn& turn) {
    std::map<ParticipantKey, pb::ConnectionQualityInfo> qualities;
    for (const auto& [key, participant] : participants_) {
        // Who is still connecting has no quality yet, and LOST would be shown as a fault.
        if (participant->state != pb::ParticipantInfo::ACTIVE) continue;
        const float loss =
            std::max(participant->peer->loss_received(), participant->sending_peer().loss_sent(turn.now));
        pb::ConnectionQualityInfo quality;
        quality.set_participant_sid(participant->sid);
        quality.set_score(kScoreMax * (1.0F - std::min(1.0F, loss * 2.0F)));
        quality.set_quality(!participant->primary_peer().is_connected() ? pb::LOST
                            : loss < kExcellentBelow                    ? pb::EXCELLENT
                            : loss < kGoodBelow                         ? pb::GOOD
                                                                        : pb::POOR);
        qualities[key] = std::move(quality);
    }
    for (auto& [key, participant] : participants_) {
        pb::SignalResponse response;
        for (const auto& [other, quality] : qualities) {
            if (other != key && participants_.at(other)->is_hidden()) continue;
            *response.mutable_connection_quality()->add_updates() = quality;
        }
        if (response.has_connection_quality()) tell(*participant, std::move(response));
    }
}

}  // namespace conclave::conference
