#include "livekit/data_packet.h"

#include <algorithm>
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

// `offset`: from the client's clock to ours, in milliseconds. Times that no clock can show are left out.
void normalise(int64_t client_ms, int64_t offset_ms, google::protobuf::Timestamp& out) {
    constexpr int64_t kLatestMs = 253'402'300'799'999;  // the end of the year 9999, as Timestamp demands
    if (client_ms < 0 || client_ms > kLatestMs) return;
    const int64_t ms = std::clamp<int64_t>(client_ms + offset_ms, 0, kLatestMs);
    out.set_seconds(ms / 1000);
    out.set_nanos(static_cast<int32_t>(ms % 1000 * 1'000'000));
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

Result<ClientPacket, DataPacketError> user_packet_of(ByteView payload, const Sender& sender) {
    if (payload.size() > kDataPacketMax) return Unexpected{DataPacketError::TooLarge};
    pb::DataPacket packet;
    packet.mutable_user()->set_payload(payload.data(), payload.size());
    set_channel(packet, DataChannel::Reliable);
    overwrite_sender(packet, sender);
    ClientPacket out;
    out.kind = packet.value_case();
    packet.SerializeToString(&out.bytes);
    return out;
}

std::string stamp_metrics(const std::string& bytes, WallTime now) {
    pb::DataPacket packet;
    if (!packet.ParseFromString(bytes) || !packet.has_metrics()) return bytes;
    pb::MetricsBatch& batch = *packet.mutable_metrics();
    const int64_t sent_ms = batch.timestamp_ms();
    const int64_t offset_ms = sent_ms > 0 && sent_ms < INT64_MAX / 2 ? now.unix_ms() - sent_ms : 0;
    normalise(now.unix_ms(), 0, *batch.mutable_normalized_timestamp());
    for (pb::TimeSeriesMetric& series : *batch.mutable_time_series()) {
        for (pb::MetricSample& sample : *series.mutable_samples())
            normalise(sample.timestamp_ms(), offset_ms, *sample.mutable_normalized_timestamp());
    }
    for (pb::EventMetric& event : *batch.mutable_events()) {
        normalise(event.start_timestamp_ms(), offset_ms, *event.mutable_normalized_start_timestamp());
        if (!event.has_end_timestamp_ms()) continue;
        normalise(event.end_timestamp_ms(), offset_ms, *event.mutable_normalized_end_timestamp());
    }
    return packet.SerializeAsString();
}

std::string server_user_packet(ByteView payload, std::string_view topic, DataChannel channel) {
    pb::DataPacket packet;
    set_channel(packet, channel);
    packet.mutable_user()->set_payload(payload.data(), payload.size());
    if (!topic.empty()) packet.mutable_user()->set_topic(std::string{topic});
    return packet.SerializeAsString();
}

std::string server_rpc_request(std::string_view id, std::string_view method, std::string_view payload,
                               uint32_t response_timeout_ms) {
    pb::DataPacket packet;
    set_channel(packet, DataChannel::Reliable);
    pb::RpcRequest& request = *packet.mutable_rpc_request();
    request.set_id(std::string{id});
    request.set_method(std::string{method});
    request.set_payload(std::string{payload});
    request.set_response_timeout_ms(response_timeout_ms);
    request.set_version(1);
    return packet.SerializeAsString();
}

std::optional<RpcAnswer> parse_rpc_answer(const ClientPacket& packet) {
    using Kind = RpcAnswer::Kind;
    const bool is_ack = packet.kind == pb::DataPacket::kRpcAck;
    if (!is_ack && packet.kind != pb::DataPacket::kRpcResponse) return std::nullopt;
    pb::DataPacket parsed;
    if (!parsed.ParseFromString(packet.bytes)) return std::nullopt;
    if (is_ack) return RpcAnswer{Kind::Acknowledged, parsed.rpc_ack().request_id(), {}, 0, {}, {}};
    const pb::RpcResponse& response = parsed.rpc_response();
    if (!response.has_error())
        return RpcAnswer{Kind::Payload, response.request_id(), response.payload(), 0, {}, {}};
    const pb::RpcError& error = response.error();
    return RpcAnswer{Kind::Failed, response.request_id(), {}, error.code(), error.message(), error.data()};
}

}  // namespace conclave::livekit
