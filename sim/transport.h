// One peer connection as a client has it: a controlling ICE agent, a DTLS client, SRTP and data channels.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "dtls/transport.h"
#include "sctp/data_channels.h"
#include "srtp/session.h"
#include "wire/sdp.h"
#include "wire/stun.h"

namespace conclave::sim {

// What a client does otherwise than it should; tests change it at any time.
struct Habits {
    bool wrong_ice_password = false;
    bool nominates_late = false;  // only once media flows
    bool checks = true;           // otherwise it only answers those of the server
    bool reads_data = true;       // otherwise its SCTP is deaf: nothing is acknowledged
};

class Transport {
 public:
    // `habits` must outlive it. `socket` is the client's own socket, by which the world knows where from it
    // sends. LiveKit's data channels are opened by one side.
    Transport(const Habits& habits, Rng& rng, uint16_t socket, bool opens_channels);

    std::string fingerprint() const { return certificate_.fingerprint_sha256(); }
    const std::string& ufrag() const { return ufrag_; }
    const std::string& pwd() const { return pwd_; }
    void restart_ice();
    // Where the server is and how it is to be asked, from its offer or answer.
    void set_remote(const wire::SessionDescription&);
    const std::string& remote_ufrag() const { return server_ufrag_; }

    struct Received {
        std::vector<uint8_t> rtp;   // opened; empty: none
        std::vector<uint8_t> rtcp;  // likewise
        std::vector<std::string> data;
        std::vector<std::string> frames;  // of data tracks
    };
    Received handle_datagram(Instant now, ByteView datagram, TransmitQueue& tx);
    void handle_timeout(Instant now, TransmitQueue& tx);

    bool is_connected() const { return srtp_.has_value(); }
    const dtls::Transport& dtls() const { return dtls_; }
    void send_raw(ByteView bytes, TransmitQueue& tx) { tx.push(server_path_, bytes); }
    void send_rtp(ByteView plain, TransmitQueue& tx);
    void send_rtcp(ByteView plain, TransmitQueue& tx);
    std::optional<std::vector<uint8_t>> protected_rtp(ByteView plain);
    Status send_data(Instant now, std::string_view label, const std::string& packet, TransmitQueue& tx);
    bool has_channel(std::string_view label) const { return channel_ids_.contains(std::string(label)); }

 private:
    void send_check(Instant now, TransmitQueue& tx);
    void answer_check(const wire::StunMessage&, TransmitQueue& tx);
    void handle_dtls(Instant now, const dtls::Events& events, Received&, TransmitQueue& tx);
    void open_channels(Instant now);
    void handle_channel_event(const sctp::Event&, Received&);
    void flush_data(Instant now, TransmitQueue& tx);

    const Habits& habits_;
    Rng& rng_;
    bool opens_channels_;
    crypto::Certificate certificate_;
    crypto::DtlsContext dtls_context_;
    dtls::Transport dtls_;
    std::optional<srtp::Session> srtp_;
    sctp::DataChannels channels_;
    TransmitQueue sctp_out_;
    std::map<std::string, uint16_t> channel_ids_;

    Path server_path_;
    std::string ufrag_;
    std::string pwd_;
    std::string server_ufrag_;
    std::string server_pwd_;
    uint64_t tie_breaker_;
    Instant next_check_;
};

}  // namespace conclave::sim
