#include "sfu/rewriter.h"

#include <algorithm>

namespace conclave::sfu {

Rewriter::Rewriter(SeqNo first_sequence, uint32_t first_timestamp, uint32_t clock_rate)
    // One turn up, so that a reordered packet before the first never maps below zero.
    : newest_out_(65536 + first_sequence.value - 1),
      newest_timestamp_(first_timestamp),
      clock_rate_(clock_rate) {}

void Rewriter::start(Instant now, uint32_t source, ExtSeqNo sequence, uint32_t timestamp) {
    Segment next;
    next.source = source;
    next.first_in = next.newest_in = sequence.value;
    next.offset = newest_out_ + 1 - sequence.value;
    if (count_ == 0) {
        next.timestamp_offset = newest_timestamp_ - timestamp;
    } else if (newest().source == source) {
        // The publisher's clock ran on during the pause: keeping the offset keeps lip-sync.
        next.timestamp_offset = newest().timestamp_offset;
    } else {
        const int64_t elapsed = std::max<int64_t>((now - newest_at_).us, 1000);
        const auto ticks = static_cast<uint32_t>(elapsed * clock_rate_ / 1'000'000);
        next.timestamp_offset = newest_timestamp_ + ticks - timestamp;
    }
    segments_[count_ % kSegmentsMax] = next;
    ++count_;
}

std::optional<Rewriter::Sent> Rewriter::map(Instant now, uint32_t source, ExtSeqNo sequence,
                                            uint32_t timestamp) {
    for (int i = count_ - 1; i >= oldest_index(); --i) {
        Segment& segment = segments_[i % kSegmentsMax];
        if (segment.source != source || sequence.value < segment.first_in) continue;
        const bool is_newest = i == count_ - 1;
        if (!is_newest && sequence.value > segment.newest_in) return std::nullopt;
        const Sent sent{{sequence.value + segment.offset}, timestamp + segment.timestamp_offset};
        if (is_newest && sent.sequence.value > newest_out_) {
            segment.newest_in = sequence.value;
            newest_out_ = sent.sequence.value;
            newest_timestamp_ = sent.timestamp;
            newest_at_ = now;
        }
        return sent;
    }
    return std::nullopt;
}

std::optional<Rewriter::Origin> Rewriter::origin(ExtSeqNo sent) const {
    for (int i = count_ - 1; i >= oldest_index(); --i) {
        const Segment& segment = segments_[i % kSegmentsMax];
        const int64_t in = sent.value - segment.offset;
        if (in < segment.first_in) continue;
        if (in > segment.newest_in) return std::nullopt;
        return Origin{segment.source, {in}};
    }
    return std::nullopt;
}

std::optional<uint32_t> Rewriter::map_timestamp(uint32_t source, uint32_t timestamp) const {
    if (count_ == 0 || newest().source != source) return std::nullopt;
    return timestamp + newest().timestamp_offset;
}

}  // namespace conclave::sfu
