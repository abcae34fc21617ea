// How much may wait in a channel whose messages are worth nothing once they are late: what the channel has
// lately shown to drain within a latency, and a floor for a channel of which nothing is known.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace conclave::conference {

class DrainMeter {
 public:
    static constexpr Duration kWindow = Duration::millis(50);
    static constexpr size_t kAllowanceMax = 512 * 1024;

    void handle_accepted(size_t bytes) { accepted_ += bytes; }

    // `unsent`: what waits in the channel now. Bytes, from `floor` (which is below kAllowanceMax) up.
    size_t allowance(Instant now, size_t unsent, Duration latency, size_t floor) {
        measure(now, unsent);
        const auto drained = static_cast<uint64_t>(rate_ * latency.us / 1'000'000);
        return std::clamp<uint64_t>(drained, floor, kAllowanceMax);
    }

 private:
    void measure(Instant now, size_t unsent) {
        const uint64_t drained = std::max(drained_, accepted_ - std::min<uint64_t>(accepted_, unsent));
        if (now - measured_at_ >= kWindow) {
            const auto bytes = static_cast<int64_t>(drained - drained_);
            const int64_t rate = bytes * 1'000'000 / (now - measured_at_).us;
            // A channel that ran dry says nothing of how fast it can be.
            if (was_busy_ || rate > rate_) rate_ = (rate_ + rate) / 2;
            drained_ = drained;
            measured_at_ = now;
            was_busy_ = true;
        }
        was_busy_ = was_busy_ && unsent > 0;
    }

    uint64_t accepted_ = 0;
    uint64_t drained_ = 0;  // when it was measured
    Instant measured_at_;
    int64_t rate_ = 0;  // bytes a second
    bool was_busy_ = false;
};

}  // namespace conclave::conference
