#include "bwe/prober.h"

#include <algorithm>

#include "base/check.h"

namespace conclave::bwe {
namespace {

// At first nothing is known, and a step too large costs little yet.
constexpr uint64_t kFirstFactor = 3;
constexpr uint64_t kFactor = 2;
// A cluster that nothing is sent for: there is nothing to send it with.
constexpr Duration kStalled = Duration::millis(200);

size_t bytes_in(DataRate rate, Duration time) {
    return static_cast<size_t>(rate.bps * static_cast<uint64_t>(time.us) / 8'000'000);
}

}  // namespace

bool Prober::begin(Instant now, DataRate estimate, bool is_congested) {
    if (is_sending_ && now - began_ > kLength + kStalled) {
        is_sending_ = false;
        next_ = now + kInterval;
    }
    if (is_sending_ || now < next_ || !is_wanted(estimate)) return false;
    if (is_congested) {
        next_ = now + kInterval / 2;
        return false;
    }
    const uint64_t factor = has_begun_ ? kFactor : kFirstFactor;
    // What is wanted varies: a little more is asked for than that.
    rate_ = {std::min(estimate.bps * factor, wanted_.bps + wanted_.bps / 8)};
    has_begun_ = true;
    is_sending_ = true;
    cluster_ = cluster_ == 255 ? ClusterId{1} : static_cast<ClusterId>(cluster_ + 1);
    began_ = now;
    bytes_ = 0;
    packets_ = 0;
    next_ = now + kInterval;
    ++clusters_;
    return true;
}

Instant Prober::next_timeout(DataRate estimate) const {
    if (is_sending_) {
        // When the next burst is due, by what was sent.
        if (is_complete()) return began_ + kBurst;
        const uint64_t taken = (bytes_ + 1) * 8'000'000 / std::max<uint64_t>(rate_.bps, 1) + 1;
        return began_ + std::max(Duration{static_cast<int64_t>(taken)} - kBurst, Duration{});
    }
    return is_wanted(estimate) ? next_ : Instant::never();
}

size_t Prober::due(Instant now) const {
    if (!is_sending_) return 0;
    const size_t by_now = bytes_in(rate_, now - began_ + kBurst);
    if (!is_complete()) return by_now > bytes_ ? by_now - bytes_ : 0;
    // All of it left at one instant: one more packet makes it measurable.
    return now > began_ ? 1 : 0;
}

bool Prober::is_complete() const {
    return packets_ >= kPacketsMin && bytes_ >= bytes_in(rate_, kLength);
}

bool Prober::handle_sent(Instant now, size_t size) {
    DCHECK(is_sending_);
    bytes_ += size;
    ++packets_;
    if (now == began_ || !is_complete()) return false;
    is_sending_ = false;
    return true;
}

void Prober::handle_result(Instant now, DataRate estimate) {
    if (estimate.bps * 10 >= rate_.bps * 7) next_ = now;
}

void Prober::restart() {
    has_begun_ = is_sending_ = false;
    next_ = Instant{};
}

}  // namespace conclave::bwe
