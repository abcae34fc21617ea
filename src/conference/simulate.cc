// Accidents on demand: what a client's own tests ask for (SimulateScenario), where the administrator allows
// it.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

constexpr float kLoud = 0.9F;
constexpr int32_t kSpeakingMax = 600;  // seconds
constexpr Duration kResumeFaultLifetime = Duration::seconds(5);

}  // namespace

void Conference::simulate(Turn& turn, Participant& participant, const pb::SimulateScenario& scenario) {
    const std::string& issuer = participant.claims.issuer;
    if (!settings_.simulate || (!issuer.empty() && issuer == settings_.meeting_issuer)) return;
    switch (scenario.scenario_case()) {
        case pb::SimulateScenario::kSpeakerUpdate:
            return simulate_speaker(turn, participant, scenario.speaker_update());
        case pb::SimulateScenario::kNodeFailure:
            return vanish(participant, pb::UNKNOWN_REASON);
        case pb::SimulateScenario::kMigration:
            return vanish(participant, pb::MIGRATION);
        case pb::SimulateScenario::kServerLeave:
            return disconnect(turn, participant, pb::SERVER_SHUTDOWN, pb::LeaveRequest::DISCONNECT);
        case pb::SimulateScenario::kSwitchCandidateProtocol:
            // There is nothing but UDP to switch to: the client starts anew, as it does on other servers.
            if (scenario.switch_candidate_protocol() == pb::UDP) return;
            return disconnect(turn, participant, pb::UNKNOWN_REASON, pb::LeaveRequest::RECONNECT);
        case pb::SimulateScenario::kLeaveRequestFullReconnect:
            return disconnect(turn, participant, pb::UNKNOWN_REASON, pb::LeaveRequest::RECONNECT);
        case pb::SimulateScenario::kSubscriberBandwidth:
            participant.simulated_bandwidth = std::max<int64_t>(0, scenario.subscriber_bandwidth());
            return;
        case pb::SimulateScenario::kDisconnectSignalOnResume:
            participant.resume_fault = ResumeFault::AfterMessages;
            participant.resume_fault_until = turn.now + kResumeFaultLifetime;
            return;
        case pb::SimulateScenario::kDisconnectSignalOnResumeNoMessages:
            participant.resume_fault = ResumeFault::BeforeMessages;
            participant.resume_fault_until = turn.now + kResumeFaultLifetime;
            return;
        case pb::SimulateScenario::SCENARIO_NOT_SET:
            return;
    }
}

void Conference::simulate_speaker(Turn& turn, Participant& participant, int32_t seconds) {
    const sfu::SpeakerDetector::Speaker speaker{participant.key, kLoud, true};
    announce_speakers({&speaker, 1});
    participant.speaks_until = turn.now + Duration::seconds(std::clamp(seconds, 1, kSpeakingMax));
}

void Conference::end_simulated_speech(Participant& participant) {
    participant.speaks_until = Instant::never();
    const sfu::SpeakerDetector::Speaker speaker{participant.key, 0, false};
    announce_speakers({&speaker, 1});
}

// As if the machine had died: the socket closes and media ends, without a word.
void Conference::vanish(Participant& participant, pb::DisconnectReason reason) {
    (void)participant.outbox.take();
    end(participant, reason);
}

// At a resume: whether it fails, and before anything is said.
ResumeFault Conference::take_resume_fault(const Turn& turn, Participant& participant) {
    const ResumeFault fault = std::exchange(participant.resume_fault, ResumeFault::None);
    return turn.now <= participant.resume_fault_until ? fault : ResumeFault::None;
}

}  // namespace conclave::conference
