// Retransmission timeout from round-trip times (RFC 9260 6.3.1).
#pragma once

#include "base/time.h"

namespace conclave::sctp {

// RFC 9260 16 proposes 1 s, 1 s and 60 s. A conference cannot wait that long: the minimum only has
// to stay above the far side's delayed acknowledgement (200 ms) and its jitter, and after the maximum
// ICE consent is about to expire anyway.
constexpr Duration kRtoInitial = Duration::millis(1000);
constexpr Duration kRtoMin = Duration::millis(400);
constexpr Duration kRtoMax = Duration::seconds(5);

class RtoEstimator {
 public:
    Duration rto() const { return rto_; }

    // Never with the round trip of something retransmitted (Karn).
    void measure(Duration rtt) {
        if (rtt < Duration{}) return;
        if (!measured_) {
            srtt_ = rtt;
            variation_ = rtt / 2;
            measured_ = true;
        } else {
            const Duration error = srtt_ > rtt ? srtt_ - rtt : rtt - srtt_;
            variation_ = (variation_ * 3 + error) / 4;
            srtt_ = (srtt_ * 7 + rtt) / 8;
        }
        rto_ = clamp(srtt_ + variation_ * 4);
    }
    void back_off() { rto_ = clamp(rto_ * 2); }

 private:
    static Duration clamp(Duration d) { return d < kRtoMin ? kRtoMin : d > kRtoMax ? kRtoMax : d; }

    Duration srtt_;
    Duration variation_;
    Duration rto_ = kRtoInitial;
    bool measured_ = false;
};

}  // namespace conclave::sctp
