// One peer connection's transport on a socket of its own: ICE, DTLS, SRTP, data channels. What arrives is
// handed out as values; what it sends goes into the caller's queue and is flushed with flush().
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "base/transmit_queue.h"
#include "crypto/certificate.h"
#include "dtls/transport.h"
#include "load/ice_client.h"
#include "load/negotiation.h"
#include "load/udp_port.h"
#include "sctp/data_channels.h"
#include "srtp/session.h"

namespace conclave::load {

// Shared by all transports of a thread: making a certificate costs more than the handshake.
struct Identity {
    crypto::Certificate certificate;
    crypto::DtlsContext context;

    static Result<Identity> create(WallTime now);
};

class Transport {
 public:
    // `socket_index`: Path::socket of what it sends, to tell two transports of one participant apart.
    Transport(uint16_t socket_index, bool offers, const Identity& identity, Rng& rng);

    Status open(const SocketAddress& server);
    bool is_open() const { return port_.has_value(); }
    int fd() const { return port_->fd(); }
    LocalTransport local() const;
    // Asks for the data channels of LiveKit once connected; `opens`: they are ours to open.
    void use_data(bool opens);
    Status set_remote(Instant now, const RemoteDescription& remote, TransmitQueue& tx);
    void add_candidate(const wire::Candidate& candidate);

    struct Arrived {
        enum class Kind : uint8_t { Nothing, Connected, Failed, Rtp, Rtcp };
        Kind kind = Kind::Nothing;
        MutableBytes plain{};  // Rtp, Rtcp
    };
    Arrived handle_datagram(Instant now, const Datagram& datagram, TransmitQueue& tx);
    Arrived handle_timeout(Instant now, TransmitQueue& tx);
    Instant next_timeout() const;

    bool is_connected() const { return srtp_.has_value(); }
    void send_rtp(ByteView plain, TransmitQueue& tx);
    void send_rtcp(ByteView plain, TransmitQueue& tx);
    // False when there is no such channel (yet) or its buffer is full.
    bool send_data(Instant now, const std::string& label, ByteView message, TransmitQueue& tx);
    std::vector<std::string> take_messages() { return std::exchange(messages_, {}); }
    void flush(const TransmitQueue& tx) {
        if (port_) port_->send(tx, socket_index_);
    }
    // DTLS close_notify.
    void close(TransmitQueue& tx);

    uint64_t auth_failures() const { return auth_failures_; }
    uint64_t replays() const { return replays_; }
    uint64_t send_dropped() const { return port_ ? port_->send_dropped() : 0; }
    Instant last_answer() const { return ice_.last_answer(); }

 private:
    Path path() const { return {socket_index_, ice_.selected().value_or(SocketAddress{})}; }
    Status start_dtls(dtls::Role role, const wire::Fingerprint& fingerprint);
    void begin_handshake(Instant now, TransmitQueue& tx);
    Arrived handle_dtls(Instant now, const dtls::Events& events, TransmitQueue& tx);
    bool start_srtp();
    void handle_sctp(Instant now, const sctp::Events& events, TransmitQueue& tx);
    void flush_sctp(Instant now, TransmitQueue& tx);
    void count(srtp::Drop drop);

    uint16_t socket_index_;
    const Identity& identity_;
    Rng& rng_;
    IceClient ice_;
    std::optional<UdpPort> port_;
    bool is_handshaking_ = false;
    dtls::Role role_ = dtls::Role::Client;
    std::optional<dtls::Transport> dtls_;
    std::optional<srtp::Session> srtp_;
    bool uses_data_ = false;
    bool opens_channels_ = false;
    std::optional<sctp::DataChannels> channels_;
    std::map<std::string, uint16_t> channel_ids_;
    std::vector<std::string> messages_;
    uint64_t auth_failures_ = 0;
    uint64_t replays_ = 0;
};

}  // namespace conclave::load
