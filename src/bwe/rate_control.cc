#include "bwe/rate_control.h"

#include <algorithm>

namespace conclave::bwe {
namespace {

// 5.5: beta.
constexpr DataRate lowered(DataRate rate) {
    return {rate.bps * 85 / 100};
}
// Far from the capacity: eta.
constexpr double kGrowthPerSecond = 0.08;
constexpr int64_t kPacketBits = 1200 * 8;
constexpr Duration kFeedbackDelay = Duration::millis(100);
// An answer takes a round trip to show.
constexpr Duration kAnswerMin = Duration::millis(10);
constexpr Duration kAnswerMax = Duration::millis(200);

// Growth without anything that is sent to show for it would be a guess.
constexpr DataRate supported_by(DataRate acknowledged) {
    return {acknowledged.bps * 3 / 2 + 10'000};
}

}  // namespace

void RateControl::update(Instant now, Usage usage, std::optional<DataRate> acknowledged, Duration rtt) {
    if (usage == Usage::Over) {
        decrease(now, acknowledged, rtt);
    } else if (usage == Usage::Normal) {
        increase(now, acknowledged, rtt);
    }
    // Under use: queues are emptying, for which the rate stays as it is.
    updated_at_ = now;
}

void RateControl::decrease(Instant now, std::optional<DataRate> acknowledged, Duration rtt) {
    const bool is_far_off = acknowledged && acknowledged->bps < rate_.bps / 2;
    const Duration answer = std::clamp(rtt, kAnswerMin, kAnswerMax) + kFeedbackDelay;
    if (!is_far_off && now - lowered_at_ < answer) return;
    const DataRate arrives = acknowledged.value_or(rate_);
    if (acknowledged) {
        if (capacity_.is_known() && capacity_.is_below(arrives)) capacity_.forget();
        capacity_.add(arrives);
    }
    rate_ = std::max(std::min(rate_, lowered(arrives)), kMin);
    lowered_at_ = now;
}

void RateControl::increase(Instant now, std::optional<DataRate> acknowledged, Duration rtt) {
    if (updated_at_.is_never()) return;
    const Duration elapsed = std::min(now - updated_at_, Duration::seconds(1));
    if (acknowledged && capacity_.is_known() && capacity_.is_above(*acknowledged)) capacity_.forget();
    double step = static_cast<double>(rate_.bps) * kGrowthPerSecond;
    if (capacity_.is_known()) {
        // A packet more each time that an answer can have come.
        step = static_cast<double>(kPacketBits) / (rtt + kFeedbackDelay).in_seconds();
    }
    const DataRate grown{rate_.bps + static_cast<uint64_t>(step * elapsed.in_seconds())};
    const DataRate limit = acknowledged ? supported_by(*acknowledged) : rate_;
    rate_ = std::min(std::max(rate_, std::min(grown, limit)), kMax);
}

}  // namespace conclave::bwe
