// Tells a publisher which of its layers anybody watches, so that it need not encode the others: more at once,
// less after a while, for people come back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "sfu/layers.h"

namespace conclave::sfu {

class Dynacast {
 public:
    struct Change {
        TrackId track = 0;
        std::optional<Quality> best;  // every quality up to this is watched; nothing: none is
        bool operator==(const Change&) const = default;
    };

    // What Router::watched_quality() says; of a video track, to be repeated whenever it may have changed and
    // every second.
    void observe(Instant now, TrackId, std::optional<Quality> watched);
    // A publisher that sends nothing of this track before it is told to.
    void add_idle(TrackId);
    // A muted track's publisher is told nothing until it is unmuted, then whatever it is.
    void set_muted(TrackId, bool muted);
    // Its publisher has resumed and may not know: it is told again.
    void repeat(TrackId);
    void remove(TrackId track) { tracks_.erase(track); }

    // What publishers must be told now. Valid until the next call.
    std::span<const Change> changes(Instant now);
    // What the track's publisher was told last, or begins with.
    std::optional<Quality> told(TrackId) const;

    // LiveKit's pause delay.
    static constexpr Duration kDownDelay = Duration::seconds(5);

 private:
    struct Track {
        std::optional<Quality> wanted;
        std::optional<Quality> told = Quality::High;  // a publisher begins with everything
        std::optional<Instant> lower_since;           // wanted has been below told
        bool is_due = true;                           // told again even when nothing changes
        bool is_muted = false;
    };
    std::unordered_map<TrackId, Track> tracks_;
    std::vector<Change> changes_;
};

}  // namespace conclave::sfu
