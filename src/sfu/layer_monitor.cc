#include "sfu/layer_monitor.h"

#include <limits>

namespace conclave::sfu {

namespace {

Layer layer_of(const Packet& packet, bool is_svc) {
    Layer layer;
    if (packet.dependencies) {
        layer = {packet.dependencies->spatial, packet.dependencies->temporal};
    } else if (packet.vp9) {
        layer = {packet.vp9->spatial, packet.vp9->temporal};
    } else if (packet.vp8) {
        layer.temporal = packet.vp8->temporal_id.value_or(0);
    }
    if (!is_svc) layer.spatial = packet.encoding;
    return lower_of(layer, kTopLayer);
}

}  // namespace

bool LayerMonitor::observe(Instant now, const Packet& packet) {
    if (seen_ == 0) began_ = now;
    if (now - began_ >= kWindow) {
        last_ = current_;
        last_.span = now - began_;
        last_.end = now;
        current_ = {};
        began_ = now;
    }
    const Layer layer = layer_of(packet, is_svc_);
    const auto bit = static_cast<uint8_t>(1U << layer.spatial);
    current_.bytes[layer.spatial][layer.temporal] += packet.size;
    if ((seen_ & bit) == 0 || timestamps_[layer.spatial] != packet.timestamp) {
        ++current_.frames[layer.spatial][layer.temporal];
        timestamps_[layer.spatial] = packet.timestamp;
    }
    seen_ |= bit;
    heard_[layer.spatial] = now;
    if (is_svc_ && packet.starts_keyframe) {
        // Its higher layers follow; who decides at the first packet must not take them for dead.
        seen_ = (1U << kSpatialMax) - 1;
        heard_.fill(now);
    }
    uint8_t alive = 0;
    for (uint8_t i = 0; i < kSpatialMax; ++i) {
        const bool is_alive = (seen_ >> i & 1) != 0 && now - heard_[i] < silence_max_;
        alive = static_cast<uint8_t>(alive | (is_alive ? 1U << i : 0U));
    }
    const bool is_changed = alive != alive_;
    alive_ = alive;
    return is_changed;
}

template <class T>
std::array<std::array<T, kTemporalMax>, kSpatialMax> LayerMonitor::sums(const auto& counts, Duration span,
                                                                        bool with_lower_spatial) const {
    std::array<std::array<T, kTemporalMax>, kSpatialMax> result{};
    if (span.us <= 0) return result;
    for (size_t s = 0; s < kSpatialMax; ++s) {
        uint64_t total = 0;
        for (size_t t = 0; t < kTemporalMax; ++t) {
            total += counts[s][t];
            if (total == 0) continue;
            const double rate = static_cast<double>(total) / span.in_seconds();
            const T below = with_lower_spatial && s > 0 ? result[s - 1][t] : T{};
            result[s][t] = static_cast<T>(rate + static_cast<double>(below));
        }
    }
    return result;
}

LayerBitrates LayerMonitor::bitrates(Instant now) const {
    if (now - last_.end > kWindow * 2) return {};
    LayerBitrates rates = sums<uint32_t>(last_.bytes, last_.span, is_svc_);
    for (auto& of_spatial : rates) {
        for (uint32_t& rate : of_spatial) rate *= 8;
    }
    return rates;
}

LayerFrameRates LayerMonitor::frame_rates() const {
    return sums<float>(last_.frames, last_.span, false);
}

}  // namespace conclave::sfu
