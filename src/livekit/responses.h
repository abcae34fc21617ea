// Responses that need more than filling in a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "livekit/protocol.h"

namespace conclave::livekit {

// Participant updates are cut into messages of about this size.
constexpr size_t kUpdateBytes = 128 * 1024;

pb::ServerInfo server_info(std::string_view region, std::string_view node_id);

// Completes `join`: server_info with its two duplicates, ping times.
pb::SignalResponse join_response(pb::JoinResponse join, std::string_view region = {},
                                 std::string_view node_id = {});
// Completes `reconnect`: server_info.
pb::SignalResponse reconnect_response(pb::ReconnectResponse reconnect, std::string_view region = {},
                                      std::string_view node_id = {});

pb::SignalResponse leave(pb::DisconnectReason reason, pb::LeaveRequest::Action action);

// `candidate` is the attribute's value with its name ("candidate:1 1 udp …"), never empty: the Rust SDK dies
// of a candidate that it cannot parse, and livekit-client of bad JSON.
struct Candidate {
    std::string_view candidate;
    std::string_view mid;
    uint16_t mline_index = 0;
};
pb::SignalResponse trickle(const Candidate& candidate, pb::SignalTarget target, bool is_final);

// The client's side of it: RTCIceCandidateInit as JSON. An end-of-candidates mark has an empty `candidate`.
struct CandidateInit {
    std::string candidate;
    std::string mid;
    std::optional<uint16_t> mline_index;
    std::string ufrag;
};
constexpr size_t kCandidateMax = 4096;  // bytes of JSON; a candidate line has some 150
std::optional<CandidateInit> parse_candidate_init(std::string_view json);

// The outcome of the client's request: a copy of it goes back, so that the client finds what it asked.
pb::SignalResponse request_response(uint32_t request_id, pb::RequestResponse::Reason reason,
                                    std::string message, const pb::SignalRequest& request);

// One or more `update` messages with all of `participants`, in their order.
std::vector<pb::SignalResponse> participant_updates(std::vector<pb::ParticipantInfo> participants);

}  // namespace conclave::livekit
