#include "load/ice_client.h"

#include <algorithm>

#include "crypto/hmac.h"

namespace conclave::load {
namespace {

constexpr size_t kUfragSize = 8;
constexpr size_t kPwdSize = 24;
// While connecting; a server that was busy gets another chance soon.
constexpr Duration kCheckInterval = Duration::millis(250);
// RFC 7675 5.1: every 5 s at least; livekit-server counts 10 s of silence as a lost connection.
constexpr Duration kConsentInterval = Duration::millis(2500);
constexpr uint32_t kHostPriority = 0x7e0000ff;       // RFC 8445 5.1.2.1
constexpr uint32_t kReflexivePriority = 0x6e0000ff;  // in a check: of the candidate it may reveal
constexpr size_t kMessageMax = 256;

}  // namespace

IceClient::IceClient(uint16_t socket, bool is_controlling, Rng& rng)
    : socket_(socket),
      is_controlling_(is_controlling),
      rng_(rng),
      ufrag_(random_id(rng, kUfragSize)),
      pwd_(random_id(rng, kPwdSize)),
      tie_breaker_(rng.u64()),
      transaction_tag_(rng.u32()) {}

void IceClient::set_remote(std::string_view ufrag, std::string_view pwd) {
    if (ufrag == remote_ufrag_ && pwd == remote_pwd_) return;
    remote_ufrag_ = ufrag;
    remote_pwd_ = pwd;
    next_check_ = Instant{};
}

void IceClient::add_candidate(const wire::Candidate& candidate) {
    if (candidate.transport != wire::CandidateTransport::Udp || candidate.component != 1) return;
    const auto remote = SocketAddress::parse(candidate.address, candidate.port);
    if (!remote || pairs_.size() == kCandidatesMax) return;
    const bool is_known =
        std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& pair) { return pair.remote == *remote; });
    if (is_known) return;
    pairs_.push_back({*remote, false});
    if (!selected_) next_check_ = Instant{};
}

void IceClient::handle_timeout(Instant now, TransmitQueue& tx) {
    if (now < next_check_ || remote_pwd_.empty()) return;
    if (selected_) {
        send_check(*selected_, is_controlling_, tx);
        next_check_ = now + kConsentInterval;
        return;
    }
    for (const Pair& pair : pairs_) send_check(pair.remote, is_controlling_ && pair.is_valid, tx);
    next_check_ = now + kCheckInterval;
}

void IceClient::send_check(const SocketAddress& to, bool nominates, TransmitQueue& tx) {
    std::array<uint8_t, kMessageMax> buffer;
    wire::StunTransactionId id;
    rng_.fill(id);
    store_be32(id.data(), transaction_tag_);
    wire::StunWriter writer(buffer, wire::StunClass::Request, wire::kStunBinding, id);
    writer.username(remote_ufrag_ + ":" + ufrag_);
    writer.priority(kReflexivePriority);
    if (is_controlling_) {
        writer.ice_controlling(tie_breaker_);
        if (nominates) writer.use_candidate();
    } else {
        writer.ice_controlled(tie_breaker_);
    }
    writer.append_integrity(crypto::hmac_sha1(as_bytes(remote_pwd_), writer.integrity_input()));
    writer.append_fingerprint();
    if (writer.ok()) tx.push({socket_, to}, writer.written());
}

bool IceClient::is_ours(const wire::StunTransactionId& id) const {
    return load_be32(id.data()) == transaction_tag_;
}

void IceClient::handle_datagram(Instant now, const SocketAddress& from, ByteView datagram,
                                TransmitQueue& tx) {
    const auto message = wire::parse_stun(datagram);
    if (!message || message->method != wire::kStunBinding || message->integrity.empty()) return;
    if (message->message_class == wire::StunClass::Request) {
        const auto mac =
            crypto::hmac_sha1(as_bytes(pwd_), message->integrity_header, message->integrity_body);
        if (!crypto::equal_constant_time(mac, message->integrity)) return;
        handle_request(from, *message, tx);
    } else if (message->message_class == wire::StunClass::Success && is_ours(message->transaction_id)) {
        const auto mac =
            crypto::hmac_sha1(as_bytes(remote_pwd_), message->integrity_header, message->integrity_body);
        if (crypto::equal_constant_time(mac, message->integrity)) handle_success(now, from, *message, tx);
    }
}

void IceClient::handle_request(const SocketAddress& from, const wire::StunMessage& request,
                               TransmitQueue& tx) {
    std::array<uint8_t, kMessageMax> buffer;
    wire::StunWriter writer(buffer, wire::StunClass::Success, wire::kStunBinding, request.transaction_id);
    writer.xor_mapped_address(from);
    writer.append_integrity(crypto::hmac_sha1(as_bytes(pwd_), writer.integrity_input()));
    writer.append_fingerprint();
    if (writer.ok()) tx.push({socket_, from}, writer.written());
    // The server's own address, when none of its candidates told it (RFC 8445 7.3.1.3), needs our check too.
    wire::Candidate candidate;
    candidate.address = from.ip_text();
    candidate.port = from.port;
    candidate.priority = kHostPriority;
    if (!selected_) add_candidate(candidate);
    // RFC 8445 7.3.1.5: the controlling side nominates.
    if (!is_controlling_ && request.use_candidate && !selected_) selected_ = from;
}

void IceClient::handle_success(Instant now, const SocketAddress& from, const wire::StunMessage&,
                               TransmitQueue& tx) {
    last_answer_ = now;
    const auto pair =
        std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& p) { return p.remote == from; });
    if (pair == pairs_.end() || selected_) return;
    pair->is_valid = true;
    if (!is_controlling_) return;
    // Regular nomination (RFC 8445 8.1.1): the first valid pair. Media starts with the check that says so.
    selected_ = from;
    send_check(from, true, tx);
    next_check_ = now + kConsentInterval;
}

}  // namespace conclave::load
