// What bandwidth a subscriber has, and what each of its videos would cost: what an allocator decides by.
#pragma once

#include <cstdint>
#include <optional>

#include "sfu/layers.h"
#include "sfu/packet.h"

namespace conclave::sfu {

struct Bandwidth {
    std::optional<uint64_t> estimate_bps;  // what the client can take; nothing: everybody gets what they want
    uint64_t audio_bps = 0;                // that it is sent; never given to video
    bool may_pause = false;                // else the lowest layer is always sent
};

struct Demand {
    SubscriptionId id = 0;
    Layer wanted = kTopLayer;
    // Higher goes first. LiveKit's own: 255 for a screen, 1 for a camera, unless the subscriber says
    // otherwise.
    uint8_t priority = 1;
    LayerBitrates bitrates{};
};
constexpr uint8_t kCameraPriority = 1;
constexpr uint8_t kScreenPriority = 255;

}  // namespace conclave::sfu
