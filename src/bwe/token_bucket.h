// How much may leave at once: a rate and what a moment of it may be saved up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/rate.h"
#include "base/time.h"

namespace conclave::bwe {

class TokenBucket {
 public:
    // Bytes that may leave at once, however slow the link: a small frame.
    static constexpr int64_t kBurstMin = 8 * 1024;
    static constexpr Duration kBurst = Duration::millis(40);

    void set_rate(Instant now, DataRate rate) {
        refill(now);
        rate_ = rate;
        capacity_ = std::max(kBurstMin, bytes_in(kBurst));
    }
    // Something may leave: at most one packet more than there is credit for.
    bool has_credit(Instant now) {
        refill(now);
        return credit_ > 0;
    }
    void take(size_t size) { credit_ -= static_cast<int64_t>(size); }
    // When there is some, as far as it was looked at.
    Instant next_credit() const {
        if (credit_ > 0) return filled_at_;
        const auto bits = static_cast<uint64_t>(1 - credit_) * 8'000'000;
        return filled_at_ + Duration{static_cast<int64_t>(bits / std::max<uint64_t>(rate_.bps, 1)) + 1};
    }

 private:
    int64_t bytes_in(Duration time) const {
        return static_cast<int64_t>(rate_.bps * static_cast<uint64_t>(time.us) / 8'000'000);
    }
    void refill(Instant now) {
        // The packets of one batch share an instant.
        if (now == filled_at_) return;
        const Duration elapsed = std::min(now - filled_at_, Duration::seconds(1));
        credit_ = std::min(capacity_, credit_ + bytes_in(elapsed));
        filled_at_ = now;
    }

    DataRate rate_;
    int64_t capacity_ = kBurstMin;
    int64_t credit_ = kBurstMin;
    Instant filled_at_;
};

}  // namespace conclave::bwe
