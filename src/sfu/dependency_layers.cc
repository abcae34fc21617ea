#include "sfu/codec_layers.h"

namespace conclave::sfu {

using wire::Dti;
using wire::FrameDependencies;

// Of what the publisher produces: the highest spatial layer within the limit, in it the highest temporal one;
// when nothing is within the limit, the lowest there is.
DependencyLayers::Target DependencyLayers::resolve(const FrameDependencies& frame, Layer limit) {
    Target best;
    bool has_best = false;
    bool best_fits = false;
    const auto rank = [](const wire::DecodeTarget& t) { return t.spatial * 16 + t.temporal; };
    const auto& targets = frame.structure->decode_targets;
    for (size_t i = 0; i < targets.size(); ++i) {
        if ((frame.active_decode_targets >> i & 1) == 0) continue;
        const wire::DecodeTarget& t = targets[i];
        const bool fits = t.spatial <= limit.spatial && t.temporal <= limit.temporal;
        const bool is_better =
            fits ? !best_fits || rank(t) > rank(best.layer) : !best_fits && rank(t) < rank(best.layer);
        if (has_best && !is_better) continue;
        best = {i, t};
        has_best = true;
        best_fits = fits;
    }
    return best;
}

void DependencyLayers::restart(const FrameDependencies& key, Layer target) {
    frames_.restart(key.frame_number);
    current_ = resolve(key, target);
    up_.satisfy();
    down_.satisfy();
    is_broken_ = false;
}

bool DependencyLayers::is_decodable(const FrameDependencies& frame) const {
    for (const uint16_t diff : frame.frame_diffs) {
        if (frames_.is_dropped(frame.frame_number - diff)) return false;
    }
    return true;
}

bool DependencyLayers::try_switch(const FrameDependencies& frame, const Target& to) {
    const wire::DecodeTarget& from = current_.layer;
    // Lower layers of this picture may have been sent as the whole of it: larger ones begin with a key frame.
    if (to.layer.spatial > from.spatial) return false;
    const Dti dti = frame.dtis[to.index];
    if (dti == Dti::NotPresent || !is_decodable(frame)) return false;
    // The way down needs no switch where the lower layers were sent along: then the new top layer's own
    // frames are decodable. Where they were not (each layer predicted from itself), the base frame is not
    // either.
    const bool is_down = to.layer.spatial <= from.spatial && to.layer.temporal <= from.temporal;
    const bool is_base = frame.temporal == 0 || to.layer.spatial == from.spatial;
    const bool can_sink = is_down && is_base && frame.spatial == to.layer.spatial;
    if (dti != Dti::Switch && !can_sink) return false;
    current_ = to;
    is_broken_ = false;
    return true;
}

void DependencyLayers::move_towards(Instant now, const FrameDependencies& frame, const Target& wanted) {
    if (wanted.index == current_.index) {
        up_.satisfy();
        down_.satisfy();
        return;
    }
    if (try_switch(frame, wanted)) return;
    const Layer want{wanted.layer.spatial, wanted.layer.temporal};
    const Layer have{current_.layer.spatial, current_.layer.temporal};
    if (want.spatial < have.spatial) {
        down_.lack(now);
    } else {
        up_.lack(now);
    }
    // Half of the way, where the whole of it is not open yet.
    const Layer both = lower_of(have, want);
    const Layer in_place{have.spatial, want.spatial < have.spatial ? both.temporal : want.temporal};
    for (const Layer part : {in_place, both}) {
        const Target target = resolve(frame, part);
        if (target.index != current_.index && target.index != wanted.index && try_switch(frame, target))
            return;
    }
}

Choice DependencyLayers::choose(Instant now, const FrameDependencies& frame, Layer target) {
    const auto choice = [&](bool forward) {
        return Choice{forward, forward && frame.ends_frame && frame.spatial == current_.layer.spatial};
    };
    const bool is_dropped = frames_.is_dropped(frame.frame_number);
    if (is_dropped || frames_.is_decided(frame.frame_number)) return choice(!is_dropped);
    const bool is_new = frames_.is_newer(frame.frame_number);
    if (is_new) {
        const Target wanted = resolve(frame, target);
        if (frame.has_structure && frame.frame_diffs.empty()) {
            current_ = wanted;
            is_broken_ = false;
        } else {
            move_towards(now, frame, wanted);
        }
    }
    const Dti dti = frame.dtis[current_.index];
    const bool is_decodable_now = is_decodable(frame);
    const bool forward = dti != Dti::NotPresent && is_decodable_now;
    if (is_new && dti >= Dti::Switch && !is_decodable_now) is_broken_ = true;
    frames_.decide(frame.frame_number, !forward);
    return choice(forward);
}

bool DependencyLayers::wants_keyframe(Instant now) const {
    return is_broken_ || up_.is_over(now, kUpPatience) || down_.is_over(now, kDownPatience);
}

}  // namespace conclave::sfu
