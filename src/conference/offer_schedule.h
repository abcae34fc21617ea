// When a client with two peer connections is offered to: changes are gathered for a moment, one offer at a
// time waits for its answer, and what changed meanwhile makes another one.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace conclave::conference {

class OfferSchedule {
 public:
    // A room's tracks come in bursts; the first ones are waited for.
    static constexpr Duration kFirstDelay = Duration::millis(10);
    static constexpr Duration kDelay = Duration::millis(150);
    static constexpr uint32_t kFirstOffers = 3;
    static constexpr Duration kAnswerTimeout = Duration::seconds(15);

    // Something has changed; schedule() gives it a time.
    void want() { is_wanted_ = true; }
    void schedule(Instant now) {
        if (!is_wanted_ || awaits_answer() || due_ != Instant::never()) return;
        due_ = now + (id_ < kFirstOffers ? kFirstDelay : kDelay);
    }
    bool is_due(Instant now) const { return now >= due_; }

    // The number of the offer that is sent now. An answer to an older one is not waited for any more.
    uint32_t begin(Instant now) {
        is_wanted_ = false;
        due_ = Instant::never();
        answer_by_ = now + kAnswerTimeout;
        return ++id_;
    }
    // Nothing had to be said.
    void cancel() {
        is_wanted_ = false;
        due_ = Instant::never();
    }
    // The socket is gone: no answer comes, and the next offer is a new beginning.
    void abandon() {
        cancel();
        finish();
    }

    bool awaits_answer() const { return answer_by_ != Instant::never(); }
    // Of an offer that a newer one has replaced. Clients that do not number their answers say 0.
    bool is_stale(uint32_t answer_id) const { return answer_id != 0 && answer_id < id_; }
    void finish() { answer_by_ = Instant::never(); }
    bool is_overdue(Instant now) const { return now >= answer_by_; }

    Instant next_timeout() const { return soonest(due_, answer_by_); }

 private:
    uint32_t id_ = 0;  // of the newest offer
    bool is_wanted_ = false;
    Instant due_ = Instant::never();
    Instant answer_by_ = Instant::never();
};

}  // namespace conclave::conference
