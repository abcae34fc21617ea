// Additive increase near the link's capacity, multiplicative elsewhere, multiplicative decrease
// (draft-ietf-rmcat-gcc-02 5.5).
#pragma once

#include <optional>

#include "base/rate.h"
#include "base/time.h"
#include "bwe/link_capacity.h"
#include "bwe/trendline.h"

namespace conclave::bwe {

class RateControl {
 public:
    explicit RateControl(DataRate start) : rate_(start) {}

    // With every feedback. `acknowledged`: what arrives, when that is known.
    void update(Instant now, Usage, std::optional<DataRate> acknowledged, Duration rtt);
    // Measured some other way.
    void set(DataRate rate) { rate_ = rate; }
    DataRate rate() const { return rate_; }
    // When it was last lowered; long ago when never.
    Instant lowered_at() const { return lowered_at_; }

    static constexpr DataRate kMin = DataRate::kbps(30);
    static constexpr DataRate kMax = DataRate::kbps(100'000);

 private:
    void decrease(Instant now, std::optional<DataRate> acknowledged, Duration rtt);
    void increase(Instant now, std::optional<DataRate> acknowledged, Duration rtt);

    DataRate rate_;
    LinkCapacity capacity_;
    Instant updated_at_ = Instant::never();
    Instant lowered_at_{-3'600'000'000};
};

}  // namespace conclave::bwe
