#include "bwe/sent_history.h"

namespace conclave::bwe {

void SentHistory::grow() {
    std::vector<Entry> larger(2 * entries_.size());
    for (uint64_t i = 1; i <= entries_.size() && i <= next_; ++i) {
        const uint64_t number = next_ - i;
        larger[number & (larger.size() - 1)] = entries_[number & (entries_.size() - 1)];
    }
    entries_ = std::move(larger);
}

SentHistory::Entry* SentHistory::find(SeqNo sequence) {
    // How long before the next one it was sent: 1 is the newest.
    const auto back = static_cast<uint16_t>(static_cast<uint16_t>(next_) - sequence.value);
    if (back == 0 || back > entries_.size() || back > next_) return nullptr;
    return &entries_[(next_ - back) & (entries_.size() - 1)];
}

Instant SentHistory::reference(const wire::TransportFeedback& feedback) {
    constexpr int32_t kRound = 1 << 24;
    // Nothing that is compared lies so far apart; a clock that jumps further goes on as if it had not.
    constexpr int32_t kStepMax = 1000;
    int32_t step = has_reference_ ? (feedback.reference_time - told_) % kRound : 0;
    // The shortest way.
    if (step > kRound / 2) step -= kRound;
    if (step < -kRound / 2) step += kRound;
    has_reference_ = true;
    told_ = feedback.reference_time;
    if (step >= -kStepMax && step <= kStepMax) reference_ += step;
    return Instant{} + wire::TransportFeedback::kReferenceUnit * reference_;
}

}  // namespace conclave::bwe
