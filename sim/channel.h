// One direction of a bad network: says of each packet when it arrives, how often, or that it never does. Pure
// and seeded, so that the simulator in virtual time and the link emulator in real time lose the same packets
// for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "base/static_vector.h"
#include "base/time.h"

namespace conclave::sim {

// Gilbert and Elliott: a link is good or bad, and which it is is drawn anew before each packet. The mean
// burst is 1 / `to_good` packets long; with the default losses the share lost is to_bad / (to_bad + to_good).
struct Bursts {
    double to_bad = 0;           // p; 0: none ever begins
    double to_good = 1;          // r
    double loss_while_bad = 1;   // 1 - h
    double loss_while_good = 0;  // 1 - k
};

// Shares are of packets, from 0 to 1.
struct Link {
    double loss = 0;                        // each packet independently of all others
    Duration delay = Duration::millis(20);  // one way
    Duration jitter{};                      // added to the delay, uniform from 0
    bool reorders = true;                   // jitter lets packets overtake; otherwise they wait in line
    int64_t bits_per_second = 0;            // 0: no limit
    size_t queue_bytes_max = 64'000;        // before the limit; half a second at 1 Mbit/s
    Duration queue_time_max{};  // longest wait before the limit, whatever its bytes; 0: no such limit
    Bursts bursts = {};
    double duplicates = 0;  // arrive twice
    double stragglers = 0;  // arrive later by `straggle`, overtaken by what follows
    Duration straggle = Duration::millis(10);
    size_t mtu = 0;  // larger packets vanish without a word, as in a black hole; 0: none is too large
    bool is_down =
        false;  // nothing enters, and what leaves the queue now is lost; what is on its way arrives
};

// From `after` the beginning on, until the next one.
struct LinkChange {
    Duration after;
    Link link;
};
// The first is in force from the beginning; in order of time; never empty.
using LinkSchedule = std::vector<LinkChange>;

class Channel {
 public:
    // Every packet offered is counted once more below, or on its way.
    struct Counters {
        uint64_t packets = 0;
        uint64_t bytes = 0;
        uint64_t lost = 0;        // by chance
        uint64_t overflowed = 0;  // no room in the queue
        uint64_t too_large = 0;   // for the MTU
        uint64_t cut = 0;         // the link was down
        uint64_t duplicated = 0;  // additional arrivals
        uint64_t delivered_bytes = 0;
    };
    // In no order; empty: it never does.
    using Arrivals = StaticVector<Instant, 2>;

    Channel(const Link& link, uint64_t seed) : Channel(LinkSchedule{{{}, link}}, seed, {}) {}
    // The times of the schedule count from `beginning`.
    Channel(LinkSchedule schedule, uint64_t seed, Instant beginning);

    // When a packet sent now arrives. `now` must not go back.
    Arrivals send(Instant now, size_t size);
    // How long a packet that is sent now waits for those before it; what the rate takes for itself comes on
    // top.
    Duration queueing_delay(Instant now) const;
    // From now on, and until another call: whatever was scheduled is void. What is in the queue leaves at the
    // rate that was foreseen when it entered.
    void change(Instant now, const Link& link);
    const Link& link(Instant at) const;

    const Counters& counters() const { return counters_; }

 private:
    struct Luck {
        double loss, bursts, burst_loss, jitter, duplicates, stragglers;
    };

    Luck draw();
    size_t phase(Instant at) const;
    // Until when the phase lasts.
    Instant end(size_t phase) const;
    Instant leave_queue(Instant start, size_t size) const;
    int64_t bytes_waiting(Instant now) const;
    bool is_taken(Instant now, size_t size);
    bool is_lost(const Link& link, const Luck& luck);

    LinkSchedule schedule_;
    SeededRng rng_;
    Instant beginning_;
    Instant idle_at_;  // when the rate limit has sent all that it took
    Instant last_arrival_;
    bool is_bad_ = false;
    Counters counters_;
};

}  // namespace conclave::sim
