// What the rules of a meeting let through: decided elsewhere, kept here, in force before the next packet.
#include "conference/participant.h"

namespace conclave::conference {

bool lets_through(const MediaRights& rights, const pb::TrackInfo& track) {
    if (!rights.may_publish) return false;
    if (track.type() == pb::AUDIO)
        return rights.microphone && (track.source() != pb::SCREEN_SHARE_AUDIO || rights.screen);
    return track.source() == pb::SCREEN_SHARE ? rights.screen : rights.camera;
}

bool Participant::may_publish() const {
    return rights.may_publish && livekit::may_publish(claims.video);
}

bool Participant::may_publish(pb::TrackSource source) const {
    return rights.may_publish && livekit::may_publish(claims.video, source);
}

// An application's room knows no such rules. In a meeting whose rules have not come nothing is forwarded;
// nothing is ended either, which its client would have to publish anew.
MediaRights Conference::rights_of(const std::string& identity) const {
    if (owner_ != Owner::Meetings) return MediaRights::all();
    if (!rules_) return {.may_publish = true};
    const auto named = rules_->named.find(identity);
    return named == rules_->named.end() ? rules_->others : named->second;
}

void Conference::govern(Turn& turn, MeetingMedia rules) {
    if (owner_ != Owner::Meetings) return;
    next_timeout_ = turn.now;
    rules_ = std::move(rules);
    for (auto& [key, participant] : participants_) {
        const bool might_publish = participant->may_publish();
        participant->rights = rights_of(participant->identity());
        set_gates(*participant);
        if (participant->may_publish() == might_publish) continue;
        end_forbidden_tracks(*participant);
        announce(*participant, true);
    }
    for (auto& [key, mirror] : mirrors_) {
        mirror.rights = rights_of(mirror.info.identity());
        set_gates(mirror);
    }
    request_keyframes(turn);
    finish(turn);
}

void Conference::set_gates(const Publisher& publisher) {
    for (const auto& [id, track] : publisher.tracks) set_gate(track, publisher.rights);
}

void Conference::set_gate(const PublishedTrack& track, const MediaRights& rights) {
    const bool is_closed = !lets_through(rights, track.info);
    router_.set_closed(track.id, is_closed);
    if (track.backup) router_.set_closed(track.backup->id, is_closed);
}

// What its permission does not cover any more.
void Conference::end_forbidden_tracks(Participant& participant) {
    std::vector<std::pair<sfu::TrackId, std::string>> forbidden;
    for (const auto& [id, track] : participant.tracks) {
        if (!participant.may_publish(track.info.source())) forbidden.emplace_back(id, track.info.sid());
    }
    for (const auto& [id, sid] : forbidden) {
        unpublish(participant, id);
        pb::SignalResponse response;
        response.mutable_track_unpublished()->set_track_sid(sid);
        tell(participant, std::move(response));
    }
}

}  // namespace conclave::conference
