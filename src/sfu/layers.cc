#include "sfu/layers.h"

namespace conclave::sfu {

namespace {

// A tile of 400 lines is content with a layer of 360: nine tenths are enough, in lines and in frames.
constexpr uint64_t kEnough = 9;
constexpr uint64_t kOf = 10;

}  // namespace

uint8_t wanted_spatial(const Wish& wish, const LayerInfos& layers) {
    if (layers.empty()) {
        return wish.height > 0 ? kTopLayer.spatial : static_cast<uint8_t>(wish.quality);
    }
    const auto top = static_cast<uint8_t>(layers.size() - 1);
    if (wish.height > 0) {
        for (uint8_t i = 0; i < top; ++i) {
            if (layers[i].height * kOf >= wish.height * kEnough) return i;
        }
        return top;
    }
    uint8_t best = 0;
    for (uint8_t i = 0; i <= top; ++i) {
        if (layers[i].quality <= wish.quality) best = i;
    }
    return best;
}

uint8_t wanted_temporal(const Wish& wish, std::span<const float, kTemporalMax> frame_rates) {
    if (wish.fps == 0) return kTopLayer.temporal;
    for (uint8_t i = 0; i < kTopLayer.temporal; ++i) {
        if (frame_rates[i] * kOf >= static_cast<float>(wish.fps * kEnough)) return i;
    }
    return kTopLayer.temporal;
}

Quality quality_of(uint8_t spatial, const LayerInfos& layers) {
    if (layers.empty()) return static_cast<Quality>(std::min<uint8_t>(spatial, 2));
    return layers[std::min<size_t>(spatial, layers.size() - 1)].quality;
}

}  // namespace conclave::sfu
