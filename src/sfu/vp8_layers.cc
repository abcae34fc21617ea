#include "sfu/codec_layers.h"

namespace conclave::sfu {

namespace {

constexpr uint8_t kAllJoined = 0x0f;

}  // namespace

void Vp8Layers::restart() {
    frames_.clear();
    patience_.satisfy();
    joined_ = kAllJoined;  // at a key frame
}

// A frame of layer n may need the newest frames of all layers up to n.
bool Vp8Layers::is_decodable(uint8_t temporal, bool is_sync) const {
    if (temporal == 0 || is_sync) return true;
    const auto needed = static_cast<uint8_t>((1U << (temporal + 1)) - 1);
    return (joined_ & needed) == needed;
}

Choice Vp8Layers::choose(Instant now, const Packet& packet, Layer target) {
    const wire::Vp8Descriptor& vp8 = *packet.vp8;
    if (!vp8.temporal_id) return {true, false};
    if (const auto known = frames_.find(packet.timestamp, 0)) return {*known, false};
    const uint8_t temporal = *vp8.temporal_id;
    const bool is_new = frames_.is_newer(packet.timestamp);
    if (is_new && packet.starts_keyframe) joined_ = kAllJoined;
    const bool is_wanted = temporal <= target.temporal;
    const bool forward = is_wanted && is_decodable(temporal, vp8.is_layer_sync);
    frames_.add(packet.timestamp, 0, forward);
    if (!is_new) return {forward, false};
    const auto bit = static_cast<uint8_t>(1U << temporal);
    joined_ = static_cast<uint8_t>(forward ? joined_ | bit : joined_ & ~bit);
    if (is_wanted && !forward) patience_.lack(now);
    if (forward && temporal > 0) patience_.satisfy();
    return {forward, false};
}

}  // namespace conclave::sfu
