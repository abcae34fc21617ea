// How long something has been wanted in vain.
#pragma once

#include "base/time.h"

namespace conclave::sfu {

class Patience {
 public:
    // It is wanted now, and not there.
    void lack(Instant now) {
        if (now - last_ > kForgotten) since_ = now;
        last_ = now;
    }
    void satisfy() { last_ = kLongAgo; }
    // It has been lacking for so long, and lately.
    bool is_over(Instant now, Duration limit) const {
        return now - last_ <= kForgotten && now - since_ >= limit;
    }

 private:
    static constexpr Duration kForgotten = Duration::seconds(1);
    static constexpr Instant kLongAgo{-3'600'000'000};
    Instant since_ = kLongAgo;
    Instant last_ = kLongAgo;
};

}  // namespace conclave::sfu
