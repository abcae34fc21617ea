// What a publisher really sends of each layer of one video track: which spatial layers are alive, their
// bitrates and frame rates.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "sfu/layers.h"

namespace conclave::sfu {

class LayerMonitor {
 public:
    explicit LayerMonitor(bool is_svc, bool is_screen_share)
        : is_svc_(is_svc), silence_max_(is_screen_share ? kScreenSilence : kCameraSilence) {}

    // True when the set of live layers has changed.
    bool observe(Instant now, const Packet&);

    // Bit n: spatial layer n was heard of no longer before the newest packet of the track than it may be
    // silent. So a track that is silent altogether (a still screen, a pause) has lost no layer.
    uint8_t alive() const { return alive_; }
    // Over the newest whole window; 0 for what was silent in it, and bitrates of 0 once it is long ago.
    LayerBitrates bitrates(Instant now) const;
    LayerFrameRates frame_rates() const;

    static constexpr Duration kWindow = Duration::seconds(1);
    static constexpr Duration kCameraSilence = Duration::seconds(1);
    // Screens send few frames, and not of all layers alike.
    static constexpr Duration kScreenSilence = Duration::seconds(4);

 private:
    struct Window {
        std::array<std::array<uint64_t, kTemporalMax>, kSpatialMax> bytes{};
        std::array<std::array<uint32_t, kTemporalMax>, kSpatialMax> frames{};
        Duration span;
        Instant end;
    };
    template <class T>
    std::array<std::array<T, kTemporalMax>, kSpatialMax> sums(const auto& counts, Duration span,
                                                              bool with_lower_spatial) const;

    bool is_svc_;
    Duration silence_max_;
    uint8_t seen_ = 0;
    uint8_t alive_ = 0;
    std::array<Instant, kSpatialMax> heard_{};
    std::array<uint32_t, kSpatialMax> timestamps_{};
    Window current_;
    Window last_;
    Instant began_;
};

}  // namespace conclave::sfu
