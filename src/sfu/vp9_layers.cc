#include "sfu/codec_layers.h"

namespace conclave::sfu {

void Vp9Layers::restart() {
    frames_.clear();
    patience_.satisfy();
    current_ = {};
    newest_picture_ = 0;
}

// P_DIFF counts pictures: all spatial layers of one share a temporal layer, and so its fate.
bool Vp9Layers::choose_by_references(const wire::Vp9Descriptor& vp9, uint8_t target) {
    const int bits = vp9.has_long_picture_id ? 15 : 7;
    const int64_t period = int64_t{1} << bits;
    const int64_t ahead = (*vp9.picture_id - newest_picture_) & (period - 1);
    const int64_t picture = newest_picture_ + (ahead < period / 2 ? ahead : ahead - period);
    bool forward = vp9.temporal <= target;
    for (const uint8_t diff : vp9.references) forward = forward && !pictures_.is_dropped(picture - diff);
    if (!pictures_.is_decided(picture)) pictures_.decide(picture, !forward);
    newest_picture_ = std::max(newest_picture_, picture);
    return forward;
}

bool Vp9Layers::choose_temporal(const wire::Vp9Descriptor& vp9, uint8_t target) {
    // RFC 9628 4.2, bit U: frames above this one's layer need nothing from before it. Encoders also set it on
    // the first frame of a layer that needs only lower ones: it is joined there.
    if (vp9.temporal > target) return false;
    if (vp9.is_switching_up_point) {
        current_.temporal = vp9.temporal <= current_.temporal ? target : vp9.temporal;
    }
    return vp9.temporal <= current_.temporal;
}

Choice Vp9Layers::choose(Instant now, const Packet& packet, Layer target) {
    const wire::Vp9Descriptor& vp9 = *packet.vp9;
    if (!vp9.has_layers) return {true, false};
    const auto is_top = [&] { return vp9.ends_frame && vp9.spatial == current_.spatial; };
    if (const auto known = frames_.find(packet.timestamp, vp9.spatial)) return {*known, *known && is_top()};
    if (frames_.is_newer(packet.timestamp)) {
        if (!vp9.is_inter_predicted && vp9.spatial == 0) {
            current_ = target;
            newest_picture_ = vp9.picture_id.value_or(0);
            pictures_.restart(newest_picture_);
        }
        current_ = lower_of(current_, target);
    }
    const bool by_references = vp9.is_flexible && vp9.picture_id;
    const bool forward_temporal =
        by_references ? choose_by_references(vp9, target.temporal) : choose_temporal(vp9, target.temporal);
    const bool forward = forward_temporal && vp9.spatial <= current_.spatial;
    frames_.add(packet.timestamp, vp9.spatial, forward);
    const bool is_wanted = vp9.spatial <= target.spatial && vp9.temporal <= target.temporal;
    if (is_wanted && !forward) patience_.lack(now);
    if (forward && vp9.spatial == target.spatial && vp9.temporal == target.temporal) patience_.satisfy();
    return {forward, forward && is_top()};
}

}  // namespace conclave::sfu
