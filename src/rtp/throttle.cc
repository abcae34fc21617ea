#include "rtp/throttle.h"

namespace conclave::rtp {

bool Throttle::request(Instant now) {
    if (made_one_ && now < last_ + interval_) {
        waiting_ = true;
        return false;
    }
    made_one_ = true;
    waiting_ = false;
    last_ = now;
    return true;
}

bool Throttle::handle_timeout(Instant now) {
    return waiting_ && request(now);
}

}  // namespace conclave::rtp
