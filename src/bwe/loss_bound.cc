#include "bwe/loss_bound.h"

#include <algorithm>
#include <utility>

namespace conclave::bwe {
namespace {

// As far from certain as a loss is over one window.
constexpr double kAsBefore = 0.75;
constexpr double kOwnMax = 0.5;
constexpr DataRate kMin = DataRate::kbps(30);

// 8 % a second, window by window.
constexpr DataRate grown(DataRate rate) {
    return {rate.bps + rate.bps * 4 / 100};
}

}  // namespace

void LossBound::add(const PacketResult& packet) {
    // A probe is meant to find out what is too much.
    if (packet.cluster != 0) return;
    if (packet.was_lost) {
        if (lost_ > 0) --lost_;
        return;
    }
    ++packets_;
    if (!packet.is_received()) ++lost_;
}

void LossBound::update(Instant now, DataRate rate, std::optional<DataRate> acknowledged) {
    if (began_.is_never()) began_ = now;
    if (now - began_ < kWindow || packets_ < kPacketsMin) return;
    judge(rate, acknowledged);
    began_ = now;
    lost_ = packets_ = 0;
}

void LossBound::judge(DataRate rate, std::optional<DataRate> acknowledged) {
    const double before = std::exchange(loss_, static_cast<double>(lost_) / packets_);
    // One lucky window is no better link.
    if (loss_ < own_) own_ += (loss_ - own_) / 4;
    if (loss_ - own_ <= kCongested) {
        has_lowered_ = false;
        if (bound_) bound_ = grown(*bound_);
        if (bound_ && *bound_ >= rate) bound_.reset();
        return;
    }
    if (has_lowered_ && loss_ >= kAsBefore * before) {
        own_ = std::min(loss_, kOwnMax);
        has_lowered_ = false;
        return;
    }
    if (!acknowledged) return;
    bound_ = std::max(std::min(rate, *acknowledged), kMin);
    has_lowered_ = true;
}

void LossBound::lift(DataRate proven) {
    if (bound_ && *bound_ < proven) bound_ = proven;
}

}  // namespace conclave::bwe
