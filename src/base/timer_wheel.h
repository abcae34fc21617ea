// Who of many is to be looked at when. Time is cut into ticks, a tick has a slot, and only those in the slots
// that have come are visited: whom nothing awaits costs nothing, however many there are.
//
// Coarse on purpose: nobody is met before the instant asked for, nor later than a tick after it. The wheel
// reaches `slots` ticks ahead. Who asks for later is met at its end and asks again, so a deadline that moves
// away, as most do, need not be told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/time.h"

namespace conclave {

class TimerWheel {
 public:
    using Key = uint32_t;

    TimerWheel(Instant now, Duration tick, size_t slots)
        : tick_us_(tick.us), next_tick_(now.us / tick.us + 1), slots_(slots) {
        CHECK(tick.us > 0 && slots > 1);
    }

    // Returns when `key` is met: sooner, if it was to be met sooner.
    Instant meet(Key key, Instant at) {
        const int64_t last = next_tick_ + static_cast<int64_t>(slots_.size()) - 1;
        const int64_t tick = std::clamp(tick_after(at), next_tick_, last);
        int64_t& met = met_.try_emplace(key, kNever).first->second;
        if (tick < met) {
            met = tick;
            slot(tick).push_back(key);
        }
        return {met * tick_us_};
    }
    void forget(Key key) { met_.erase(key); }

    // Those whose time has come, each once: who wants to be met again says so. Valid until the next call.
    std::span<const Key> take_due(Instant now) {
        due_.clear();
        const int64_t past = now.us / tick_us_;
        const int64_t last = std::min(past, next_tick_ + static_cast<int64_t>(slots_.size()) - 1);
        for (int64_t tick = next_tick_; tick <= last; ++tick) {
            for (const Key key : slot(tick)) {
                const auto met = met_.find(key);
                // Else it is gone, or was met sooner.
                if (met == met_.end() || met->second != tick) continue;
                met->second = kNever;
                due_.push_back(key);
            }
            slot(tick).clear();
        }
        next_tick_ = std::max(next_tick_, past + 1);
        return due_;
    }

    // When take_due() may have somebody again.
    Instant next() const {
        for (size_t i = 0; i < slots_.size(); ++i) {
            const int64_t tick = next_tick_ + static_cast<int64_t>(i);
            if (!slots_[index(tick)].empty()) return {tick * tick_us_};
        }
        return Instant::never();
    }

 private:
    static constexpr int64_t kNever = INT64_MAX;

    int64_t tick_after(Instant at) const { return at.us / tick_us_ + (at.us % tick_us_ > 0 ? 1 : 0); }
    size_t index(int64_t tick) const { return static_cast<size_t>(tick) % slots_.size(); }
    std::vector<Key>& slot(int64_t tick) { return slots_[index(tick)]; }

    int64_t tick_us_;
    int64_t next_tick_;  // those before have been taken
    std::vector<std::vector<Key>> slots_;
    std::unordered_map<Key, int64_t> met_;  // in which tick
    std::vector<Key> due_;
};

}  // namespace conclave
