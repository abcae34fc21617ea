#include "livekit/data_packet.h"

#include <utility>

namespace conclave::livekit {
namespace {

using Value = pb::DataPacket::ValueCase;

constexpr size_t kNonceSize = 16;

bool is_allowed(Value kind, const Sender& sender) {
    if (kind == pb::DataPacket::kSpeaker) return false;  // the server's own, in old protocols
    return kind != pb::DataPacket::kTranscription || sender.is_agent;
}

// An agent may say in whose name it has written or spoken.
bool speaks_for_another(const pb::DataPacket& packet, const Sender& sender) {
    if (!sender.is_agent || packet.participant_identity().empty()) return false;
    return packet.chat_message().generated() || packet.stream_header().text_header().generated();
}

// Everything that tells who sent this.
void overwrite_sender(pb::DataPacket& packet, const Sender& sender) {
    const std::string_view identity = sender.is_hidden ? std::string_view{} : sender.identity;
    if (!speaks_for_another(packet, sender)) packet.set_participant_identity(std::string{identity});
    packet.set_participant_sid(std::string{sender.sid});
    if (!packet.has_user()) return;
    const std::string_view sid = sender.is_hidden ? std::string_view{} : sender.sid;
    packet.mutable_user()->set_participant_sid(std::string{sid});
    packet.mutable_user()->set_participant_identity(std::string{identity});
}

template <class Repeated>
std::vector<std::string> take(Repeated& field) {
    std::vector<std::string> out{std::make_move_iterator(field.begin()),
                                 std::make_move_iterator(field.end())};
    field.Clear();
    return out;
}

// The legacy lists inside a UserPacket count only when the packet itself has none; no list is passed on.
void take_destinations(pb::DataPacket& packet, ClientPacket& out) {
    out.destination_identities = take(*packet.mutable_destination_identities());
    if (!packet.has_user()) return;
    auto identities = take(*packet.mutable_user()->mutable_destination_identities());
    auto sids = take(*packet.mutable_user()->mutable_destination_sids());
    if (!out.destination_identities.empty()) return;
    out.destination_identities = std::move(identities);
    out.destination_sids = std::move(sids);
}

void set_channel(pb::DataPacket& packet, DataChannel channel) {
    const bool is_reliable = channel == DataChannel::Reliable;
    packet.set_kind(is_reliable ? pb::DataPacket::RELIABLE : pb::DataPacket::LOSSY);
    if (!is_reliable) packet.clear_sequence();
}

}  // namespace

Result<ClientPacket, DataPacketError> parse_client_packet(ByteView message, DataChannel channel,
                                                          const Sender& sender) {
    if (message.size() > kDataPacketMax) return Unexpected{DataPacketError::TooLarge};
    pb::DataPacket packet;
    if (!packet.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
        return Unexpected{DataPacketError::Malformed};
    }
    ClientPacket out;
    out.kind = packet.value_case();
    if (out.kind == pb::DataPacket::VALUE_NOT_SET) return Unexpected{DataPacketError::Unsupported};
    if (!is_allowed(out.kind, sender)) return Unexpected{DataPacketError::NotAllowed};

    out.nonce = packet.user().nonce();
    if (!out.nonce.empty() && out.nonce.size() != kNonceSize) return Unexpected{DataPacketError::Malformed};
    take_destinations(packet, out);
    if (out.destination_identities.size() + out.destination_sids.size() > kDestinationsMax) {
        return Unexpected{DataPacketError::TooManyDestinations};
    }
    set_channel(packet, channel);
    overwrite_sender(packet, sender);
    out.sequence = packet.sequence();
    packet.SerializeToString(&out.bytes);
    return out;
}

std::string server_user_packet(ByteView payload, std::string_view topic, DataChannel channel) {
    pb::DataPacket packet;
    set_channel(packet, channel);
    packet.mutable_user()->set_payload(payload.data(), payload.size());
    if (!topic.empty()) packet.mutable_user()->set_topic(std::string{topic});
    return packet.SerializeAsString();
}

}  // namespace conclave::livekit
