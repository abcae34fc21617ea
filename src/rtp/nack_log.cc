#include "rtp/nack_log.h"

#include <algorithm>

namespace conclave::rtp {
namespace {

// The first repeat waits a little more than a round trip, later ones up to five times as long: ten tries
// fill about half a second at short round trips without bursts on a congested path.
Duration pause_after(uint8_t tries, Duration rtt) {
    const Duration base = std::max(rtt + rtt / 4, kNackIntervalMin);
    return base * (tries + 1) / 2;
}

}  // namespace

void NackLog::handle_packet(Instant now, ExtSeqNo seq) {
    if (!started_) {
        started_ = true;
        newest_ = seq;
    } else if (seq > newest_) {
        advance_to(now, seq);
    } else {
        erase(seq);
    }
}

void NackLog::advance_to(Instant now, ExtSeqNo seq) {
    const int64_t gap = seq - newest_ - 1;
    if (gap > static_cast<int64_t>(kMissingMax)) {
        reset();
        started_ = true;
        keyframe_needed_ = true;
    } else {
        for (int64_t i = 1; i <= gap; ++i) append_missing(now, newest_ + i);
    }
    newest_ = seq;
    // Enough later packets came: no need to wait for the time.
    const size_t untried = first_untried();
    if (untried < size_ && newest_ - missing_[untried].seq >= kReorderPackets) {
        next_due_ = soonest(next_due_, now);
    }
}

void NackLog::append_missing(Instant now, ExtSeqNo seq) {
    if (size_ == kMissingMax) {
        // The oldest is the least useful; and what is lost beyond the table nobody will repair.
        std::move(missing_.begin() + 1, missing_.end(), missing_.begin());
        --size_;
        ++given_up_;
        keyframe_needed_ = true;
    }
    const Instant next = now + kReorderTolerance;
    missing_[size_++] = {seq, now, next, 0};
    next_due_ = soonest(next_due_, next);
}

void NackLog::erase(ExtSeqNo seq) {
    const auto end = missing_.begin() + static_cast<std::ptrdiff_t>(size_);
    const auto found = std::lower_bound(missing_.begin(), end, seq,
                                        [](const Missing& m, ExtSeqNo wanted) { return m.seq < wanted; });
    if (found == end || found->seq != seq) return;
    std::move(found + 1, end, found);
    if (--size_ == 0) next_due_ = Instant::never();
}

// Packets are first asked for in order, so the untried ones are the last of the table.
size_t NackLog::first_untried() const {
    const auto end = missing_.begin() + static_cast<std::ptrdiff_t>(size_);
    const auto found =
        std::upper_bound(missing_.begin(), end, newest_tried_,
                         [](ExtSeqNo newest_tried, const Missing& m) { return newest_tried < m.seq; });
    return static_cast<size_t>(found - missing_.begin());
}

StaticVector<SeqNo, kNacksPerReportMax> NackLog::due(Instant now, Duration rtt) {
    StaticVector<SeqNo, kNacksPerReportMax> asked;
    if (now < next_due_) return asked;
    next_due_ = Instant::never();
    size_t kept = 0;
    for (size_t i = 0; i < size_; ++i) {
        Missing m = missing_[i];
        const bool is_due = m.next <= now || (m.tries == 0 && newest_ - m.seq >= kReorderPackets);
        if (now - m.since > kNackAgeMax || (is_due && m.tries == kNackTriesMax)) {
            ++given_up_;
            continue;
        }
        if (is_due) {
            asked.push_back(m.seq.wire());
            ++m.tries;
            m.next = now + pause_after(m.tries, rtt);
            newest_tried_ = std::max(newest_tried_, m.seq);
        }
        next_due_ = soonest(next_due_, m.next);
        missing_[kept++] = m;
    }
    size_ = kept;
    return asked;
}

bool NackLog::take_keyframe_needed() {
    return std::exchange(keyframe_needed_, false);
}

void NackLog::reset() {
    size_ = 0;
    started_ = false;
    newest_tried_ = ExtSeqNo{INT64_MIN};
    next_due_ = Instant::never();
}

}  // namespace conclave::rtp
