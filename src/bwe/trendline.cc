#include "bwe/trendline.h"

#include <algorithm>
#include <cmath>

namespace conclave::bwe {
namespace {

constexpr double kSmoothing = 0.9;
// The slope is small: what it would come to over so many groups is compared with the threshold.
constexpr double kGain = 4;
constexpr double kGroupsMax = 60;
// 5.4: the threshold follows what is above it fast and what is below it slowly, so that flows that fill
// queues do not starve us; K_u and K_d are the draft's.
constexpr double kUp = 0.0087;
constexpr double kDown = 0.039;
constexpr double kThresholdMinMs = 6;
constexpr double kThresholdMaxMs = 600;
constexpr double kSpikeMs = 15;
constexpr double kStepMaxMs = 100;
constexpr double kOverMs = 10;

double in_ms(Duration duration) {
    return static_cast<double>(duration.us) / 1000;
}

}  // namespace

void Trendline::add(const GroupDelta& delta) {
    if (count_ == 0) began_ = delta.at;
    delay_ms_ += in_ms(delta.variation());
    smoothed_ms_ = kSmoothing * smoothed_ms_ + (1 - kSmoothing) * delay_ms_;
    points_[count_ % kWindow] = {in_ms(delta.at - began_), smoothed_ms_};
    ++count_;
    const double trend = slope() * std::min(static_cast<double>(count_), kGroupsMax) * kGain;
    judge(trend, in_ms(delta.sent), delta.at);
}

double Trendline::slope() const {
    if (count_ < kWindow) return 0;
    double arrived = 0;
    double delay = 0;
    for (const Point& point : points_) {
        arrived += point.arrived_ms / kWindow;
        delay += point.delay_ms / kWindow;
    }
    double covariance = 0;
    double variance = 0;
    for (const Point& point : points_) {
        covariance += (point.arrived_ms - arrived) * (point.delay_ms - delay);
        variance += (point.arrived_ms - arrived) * (point.arrived_ms - arrived);
    }
    return variance > 0 ? covariance / variance : 0;
}

void Trendline::judge(double trend, double sent_ms, Instant at) {
    if (trend > threshold_ms_) {
        // Half a step at first: nobody knows when in it the threshold was passed.
        over_for_ms_ = over_for_ms_ < 0 ? sent_ms / 2 : over_for_ms_ + sent_ms;
        ++over_count_;
        if (over_for_ms_ > kOverMs && over_count_ > 1 && trend >= trend_before_) {
            over_for_ms_ = 0;
            over_count_ = 0;
            usage_ = Usage::Over;
        }
    } else {
        over_for_ms_ = -1;
        over_count_ = 0;
        usage_ = trend < -threshold_ms_ ? Usage::Under : Usage::Normal;
    }
    trend_before_ = trend;
    adapt(trend, at);
}

void Trendline::adapt(double trend, Instant at) {
    if (adapted_at_.is_never()) adapted_at_ = at;
    const double size = std::abs(trend);
    // A sudden step is a change of the route, not what is usual.
    if (size <= threshold_ms_ + kSpikeMs) {
        const double pace = size < threshold_ms_ ? kDown : kUp;
        const double step = std::min(in_ms(at - adapted_at_), kStepMaxMs);
        threshold_ms_ = std::clamp(threshold_ms_ + pace * (size - threshold_ms_) * step, kThresholdMinMs,
                                   kThresholdMaxMs);
    }
    adapted_at_ = at;
}

}  // namespace conclave::bwe
