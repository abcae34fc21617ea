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

void Conference::tell(Participant& participant, const livekit::SharedResponse& response) {
    if (participant.outbox.empty()) told_.push_back(participant.key);
    participant.session.send(response, participant.outbox);
}

void Conference::tell_all(pb::SignalResponse response) {
    const livekit::SharedResponse shared(std::move(response));
    for (auto& [key, participant] : participants_) tell(*participant, shared);
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

// Every newcomer is told of everybody: what has not changed since is not written anew. Changes raise the
// version, but for two that are told with the next one.
const std::string& Conference::encoded(const Participant& participant) const {
    Participant::Encoded& known = participant.encoded;
    const bool may_publish = participant.may_publish();
    const bool is_fresh = !known.bytes.empty() && known.version == participant.version &&
                          known.state == participant.state && known.may_publish == may_publish;
    if (!is_fresh)
        known = {info(participant).SerializeAsString(), participant.version, participant.state, may_publish};
    return known.bytes;
}

Conference::Headcount Conference::count_heads() const {
    Headcount heads;
    for (const auto& [key, participant] : participants_) {
        if (participant->is_hidden()) continue;
        if (!is_dependent(participant->claims)) ++heads.people;
        if (!participant->tracks.empty()) ++heads.publishers;
    }
    for (const auto& [key, mirror] : mirrors_) {
        if (mirror.is_hidden) continue;
        if (!is_dependent(mirror.info)) ++heads.people;
        if (!mirror.tracks.empty()) ++heads.publishers;
    }
    return heads;
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
    // Many come at once, and nobody counts them by that.
    const Headcount heads = is_crowded() ? heads_ : count_heads();
    room.set_num_participants(heads.people);
    room.set_num_publishers(heads.publishers);
    return room;
}

bool Conference::is_crowded() const {
    return participants_.size() + mirrors_.size() > kCrowd;
}

// At once: what others need before media or data of it arrives. Changes without end are told together.
void Conference::broadcast(const Participant& about, bool include_self) {
    Participant& subject = *participants_.at(about.key);
    ++subject.version;
    if (std::exchange(subject.told_since, announcements_) != announcements_) subject.told_at_once = 0;
    pb::SignalResponse response;
    pb::ParticipantInfo& told = *response.mutable_update()->add_participants();
    told = info(subject);
    subject.told_at_once += 1 + told.ByteSizeLong() / kBytesPerChange;
    if (subject.told_at_once > kToldAtOnceMax && !subject.is_hidden()) {
        unannounced_.insert(subject.key);
        return;
    }
    unannounced_.erase(subject.key);
    const livekit::SharedResponse shared(std::move(response));
    for (auto& [key, participant] : participants_) {
        if (key == subject.key ? !include_self : subject.is_hidden()) continue;
        tell(*participant, shared);
    }
    if (!parts_.empty()) relay(portrait(subject));
}

// What can wait for a moment. When many are there, and come and go together, one message tells of several.
void Conference::announce(Participant& about, bool include_self) {
    if (!is_crowded() || about.is_hidden()) return broadcast(about, include_self);
    ++about.version;
    unannounced_.insert(about.key);
}

void Conference::send_announcements() {
    ++announcements_;
    heads_ = count_heads();
    // Who left comes first: somebody of the same identity may have come since.
    std::vector<pb::ParticipantInfo> infos = std::exchange(untold_departures_, {});
    for (const ParticipantKey key : std::exchange(unannounced_, {})) {
        const auto here = participants_.find(key);
        const auto elsewhere = mirrors_.find(key);
        if (elsewhere != mirrors_.end() && !elsewhere->second.is_hidden)
            infos.push_back(elsewhere->second.info);
        if (here == participants_.end() || here->second->is_hidden()) continue;
        infos.push_back(info(*here->second));
        if (!parts_.empty()) relay(portrait(*here->second));
    }
    for (pb::SignalResponse& update : livekit::participant_updates(std::move(infos)))
        tell_all(std::move(update));
    // A client has to know of a track before it is offered.
    std::vector<const PublishedTrack*> tracks;
    for (const sfu::TrackId id : std::exchange(unoffered_, {})) {
        if (const PublishedTrack* track = find_track(id)) tracks.push_back(track);
    }
    if (!tracks.empty()) offer_to_all(tracks);
}

// Clients find people by identity: of somebody who comes back they must have heard before that it had left.
void Conference::tell_departure_of(const std::string& identity) {
    const bool is_untold =
        std::any_of(untold_departures_.begin(), untold_departures_.end(),
                    [&](const pb::ParticipantInfo& info) { return info.identity() == identity; });
    if (is_untold) send_announcements();
}

void Conference::tell_left(Instant now, pb::ParticipantInfo left, pb::DisconnectReason reason) {
    left.set_state(pb::ParticipantInfo::DISCONNECTED);
    left.set_disconnect_reason(reason);
    left.clear_tracks();
    left.clear_data_tracks();
    // A session replaced by one of the same identity does not leave: the newcomer's update says it all.
    const bool is_replaced = reason == pb::DUPLICATE_IDENTITY;
    if (is_crowded() && !is_replaced) {
        untold_departures_.push_back(left);
    } else {
        pb::SignalResponse update;
        *update.mutable_update()->add_participants() = left;
        const livekit::SharedResponse shared(std::move(update));
        for (auto& [key, participant] : participants_) {
            if (is_replaced && participant->session.protocol() >= kReplacedByIdentityFrom) continue;
            tell(*participant, shared);
        }
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
    tell_all(std::move(response));
}

}  // namespace conclave::conference
