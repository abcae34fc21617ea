// Data packets between participants.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/data_packet.h"

namespace conclave::conference {
namespace {

constexpr std::string_view kReliable = "_reliable";
constexpr std::string_view kLossy = "_lossy";
// A lossy message is worth nothing once it is late: behind this much unsent data it is dropped.
constexpr size_t kLossyBufferMax = 8 * 1024;

bool is_addressed(const livekit::ClientPacket& packet, const Participant& to) {
    const auto& identities = packet.destination_identities;
    const auto& sids = packet.destination_sids;
    if (identities.empty() && sids.empty()) return true;
    return std::find(identities.begin(), identities.end(), to.identity()) != identities.end() ||
           std::find(sids.begin(), sids.end(), to.sid) != sids.end();
}

}  // namespace

void Conference::handle_data(Turn& turn, Participant& participant, const peer::DataMessage& message) {
    const bool is_reliable = message.label == kReliable;
    if (!is_reliable && message.label != kLossy) return;
    if (!livekit::may_publish_data(participant.claims.video)) return;
    const auto channel = is_reliable ? livekit::DataChannel::Reliable : livekit::DataChannel::Lossy;
    const livekit::Sender sender{participant.sid, participant.identity(), participant.is_hidden(),
                                 participant.claims.kind == pb::ParticipantInfo::AGENT};
    const auto packet = livekit::parse_client_packet(message.bytes, channel, sender);
    if (!packet) return;
    if (is_reliable && packet->sequence != 0) {
        // Sent again after a resume.
        if (packet->sequence <= participant.last_reliable_sequence) return;
        participant.last_reliable_sequence = packet->sequence;
    }
    for (auto& [key, other] : participants_) {
        if (key == participant.key || !is_addressed(*packet, *other)) continue;
        if (packet->is_metrics() && !other->claims.video.can_subscribe_metrics.value_or(false)) continue;
        if (!is_reliable && other->sending_peer().buffered_data(kLossy) > kLossyBufferMax) continue;
        peer::Peer& peer = other->sending_peer();
        const auto sent = peer.send_data(turn.now, message.label, as_bytes(packet->bytes), turn.tx);
        // A reliable channel that has lost a message is a broken promise: who is that far behind starts anew.
        if (!sent && is_reliable && peer.is_connected()) {
            disconnect(turn, *other, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
        }
    }
}

}  // namespace conclave::conference
