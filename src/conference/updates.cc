// What clients are told.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

// With so many people an update for each change would be more than a client can read when all come at once.
constexpr size_t kCrowd = 32;
constexpr size_t kDeparturesMax = 512;
// Of one participant's changes between two announcements; a long one counts as several. Everybody hears of
// each: what one client may ask for 200 times a second must not fill the queues of all the others.
constexpr size_t kToldAtOnceMax = 8;
constexpr size_t kBytesPerChange = 4096;

// Versions of the signalling protocol.
constexpr int32_t kDeparturesFrom = 9;
constexpr int32_t kReplacedByIdentityFrom = 12;

}  // namespace
void Conference::tell(Participant& participant, pb::SignalResponse response) {
    if (participant.outbox.empty()) told_.push_back(participant.key);
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
    info.mutable_permission()->set_can_publish(participant.may_publish());
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
    room.set_max_participants(static_cast<uint32_t>(options_.participants_max));
    room.set_empty_timeout(static_cast<uint32_t>(options_.empty_timeout.ms() / 1000));
    room.set_departure_timeout(static_cast<uint32_t>(options_.departure_timeout.ms() / 1000));
    room.set_metadata(options_.metadata);
    room.set_active_recording(is_recorded());
    uint32_t participants = 0;
    uint32_t publishers = 0;
    for (const auto& [key, participant] : participants_) {
        if (participant->is_hidden()) continue;
        if (!is_dependent(participant->claims)) ++participants;
        if (!participant->tracks.empty()) ++publishers;
    }
    for (const auto& [key, mirror] : mirrors_) {
        if (mirror.is_hidden) continue;
        if (!is_dependent(mirror.info)) ++participants;
        if (!mirror.tracks.empty()) ++publishers;
    }
    room.set_num_participants(participants);
    room.set_num_publishers(publishers);
    return room;
}

bool Conference::is_crowded() const {
    return participants_.size() + mirrors_.size() > kCrowd;
}

// At once: what others need before media or data of it arrives. Changes without end are told together.
void Conference::broadcast(const Participant& about, bool include_self) {
    Participant& subject = *participants_.at(about.key);
    ++subject.version;
    pb::SignalResponse response;
    pb::ParticipantInfo& told = *response.mutable_update()->add_participants();
    told = info(subject);
    subject.told_at_once += 1 + told.ByteSizeLong() / kBytesPerChange;
    if (subject.told_at_once > kToldAtOnceMax && !subject.is_hidden()) {
        unannounced_.insert(subject.key);
        return;
    }
    unannounced_.erase(subject.key);
    for (auto& [key, participant] : participants_) {
        if (key == subject.key ? !include_self : subject.is_hidden()) continue;
        tell(*participant, response);
    }
    if (!parts_.empty()) relay(portrait(subject));
}

// That somebody is there. When many are, and come and go together, one message tells of several.
void Conference::announce(Participant& about) {
    if (!is_crowded() || about.is_hidden()) return broadcast(about, false);
    ++about.version;
    unannounced_.insert(about.key);
}

void Conference::send_announcements() {
    for (auto& [key, participant] : participants_) participant->told_at_once = 0;
    std::vector<pb::ParticipantInfo> infos;
    for (const ParticipantKey key : std::exchange(unannounced_, {})) {
        const auto here = participants_.find(key);
        const auto elsewhere = mirrors_.find(key);
        if (elsewhere != mirrors_.end()) infos.push_back(elsewhere->second.info);
        if (here == participants_.end()) continue;
        infos.push_back(info(*here->second));
        if (!parts_.empty()) relay(portrait(*here->second));
    }
    if (infos.empty()) return;
    for (const pb::SignalResponse& update : livekit::participant_updates(std::move(infos))) {
        for (auto& [key, participant] : participants_) tell(*participant, update);
    }
}

void Conference::tell_left(Instant now, pb::ParticipantInfo left, pb::DisconnectReason reason) {
    left.set_state(pb::ParticipantInfo::DISCONNECTED);
    left.set_disconnect_reason(reason);
    left.clear_tracks();
    left.clear_data_tracks();
    // A session replaced by one of the same identity does not leave: the newcomer's update says it all.
    const bool is_replaced = reason == pb::DUPLICATE_IDENTITY;
    pb::SignalResponse update;
    *update.mutable_update()->add_participants() = left;
    for (auto& [key, participant] : participants_) {
        if (is_replaced && participant->session.protocol() >= kReplacedByIdentityFrom) continue;
        tell(*participant, update);
    }
    left.clear_metadata();
    left.clear_attributes();
    departures_.push_back({now, std::move(left)});
    if (departures_.size() <= kDeparturesMax) return;
    forgotten_departure_ = departures_.front().at;
    departures_.pop_front();
}

bool Conference::knows_departures_since(Instant since) const {
    return !forgotten_departure_ || since > *forgotten_departure_;
}

bool Conference::is_here(const std::string& identity) {
    if (find_identity(identity)) return true;
    return std::any_of(mirrors_.begin(), mirrors_.end(),
                       [&](const auto& entry) { return entry.second.info.identity() == identity; });
}

// Clients find those who left by identity: who has come back meanwhile must not be named.
void Conference::tell_departures(Participant& to, Instant since) {
    if (to.session.protocol() < kDeparturesFrom) return;
    std::vector<pb::ParticipantInfo> left;
    for (const Departure& departure : departures_) {
        if (departure.at >= since && !is_here(departure.info.identity())) left.push_back(departure.info);
    }
    for (pb::SignalResponse& update : livekit::participant_updates(std::move(left)))
        tell(to, std::move(update));
}

void Conference::send_room_update() {
    is_room_changed_ = false;
    pb::SignalResponse response;
    *response.mutable_room_update()->mutable_room() = room();
    for (auto& [key, participant] : participants_) tell(*participant, response);
}

}  // namespace conclave::conference
