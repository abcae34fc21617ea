// Whether the way to the receiver is getting longer: a line through the delays of the last groups, and a
// threshold that adapts to what is usual here (draft-ietf-rmcat-gcc-02 5.3, 5.4; the filter is the linear
// regression that libwebrtc has put in the place of the draft's Kalman filter).
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "bwe/arrival_groups.h"

namespace conclave::bwe {

// Of the bottleneck.
enum class Usage : uint8_t { Normal, Over, Under };

class Trendline {
 public:
    void add(const GroupDelta&);
    Usage usage() const { return usage_; }

 private:
    static constexpr size_t kWindow = 20;  // groups
    struct Point {
        double arrived_ms = 0;
        double delay_ms = 0;
    };
    double slope() const;
    void judge(double trend, double sent_ms, Instant at);
    void adapt(double trend, Instant at);

    std::array<Point, kWindow> points_{};
    size_t count_ = 0;  // since the beginning
    Instant began_;
    double delay_ms_ = 0;  // accumulated
    double smoothed_ms_ = 0;
    double threshold_ms_ = 12.5;
    Instant adapted_at_ = Instant::never();
    double trend_before_ = 0;
    double over_for_ms_ = -1;  // negative: it is not
    int over_count_ = 0;
    Usage usage_ = Usage::Normal;
};

}  // namespace conclave::bwe
