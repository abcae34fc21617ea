// The way of a packet: a publisher's peer, the router, the subscribers' peers.
#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

// RFC 7587 4.2: the usual Opus packet; RFC 6464 levels are per packet.
constexpr Duration kAudioPacket = Duration::millis(20);

}  // namespace

void Conference::handle_datagram(Turn& turn, ParticipantKey key, Target target, const Path& path,
                                 PacketRef packet) {
    const auto it = participants_.find(key);
    if (it == participants_.end()) return;
    Participant& participant = *it->second;
    peer::Peer& peer = participant.peer_of(target);
    const peer::Events events = peer.handle_datagram(turn.now, path, std::move(packet), turn.tx);
    handle_events(turn, participant, target, events);
    next_timeout_ = soonest(next_timeout_, peer.next_timeout());
    finish(turn);
}

bool Conference::is_valid_path(ParticipantKey key, Target target, const Path& path) const {
    const auto it = participants_.find(key);
    return it != participants_.end() && it->second->peer_of(target).is_valid_path(path);
}

void Conference::handle_events(Turn& turn, Participant& participant, Target target,
                               const peer::Events& events) {
    if (events.media) forward(turn, participant, *events.media);
    for (const peer::Retransmission& wanted : events.retransmissions) retransmit(turn, participant, wanted);
    for (const peer::Notice& notice : events.notices) {
        switch (notice.signal) {
            case peer::Signal::Connected:
                become_active(participant);
                break;
            case peer::Signal::Failed:
                handle_peer_failed(turn, participant, participant.peer_of(target));
                break;
            case peer::Signal::KeyframeWanted:
                if (const auto track = router_.track_of(notice.id)) router_.want_keyframe(*track);
                break;
            case peer::Signal::KeyframeLost:
                router_.want_keyframe(notice.id);
                break;
        }
    }
    if (!events.notices.empty()) request_keyframes(turn);
    for (const peer::DataMessage& message : events.data) handle_data(turn, participant, message);
}

// A microphone that is muted does not speak, whatever its owner sends; shared music is not a speaker.
void Conference::observe_level(const Participant& publisher, const peer::Media& media) {
    const auto track = publisher.tracks.find(media.ingress);
    if (track == publisher.tracks.end() || track->second.info.muted()) return;
    const pb::TrackSource source = track->second.info.source();
    if (source != pb::MICROPHONE && source != pb::UNKNOWN) return;
    speakers_.handle_level(publisher.key, media.level->level, kAudioPacket);
}

void Conference::forward(Turn& turn, Participant& publisher, const peer::Media& media) {
    if (media.level && media.is_newest) observe_level(publisher, media);
    // The router knows one encoding of a track: the lowest, which clients send whatever their uplink carries.
    if (media.encoding != 0) return;
    const sfu::Packet packet{.encoding = media.encoding,
                             .source = media.ssrc,
                             .sequence = media.sequence,
                             .timestamp = media.timestamp,
                             .marker = media.marker,
                             .starts_keyframe = media.starts_keyframe,
                             .size = media.packet.size(),
                             .vp8 = media.vp8 ? &*media.vp8 : nullptr,
                             .vp9 = media.vp9 ? &*media.vp9 : nullptr,
                             .dependencies = media.dependencies};
    for (const sfu::Forward& forward : router_.route(turn.now, media.ingress, packet)) {
        const auto subscriber = participants_.find(forward.subscriber);
        if (subscriber == participants_.end()) continue;
        const peer::Outgoing outgoing{.egress = forward.subscription,
                                      .sequence = forward.sequence,
                                      .timestamp = forward.timestamp,
                                      .marker = forward.marker,
                                      .vp8 = forward.vp8,
                                      .frame_number = forward.frame_number};
        subscriber->second->sending_peer().send_rtp(turn.now, outgoing, media.packet, media.codec, turn.tx);
    }
}

void Conference::retransmit(Turn& turn, Participant& subscriber, const peer::Retransmission& wanted) {
    const auto origin = router_.origin(wanted.egress, wanted.sequence);
    if (!origin) return;
    const auto publisher = publishers_.find(origin->track);
    if (publisher == publishers_.end()) return;
    const peer::CachedPacket cached =
        participants_.at(publisher->second)->peer->find_cached(turn.now, origin->track, 0, origin->sequence);
    if (!cached.packet) return;
    const auto timestamp = router_.map_timestamp(wanted.egress, cached.timestamp);
    if (!timestamp) return;
    const peer::Outgoing outgoing{.egress = wanted.egress,
                                  .sequence = wanted.sequence,
                                  .timestamp = *timestamp,
                                  .marker = cached.marker,
                                  .vp8 = std::nullopt,
                                  .frame_number = std::nullopt};
    subscriber.sending_peer().retransmit(turn.now, outgoing, cached, turn.tx);
}

void Conference::request_keyframes(Turn& turn) {
    for (const sfu::TrackId track : router_.due_keyframe_requests(turn.now)) {
        const auto publisher = publishers_.find(track);
        if (publisher != publishers_.end()) {
            participants_.at(publisher->second)->peer->request_keyframe(track, 0, turn.tx);
        }
    }
}

void Conference::send_sender_reports(Turn& turn) {
    for (auto& [key, subscriber] : participants_) {
        peer::Peer& peer = subscriber->sending_peer();
        for (const auto& [track_id, subscription] : subscriber->subscriptions) {
            if (!peer.has_sent(subscription.id)) continue;
            const auto publisher = publishers_.find(track_id);
            if (publisher == publishers_.end()) continue;
            const Participant& from = *participants_.at(publisher->second);
            const rtp::SenderClock* clock = from.peer->clock(track_id, 0);
            const auto reading = clock ? clock->read(turn.now) : std::nullopt;
            if (!reading) continue;
            const auto timestamp = router_.map_timestamp(subscription.id, reading->rtp_timestamp);
            if (!timestamp) continue;
            peer.send_sender_report(turn.now, subscription.id, reading->ntp, *timestamp, from.sid, turn.tx);
        }
    }
}

// ICE silence or a closed association. With a signalling socket the client is asked to come back; it has a
// moment.
void Conference::handle_peer_failed(Turn& turn, Participant& participant, const peer::Peer& peer) {
    if (participant.removed_at != Instant::never()) return;
    if (!peer.can_restart()) {
        // The association itself is over: only joining anew helps, and without a socket nobody is left to
        // tell.
        if (!participant.connection) return end(participant, pb::CONNECTION_TIMEOUT);
    }
    participant.removed_at = turn.now + settings_.resume_timeout;
    if (!participant.connection) return;
    const auto action = peer.can_restart() ? pb::LeaveRequest::RESUME : pb::LeaveRequest::RECONNECT;
    tell(participant, livekit::leave(pb::CONNECTION_TIMEOUT, action));
}

}  // namespace conclave::conference
