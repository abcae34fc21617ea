// The data channels of one peer (RFC 8831, RFC 8832) on an SCTP association of their own: opened by
// either side, ordered or not, reliable or limited, closed by stream reset (RFC 8831 6.7). Pure:
// packets come in and go out unencrypted, the owner wraps each in one DTLS record.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "sctp/association.h"
#include "sctp/config.h"

namespace conclave::sctp {

struct ChannelOptions {
    std::string label;
    std::string protocol;
    bool ordered = true;
    // At most one of the two; neither means reliable. Without PR-SCTP on the far side both are
    // ignored.
    std::optional<uint32_t> max_retransmits;
    std::optional<Duration> max_lifetime;
};

// A channel is ready: the far side opened it, or acknowledged ours.
struct Opened {
    uint16_t id = 0;
    std::string label;
    std::string protocol;
    bool ordered = true;
    std::optional<uint32_t> max_retransmits;
    std::optional<Duration> max_lifetime;
};

// `payload` points into the packet passed in or into the association: valid until the next
// handle_packet() or handle_timeout(), and while that packet is. send() does not disturb it.
struct ChannelMessage {
    uint16_t id = 0;
    bool binary = false;  // false: UTF-8 text that is not checked here
    ByteView payload;
};

// Both directions are reset, or the far side closed: the id is free again, nothing more arrives.
struct Closed {
    uint16_t id = 0;
};

// Connected, Failed: sctp/association.h. After Failed every channel is gone and calls do nothing.
using Event = std::variant<Connected, Opened, ChannelMessage, Closed, Failed>;
using Events = std::vector<Event>;

class DataChannels {
 public:
    // `rng` must outlive the object.
    static DataChannels create(const Config& config, Rng& rng) { return DataChannels(config, rng); }

    // Sends INIT. Without this call the far side has to (browsers and LiveKit SDKs always do).
    void connect(Instant now, TransmitQueue& out) { association_.connect(now, out); }
    [[nodiscard]] Events handle_packet(Instant now, ByteView packet, TransmitQueue& out);
    [[nodiscard]] Events handle_timeout(Instant now, TransmitQueue& out);
    Instant next_timeout() const { return association_.next_timeout(); }  // never() when idle

    // The id of the new channel. May be called, and sent on, before the association is up.
    Result<uint16_t> open(Instant now, const ChannelOptions& options, TransmitQueue& out);
    // Refused: no such channel, closing, message above the peer's limit, send buffer full.
    Status send(Instant now, uint16_t id, bool binary, ByteView message, TransmitQueue& out);
    // What was accepted is still delivered, then the stream is reset and Closed is reported.
    Status close(Instant now, uint16_t id, TransmitQueue& out);
    // Bytes accepted and not yet acknowledged or abandoned.
    size_t buffered_amount(uint16_t id) const { return association_.buffered(id); }
    // Tells the far side that it is over (ABORT); nothing is sent or reported afterwards.
    void abort(TransmitQueue& out);

    size_t channel_count() const { return channels_.size(); }
    bool connected() const { return association_.connected(); }
    const Association& association() const { return association_; }

 private:
    struct Channel {
        ChannelOptions options;
        bool local = false;         // opened by us
        bool acknowledged = false;  // until then we send in order (RFC 8832 6)
        bool closing = false;       // the reset of our stream is asked for
        bool sent_reset = false;    // ... and answered
        bool remote_reset = false;  // the far side has reset its stream
        bool reply_due = false;     // DATA_CHANNEL_ACK, once the reset of the id's former use is answered
    };

    DataChannels(const Config& config, Rng& rng)
        : dtls_client_(config.dtls_client), association_(Association::create(config, rng)) {}

    Events translate(Instant now, const AssociationEvents& received, TransmitQueue& out);
    void on_message(Instant now, const Message& message, Events& events, TransmitQueue& out);
    void on_open(Instant now, const Message& message, Events& events, TransmitQueue& out);
    void on_incoming_reset(Instant now, uint16_t id, Events& events, TransmitQueue& out);
    void on_outgoing_reset(Instant now, uint16_t id, Events& events, TransmitQueue& out);
    void acknowledge(uint16_t id, Channel& channel, Events& events);
    void finish(uint16_t id, Events& events);
    void drop_unusable(Events& events);
    bool send_control(Instant now, uint16_t id, ByteView message, TransmitQueue& out);
    void send_ack(Instant now, uint16_t id, TransmitQueue& out);
    std::optional<uint16_t> free_id() const;

    bool dtls_client_;
    Association association_;
    std::map<uint16_t, Channel> channels_;
};

}  // namespace conclave::sctp
