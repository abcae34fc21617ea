// How a room begins, whom it lets in, when it is over, and what applications are told of it.
#include <algorithm>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

template <class Request>
void take_over(RoomOptions& options, const Request& request, const Settings& settings) {
    if (request.empty_timeout() != 0) options.empty_timeout = Duration::seconds(request.empty_timeout());
    if (request.departure_timeout() != 0)
        options.departure_timeout = Duration::seconds(request.departure_timeout());
    if (request.max_participants() != 0)
        options.participants_max = std::min<size_t>(request.max_participants(), settings.participants_max);
    if (!request.metadata().empty()) options.metadata = request.metadata();
}

}  // namespace

bool is_recorder(const livekit::Claims& claims) {
    return claims.kind == pb::ParticipantInfo::EGRESS || claims.video.recorder;
}

bool is_dependent(const livekit::Claims& claims) {
    return claims.kind == pb::ParticipantInfo::AGENT || claims.video.agent || is_recorder(claims);
}

RoomOptions default_options(const Settings& settings) {
    return {settings.empty_timeout, settings.departure_timeout, settings.participants_max, {}};
}

void override_options(RoomOptions& options, const pb::CreateRoomRequest& request, const Settings& settings) {
    take_over(options, request, settings);
}
void override_options(RoomOptions& options, const pb::RoomConfiguration& request, const Settings& settings) {
    take_over(options, request, settings);
}

bool is_dependent(const pb::ParticipantInfo& info) {
    const bool is_kind =
        info.kind() == pb::ParticipantInfo::AGENT || info.kind() == pb::ParticipantInfo::EGRESS;
    return is_kind || info.permission().agent() || info.permission().recorder();
}

size_t Conference::people_elsewhere() const {
    const auto count = std::count_if(mirrors_.begin(), mirrors_.end(),
                                     [](const auto& entry) { return !is_dependent(entry.second.info); });
    return static_cast<size_t>(count);
}

size_t Conference::people() const {
    return participants_.size() - dependents_.size();
}

bool Conference::has_people() const {
    return people() > 0;
}

bool Conference::is_full(const livekit::Claims& newcomer) const {
    if (participants_.size() + mirrors_.size() >= settings_.participants_max) return true;
    return !is_dependent(newcomer) && people() + people_elsewhere() >= options_.participants_max;
}

bool Conference::is_recorded() const {
    const auto is_recorder_elsewhere = [](const auto& entry) {
        const pb::ParticipantInfo& info = entry.second.info;
        return info.kind() == pb::ParticipantInfo::EGRESS || info.permission().recorder();
    };
    const auto is_recorder_here = [&](ParticipantKey key) { return participants_.at(key)->is_recorder(); };
    return std::any_of(dependents_.begin(), dependents_.end(), is_recorder_here) ||
           std::any_of(mirrors_.begin(), mirrors_.end(), is_recorder_elsewhere);
}

Instant Conference::closes_at() const {
    // Who is left alone here may serve people elsewhere. A part without anybody is of no use.
    if (has_people() || !waiting_.empty()) return Instant::never();
    if (!participants_.empty() && people_elsewhere() > 0) return Instant::never();
    return empty_since_ + (was_entered_ ? options_.departure_timeout : options_.empty_timeout);
}

// Agents and recorders who are here while the people are elsewhere: the room is not empty.
void Conference::note_people_elsewhere(Instant now) {
    if (!participants_.empty() && !has_people() && people_elsewhere() > 0) empty_since_ = now;
}

bool Conference::is_over(Instant now) const {
    return now >= closes_at();
}

void Conference::close_room(Turn& turn, pb::DisconnectReason reason) {
    close(turn, reason, pb::LeaveRequest::DISCONNECT);
    emit("room_finished");
    relay(relay::Bye{});
    finish(turn);
}

pb::WebhookEvent* Conference::emit(const char* name) {
    if (owner_ != Owner::Applications || !settings_.has_listeners) return nullptr;
    pb::WebhookEvent& event = outlet_.events.emplace_back();
    event.set_event(name);
    *event.mutable_room() = room();
    return &event;
}

void Conference::emit(const char* name, const pb::ParticipantInfo& about) {
    if (pb::WebhookEvent* event = emit(name)) *event->mutable_participant() = about;
}

void Conference::emit(const char* name, const Participant& publisher, const pb::TrackInfo& track) {
    pb::WebhookEvent* event = emit(name);
    if (!event) return;
    *event->mutable_participant() = info(publisher);
    event->mutable_participant()->clear_tracks();
    *event->mutable_track() = track;
}

void Conference::handle_entered(const Participant& participant) {
    if (!is_dependent(participant.claims)) was_entered_ = true;
    if (is_recorder(participant.claims)) send_room_update();
}

// After it was taken out of participants_.
void Conference::handle_left(const Turn& turn, const Participant& participant,
                             const pb::ParticipantInfo& left) {
    if (!is_dependent(participant.claims) && !has_people()) empty_since_ = turn.now;
    fail_rpcs_to(participant.key);
    emit(participant.was_active ? "participant_left" : "participant_connection_aborted", left);
    if (is_recorder(participant.claims)) send_room_update();
}

// What the others are told of somebody whom they do not see any more.
pb::ParticipantInfo Conference::farewell(const Participant& participant, pb::DisconnectReason reason) const {
    pb::ParticipantInfo left = info(participant);
    left.set_state(pb::ParticipantInfo::DISCONNECTED);
    left.set_disconnect_reason(reason);
    left.clear_tracks();
    left.clear_data_tracks();
    return left;
}

}  // namespace conclave::conference
