// At most one keyframe request an interval towards a publisher, whatever many subscribers ask for
// (PLI and FIR storms are the cheapest attack on an encoder).
#pragma once

#include <cstdint>

#include "base/time.h"

namespace conclave::rtp {

constexpr Duration kKeyframeRequestInterval = Duration::millis(500);

class Throttle {
 public:
    explicit Throttle(Duration interval = kKeyframeRequestInterval) : interval_(interval) {}

    // True: ask now. Otherwise the request waits (one, however many come) for next_timeout().
    [[nodiscard]] bool request(Instant now);
    // True when the waiting request is to be made now.
    [[nodiscard]] bool handle_timeout(Instant now);
    // What was asked for came: nothing waits any more.
    void satisfy() { waiting_ = false; }
    Instant next_timeout() const { return waiting_ ? last_ + interval_ : Instant::never(); }

 private:
    Duration interval_;
    Instant last_;
    bool made_one_ = false;
    bool waiting_ = false;
};

}  // namespace conclave::rtp
