// Layers of a video track and what a subscriber wants of them.
//
// A layer is a spatial and a temporal step. The spatial one is the simulcast stream in a track of several, or
// the spatial layer in a track of one stream (SVC); the router's users need not know which.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/static_vector.h"
#include "sfu/packet.h"

namespace conclave::sfu {

constexpr size_t kSpatialMax = 4;
constexpr size_t kTemporalMax = 4;

struct Layer {
    uint8_t spatial = 0;
    uint8_t temporal = 0;
    bool operator==(const Layer&) const = default;
};
constexpr Layer kTopLayer{kSpatialMax - 1, kTemporalMax - 1};

constexpr Layer lower_of(Layer a, Layer b) {
    return {std::min(a.spatial, b.spatial), std::min(a.temporal, b.temporal)};
}

// LiveKit's VideoQuality without OFF.
enum class Quality : uint8_t { Low, Medium, High };

// What the publisher declared of a spatial layer.
struct LayerInfo {
    Quality quality = Quality::High;
    uint32_t width = 0;
    uint32_t height = 0;
    uint32_t bitrate_bps = 0;  // 0: not told
};
using LayerInfos = StaticVector<LayerInfo, kSpatialMax>;  // by spatial layer, ascending; may be empty

// What a subscriber asked for: a size when it has one (in pixels), else a quality. 0 frames a second: all.
struct Wish {
    Quality quality = Quality::High;
    uint32_t width = 0;
    uint32_t height = 0;
    uint32_t fps = 0;
    uint8_t priority = 0;  // among the subscriber's videos, higher first; 0: by kind
};

// Bits a second that a subscriber at [spatial][temporal] gets, lower layers that it needs included. 0: not
// available.
using LayerBitrates = std::array<std::array<uint32_t, kTemporalMax>, kSpatialMax>;
// Frames a second up to a temporal layer, likewise.
using LayerFrameRates = std::array<std::array<float, kTemporalMax>, kSpatialMax>;

// The spatial layer for a wish: the smallest whose height, or the highest whose quality, is near enough.
uint8_t wanted_spatial(const Wish&, const LayerInfos&);
// The lowest temporal layer with enough frames; the top one when that is not known.
uint8_t wanted_temporal(const Wish&, std::span<const float, kTemporalMax> frame_rates);
// How the publisher calls that spatial layer.
Quality quality_of(uint8_t spatial, const LayerInfos&);

}  // namespace conclave::sfu
