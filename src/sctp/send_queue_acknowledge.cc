// What the far side tells about our data: acknowledgement, loss, congestion, abandonment.
#include <algorithm>

#include "sctp/send_queue.h"

namespace conclave::sctp {

int64_t SendQueue::extend(uint32_t tsn) const {
    return acknowledged_ + static_cast<int32_t>(tsn - static_cast<uint32_t>(acknowledged_));
}

SendQueue::Acknowledgement SendQueue::acknowledge(Instant now, const wire::SctpSack& sack) {
    Acknowledgement result;
    const int64_t cumulative = extend(sack.cumulative_tsn);
    // RFC 9260 6.2.1 i: an older SACK that was overtaken.
    if (cumulative < acknowledged_) return result;
    if (cumulative >= next_tsn_) {
        result.violation = true;
        return result;
    }
    const bool was_full = outstanding_ + mtu_ > congestion_window_;
    const bool was_recovering = recovering_;
    size_t bytes = 0;
    advance(cumulative, now, result, bytes);
    take_gaps(sack, now, result, bytes);
    if (result.violation) return result;
    if (recovering_ && acknowledged_ >= recovery_point_) recovering_ = false;
    if (result.advanced && !was_recovering) grow_window(bytes, was_full);
    if (fragments_.empty()) partial_bytes_ = 0;
    peer_window_ = sack.receive_window - std::min<size_t>(sack.receive_window, outstanding_);
    move_forward_point();
    // RFC 3758 3.5 C3: not heard yet, or lost.
    if (forward_point_ > acknowledged_) forward_due_ = true;
    return result;
}

SendQueue::Acknowledgement SendQueue::acknowledge(Instant now, uint32_t cumulative_tsn) {
    wire::SctpSack sack;
    sack.cumulative_tsn = cumulative_tsn;
    sack.receive_window = static_cast<uint32_t>(peer_window_ + outstanding_);
    return acknowledge(now, sack);
}

void SendQueue::advance(int64_t cumulative, Instant now, Acknowledgement& result, size_t& bytes) {
    result.advanced = cumulative > acknowledged_;
    while (acknowledged_ < cumulative) {
        Fragment& f = fragments_.front();
        acknowledge_one(f, now, result, bytes);
        if (f.fate != Fate::Abandoned) release(message_of(f).options.stream, f.size);
        fragments_.pop_front();
        ++acknowledged_;
    }
    while (!messages_.empty() && messages_.front().last_tsn <= acknowledged_ &&
           (messages_.front().abandoned || messages_.front().sent == messages_.front().payload.size())) {
        messages_.pop_front();
        ++first_message_;
    }
}

// Gap blocks in ascending order, each fragment visited once; a block out of order ends the list.
void SendQueue::take_gaps(const wire::SctpSack& sack, Instant now, Acknowledgement& result, size_t& bytes) {
    int64_t reported = acknowledged_;
    int64_t highest_new = acknowledged_;
    for (size_t i = 0; i < sack.gap_count(); ++i) {
        const wire::SctpGap gap = sack.gap(i);
        const int64_t first = acknowledged_ + gap.first;
        const int64_t last = acknowledged_ + gap.last;
        if (first <= reported || last < first) break;
        if (last >= next_tsn_) {
            result.violation = true;
            return;
        }
        for (int64_t tsn = first; tsn <= last; ++tsn) {
            Fragment& f = fragment(tsn);
            if (f.fate != Fate::InFlight && f.fate != Fate::Lost) continue;
            acknowledge_one(f, now, result, bytes);
            highest_new = tsn;
        }
        reported = last;
    }
    // Highest TSN Newly Acknowledged (RFC 9260 7.2.4): reordering does not count as loss twice.
    count_missing(now, recovering_ && result.advanced ? reported : highest_new);
}

void SendQueue::acknowledge_one(Fragment& f, Instant now, Acknowledgement& result, size_t& bytes) {
    if (f.fate == Fate::InFlight) outstanding_ -= f.size;
    if (f.fate == Fate::Lost) --lost_;
    if (f.fate != Fate::InFlight && f.fate != Fate::Lost) return;
    f.fate = Fate::Acknowledged;
    result.news = true;
    bytes += f.size;
    if (f.transmissions == 1) result.round_trip = now - f.sent_at;
}

void SendQueue::count_missing(Instant now, int64_t limit) {
    bool lost = false;
    for (int64_t tsn = acknowledged_ + 1; tsn < limit; ++tsn) {
        Fragment& f = fragment(tsn);
        if (f.fate != Fate::InFlight || ++f.missing < kMissingReportsMax || f.fast_retransmitted) continue;
        f.fast_retransmitted = true;
        lose(now, tsn);
        lost = true;
    }
    if (!lost || recovering_) return;
    halve_window();
    congestion_window_ = slow_start_threshold_;
    recovering_ = true;
    recovery_point_ = next_tsn_ - 1;
    burst_credit_ = true;
}

// RFC 9260 7.2.1 and 7.2.2: only when the window was the limit.
void SendQueue::grow_window(size_t bytes, bool was_full) {
    if (congestion_window_ <= slow_start_threshold_) {
        if (was_full) congestion_window_ += std::min(bytes, mtu_);
    } else {
        partial_bytes_ += bytes;
        if (partial_bytes_ >= congestion_window_ && was_full) {
            partial_bytes_ -= congestion_window_;
            congestion_window_ += mtu_;
        }
        // Without need it does not pile up (RFC 9260 7.2.2).
        partial_bytes_ = std::min(partial_bytes_, congestion_window_);
    }
    congestion_window_ = std::min(congestion_window_, capacity_ + mtu_);
}

void SendQueue::halve_window() {
    slow_start_threshold_ = std::max(congestion_window_ / 2, 4 * mtu_);
    partial_bytes_ = 0;
}

void SendQueue::handle_timeout(Instant now) {
    if (fragments_.empty()) return;
    // The oldest fragment cannot be acknowledged and outstanding at once: the far side has thrown away
    // what it had reported in gap blocks (RFC 9260 6.2.1 iv).
    const bool reneged = fragments_.front().fate == Fate::Acknowledged;
    for (int64_t tsn = acknowledged_ + 1; tsn < next_tsn_; ++tsn) {
        Fragment& f = fragment(tsn);
        if (reneged && f.fate == Fate::Acknowledged) {
            f.fate = Fate::Lost;
            ++lost_;
        }
        f.fast_retransmitted = false;
        if (f.fate == Fate::InFlight) lose(now, tsn);
    }
    halve_window();
    congestion_window_ = mtu_;
    recovering_ = false;
    if (forward_point_ > acknowledged_) forward_due_ = true;
}

void SendQueue::lose(Instant now, int64_t tsn) {
    Fragment& f = fragment(tsn);
    const Queued& message = message_of(f);
    outstanding_ -= f.size;
    f.fate = Fate::Lost;
    ++lost_;
    const auto limit = message.options.max_retransmits;
    const bool spent = peer_forwards_ && limit && f.transmissions > *limit;
    if (spent || has_expired(message, now)) abandon(f.message);
}

// RFC 3758 3.5 A: all fragments of the message, whatever became of each. Its unsent rest gets one TSN
// that is never sent, so that the far side does not take the next message for its continuation.
void SendQueue::abandon(uint64_t serial) {
    Queued& message = messages_[serial - first_message_];
    size_t freed = message.payload.size() - message.sent;
    if (freed > 0) {
        Fragment rest;
        rest.message = serial;
        rest.fate = Fate::Abandoned;
        message.last_tsn = next_tsn_++;
        fragments_.push_back(rest);
    }
    for (int64_t tsn = std::max(message.first_tsn, acknowledged_ + 1); tsn <= message.last_tsn; ++tsn) {
        Fragment& f = fragment(tsn);
        if (f.fate == Fate::InFlight) outstanding_ -= f.size;
        if (f.fate == Fate::Lost) --lost_;
        f.fate = Fate::Abandoned;
        freed += f.size;
        f.size = 0;
    }
    release(message.options.stream, freed);
    message.abandoned = true;
    message.payload = {};
    ++abandoned_;
    move_forward_point();
}

void SendQueue::move_forward_point() {
    int64_t point = std::max(forward_point_, acknowledged_);
    while (point + 1 < next_tsn_ && fragment(point + 1).fate == Fate::Abandoned) ++point;
    if (point > std::max(forward_point_, acknowledged_)) forward_due_ = true;
    forward_point_ = point;
}

void SendQueue::write_forward_tsn(wire::SctpWriter& writer) {
    if (!forward_due_ || writer.room() < 16) return;
    forward_due_ = false;
    if (forward_point_ <= acknowledged_) return;
    const size_t skips_max = std::min(kSkippedStreamsMax, (writer.room() - 8) / 4);
    // The last skipped SSN of each ordered stream.
    std::map<uint16_t, uint16_t> last_ssns;
    int64_t point = acknowledged_;
    while (point < forward_point_) {
        const Queued& message = message_of(fragment(point + 1));
        if (!message.options.unordered) {
            if (last_ssns.size() == skips_max && !last_ssns.contains(message.options.stream)) break;
            last_ssns[message.options.stream] = message.ssn;
        }
        point = message.last_tsn;
    }
    std::vector<wire::SctpSkip> skips;
    skips.reserve(last_ssns.size());
    for (const auto& [stream, ssn] : last_ssns) skips.push_back({stream, ssn});
    writer.forward_tsn(static_cast<uint32_t>(point), skips);
}

}  // namespace conclave::sctp
