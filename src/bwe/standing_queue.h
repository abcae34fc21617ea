// How long packets wait at the bottleneck: the way now against the shortest lately. Bursts fill a queue for a
// moment on any link; what stands is what does not go away in between (as in CoDel, RFC 8289 3).
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.h"
#include "bwe/packet_result.h"

namespace conclave::bwe {

class StandingQueue {
 public:
    // Received packets, in the order of sending.
    void add(const PacketResult& packet) {
        way_ = packet.arrived - packet.sent;
        newest_.add(packet.sent, way_, kMoment);
        lowest_.add(packet.sent, way_, kInterval);
        recent_.add(packet.sent, way_, kRecent);
        shortest_.add(packet.sent, way_, kMemory);
    }
    // What none of the last packets was spared. The clocks of both ends only have to run alike.
    Duration standing() const { return lowest_.of(way_) - shortest_.of(way_); }

    // By how much the newest packets wait longer than others did within a second or less.
    Duration growth() const { return newest_.of(way_) - recent_.of(way_); }

    static constexpr Duration kMoment = Duration::millis(20);
    static constexpr Duration kInterval = Duration::millis(100);
    static constexpr Duration kRecent = Duration::millis(500);
    // After twice as long a queue that never empties is the way itself: others fill it.
    static constexpr Duration kMemory = Duration::seconds(20);

 private:
    // Over one to two spans.
    struct Minimum {
        std::optional<Duration> now;
        std::optional<Duration> before;
        Instant began;

        void add(Instant at, Duration value, Duration span) {
            if (at - began >= span) {
                before = now;
                now.reset();
                began = at;
            }
            now = std::min(now.value_or(value), value);
        }
        Duration of(Duration otherwise) const {
            const Duration newest = now.value_or(otherwise);
            return std::min(newest, before.value_or(newest));
        }
    };
    Duration way_;
    Minimum newest_;
    Minimum lowest_;
    Minimum recent_;
    Minimum shortest_;
};

}  // namespace conclave::bwe
