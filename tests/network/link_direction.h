// One way of the emulated link: what is on its way, and what can be said about it.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sim/channel.h"

namespace conclave::sim {

class Direction {
 public:
    explicit Direction(Channel channel) : channel_(std::move(channel)) {}

    void take(Instant now, ByteView packet);
    // The next packet that has arrived by now; empty: none.
    std::vector<uint8_t> arrived(Instant now);
    Instant next_arrival() const { return flights_.empty() ? Instant::never() : flights_.begin()->first; }
    void count_drop() { ++dropped_; }
    Channel& channel() { return channel_; }

    // A JSON object of what happened since the last sample.
    std::string sample(Instant now);
    // Since the beginning.
    std::string totals() const;

 private:
    // In ms; what waits longer counts as the longest.
    static constexpr size_t kWaitMax = 10'000;

    size_t wait_at(double share) const;

    Channel channel_;
    Channel::Counters sampled_;
    std::multimap<Instant, std::vector<uint8_t>> flights_;
    std::deque<std::pair<Instant, size_t>> queue_;  // when each packet leaves it, and its bytes
    std::vector<Duration> waits_;                   // since the last sample
    std::array<uint64_t, kWaitMax + 1> waited_{};   // packets by ms
    // How far behind its own times this process was: the machine's doing, not the link's.
    uint64_t late_ = 0;
    int64_t late_ms_max_ = 0;
    uint64_t dropped_ = 0;  // by the limit of flights, by the device, or by the NAT
};

}  // namespace conclave::sim
