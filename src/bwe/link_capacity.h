// Where the link was full lately: a mean and how far it strays, both in kbit/s (draft-ietf-rmcat-gcc-02 5.5).
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/rate.h"

namespace conclave::bwe {

class LinkCapacity {
 public:
    // What arrived while the link was overused.
    void add(DataRate full) {
        const double sample = static_cast<double>(full.bps) / 1000;
        if (!mean_) mean_ = sample;
        const double error = *mean_ - sample;
        mean_ = *mean_ + kWeight * (sample - *mean_);
        deviation_ = (1 - kWeight) * deviation_ + kWeight * error * error / std::max(*mean_, 1.0);
        deviation_ = std::clamp(deviation_, kDeviationMin, kDeviationMax);
    }
    void forget() { mean_.reset(); }
    bool is_known() const { return mean_.has_value(); }
    bool is_above(DataRate rate) const { return in_kbps(rate) > *mean_ + spread(); }
    bool is_below(DataRate rate) const { return in_kbps(rate) < *mean_ - spread(); }

 private:
    static constexpr double kWeight = 0.05;
    static constexpr double kDeviationMin = 0.4;
    static constexpr double kDeviationMax = 2.5;
    static double in_kbps(DataRate rate) { return static_cast<double>(rate.bps) / 1000; }
    double spread() const { return 3 * std::sqrt(deviation_ * *mean_); }

    std::optional<double> mean_;
    double deviation_ = kDeviationMin;  // normalised by the mean
};

}  // namespace conclave::bwe
