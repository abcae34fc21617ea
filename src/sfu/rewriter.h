// Gives one subscriber a continuous stream: sequence numbers without holes of our making, timestamps and
// picture ids that keep running, whatever we leave out and whatever the publisher's sources do (late join,
// pause, other simulcast stream, new SSRC). RFC 3550 5.1, RFC 7667 3.7.
//
// A subscription is a list of segments; inside a segment both numberings differ by a constant. So the way
// back, needed to answer a NACK from the publisher's packet cache, costs no memory per packet. What was left
// out lies between two segments; what the publisher's network lost stays a hole within one, into which a late
// packet still fits.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/seq.h"
#include "base/time.h"
#include "sfu/packet.h"

namespace conclave::sfu {

// Enough for the pauses and restarts within the life of a retransmission (2 s).
constexpr size_t kAudioSegments = 8;
// At 60 frames a second of which every other is left out: 4 s.
constexpr size_t kVideoSegments = 128;

class Rewriter {
 public:
    struct Sent {
        ExtSeqNo sequence;
        uint32_t timestamp = 0;
        bool marker = false;
        std::optional<wire::Vp8Ids> vp8;
        std::optional<uint16_t> frame_number;
    };
    struct Origin {
        uint8_t encoding = 0;
        uint32_t source = 0;  // SSRC at the publisher
        ExtSeqNo sequence;
    };

    // First values are drawn at random by the caller (RFC 3550 5.1). Remembers so many segments, and asks for
    // their memory when there are more than ever before.
    Rewriter(SeqNo first_sequence, uint32_t first_timestamp, uint32_t clock_rate, size_t segments);

    // Opens a segment at this packet; it will be sent next after the newest packet sent so far. When it is of
    // another source, `clock_step` says how far the timestamps of the source sent so far are ahead of this
    // one's at the same instant; unknown, the time that has passed decides. Time never goes back.
    void start(Instant now, const Packet&, std::optional<uint32_t> clock_step);

    // Null before the first start(), for a packet that was left out, and for packets of no open or remembered
    // segment (too old, other source). `marker` is how it will be sent.
    std::optional<Sent> map(Instant now, const Packet&, bool marker);

    // This packet is not sent: the numbering closes over it.
    void drop(const Packet&);

    // Null for what was never sent or is no longer remembered.
    std::optional<Origin> origin(ExtSeqNo sent) const;
    // How the packet was sent that origin() found, from what its publisher says in it.
    std::optional<Sent> again(ExtSeqNo sent, const KeptPacket&) const;

    // Null before the first start().
    std::optional<uint8_t> encoding() const {
        return is_started_ ? std::optional(newest_.encoding) : std::nullopt;
    }
    std::optional<uint32_t> map_timestamp(uint32_t source, uint32_t timestamp) const;

 private:
    struct Segment {
        uint32_t source = 0;
        uint8_t encoding = 0;
        uint8_t tl0_offset = 0;
        uint8_t key_offset = 0;
        uint16_t frame_offset = 0;
        uint32_t timestamp_offset = 0;
        int64_t first_in = 0;
        int64_t newest_in = 0;
        int64_t offset = 0;
        int64_t picture_offset = 0;
        int64_t newest_picture = 0;  // as published, unwrapped
    };
    // A flag for each of the newest numbers sent.
    static constexpr int64_t kFlags = 1024;
    struct Flags {
        std::array<uint64_t, kFlags / 64> words{};
        bool test(int64_t i) const { return (words[index(i)] >> (i % 64) & 1) != 0; }
        void set(int64_t i) { words[index(i)] |= uint64_t{1} << (i % 64); }
        void reset(int64_t i) { words[index(i)] &= ~(uint64_t{1} << (i % 64)); }
        static size_t index(int64_t i) { return static_cast<size_t>(i % kFlags / 64); }
    };

    bool is_remembered(int64_t sent) const { return sent <= newest_out_ && sent > newest_out_ - kFlags; }
    const Segment& segment(size_t back) const;
    Segment& segment(size_t back) { return const_cast<Segment&>(std::as_const(*this).segment(back)); }
    size_t segments() const { return is_started_ ? 1 + older_.size() : 0; }
    const Segment* find_published(const Packet&) const;
    const Segment* find_sent(int64_t sent) const;
    void push(const Segment&);
    void continue_at(int64_t first_in);
    void advance_to(int64_t out);
    uint32_t step_to(Instant now, const Packet&, std::optional<uint32_t> clock_step) const;
    static int64_t picture_of(const Segment&, const wire::Vp8Descriptor&);
    static void number(const Segment&, const KeptPacket&, Sent&);

    Segment newest_;              // apart, for it is nearly always the one
    std::vector<Segment> older_;  // a ring, once it is full
    size_t older_max_;
    size_t older_count_ = 0;  // ever pushed
    bool is_started_ = false;

    // Of the source of the newest segment: behind its end, or below.
    int64_t dropped_until_ = 0;
    uint32_t dropped_timestamp_ = 0;
    int64_t newest_picture_ = 0;  // sent or dropped
    int64_t picture_offset_ = 0;  // for the segment to come

    int64_t newest_out_;
    uint32_t newest_timestamp_;
    Instant newest_at_;
    wire::Vp8Ids newest_ids_;
    uint16_t newest_frame_number_ = 0;
    uint32_t clock_rate_;

    Flags marked_;    // sent with a marker
    Flags withheld_;  // came late and were left out
};

}  // namespace conclave::sfu
