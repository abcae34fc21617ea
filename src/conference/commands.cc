// What applications ask through the server API.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/data_packet.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

using Code = livekit::TwirpCode;
using Reply = Result<livekit::RoomReply, livekit::TwirpError>;

template <class Message>
Reply reply(Message message) {
    return livekit::RoomReply(std::move(message));
}
Reply deny(Code code, std::string message) {
    return Unexpected{livekit::TwirpError{code, std::move(message)}};
}
Reply no_participant() {
    return deny(Code::NotFound, "participant does not exist");
}

}  // namespace

// Dispatches by type; `id` is the command's.
struct Conference::Executor {
    Conference& room;
    Turn& turn;
    CommandId id;
    using Answer = std::optional<Reply>;  // nullopt: it comes later

    Answer operator()(const pb::CreateRoomRequest& call) const { return room.update_options(turn, call); }
    Answer operator()(const pb::ListParticipantsRequest&) const { return room.list_participants(); }
    Answer operator()(const livekit::GetParticipant& call) const {
        const Participant* participant = room.find_identity(call.who.identity());
        return participant ? reply(room.info(*participant)) : no_participant();
    }
    Answer operator()(const livekit::RemoveParticipant& call) const {
        const bool was_waiting = room.refuse_waiting(turn, call.who.identity());
        Participant* participant = room.find_identity(call.who.identity());
        if (!participant) return was_waiting ? reply(Ok{}) : no_participant();
        room.disconnect(turn, *participant, pb::PARTICIPANT_REMOVED, pb::LeaveRequest::DISCONNECT);
        return reply(Ok{});
    }
    Answer operator()(const pb::MuteRoomTrackRequest& call) const { return room.mute_remotely(call); }
    Answer operator()(const pb::UpdateParticipantRequest& call) const {
        return room.update_participant(turn, call);
    }
    Answer operator()(const pb::UpdateSubscriptionsRequest& call) const {
        Participant* participant = room.find_identity(call.identity());
        if (!participant) return no_participant();
        pb::UpdateSubscription update;
        *update.mutable_track_sids() = call.track_sids();
        *update.mutable_participant_tracks() = call.participant_tracks();
        update.set_subscribe(call.subscribe());
        room.handle_subscription(*participant, update, turn.now);
        return reply(Ok{});
    }
    Answer operator()(const pb::SendDataRequest& call) const { return room.send_data(turn, call); }
    Answer operator()(const pb::UpdateRoomMetadataRequest& call) const {
        room.options_.metadata = call.metadata();
        room.send_room_update();
        room.relay(relay::State{room.sid_, room.created_at_ms_, room.options_});
        return reply(room.room());
    }
    Answer operator()(const pb::PerformRpcRequest& call) const { return room.perform_rpc(turn, id, call); }
    // The directory's.
    Answer operator()(const pb::ListRoomsRequest&) const { return deny(Code::Internal, "not a room's"); }
    Answer operator()(const pb::DeleteRoomRequest&) const { return deny(Code::Internal, "not a room's"); }
};

void Conference::execute(Turn& turn, const RoomCommand& command) {
    next_timeout_ = turn.now;
    std::optional<Reply> answer = std::visit(Executor{*this, turn, command.id}, command.call);
    if (answer) outlet_.answers.push_back({command.id, std::move(*answer)});
    finish(turn);
}

// A room that is there already: what the call names replaces what was, and an empty room waits anew.
Conference::Reply Conference::update_options(const Turn& turn, const pb::CreateRoomRequest& call) {
    override_options(options_, call, settings_);
    if (!has_people()) empty_since_ = turn.now;
    send_room_update();
    relay(relay::State{sid_, created_at_ms_, options_});
    return reply(room());
}

Conference::Reply Conference::list_participants() const {
    pb::ListParticipantsResponse list;
    for (const auto& [key, participant] : participants_) *list.add_participants() = info(*participant);
    return reply(std::move(list));
}

Conference::Reply Conference::mute_remotely(const pb::MuteRoomTrackRequest& call) {
    Participant* participant = find_identity(call.identity());
    if (!participant) return no_participant();
    if (!call.muted() && !settings_.enable_remote_unmute)
        return deny(Code::FailedPrecondition, "remote unmute not enabled");
    pb::MuteTrackRequest mute;
    mute.set_sid(call.track_sid());
    mute.set_muted(call.muted());
    for (auto& [id, track] : participant->tracks) {
        if (track.info.sid() != mute.sid()) continue;
        if (track.info.muted() != mute.muted()) {
            pb::SignalResponse response;
            *response.mutable_mute() = mute;
            tell(*participant, std::move(response));
            handle_mute(*participant, mute);
        }
        pb::MuteRoomTrackResponse muted;
        *muted.mutable_track() = track.info;
        return reply(std::move(muted));
    }
    return deny(Code::NotFound, "track is not found");
}

Conference::Reply Conference::update_participant(Turn& turn, const pb::UpdateParticipantRequest& call) {
    Participant* participant = find_identity(call.identity());
    if (!participant) return no_participant();
    auto attributes = participant->claims.attributes;
    size_t attribute_bytes = 0;
    for (const auto& [name, value] : call.attributes()) {
        if (value.empty()) {
            attributes.erase(name);
        } else {
            attributes[name] = value;
        }
    }
    for (const auto& [name, value] : attributes) attribute_bytes += name.size() + value.size();
    if (attribute_bytes > settings_.texts.attributes)
        return deny(Code::InvalidArgument, "attributes exceeds limits");
    if (call.has_permission() && !change_permission(*participant, call.permission()))
        return deny(Code::InvalidArgument, "permission names an unknown source");
    if (!call.metadata().empty()) participant->claims.metadata = call.metadata();
    if (!call.name().empty()) participant->claims.name = call.name();
    participant->claims.attributes = std::move(attributes);
    broadcast(*participant, true);
    send_refresh_token(turn, *participant);
    return reply(info(*participant));
}

// Effective at once: what is not allowed any more ends, what is allowed again begins.
bool Conference::change_permission(Participant& participant, const pb::ParticipantPermission& permission) {
    const bool was_hidden = participant.is_hidden();
    if (!livekit::apply_permission(participant.claims.video, permission)) return false;
    dependents_.erase(participant.key);
    if (is_dependent(participant.claims)) dependents_.insert(participant.key);
    end_forbidden_tracks(participant);
    while (!livekit::may_publish_data(participant.claims.video) && !participant.data_tracks.empty())
        unpublish_data_track(participant, participant.data_tracks.begin()->first);
    for (const auto& [key, publisher] : participants_) {
        for (const auto& [id, track] : publisher->tracks) {
            if (key != participant.key && track.is_visible()) reconsider(participant, track);
        }
        for (auto& [handle, track] : publisher->data_tracks) reconsider_data(participant, *publisher, track);
    }
    for (const auto& [key, mirror] : mirrors_) {
        for (const auto& [id, track] : mirror.tracks) reconsider(participant, track);
    }
    request_sections(participant);
    if (!was_hidden && participant.is_hidden()) {
        pb::SignalResponse update;
        *update.mutable_update()->add_participants() = farewell(participant, pb::UNKNOWN_REASON);
        for (auto& [key, other] : participants_) {
            if (key != participant.key) tell(*other, update);
        }
    }
    return true;
}

Conference::Reply Conference::send_data(Turn& turn, const pb::SendDataRequest& call) {
    if (!data_history_.is_first(call.nonce())) return reply(Ok{});
    const bool is_lossy = call.kind() == pb::DataPacket::LOSSY;
    std::string packet =
        livekit::server_user_packet(as_bytes(call.data()), call.topic(),
                                    is_lossy ? livekit::DataChannel::Lossy : livekit::DataChannel::Reliable);
    const auto& named = call.destination_identities();
    std::vector<std::string> identities(named.begin(), named.end());
    std::vector<std::string> sids(call.destination_sids().begin(), call.destination_sids().end());
    for (auto& [key, participant] : participants_) {
        if (!is_addressed(identities, sids, *participant)) continue;
        if (is_lossy) {
            send_lossy(turn, *participant, packet);
        } else {
            send_reliable(turn, *participant, packet);
        }
    }
    if (!is_lossy)
        data_history_.add({turn.now, {}, {}, 0, std::move(identities), std::move(sids), std::move(packet)});
    return reply(Ok{});
}

}  // namespace conclave::conference
