// Packets of the data channels `_reliable` and `_lossy`: the server believes nothing that a client says about
// who it is. It reads the destinations, overwrites the sender and passes the rest on as it came, encrypted or
// not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "livekit/protocol.h"
#include "livekit_data.pb.h"

namespace conclave::livekit {

// An SCTP message, as the SDP says in a=max-message-size; clients stay below 64,000.
constexpr size_t kDataPacketMax = 65'535;
// What the server API may send: the packet around it has to fit as well.
constexpr size_t kServerDataMax = 64'000;
// Nobody addresses more people one by one than a meeting has; everybody needs no list.
constexpr size_t kDestinationsMax = 1024;

enum class DataPacketError : uint8_t {
    TooLarge,
    Malformed,
    Unsupported,  // no value, or one that this server does not know
    NotAllowed,   // a kind that only the server or an agent may send
    TooManyDestinations,
};

struct Sender {
    std::string_view sid;
    std::string_view identity;
    bool is_hidden = false;  // its packets bear no identity
    bool is_agent = false;   // may send transcriptions, and speak for others in what it generated
};

enum class DataChannel : uint8_t { Reliable, Lossy };

struct ClientPacket {
    std::string bytes;  // DataPacket to forward, without destinations
    pb::DataPacket::ValueCase kind = pb::DataPacket::VALUE_NOT_SET;
    std::vector<std::string> destination_identities;  // both lists empty: to everyone but the sender
    std::vector<std::string> destination_sids;
    uint32_t sequence = 0;  // reliable only, 1, 2, 3…; 0 when the client does not number
    std::string nonce;      // of a UserPacket: 16 bytes or none; repeats are to be dropped
    bool is_metrics() const { return kind == pb::DataPacket::kMetrics; }  // only to can_subscribe_metrics
};

Result<ClientPacket, DataPacketError> parse_client_packet(ByteView message, DataChannel channel,
                                                          const Sender& sender);

// A message on a data channel that is the application's own, not LiveKit's: forwarded as a user packet to
// everybody.
Result<ClientPacket, DataPacketError> user_packet_of(ByteView payload, const Sender& sender);

// A DataPacket with metrics, its times translated into the server's: a client's clock may be anywhere.
// `bytes` as parse_client_packet() wrote them.
std::string stamp_metrics(const std::string& bytes, WallTime now);

// A user packet from the server API: no sender. `topic` empty: none.
std::string server_user_packet(ByteView payload, std::string_view topic, DataChannel channel);
// A call of a method that the server itself makes (RPC version 1): no sender either.
std::string server_rpc_request(std::string_view id, std::string_view method, std::string_view payload,
                               uint32_t response_timeout_ms);

// What a client answers to a call: an acknowledgement, then a payload or an error.
struct RpcAnswer {
    enum class Kind : uint8_t { Acknowledged, Payload, Failed };
    Kind kind = Kind::Acknowledged;
    std::string request_id;
    std::string payload;
    uint32_t error_code = 0;
    std::string error_message;
    std::string error_data;
};
// nullopt: not a packet of these kinds. Reads ClientPacket::bytes.
std::optional<RpcAnswer> parse_rpc_answer(const ClientPacket& packet);

}  // namespace conclave::livekit
