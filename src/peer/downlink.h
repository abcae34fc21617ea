// Towards a client that says when each of our packets came: what its link carries, and what has to wait for
// it. Internal to this folder.
#pragma once

#include "bwe/estimator.h"
#include "bwe/token_bucket.h"
#include "peer/paced_queue.h"

namespace conclave::peer {

struct Downlink {
    // Media leaves as it comes, so that a frame's packets stay one run for the kernel: only what is far above
    // the estimate waits.
    static constexpr uint64_t kPaceTenths = 25;
    // Bursts, of what waits.
    static constexpr Duration kBurst = Duration::millis(5);

    bwe::Estimator estimator;
    bwe::TokenBucket bucket;
    PacedQueue waiting;
    bool is_paced = false;  // once there was feedback
    DataRate shared;        // the estimate that was last shared out
    Instant released_at;

    void handle_sent(Instant now, size_t size) {
        estimator.handle_sent(now, size);
        if (is_paced) bucket.take(size);
    }
    bool must_wait(Instant now) { return is_paced && (!waiting.empty() || !bucket.has_credit(now)); }
    Instant next_release() const {
        if (waiting.empty()) return Instant::never();
        return std::max(released_at + kBurst, bucket.next_credit());
    }
};

}  // namespace conclave::peer
