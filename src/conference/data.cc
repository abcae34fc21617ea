// Data packets between participants.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/data_packet.h"

namespace conclave::conference {
namespace {

constexpr std::string_view kReliable = "_reliable";
constexpr std::string_view kLossy = "_lossy";
constexpr std::string_view kDataTrack = "_data_track";
// A lossy message is worth nothing once it is late.
constexpr size_t kLossyFloor = 8 * 1024;
constexpr Duration kLossyLatency = Duration::millis(100);

}  // namespace

bool is_addressed(const std::vector<std::string>& identities, const std::vector<std::string>& sids,
                  const Participant& to) {
    if (identities.empty() && sids.empty()) return true;
    return std::find(identities.begin(), identities.end(), to.identity()) != identities.end() ||
           std::find(sids.begin(), sids.end(), to.sid) != sids.end();
}

void Conference::handle_data(Turn& turn, Participant& participant, const peer::DataMessage& message) {
    if (!livekit::may_publish_data(participant.claims.video)) return;
    if (message.label == kDataTrack) return forward_data_track(turn, participant, message.bytes);
    const livekit::Sender sender{participant.sid, participant.identity(), participant.is_hidden(),
                                 participant.claims.kind == pb::ParticipantInfo::AGENT};
    const auto channel =
        message.label == kLossy ? livekit::DataChannel::Lossy : livekit::DataChannel::Reliable;
    // What comes on a channel of the application's own is the payload of a user packet.
    const bool is_labelled = message.label == kLossy || message.label == kReliable;
    auto packet = is_labelled ? livekit::parse_client_packet(message.bytes, channel, sender)
                              : livekit::user_packet_of(message.bytes, sender);
    if (!packet || !data_history_.is_first(packet->nonce)) return;
    if (packet->sequence != 0) {
        // Sent again after a resume.
        if (packet->sequence <= participant.last_reliable_sequence) return;
        participant.last_reliable_sequence = packet->sequence;
    }
    if (take_rpc_answer(participant, *packet)) return;
    if (packet->is_metrics()) packet->bytes = livekit::stamp_metrics(packet->bytes, turn.wall);
    const relay::Data data{participant.key, participant.sid, participant.identity(), channel,
                           std::move(*packet)};
    deliver(turn, data);
    if (!parts_.empty()) relay(data);
}

// To those of this part.
void Conference::deliver(Turn& turn, const relay::Data& data) {
    const livekit::ClientPacket& packet = data.packet;
    for (auto& [key, other] : participants_) {
        if (key == data.sender) continue;
        if (!is_addressed(packet.destination_identities, packet.destination_sids, *other)) continue;
        if (packet.is_metrics() && !other->claims.video.can_subscribe_metrics.value_or(false)) continue;
        if (data.channel == livekit::DataChannel::Lossy) {
            send_lossy(turn, *other, packet.bytes);
        } else {
            send_reliable(turn, *other, packet.bytes);
        }
    }
    if (data.channel == livekit::DataChannel::Lossy || packet.is_metrics()) return;
    data_history_.add({turn.now, data.sender_sid, data.sender_identity, packet.sequence,
                       packet.destination_identities, packet.destination_sids, packet.bytes});
}

bool Conference::send_on(std::string_view channel, Turn& turn, Participant& to, ByteView packet) {
    const bool is_sent = to.sending_peer().send_data(turn.now, channel, packet, turn.tx).has_value();
    expect(to, to.sending_peer().next_timeout());
    return is_sent;
}

void Conference::send_lossy(Turn& turn, Participant& to, const std::string& packet) {
    const size_t unsent = to.sending_peer().unsent_data(kLossy);
    if (unsent > to.lossy_meter.allowance(turn.now, unsent, kLossyLatency, kLossyFloor)) return;
    if (send_on(kLossy, turn, to, as_bytes(packet))) to.lossy_meter.handle_accepted(packet.size());
}

void Conference::send_reliable(Turn& turn, Participant& to, const std::string& packet) {
    const bool is_sent = send_on(kReliable, turn, to, as_bytes(packet));
    // A reliable channel that has lost a message is a broken promise: who is that far behind starts anew.
    if (!is_sent && to.sending_peer().is_connected())
        disconnect(turn, to, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
}

// For somebody who has just come: what was said while it was on its way. It waits, as what follows does,
// until the channel is open.
void Conference::replay_data(Turn& turn, Participant& to) {
    for (const DataHistory::Message& message : data_history_.recent(turn.now)) {
        // Its own former session's, after a full reconnect.
        if (message.sender_identity == to.identity()) continue;
        if (!is_addressed(message.destination_identities, message.destination_sids, to)) continue;
        send_reliable(turn, to, message.bytes);
    }
}

// For somebody who has come back: what its channel may have lost meanwhile. Clients drop what they had
// already, by the number; what has none cannot be told from a repeat.
void Conference::replay_data(Turn& turn, Participant& to, const pb::SyncState& state) {
    std::map<std::string_view, uint32_t> received;
    for (const pb::DataChannelReceiveState& entry : state.datachannel_receive_states())
        received[entry.publisher_sid()] = entry.last_seq();
    for (const DataHistory::Message& message : data_history_.recent(turn.now)) {
        if (message.sequence == 0 || message.sender_identity == to.identity()) continue;
        const auto it = received.find(message.sender_sid);
        if (it != received.end() && message.sequence <= it->second) continue;
        if (!is_addressed(message.destination_identities, message.destination_sids, to)) continue;
        send_reliable(turn, to, message.bytes);
    }
}

}  // namespace conclave::conference
