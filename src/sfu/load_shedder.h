// What a worker gives up when it has more to do than time (load shedding): first the upper layers of videos,
// then further joins. Sound never.
//
// One level more after a busy spell, and another only once the effect of the last can be seen. One level less
// after a calm that is longer each time the load came back with it: levels do not swing.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "sfu/layers.h"

namespace conclave::sfu {

class LoadShedder {
 public:
    struct Rules {
        float busy = 0.85F;  // share of the thread's time
        float calm = 0.60F;  // below `busy`
        // One turn of the loop that takes as long is busy too, unless the thread is calm: then another
        // program has the processor, and nothing that is given up here would change that.
        Duration turn = Duration::millis(100);
    };
    // Each gives up what those before give up too.
    enum class Level : uint8_t { Nothing, HighVideo, MediumVideo, Joins };

    explicit LoadShedder(const Rules& rules) : rules_(rules) {}

    // What was measured since the last call, to be told every kWindow or so. True when the level has changed.
    bool observe(Instant now, float busy, Duration longest_turn);

    Level level() const { return level_; }
    // The best that a camera's video is sent in.
    Quality video_limit() const;
    bool takes_joins() const { return level_ != Level::Joins; }

    static constexpr Duration kWindow = Duration::millis(250);
    static constexpr Duration kSpell = Duration::millis(500);
    // Publishers stop what nobody is sent, and subscribers change over at the next key frame.
    static constexpr Duration kEffect = Duration::seconds(2);
    static constexpr Duration kCalmMin = Duration::seconds(5);
    static constexpr Duration kCalmMax = Duration::seconds(80);

 private:
    void raise(Instant now);
    void lower(Instant now);

    Rules rules_;
    Level level_ = Level::Nothing;
    Duration patience_ = kCalmMin;
    Instant busy_since_ = Instant::never();
    Instant calm_since_ = Instant::never();
    Instant raised_at_ = Instant::never();
    Instant lowered_at_ = Instant::never();
};

}  // namespace conclave::sfu
