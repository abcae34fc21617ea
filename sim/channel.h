// One direction of a bad link: says of each packet when it arrives, or that it never does. Pure, so that the
// simulator and the link emulator of tests/loss lose the same packets for the same seed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/rng.h"
#include "base/time.h"

namespace conclave::sim {

struct Link {
    double loss = 0;                        // share of packets, each independently of all others
    Duration delay = Duration::millis(20);  // one way
    Duration jitter{};                      // added to the delay, uniform from 0
    bool reorders = true;                   // jitter lets packets overtake; otherwise they wait in line
    int64_t bits_per_second = 0;            // 0: no limit
    size_t queue_bytes_max = 64'000;        // before the limit; half a second at 1 Mbit/s
};

class Channel {
 public:
    struct Counters {
        uint64_t packets = 0;  // offered; what is not counted below arrives
        uint64_t bytes = 0;
        uint64_t lost = 0;
        uint64_t overflowed = 0;
    };

    Channel(const Link& link, uint64_t seed) : link_(link), rng_(seed) {}

    // When a packet sent now comes out; nothing when it is lost. `now` must not go back.
    std::optional<Instant> send(Instant now, size_t size) {
        ++counters_.packets;
        counters_.bytes += size;
        const auto sent = leave_queue(now, size);
        if (!sent) {
            ++counters_.overflowed;
            return std::nullopt;
        }
        // Both are drawn for every packet: the fate of one does not hang on the settings of the other.
        const double luck = static_cast<double>(rng_.u32()) / 4294967296.0;
        const uint32_t lag = rng_.u32();
        if (luck < link_.loss) {
            ++counters_.lost;
            return std::nullopt;
        }
        const Duration jitter{static_cast<int64_t>(static_cast<uint64_t>(link_.jitter.us) * lag >> 32)};
        const Instant arrival = *sent + link_.delay + jitter;
        last_arrival_ = link_.reorders ? arrival : std::max(last_arrival_, arrival);
        return last_arrival_;
    }

    const Counters& counters() const { return counters_; }

 private:
    std::optional<Instant> leave_queue(Instant now, size_t size) {
        if (link_.bits_per_second == 0) return now;
        const auto bits = static_cast<int64_t>(size) * 8;
        const Instant start = std::max(now, idle_at_);
        const int64_t waiting_bytes = (start - now).us * link_.bits_per_second / 8'000'000;
        if (waiting_bytes + static_cast<int64_t>(size) > static_cast<int64_t>(link_.queue_bytes_max)) {
            return std::nullopt;
        }
        idle_at_ = start + Duration{bits * 1'000'000 / link_.bits_per_second};
        return idle_at_;
    }

    Link link_;
    SeededRng rng_;
    Instant idle_at_;  // when the rate limit has sent all that it took
    Instant last_arrival_;
    Counters counters_;
};

}  // namespace conclave::sim
