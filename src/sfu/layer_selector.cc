#include "sfu/layer_selector.h"

namespace conclave::sfu {

void LayerSelector::start(const Packet& packet) {
    current_ = packet.encoding;
    if (packet.dependencies && packet.dependencies->has_structure) {
        layers_.emplace<DependencyLayers>().restart(*packet.dependencies, target_within());
    } else if (packet.vp9) {
        layers_.emplace<Vp9Layers>().restart();
    } else if (packet.vp8) {
        layers_.emplace<Vp8Layers>().restart();
    } else {
        layers_.emplace<Unlayered>();
    }
}

// Nothing for a packet whose place among the layers is not known.
std::optional<Choice> LayerSelector::choose(Instant now, const Packet& packet) {
    if (auto* by_dependencies = std::get_if<DependencyLayers>(&layers_)) {
        if (!packet.dependencies) return std::nullopt;
        return by_dependencies->choose(now, *packet.dependencies, target_within());
    }
    if (auto* vp9 = std::get_if<Vp9Layers>(&layers_)) {
        if (!packet.vp9) return std::nullopt;
        return vp9->choose(now, packet, target_within());
    }
    if (auto* vp8 = std::get_if<Vp8Layers>(&layers_)) {
        if (!packet.vp8) return std::nullopt;
        return vp8->choose(now, packet, target_within());
    }
    return Choice{true, false};
}

LayerSelector::Decision LayerSelector::decide(Instant now, const Packet& packet) {
    const bool is_start = current_ != packet.encoding;
    if (is_start) {
        if (!packet.starts_keyframe) return {};
        // With nothing on show a smaller picture at once is better than the right one later.
        const bool fits =
            packet.encoding == target_encoding() || (!current_ && packet.encoding < target_encoding());
        if (!fits) return {};
        start(packet);
    }
    const auto choice = choose(now, packet);
    if (!choice) return {};
    const bool marker = packet.marker || choice->ends_picture;
    if (is_start) return {Verdict::Start, marker};
    if (!choice->forward) return {Verdict::Drop, false};
    return {Verdict::Forward, marker};
}

std::optional<uint8_t> LayerSelector::awaited(Instant now) const {
    if (current_ != target_encoding()) return target_encoding();
    const bool is_wanted = std::visit(
        [now](const auto& layers) {
            if constexpr (std::is_same_v<std::decay_t<decltype(layers)>, Unlayered>) {
                return false;
            } else {
                return layers.wants_keyframe(now);
            }
        },
        layers_);
    return is_wanted ? current_ : std::nullopt;
}

}  // namespace conclave::sfu
