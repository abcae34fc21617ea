// What a client asks for on its signalling socket.
#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {

void Conference::handle_message(Turn& turn, ParticipantKey key, ConnectionId connection, ByteView message,
                                bool is_text) {
    const auto it = participants_.find(key);
    if (it == participants_.end() || it->second->connection != connection) return;
    Participant& participant = *it->second;
    told_.push_back(key);  // pongs and refusals are written by the session itself
    expect(participant, turn.now);
    auto input =
        is_text ? participant.session.handle_text(turn.now, turn.wall, as_text(message), participant.outbox)
                : participant.session.handle_message(turn.now, turn.wall, message, participant.outbox);
    if (!input) {
        // The socket ends; a client in good faith resumes, media goes on meanwhile.
        finish(turn);
        if (participant.connection) {
            turn.out.push_back({ToClient::Kind::Close, *participant.connection, {}, false, 0});
        }
        return;
    }
    if (auto* request = std::get_if<pb::SignalRequest>(&*input)) handle_request(turn, participant, *request);
    finish(turn);
}

void Conference::handle_request(Turn& turn, Participant& participant, pb::SignalRequest& request) {
    switch (request.message_case()) {
        case pb::SignalRequest::kOffer:
            return handle_offer(turn, participant, request.offer());
        case pb::SignalRequest::kAnswer:
            return handle_answer(turn, participant, request.answer());
        case pb::SignalRequest::kAddTrack:
            return add_track(turn, participant, request);
        case pb::SignalRequest::kMute:
            return handle_mute(participant, request.mute());
        case pb::SignalRequest::kSubscription:
            return handle_subscription(participant, request.subscription(), turn.now);
        case pb::SignalRequest::kTrackSetting:
            return handle_track_settings(participant, request.track_setting());
        case pb::SignalRequest::kSubscriptionPermission:
            return handle_permission(participant, request.subscription_permission());
        case pb::SignalRequest::kSyncState:
            return handle_sync_state(turn, participant, request.sync_state());
        case pb::SignalRequest::kUpdateMetadata:
            return handle_metadata(turn, participant, request);
        case pb::SignalRequest::kUpdateAudioTrack:
        case pb::SignalRequest::kUpdateVideoTrack:
            return handle_features(participant, request);
        case pb::SignalRequest::kLeave:
            return end(participant, pb::CLIENT_INITIATED);
        case pb::SignalRequest::kPublishDataTrackRequest:
            return publish_data_track(participant, request);
        case pb::SignalRequest::kUnpublishDataTrackRequest:
            return handle_unpublish_data_track(participant, request);
        case pb::SignalRequest::kUpdateDataSubscription:
            return handle_data_subscription(participant, request.update_data_subscription());
        case pb::SignalRequest::kStoreDataBlobRequest:
            return respond(participant, request.store_data_blob_request().request_id(),
                           pb::RequestResponse::NOT_ALLOWED, "no data blobs here", request);
        case pb::SignalRequest::kGetDataBlobRequest:
            return respond(participant, request.get_data_blob_request().request_id(),
                           pb::RequestResponse::NOT_ALLOWED, "no data blobs here", request);
        case pb::SignalRequest::kSimulate:
            return simulate(turn, participant, request.simulate());
        // Candidates: we are the lite agent and learn the client's addresses from its checks. Answers and
        // layers: we never offer, and one encoding of each track is forwarded.
        case pb::SignalRequest::kTrickle:
        case pb::SignalRequest::kUpdateLayers:
        // The session has answered these.
        case pb::SignalRequest::kPing:
        case pb::SignalRequest::kPingReq:
        case pb::SignalRequest::MESSAGE_NOT_SET:
            return;
    }
}

void Conference::respond(Participant& participant, uint32_t request_id, pb::RequestResponse::Reason reason,
                         std::string text, const pb::SignalRequest& request) {
    tell(participant, livekit::request_response(request_id, reason, std::move(text), request));
}

void Conference::handle_mute(Participant& participant, const pb::MuteTrackRequest& mute) {
    for (auto& [id, track] : participant.tracks) {
        if (track.info.sid() != mute.sid()) continue;
        set_muted(track, mute.muted());
        if (track.is_visible()) announce(participant, true);
        return;
    }
    pb::SignalRequest request;
    *request.mutable_mute() = mute;
    respond(participant, 0, pb::RequestResponse::NOT_FOUND, "no such track", request);
}

void Conference::handle_metadata(Turn& turn, Participant& participant, const pb::SignalRequest& request) {
    const pb::UpdateParticipantMetadata& update = request.update_metadata();
    if (!livekit::may_update_own_metadata(participant.claims.video)) {
        return respond(participant, update.request_id(), pb::RequestResponse::NOT_ALLOWED,
                       "no permission to update own metadata", request);
    }
    auto attributes = participant.claims.attributes;
    size_t attribute_bytes = 0;
    for (const auto& [name, value] : update.attributes()) {
        if (value.empty()) {
            attributes.erase(name);
        } else {
            attributes[name] = value;
        }
    }
    for (const auto& [name, value] : attributes) attribute_bytes += name.size() + value.size();
    const livekit::TextLimits& texts = settings_.texts;
    if (update.metadata().size() > texts.metadata || update.name().size() > texts.name ||
        attribute_bytes > texts.attributes) {
        return respond(participant, update.request_id(), pb::RequestResponse::LIMIT_EXCEEDED, "too large",
                       request);
    }
    if (!update.metadata().empty()) participant.claims.metadata = update.metadata();
    if (!update.name().empty()) participant.claims.name = update.name();
    participant.claims.attributes = std::move(attributes);
    announce(participant, true);
    send_refresh_token(turn, participant);
    respond(participant, update.request_id(), pb::RequestResponse::OK, {}, request);
}

void Conference::handle_features(Participant& participant, const pb::SignalRequest& request) {
    const bool is_audio = request.has_update_audio_track();
    const std::string& sid =
        is_audio ? request.update_audio_track().track_sid() : request.update_video_track().track_sid();
    for (auto& [id, track] : participant.tracks) {
        if (track.info.sid() != sid) continue;
        if (is_audio) {
            *track.info.mutable_audio_features() = request.update_audio_track().features();
        } else {
            track.info.set_width(request.update_video_track().width());
            track.info.set_height(request.update_video_track().height());
        }
        announce(participant);
        return;
    }
    respond(participant, 0, pb::RequestResponse::NOT_FOUND, "no such track", request);
}

void Conference::handle_sync_state(Turn& turn, Participant& participant, const pb::SyncState& state) {
    for (const pb::TrackPublishedResponse& published : state.publish_tracks()) {
        const PublishedTrack* track = find_track(published.track().sid());
        if (track && track->publisher == participant.key) continue;
        // The client believes in a track that we do not have: only joining anew mends that.
        return disconnect(turn, participant, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
    }
    for (const pb::PublishDataTrackResponse& published : state.publish_data_tracks()) {
        const auto track = participant.data_tracks.find(static_cast<uint16_t>(published.info().pub_handle()));
        if (track != participant.data_tracks.end() && track->second.info.sid() == published.info().sid())
            continue;
        return disconnect(turn, participant, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
    }
    handle_subscription(participant, state.subscription(), turn.now);
    handle_data_subscription(participant, state.data_subscription());
    replay_data(turn, participant, state);
    for (const std::string& sid : state.track_sids_disabled()) {
        pb::UpdateTrackSettings settings;
        settings.add_track_sids(sid);
        settings.set_disabled(true);
        handle_track_settings(participant, settings);
    }
}

}  // namespace conclave::conference
