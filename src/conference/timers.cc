// What happens by itself.
#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

constexpr Duration kQualityInterval = Duration::seconds(5);
// Each subscription gets a report about every 3 s, the first sooner: browsers play unsynchronised until then.
constexpr Duration kSenderReportInterval = Duration::millis(1500);
constexpr Duration kVoicesInterval = Duration::seconds(1);
// Nothing we do needs a finer clock; a coarser one would delay NACKs.
constexpr Duration kTick = Duration::millis(10);

}  // namespace

void Conference::handle_timeout(Turn& turn) {
    if (turn.now < next_timeout_) return;
    if (turn.now >= awaited_until_) admit_waiting(turn);
    for (auto& [key, participant] : participants_) handle_participant_timeout(turn, *participant);
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

void Conference::schedule(Instant now) {
    next_timeout_ = soonest(closes_at(), awaited_until_);
    if (participants_.empty()) return;
    next_timeout_ = soonest(soonest(next_timeout_, next_rpc()), next_qualities_);
    next_timeout_ = soonest(soonest(next_timeout_, next_speakers_), next_reports_);
    next_timeout_ = soonest(next_timeout_, next_voices_);
    next_timeout_ = soonest(next_timeout_, soonest(next_layers_, next_allocation_));
    for (const auto& [key, participant] : participants_) {
        next_timeout_ = soonest(next_timeout_, participant->offers.next_timeout());
        participant->for_each_peer([&](Target, const peer::Peer& peer) {
            next_timeout_ = soonest(next_timeout_, peer.next_timeout());
        });
    }
    next_timeout_ = std::max(next_timeout_, now + kTick);
}

}  // namespace conclave::conference
