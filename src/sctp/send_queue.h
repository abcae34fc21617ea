// The sending half of an association: messages of all streams, their fragments in flight, what the
// far side acknowledged, and how much may be sent (RFC 9260 6.1, 6.2.1, 6.3.3, 7.2; RFC 3758 3.5).
//
//   push -> streams' queues -> (round robin, one message at a time) -> fragments in flight -> gone
//
// Without message interleaving (RFC 8260) the fragments of a message have consecutive TSNs, so a
// message that has begun is finished or abandoned before the next one begins.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "sctp/config.h"
#include "wire/sctp.h"

namespace conclave::sctp {

// Fragments in flight: bounds the work of one SACK. At 1,132 bytes each it is the whole send buffer.
constexpr size_t kInFlightMax = 2048;
// Queued messages: tiny ones cost more than their bytes.
constexpr size_t kQueuedMessagesMax = 16384;
// RFC 9260 7.2.1 starts with about 3 packets; 10 as TCP does since RFC 6928, so that a first message
// of 10 KiB takes one round trip.
constexpr size_t kInitialWindowPackets = 10;
constexpr int kMissingReportsMax = 3;       // RFC 9260 7.2.4
constexpr size_t kSkippedStreamsMax = 128;  // in one FORWARD TSN; the next one goes on

struct OutgoingMessage {
    uint16_t stream = 0;
    uint32_t ppid = 0;
    bool unordered = false;
    bool exempt = false;  // from the send buffer's limit: control messages, few by nature
    // Limits (RFC 3758, RFC 7496): abandoned after so many retransmissions, or from `expires` on.
    std::optional<uint32_t> max_retransmits;
    Instant expires = Instant::never();
};

class SendQueue {
 public:
    struct Acknowledgement {
        bool violation = false;  // acknowledges what was never sent
        bool advanced = false;   // the cumulative TSN moved
        bool news = false;       // anything was newly acknowledged
        std::optional<Duration> round_trip;
    };

    SendQueue(size_t mtu, size_t capacity)
        : mtu_(mtu), capacity_(capacity), congestion_window_(mtu * kInitialWindowPackets) {}

    // The association is up: sending may begin. Queued messages stay.
    void start(uint32_t initial_tsn, uint32_t peer_window, bool peer_forwards);

    // Copies the payload. False when the send buffer is full.
    [[nodiscard]] bool push(const OutgoingMessage& message, ByteView payload);
    // Writes DATA chunks into one packet, retransmissions first, as far as the windows allow.
    void fill(Instant now, wire::SctpWriter& writer);
    // Whether fill() would write something, room permitting.
    bool has_output() const;
    Acknowledgement acknowledge(Instant now, const wire::SctpSack& sack);
    // SHUTDOWN acknowledges too, without a word about the window (RFC 9260 9.2).
    Acknowledgement acknowledge(Instant now, uint32_t cumulative_tsn);
    // T3-rtx (RFC 9260 6.3.3): all in flight counts as lost.
    void handle_timeout(Instant now);
    bool forward_due() const { return forward_due_; }
    // FORWARD TSN when the far side should skip something (RFC 3758 3.5).
    void write_forward_tsn(wire::SctpWriter& writer);
    void restart_stream(uint16_t stream);  // numbered from 0 again after a reset

    bool in_flight() const { return !fragments_.empty(); }
    bool empty() const { return fragments_.empty() && queued_ == 0; }
    bool window_closed() const { return peer_window_ == 0; }
    size_t buffered(uint16_t stream) const;
    size_t buffered() const { return buffered_; }
    uint32_t last_tsn() const { return static_cast<uint32_t>(next_tsn_ - 1); }
    size_t congestion_window() const { return congestion_window_; }
    size_t outstanding() const { return outstanding_; }
    uint64_t retransmissions() const { return retransmissions_; }
    uint64_t abandoned() const { return abandoned_; }  // messages

 private:
    enum class Fate : uint8_t { InFlight, Lost, Acknowledged, Abandoned };

    struct Queued {
        OutgoingMessage options;
        std::vector<uint8_t> payload;
        size_t sent = 0;  // offset of the next fragment
        uint16_t ssn = 0;
        int64_t first_tsn = 0;
        int64_t last_tsn = 0;
        bool abandoned = false;
    };
    struct Fragment {
        uint64_t message = 0;  // messages_[message - first_message_]
        size_t offset = 0;
        size_t size = 0;
        uint32_t transmissions = 0;
        int missing = 0;  // SACKs that reported later TSNs but not this one
        Instant sent_at;
        Fate fate = Fate::InFlight;
        bool begins = false;
        bool ends = false;
        bool fast_retransmitted = false;
    };
    struct Stream {
        std::deque<Queued> queue;
        uint16_t next_ssn = 0;
        size_t buffered = 0;
    };

    Queued& message_of(const Fragment& f) { return messages_[f.message - first_message_]; }
    Fragment& fragment(int64_t tsn) { return fragments_[static_cast<size_t>(tsn - acknowledged_ - 1)]; }
    int64_t extend(uint32_t tsn) const;
    bool fragmenting() const;
    bool has_expired(const Queued& message, Instant now) const;

    // send_queue.cc
    void retransmit_lost(Instant now, wire::SctpWriter& writer);
    void send_new(Instant now, wire::SctpWriter& writer);
    bool begin_next(Instant now);
    void write(Instant now, int64_t tsn, wire::SctpWriter& writer);
    void release(uint16_t stream, size_t bytes);

    // send_queue_acknowledge.cc
    void advance(int64_t cumulative, Instant now, Acknowledgement& result, size_t& bytes);
    void take_gaps(const wire::SctpSack& sack, Instant now, Acknowledgement& result, size_t& bytes);
    void acknowledge_one(Fragment& f, Instant now, Acknowledgement& result, size_t& bytes);
    void count_missing(Instant now, int64_t limit);
    void grow_window(size_t bytes, bool was_full);
    void halve_window();
    void lose(Instant now, int64_t tsn);
    void abandon(uint64_t serial);
    void move_forward_point();

    size_t mtu_;
    size_t capacity_;
    bool started_ = false;
    bool peer_forwards_ = false;

    std::map<uint16_t, Stream> streams_;
    std::deque<uint16_t> ready_;  // streams with queued messages, in turn
    size_t queued_ = 0;           // messages that have not begun
    size_t buffered_ = 0;

    int64_t next_tsn_ = 0;
    int64_t acknowledged_ = -1;   // cumulative
    int64_t forward_point_ = -1;  // Advanced.Peer.Ack.Point (RFC 3758 3.5)
    bool forward_due_ = false;
    std::deque<Fragment> fragments_;  // acknowledged_ + 1 to next_tsn_ - 1
    std::deque<Queued> messages_;     // begun and not wholly acknowledged
    uint64_t first_message_ = 0;
    size_t lost_ = 0;         // fragments to send again
    size_t outstanding_ = 0;  // bytes in flight

    size_t peer_window_ = 0;
    size_t congestion_window_;
    size_t slow_start_threshold_ = 0;
    size_t partial_bytes_ = 0;
    int64_t recovery_point_ = -1;  // fast recovery until this TSN is acknowledged
    bool recovering_ = false;
    bool burst_credit_ = false;  // one packet of fast retransmission beyond the window

    uint64_t retransmissions_ = 0;
    uint64_t abandoned_ = 0;
};

}  // namespace conclave::sctp
