// Calls of a participant's methods that the server makes for an application (PerformRpc). The participant
// sees an anonymous caller; its acknowledgement and answer end here instead of being forwarded.
#include "base/rng.h"
#include "conference/participant.h"
#include "livekit/data_packet.h"

namespace conclave::conference {
namespace {

using Code = livekit::TwirpCode;

// LiveKit's numbers of RPC errors, told in `meta`.
constexpr uint32_t kUnsupportedMethod = 1400;
constexpr uint32_t kNoRecipient = 1401;
constexpr uint32_t kConnectionTimeout = 1501;
constexpr uint32_t kResponseTimeout = 1502;
constexpr uint32_t kDisconnected = 1503;
constexpr uint32_t kResponseTooLarge = 1504;
constexpr uint32_t kSendFailed = 1505;

// As long as client SDKs wait for it.
constexpr Duration kAcknowledgeTimeout = Duration::seconds(7);
constexpr size_t kPendingMax = 256;
constexpr size_t kRequestIdSize = 20;

Code code_of(uint32_t rpc_code) {
    switch (rpc_code) {
        case kUnsupportedMethod:
            return Code::Unimplemented;
        case kNoRecipient:
            return Code::NotFound;
        case kConnectionTimeout:
        case kResponseTimeout:
            return Code::DeadlineExceeded;
        case kDisconnected:
        case kSendFailed:
            return Code::Unavailable;
        default:
            return Code::FailedPrecondition;  // the method itself failed
    }
}

Unexpected<livekit::TwirpError> rpc_error(uint32_t rpc_code, std::string message, std::string data = {}) {
    livekit::TwirpError error{code_of(rpc_code), std::move(message), {{"code", std::to_string(rpc_code)}}};
    if (!data.empty()) error.meta["data"] = std::move(data);
    return Unexpected{std::move(error)};
}

}  // namespace

std::optional<Conference::Reply> Conference::perform_rpc(Turn& turn, CommandId command,
                                                         const pb::PerformRpcRequest& call) {
    Participant* target = find_identity(call.destination_identity());
    if (!target) return Reply(rpc_error(kNoRecipient, "participant does not exist"));
    if (rpcs_.size() >= kPendingMax)
        return Reply(Unexpected{livekit::TwirpError{Code::ResourceExhausted, "too many calls at once"}});
    const uint32_t timeout =
        call.response_timeout_ms() != 0 ? call.response_timeout_ms() : livekit::kRpcTimeoutDefaultMs;
    const std::string id = random_id(rng_, kRequestIdSize);
    const std::string packet = livekit::server_rpc_request(id, call.method(), call.payload(), timeout);
    if (!send_on("_reliable", turn, *target, as_bytes(packet)))
        return Reply(rpc_error(kSendFailed, "the call could not be sent"));
    const Instant answer_by = turn.now + Duration::millis(timeout);
    rpcs_[id] = {command, target->key, soonest(turn.now + kAcknowledgeTimeout, answer_by), answer_by, false};
    return std::nullopt;
}

bool Conference::take_rpc_answer(const Participant& from, const livekit::ClientPacket& packet) {
    using Kind = livekit::RpcAnswer::Kind;
    if (rpcs_.empty()) return false;
    std::optional<livekit::RpcAnswer> answer = livekit::parse_rpc_answer(packet);
    if (!answer) return false;
    const auto it = rpcs_.find(answer->request_id);
    // Nobody answers for another.
    if (it == rpcs_.end() || it->second.target != from.key) return false;
    if (answer->kind == Kind::Acknowledged) {
        it->second.is_acknowledged = true;
        return true;
    }
    const CommandId command = it->second.command;
    rpcs_.erase(it);
    if (answer->kind == Kind::Failed) {
        outlet_.answers.push_back({command, rpc_error(answer->error_code, std::move(answer->error_message),
                                                      std::move(answer->error_data))});
    } else if (answer->payload.size() > livekit::kRpcPayloadMax) {
        outlet_.answers.push_back({command, rpc_error(kResponseTooLarge, "the response is too large")});
    } else {
        pb::PerformRpcResponse reply;
        reply.set_payload(std::move(answer->payload));
        outlet_.answers.push_back({command, livekit::RoomReply(std::move(reply))});
    }
    return true;
}

void Conference::expire_rpcs(Instant now) {
    std::erase_if(rpcs_, [&](const auto& entry) {
        const PendingRpc& rpc = entry.second;
        if (now < rpc.due()) return false;
        outlet_.answers.push_back(
            {rpc.command,
             rpc.is_acknowledged
                 ? rpc_error(kResponseTimeout, "the participant did not answer in time")
                 : rpc_error(kConnectionTimeout, "the participant did not acknowledge the call")});
        return true;
    });
}

void Conference::fail_rpcs_to(ParticipantKey gone) {
    std::erase_if(rpcs_, [&](const auto& entry) {
        if (entry.second.target != gone) return false;
        outlet_.answers.push_back({entry.second.command, rpc_error(kDisconnected, "the participant left")});
        return true;
    });
}

Instant Conference::next_rpc() const {
    Instant next = Instant::never();
    for (const auto& [id, rpc] : rpcs_) next = soonest(next, rpc.due());
    return next;
}

}  // namespace conclave::conference
