// The way of a packet: a publisher's peer, the router, the subscribers' peers.
#include "conference/handshake.h"
#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

// Sealed packets stay in the second cache until the kernel has copied them.
constexpr size_t kChunkBytes = 256 << 10;
constexpr size_t kFetchedAhead = 8;

peer::Outgoing outgoing(const sfu::Forward& forward) {
    return {.egress = forward.subscription,
            .sequence = forward.sequence,
            .timestamp = forward.timestamp,
            .marker = forward.marker,
            .vp8 = forward.vp8,
            .frame_number = forward.frame_number};
}

sfu::KeptPacket kept(const peer::CachedPacket& cached) {
    return {.timestamp = cached.timestamp,
            .marker = cached.marker,
            .vp8 = cached.vp8 ? &*cached.vp8 : nullptr,
            .frame_number = cached.frame_number};
}

}  // namespace

void Conference::handle_datagram(Turn& turn, ParticipantKey key, Target target, const Path& path,
                                 PacketRef packet) {
    const auto it = participants_.find(key);
    if (it == participants_.end()) return;
    Participant& participant = *it->second;
    peer::Peer& peer = participant.peer_of(target);
    peer::Events events = peer.handle_datagram(turn.now, path, std::move(packet), turn.tx);
    handle_events(turn, participant, target, events);
    if (events.handshake) turn.handshakes.push_back({name_, key, target, std::move(events.handshake)});
    expect(participant, peer.next_timeout());
    finish(turn);
}

void Conference::close_path(Instant now, ParticipantKey key, Target target, const Path& path) {
    const auto it = participants_.find(key);
    if (it == participants_.end()) return;
    peer::Peer& peer = it->second->peer_of(target);
    peer.close_path(now, path);
    expect(*it->second, peer.next_timeout());
    schedule(now);
}

void Conference::put_back(Turn& turn, Handshake handshake) {
    const auto it = participants_.find(handshake.participant);
    if (it == participants_.end()) return;
    Participant& participant = *it->second;
    peer::Peer& peer = participant.peer_of(handshake.target);
    peer::Events events = peer.put_back(turn.now, std::move(handshake.computation), turn.tx);
    handle_events(turn, participant, handshake.target, events);
    handshake.computation = std::move(events.handshake);
    if (handshake.computation) turn.handshakes.push_back(std::move(handshake));
    expect(participant, peer.next_timeout());
    finish(turn);
}

bool Conference::holds_path(ParticipantKey key, Target target, const Path& path) const {
    const auto it = participants_.find(key);
    return it != participants_.end() && it->second->peer_of(target).holds_path(path);
}

std::vector<uint32_t> Conference::ingress_ssrcs(ParticipantKey key, Target target) const {
    const auto it = participants_.find(key);
    if (it == participants_.end()) return {};
    return it->second->peer_of(target).ingress_ssrcs();
}

void Conference::handle_events(Turn& turn, Participant& participant, Target target,
                               const peer::Events& events) {
    if (events.media && forward(turn, participant, *events.media)) listen(turn, participant, *events.media);
    for (const peer::Retransmission& wanted : events.retransmissions) retransmit(turn, participant, wanted);
    for (const peer::Notice& notice : events.notices) {
        switch (notice.signal) {
            case peer::Signal::Connected:
                handle_connected(participant, target);
                break;
            case peer::Signal::Failed:
                if (participant.is_used(target))
                    handle_peer_failed(turn, participant, participant.peer_of(target));
                break;
            case peer::Signal::KeyframeWanted:
                router_.want_keyframe_for(notice.id);
                break;
            case peer::Signal::LessBandwidth:
                allocate(turn.now, participant);
                break;
            case peer::Signal::KeyframeLost:
                router_.want_keyframe(notice.id, notice.encoding);
                break;
        }
    }
    if (!events.notices.empty()) {
        request_keyframes(turn);
        expect(participant, turn.now);
    }
    for (const peer::DataMessage& message : events.data) handle_data(turn, participant, message);
}

// False: the rules of the meeting keep it back.
bool Conference::forward(Turn& turn, const Publisher& publisher, const peer::Media& media) {
    if (router_.is_closed(media.ingress)) {
        ++gated_packets_;
        return false;
    }
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
    const auto forwards = router_.route(turn.now, media.ingress, packet);
    if (!forwards.empty()) fan_out_.begin(media);
    for (const sfu::Forward& forward : forwards) fan_out_.add(forward);
    if (!parts_.empty()) relay_packet(turn, publisher, media);
    return true;
}

bool Conference::send_media(Turn& turn) {
    // What is known of people has left the caches since the last batch: fetched for some of them at once, it
    // need not be waited for one by one.
    StaticVector<Participant*, kFetchedAhead> people;
    size_t sent = 0;
    const auto fetch = [&] {
        people.clear();
        sent = 0;
        auto it = participants_.end();
        fan_out_.look_ahead(kFetchedAhead, [&](const sfu::Forward& first) {
            // Mostly in the order in which they came.
            if (it != participants_.end()) ++it;
            if (it == participants_.end() || it->first != first.subscriber)
                it = participants_.find(first.subscriber);
            people.push_back(it == participants_.end() ? nullptr : it->second.get());
            if (people.back()) people.back()->sending_peer().prefetch(first.subscription);
        });
    };
    while (fan_out_.next()) {
        if (turn.tx.size_bytes() >= kChunkBytes) return true;
        if (sent == people.size()) fetch();
        Participant* to = people[sent++];
        fan_out_.send_next([&](const sfu::Forward& forward, const peer::Media& media, uint8_t padding) {
            if (!to) return;
            peer::Outgoing as = outgoing(forward);
            as.padding = padding;
            to->sending_peer().send_rtp(turn.now, as, media, turn.tx);
        });
        if (to) expect(*to, to->sending_peer().next_release());
    }
    return false;
}

void Conference::retransmit(Turn& turn, Participant& subscriber, const peer::Retransmission& wanted) {
    const auto origin = router_.origin(wanted.egress, wanted.sequence);
    if (!origin) return;
    const peer::CachedPacket cached = find_cached(turn.now, *origin);
    if (!cached.packet) return;
    const auto forward = router_.again(wanted.egress, wanted.sequence, kept(cached));
    if (!forward) return;
    subscriber.sending_peer().retransmit(turn.now, outgoing(*forward), cached, turn.tx);
}

void Conference::request_keyframes(Turn& turn) {
    for (const auto& [track, encoding] : router_.due_keyframe_requests(turn.now)) {
        const auto publisher = publishers_.find(track);
        if (publisher == publishers_.end()) continue;
        const auto participant = participants_.find(publisher->second);
        if (participant != participants_.end()) {
            participant->second->peer->request_keyframe(track, encoding, turn.tx);
        } else if (const Mirror* mirror = find_mirror(track)) {
            relays_.push_back({mirror->part, name_, relay::Keyframe{track, encoding}});
        }
    }
}

const rtp::SenderClock* Conference::clock(sfu::TrackId track, uint8_t encoding) const {
    const auto key = publishers_.find(track);
    if (key == publishers_.end()) return nullptr;
    const auto publisher = participants_.find(key->second);
    if (publisher != participants_.end()) return publisher->second->peer->clock(track, encoding);
    const auto mirror = mirrors_.find(key->second);
    return mirror == mirrors_.end() ? nullptr : mirror->second.media.at(track).clock(encoding);
}

// The clocks of a track's streams: with them time goes on when a subscriber changes over.
void Conference::compare_clocks(Instant now) {
    for (const auto& [track, publisher] : publishers_) {
        for (uint8_t encoding = 0; encoding < sfu::kSpatialMax; ++encoding) {
            const rtp::SenderClock* sender = clock(track, encoding);
            const auto reading = sender ? sender->read(now) : std::nullopt;
            if (reading) router_.set_sender_clock(track, encoding, reading->ntp, reading->rtp_timestamp);
        }
    }
}

void Conference::send_sender_reports(Turn& turn) {
    for (auto& [key, subscriber] : participants_) {
        for (const auto& [primary, subscription] : subscriber->subscriptions) {
            const auto track = router_.track_of(subscription.id);
            if (!track || !subscriber->sending_peer().has_sent(subscription.id)) continue;
            const Publisher* publisher = find_publisher(*track);
            const rtp::SenderClock* sender = clock(*track, router_.encoding_of(subscription.id));
            const auto reading = sender ? sender->read(turn.now) : std::nullopt;
            if (!publisher || !reading) continue;
            const auto timestamp = router_.map_timestamp(subscription.id, reading->rtp_timestamp);
            if (!timestamp) continue;
            subscriber->sending_peer().send_sender_report(turn.now, subscription.id, reading->ntp, *timestamp,
                                                          publisher->sid, turn.tx);
        }
    }
}

// ICE silence or a closed association. With a signalling socket the client is asked to come back; it has a
// moment.
void Conference::handle_peer_failed(Turn& turn, Participant& participant, const peer::Peer& peer) {
    if (participant.removed_at != Instant::never()) return;
    // Who has not been connected yet may take as long as the join may, and is told of its failure then.
    if (peer.can_restart() && participant.active_by != Instant::never()) return;
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
