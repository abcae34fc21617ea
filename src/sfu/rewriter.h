// Gives one subscriber a continuous stream: sequence numbers without holes of our making and timestamps that
// keep running, whatever the publisher's source does (late join, pause, new SSRC). RFC 3550 5.1, RFC
// 7667 3.7.
//
// A subscription is a list of segments; inside a segment both numberings differ by a constant. So the way
// back, needed to answer a NACK from the publisher's packet cache, costs no memory per packet.
#pragma once

#include <cstdint>
#include <optional>

#include "base/seq.h"
#include "base/time.h"

namespace conclave::sfu {

class Rewriter {
 public:
    struct Sent {
        ExtSeqNo sequence;
        uint32_t timestamp = 0;
    };
    struct Origin {
        uint32_t source = 0;  // SSRC at the publisher
        ExtSeqNo sequence;
    };

    // First values are drawn at random by the caller (RFC 3550 5.1).
    Rewriter(SeqNo first_sequence, uint32_t first_timestamp, uint32_t clock_rate);

    // Opens a segment at this packet; it will be sent next after the newest packet sent so far.
    void start(Instant now, uint32_t source, ExtSeqNo sequence, uint32_t timestamp);

    // Null before the first start(), and for packets of no open or remembered segment (too old, other
    // source).
    std::optional<Sent> map(Instant now, uint32_t source, ExtSeqNo sequence, uint32_t timestamp);

    std::optional<Origin> origin(ExtSeqNo sent) const;

    // Null before the first start().
    std::optional<uint32_t> map_timestamp(uint32_t source, uint32_t timestamp) const;

 private:
    struct Segment {
        uint32_t source = 0;
        int64_t first_in = 0;
        int64_t newest_in = 0;
        int64_t offset = 0;
        uint32_t timestamp_offset = 0;
    };
    // Enough for the pauses and restarts within the life of a retransmission (about a second).
    static constexpr int kSegmentsMax = 8;

    const Segment& newest() const { return segments_[(count_ - 1) % kSegmentsMax]; }
    Segment& newest() { return segments_[(count_ - 1) % kSegmentsMax]; }
    int oldest_index() const { return count_ > kSegmentsMax ? count_ - kSegmentsMax : 0; }

    Segment segments_[kSegmentsMax];
    int count_ = 0;
    int64_t newest_out_;
    uint32_t newest_timestamp_;
    Instant newest_at_;
    uint32_t clock_rate_;
};

}  // namespace conclave::sfu
