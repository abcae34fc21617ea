#include "rtp/feedback_recorder.h"

#include <algorithm>

namespace conclave::rtp {
namespace {

// So many unreported packets are worth a message before the interval is over.
constexpr int64_t kEarlyPackets = 128;
// Statuses of one message: with deltas it stays within one datagram for an ordinary arrival pattern.
constexpr size_t kArrivalsPerFeedback = 512;

}  // namespace

FeedbackRecorder::FeedbackRecorder(uint32_t sender_ssrc, uint32_t media_ssrc)
    : sender_ssrc_(sender_ssrc), media_ssrc_(media_ssrc) {
    arrivals_.fill(Instant::never());
}

void FeedbackRecorder::record(Instant now, uint16_t transport_seq) {
    const ExtSeqNo seq{unwrapper_.extend(transport_seq)};
    if (!started_) {
        started_ = true;
        first_ = seq;
        newest_ = seq;
    }
    if (newest_ - seq >= static_cast<int64_t>(kFeedbackWindow)) {
        ++dropped_;
        return;
    }
    if (seq > newest_) advance_to(seq);
    if (!arrival(seq).is_never()) return;
    arrival(seq) = now;
    // A packet reported as missing came after all: the next message starts with it again.
    first_ = std::min(first_, seq);
    next_feedback_ = soonest(next_feedback_, now + kFeedbackInterval);
    if (newest_ - first_ >= kEarlyPackets) {
        next_feedback_ = soonest(next_feedback_, std::max(now, last_feedback_ + kFeedbackIntervalMin));
    }
}

void FeedbackRecorder::advance_to(ExtSeqNo seq) {
    constexpr auto kWindow = static_cast<int64_t>(kFeedbackWindow);
    if (seq - newest_ >= kWindow) {
        arrivals_.fill(Instant::never());
    } else {
        for (ExtSeqNo s = newest_ + 1; s <= seq; s = s + 1) arrival(s) = Instant::never();
    }
    newest_ = seq;
    const ExtSeqNo lowest = newest_ + (1 - kWindow);
    if (first_ < lowest) {
        dropped_ += static_cast<uint64_t>(lowest - first_);
        first_ = lowest;
    }
}

bool FeedbackRecorder::write_feedback(Instant now, ByteWriter& out) {
    std::array<wire::PacketArrival, kArrivalsPerFeedback> arrivals;
    size_t count = 0;
    for (ExtSeqNo s = first_; s <= newest_ && count < arrivals.size(); s = s + 1) {
        if (!arrival(s).is_never()) arrivals[count++] = {s, arrival(s)};
    }
    next_feedback_ = Instant::never();
    if (count == 0) return false;
    const size_t told = wire::write_transport_feedback(out, sender_ssrc_, media_ssrc_, feedback_count_,
                                                       first_, std::span{arrivals}.first(count));
    last_feedback_ = now;
    if (told == 0) {
        next_feedback_ = now + kFeedbackInterval;
        return false;
    }
    ++feedback_count_;
    first_ = arrivals[told - 1].sequence + 1;
    if (first_ <= newest_) next_feedback_ = now;
    return true;
}

}  // namespace conclave::rtp
