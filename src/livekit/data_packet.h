// Packets of the data channels `_reliable` and `_lossy`: the server believes nothing that a client says about
// who it is. It reads the destinations, overwrites the sender and passes the rest on as it came, encrypted or
// not.
#pragma once

#include <cstdint>
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
// `packet` as parse_client_packet() wrote it.
std::string stamp_metrics(const std::string& packet, WallTime now);

// A user packet from the server API: no sender. `topic` empty: none.
std::string server_user_packet(ByteView payload, std::string_view topic, DataChannel channel);

}  // namespace conclave::livekit
