// The full ICE agent of a client (RFC 8445) behind one socket, without gathering: the far side learns our
// address from our checks (peer-reflexive, 7.3.1.3). It checks every UDP candidate of the server, nominates
// the first that answers, answers the checks of a full agent, and goes on checking for consent (RFC 7675).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "wire/candidate.h"
#include "wire/stun.h"

namespace conclave::load {

class IceClient {
 public:
    // Candidates of one server; more are ignored.
    static constexpr size_t kCandidatesMax = 16;

    // `socket`: Path::socket of what it sends. `is_controlling`: we made the offer, or the far side is lite
    // (RFC 8445 6.1.1).
    IceClient(uint16_t socket, bool is_controlling, Rng& rng);

    const std::string& ufrag() const { return ufrag_; }
    const std::string& pwd() const { return pwd_; }
    void set_controlling(bool is_controlling) { is_controlling_ = is_controlling; }
    // Repeated calls with the same credentials change nothing.
    void set_remote(std::string_view ufrag, std::string_view pwd);
    void add_candidate(const wire::Candidate& candidate);

    // A STUN message from `from`.
    void handle_datagram(Instant now, const SocketAddress& from, ByteView datagram, TransmitQueue& tx);
    void handle_timeout(Instant now, TransmitQueue& tx);
    Instant next_timeout() const { return next_check_; }

    // Where media goes, once a path is nominated.
    const std::optional<SocketAddress>& selected() const { return selected_; }
    // When the server last answered a check on the selected path.
    Instant last_answer() const { return last_answer_; }

 private:
    struct Pair {
        SocketAddress remote;
        bool is_valid = false;
    };
    void handle_request(const SocketAddress& from, const wire::StunMessage& request, TransmitQueue& tx);
    void handle_success(Instant now, const SocketAddress& from, const wire::StunMessage& response,
                        TransmitQueue& tx);
    void send_check(const SocketAddress& to, bool nominates, TransmitQueue& tx);
    bool is_ours(const wire::StunTransactionId& id) const;

    uint16_t socket_;
    bool is_controlling_;
    Rng& rng_;
    std::string ufrag_;
    std::string pwd_;
    std::string remote_ufrag_;
    std::string remote_pwd_;
    uint64_t tie_breaker_;
    uint32_t transaction_tag_;  // the first word of our transaction ids
    std::vector<Pair> pairs_;
    std::optional<SocketAddress> selected_;
    Instant last_answer_;
    Instant next_check_ = Instant::never();
};

}  // namespace conclave::load
