// What happens by itself.
#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

// People who come and go together are told together; for one alone nobody waits long.
constexpr Duration kAnnouncementInterval = Duration::millis(250);
constexpr Duration kQualityInterval = Duration::seconds(5);
// Each subscription gets a report about every 3 s, the first sooner: browsers play unsynchronised until then.
constexpr Duration kSenderReportInterval = Duration::millis(1500);
constexpr Duration kVoicesInterval = Duration::seconds(1);
}  // namespace

// Who is to be looked at sooner than it would be.
void Conference::expect(Participant& participant, Instant at) {
    if (at >= participant.met_at) return;
    participant.met_at = timers_.meet(participant.key, at);
    next_timeout_ = soonest(next_timeout_, participant.met_at);
}

void Conference::handle_timeout(Turn& turn) {
    if (turn.now < next_timeout_) return;
    if (turn.now >= awaited_until_) admit_waiting(turn);
    for (const ParticipantKey key : timers_.take_due(turn.now)) {
        const auto it = participants_.find(key);
        if (it == participants_.end()) continue;
        it->second->met_at = Instant::never();
        handle_participant_timeout(turn, *it->second);
        expect(*it->second, it->second->next_timeout());
    }
    if (turn.now >= next_layers_) {
        next_layers_ = turn.now + sfu::Router::kTick;
        regress_tracks();
        request_keyframes(turn);
        send_watched_qualities(turn.now);
    }
    if (turn.now >= next_allocation_) {
        next_allocation_ = turn.now + sfu::Allocator::kInterval;
        allocate_all(turn.now);
    }
    expire_rpcs(turn.now);
    note_people_elsewhere(turn.now);
    if (turn.now >= next_speakers_) {
        next_speakers_ = turn.now + sfu::SpeakerDetector::kInterval;
        send_speakers();
    }
    if (turn.now >= next_announcements_) {
        next_announcements_ = turn.now + kAnnouncementInterval;
        send_announcements();
    }
    if (turn.now >= next_voices_) {
        next_voices_ = turn.now + kVoicesInterval;
        report(voices_.take(turn.wall));
    }
    if (turn.now >= next_reports_) {
        next_reports_ = turn.now + kSenderReportInterval;
        compare_clocks(turn.now);
        relay_clocks();
        send_sender_reports(turn);
        for (auto& [key, mirror] : mirrors_) {
            for (auto& [track, relayed] : mirror.media) relayed.expire(turn.now);
        }
    }
    if (turn.now >= next_qualities_) {
        next_qualities_ = turn.now + kQualityInterval;
        send_qualities(turn);
        if (is_room_changed_) send_room_update();
    }
    finish(turn);
    schedule(turn.now);
}

void Conference::handle_participant_timeout(Turn& turn, Participant& participant) {
    if (participant.state == pb::ParticipantInfo::DISCONNECTED) return;
    participant.for_each_peer([&](Target target, peer::Peer& peer) {
        if (peer.next_timeout() > turn.now) return;
        const peer::Events events = peer.handle_timeout(turn.now, turn.tx);
        handle_events(turn, participant, target, events);
    });
    if (participant.subscriber) handle_offer_timeout(turn, participant);
    if (turn.now >= participant.active_by) {
        return disconnect(turn, participant, pb::JOIN_FAILURE, pb::LeaveRequest::DISCONNECT);
    }
    if (turn.now >= participant.removed_at) {
        return disconnect(turn, participant, pb::CONNECTION_TIMEOUT, pb::LeaveRequest::DISCONNECT);
    }
    give_up_awaited(participant, turn.now);
    if (turn.now >= participant.speaks_until) end_simulated_speech(participant);
    if (turn.now >= participant.next_token) send_refresh_token(turn, participant);
}

// Never later than what is to be done for it next.
Instant Participant::next_timeout() const {
    Instant next = soonest(soonest(active_by, removed_at), soonest(speaks_until, next_token));
    next = soonest(next, offers.next_timeout());
    for (const auto& [track_sid, until] : unresolved) next = soonest(next, until);
    for_each_peer([&](Target, const peer::Peer& one) { next = soonest(next, one.next_timeout()); });
    return next;
}

void Conference::schedule(Instant now) {
    next_timeout_ = soonest(closes_at(), awaited_until_);
    if (participants_.empty()) return;
    next_timeout_ = soonest(soonest(next_timeout_, next_rpc()), next_qualities_);
    next_timeout_ = soonest(soonest(next_timeout_, next_speakers_), next_reports_);
    next_timeout_ = soonest(next_timeout_, soonest(next_voices_, next_announcements_));
    next_timeout_ = soonest(next_timeout_, soonest(next_layers_, next_allocation_));
    next_timeout_ = soonest(next_timeout_, timers_.next());
    next_timeout_ = std::max(next_timeout_, now + kTick);
}

}  // namespace conclave::conference
