// An SCTP association of the subset WebRTC needs (docs/adr/0002-own-sctp-association.md): RFC 9260 on
// one path without multihoming, RFC 3758 (limited reliability), RFC 6525 (stream reset), RFC 8831.
//
//   packet -> verify -> chunks -> ReceiveBuffer (TSNs, reassembly)  -> events
//                              -> SendQueue     (SACK, congestion)  -> packets
//                              -> StreamResets  (RE-CONFIG)
//
// Pure: the owner passes in time and packets and wraps what comes out in DTLS. One association lives
// in one worker.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "sctp/config.h"
#include "sctp/cookie.h"
#include "sctp/receive_buffer.h"
#include "sctp/rto.h"
#include "sctp/send_queue.h"
#include "sctp/stream_resets.h"
#include "wire/sctp.h"

namespace conclave::sctp {

constexpr Duration kHeartbeatInterval = Duration::seconds(30);  // RFC 9260 16: HB.interval

enum class State : uint8_t {
    Closed,  // and listening
    CookieWait,
    CookieEchoed,
    Established,
    ShutdownReceived,
    ShutdownAckSent,
    Dead,  // after Failed or abort(): for good
};

enum class FailureReason : uint8_t {
    PeerAborted,
    PeerShutDown,
    TooManyRetransmissions,
    ProtocolViolation,
};

// Messages can be exchanged.
struct Connected {};
// The far side started over with the same DTLS session (RFC 9260 5.2.2): all streams are new, and
// what was queued is gone.
struct Restarted {};
struct Failed {
    FailureReason reason = FailureReason::PeerAborted;
};
// The far side will number this stream from 0 again: nothing of the former use arrives any more.
struct IncomingReset {
    uint16_t stream = 0;
};
using AssociationEvent = std::variant<Connected, Restarted, Message, IncomingReset, OutgoingReset, Failed>;
using AssociationEvents = std::vector<AssociationEvent>;

struct Statistics {
    uint64_t packets_received = 0;
    uint64_t packets_dropped = 0;  // checksum, ports, tag, malformed
    uint64_t packets_sent = 0;
    uint64_t chunks_dropped = 0;  // duplicates, beyond the window, bad streams
    uint64_t messages_received = 0;
    uint64_t cookies_refused = 0;
};

class Association {
 public:
    // `rng` must outlive the association.
    static Association create(const Config& config, Rng& rng) { return Association(config, rng); }

    // Sends INIT; a no-op unless Closed. A far side that does the same is no problem (RFC 9260 5.2.1).
    void connect(Instant now, TransmitQueue& out);
    [[nodiscard]] AssociationEvents handle_packet(Instant now, ByteView bytes, TransmitQueue& out);
    [[nodiscard]] AssociationEvents handle_timeout(Instant now, TransmitQueue& out);
    Instant next_timeout() const;

    // Copies the message into the send buffer; queued until the association is up. Refused: stream
    // out of range or being reset, empty or too large a message, send buffer full, association dead.
    Status send(Instant now, const OutgoingMessage& message, ByteView payload, TransmitQueue& out);
    // Resets the outgoing stream once everything queued on it is acknowledged.
    void reset_stream(Instant now, uint16_t stream, TransmitQueue& out);
    void abort(TransmitQueue& out);

    bool connected() const { return state_ == State::Established; }
    State state() const { return state_; }
    // Streams we may send on; kStreamsMax before the association is up.
    uint16_t outgoing_streams() const { return outgoing_streams_; }
    // Whether the far side can reset streams (RFC 6525); known once connected.
    bool peer_resets() const { return peer_resets_; }
    bool resetting(uint16_t stream) const { return resets_.pending(stream); }
    size_t buffered(uint16_t stream) const { return send_.buffered(stream); }
    const Statistics& statistics() const { return statistics_; }
    const SendQueue& send_queue() const { return send_; }
    const ReceiveBuffer& receive_buffer() const { return receive_; }

 private:
    enum class Timer : uint8_t { Handshake, Retransmit, DelayedSack, Heartbeat, Reset, Shutdown, Flush };
    static constexpr size_t kTimers = 7;

    Association(const Config& config, Rng& rng);

    // association.cc
    Instant& timer(Timer t) { return timers_[static_cast<size_t>(t)]; }
    void expire(Timer t, Instant now, AssociationEvents& events, TransmitQueue& out);
    bool accepts_tag(uint32_t tag, const wire::SctpChunk& chunk) const;
    bool has_peer() const;
    // False: the rest of the packet is of no interest.
    bool handle_chunk(Instant now, const wire::SctpPacket& packet, const wire::SctpChunk& chunk,
                      AssociationEvents& events, TransmitQueue& out);
    void handle_data(const wire::SctpChunk& chunk, AssociationEvents& events, TransmitQueue& out);
    void handle_sack(Instant now, const wire::SctpChunk& chunk, AssociationEvents& events,
                     TransmitQueue& out);
    void handle_forward_tsn(const wire::SctpChunk& chunk, AssociationEvents& events, TransmitQueue& out);
    void handle_reconfig(const wire::SctpChunk& chunk, AssociationEvents& events);
    void handle_heartbeat(const wire::SctpChunk& chunk, TransmitQueue& out);
    void handle_heartbeat_ack(Instant now, const wire::SctpChunk& chunk);
    void handle_error(Instant now, const wire::SctpChunk& chunk, TransmitQueue& out);
    bool handle_unknown(const wire::SctpChunk& chunk, TransmitQueue& out);
    void handle_shutdown(Instant now, const wire::SctpChunk& chunk, AssociationEvents& events,
                         TransmitQueue& out);
    void take_acknowledgement(Instant now, const SendQueue::Acknowledgement& result,
                              AssociationEvents& events, TransmitQueue& out);
    void finish_resets(const StreamResets::Outcome& outcome, AssociationEvents& events);
    void deliver(const std::vector<Message>& messages, AssociationEvents& events);
    void fail(FailureReason reason, AssociationEvents& events);
    void violation(AssociationEvents& events, TransmitQueue& out);
    void count_error(AssociationEvents& events, TransmitQueue& out);

    // association_send.cc
    void flush(Instant now, TransmitQueue& out);
    bool write_packet(Instant now, TransmitQueue& out);
    void write_sack(wire::SctpWriter& writer);
    void schedule_sack(Instant now);
    void send_chunk(wire::SctpChunkType type, uint8_t flags, ByteView value, TransmitQueue& out);
    void send_error(uint32_t tag, wire::SctpCause cause, ByteView value, TransmitQueue& out);
    void send_heartbeat(Instant now, TransmitQueue& out);
    void send_shutdown_ack(Instant now, TransmitQueue& out);
    wire::SctpHeader header(uint32_t tag) const { return {config_.local_port, config_.remote_port, tag}; }
    void commit(wire::SctpWriter& writer, TransmitQueue& out);

    // association_handshake.cc
    void handle_init(Instant now, const wire::SctpPacket& packet, const wire::SctpChunk& chunk,
                     TransmitQueue& out);
    void handle_init_ack(Instant now, const wire::SctpChunk& chunk, TransmitQueue& out);
    bool handle_cookie_echo(Instant now, const wire::SctpPacket& packet, const wire::SctpChunk& chunk,
                            AssociationEvents& events, TransmitQueue& out);
    bool accepts_cookie(Instant now, const Cookie& cookie, AssociationEvents& events, TransmitQueue& out);
    void send_init(TransmitQueue& out);
    void write_init(wire::SctpWriter& writer, wire::SctpChunkType type, uint32_t tag, uint32_t tsn);
    void retry_handshake(Instant now, AssociationEvents& events, TransmitQueue& out);
    void adopt(const Cookie& cookie);
    void establish(Instant now);
    uint32_t fresh_tag();

    Config config_;
    Rng* rng_;
    CookieKey cookie_key_;
    State state_ = State::Closed;
    std::array<Instant, kTimers> timers_;

    uint32_t local_tag_ = 0;
    uint32_t peer_tag_ = 0;
    uint32_t local_initial_tsn_ = 0;
    uint16_t outgoing_streams_ = kStreamsMax;
    bool peer_resets_ = false;  // the far side knows RE-CONFIG
    std::vector<uint8_t> cookie_echo_;

    ReceiveBuffer receive_;
    SendQueue send_;
    StreamResets resets_;
    RtoEstimator rto_;

    int errors_ = 0;  // consecutive unanswered retransmissions and heartbeats (RFC 9260 8.1)
    int handshake_retries_ = 0;
    uint64_t heartbeat_nonce_ = 0;  // zero: none outstanding
    Instant heartbeat_sent_at_;
    int packets_since_sack_ = 0;
    bool data_seen_ = false;  // in the packet at hand
    bool sack_now_ = false;
    int resets_in_packet_ = 0;
    bool replied_ = false;  // one ERROR and one HEARTBEAT ACK for each packet, so nothing is amplified
    Statistics statistics_;
};

}  // namespace conclave::sctp
