// The classic model (LiveKit /rtc): a second peer connection for what we send, on which we offer.
#include <algorithm>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

bool is_stereo(const PublishedTrack& track) {
    const auto& features = track.info.audio_features();
    return std::find(features.begin(), features.end(), static_cast<int>(pb::TF_STEREO)) != features.end();
}

}  // namespace

// What waits for a section gets one.
void Conference::attach_to_offer(Participant& subscriber) {
    for (auto& [track_id, subscription] : subscriber.subscriptions) {
        const PublishedTrack* track = subscription.mid.empty() ? find_track(track_id) : nullptr;
        if (!track) continue;
        const auto mid = subscriber.subscriber->negotiation().add_section(
            track->kind(), subscriber.quirks.reuses_transceivers);
        if (mid) attach(subscriber, subscription, *track, *mid);
    }
}

void Conference::send_offer(Turn& turn, Participant& participant) {
    attach_to_offer(participant);
    peer::AudioFormat audio;
    for (const auto& [track_id, subscription] : participant.subscriptions) {
        const PublishedTrack* track = find_track(track_id);
        audio.stereo = audio.stereo || (track && is_stereo(*track));
    }
    pb::SignalResponse response;
    pb::SessionDescription& offer = *response.mutable_offer();
    offer.set_type("offer");
    offer.set_id(participant.offers.begin(turn.now));
    offer.set_sdp(participant.subscriber->create_offer(audio));
    name_tracks(*participant.subscriber, offer);
    tell(participant, std::move(response));
    expect(participant, participant.offers.next_timeout());
}

void Conference::handle_answer(Turn& turn, Participant& participant, const pb::SessionDescription& answer) {
    if (!participant.subscriber || !participant.offers.awaits_answer()) return;
    if (participant.offers.is_stale(answer.id())) return;
    const auto events = participant.subscriber->set_answer(turn.now, answer.sdp(), turn.tx);
    if (!events) return disconnect(turn, participant, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
    participant.offers.finish();
    offers_wanted_.push_back(participant.key);  // for what has changed meanwhile
    handle_events(turn, participant, Target::Subscriber, *events);
    drop_unplayable(participant);
    for (const auto& [track, subscription] : participant.subscriptions)
        resume_routing(participant, subscription);
    request_keyframes(turn);
}

void Conference::want_offer(Participant& participant) {
    participant.offers.want();
    offers_wanted_.push_back(participant.key);
}

void Conference::schedule_offers(Instant now) {
    for (const ParticipantKey key : offers_wanted_) {
        const auto it = participants_.find(key);
        // Without a socket nobody would answer; whoever comes back is offered to anyway.
        if (it == participants_.end() || !it->second->connection) continue;
        it->second->offers.schedule(now);
        expect(*it->second, it->second->offers.next_timeout());
    }
    offers_wanted_.clear();
}

void Conference::handle_offer_timeout(Turn& turn, Participant& participant) {
    if (participant.offers.is_overdue(turn.now)) {
        return disconnect(turn, participant, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
    }
    if (!participant.offers.is_due(turn.now)) return;
    attach_to_offer(participant);
    if (participant.subscriber->negotiation().needs_offer()) return send_offer(turn, participant);
    participant.offers.cancel();
}

// A client that comes back may have another network: it learns new credentials from the offer that follows.
void Conference::restart_subscriber(Turn& turn, Participant& participant) {
    participant.subscriber->restart_ice(turn.now);
    route_ufrag(participant, Target::Subscriber);
    send_offer(turn, participant);
}

}  // namespace conclave::conference
