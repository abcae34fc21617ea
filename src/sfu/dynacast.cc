#include "sfu/dynacast.h"

namespace conclave::sfu {

void Dynacast::observe(Instant now, TrackId id, std::optional<Quality> watched) {
    Track& track = tracks_[id];
    track.wanted = watched;
    if (watched >= track.told) {  // an empty optional is less than any quality
        track.lower_since.reset();
    } else if (!track.lower_since) {
        track.lower_since = now;
    }
}

void Dynacast::add_idle(TrackId id) {
    Track& track = tracks_[id];
    track.told.reset();
    track.is_due = false;
}

void Dynacast::set_muted(TrackId id, bool muted) {
    Track& track = tracks_[id];
    track.is_due = track.is_due || (track.is_muted && !muted);
    track.is_muted = muted;
}

void Dynacast::repeat(TrackId id) {
    const auto it = tracks_.find(id);
    if (it != tracks_.end()) it->second.is_due = true;
}

std::span<const Dynacast::Change> Dynacast::changes(Instant now) {
    changes_.clear();
    for (auto& [id, track] : tracks_) {
        if (track.is_muted) continue;
        const bool is_early = track.lower_since && now - *track.lower_since < kDownDelay;
        const std::optional<Quality> best = is_early ? track.told : track.wanted;
        if (best == track.told && !track.is_due) continue;
        track.told = best;
        track.is_due = false;
        if (!is_early) track.lower_since.reset();
        changes_.push_back({id, best});
    }
    return changes_;
}

std::optional<Quality> Dynacast::told(TrackId id) const {
    const auto it = tracks_.find(id);
    return it == tracks_.end() ? Track{}.told : it->second.told;
}

}  // namespace conclave::sfu
