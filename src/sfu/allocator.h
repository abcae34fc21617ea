// Shares one subscriber's bandwidth among the videos it watches. Audio is never touched: it is paid first.
// Then everybody's smallest picture, shared screens before cameras; then layer by layer, screens first, then
// what is shown largest. Down at once, up with a margin and after a calm that grows when what went up came
// down again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "sfu/demand.h"

namespace conclave::sfu {

class Allocator {
 public:
    struct Allocation {
        SubscriptionId id = 0;
        std::optional<Layer> cap;  // nothing: paused
    };

    // One for each video, in the order of the input. To be called every kInterval, and at once when videos or
    // wishes change or a new estimate is lower. Valid until the next call.
    std::span<const Allocation> allocate(Instant now, const Bandwidth&, std::span<const Demand>);
    // What would be sent if there were enough, some air included: worth finding out whether there is.
    uint64_t wanted_bps() const { return wanted_bps_; }

    static constexpr Duration kInterval = Duration::millis(500);
    // After going down, as long nothing goes up.
    static constexpr Duration kCalm = Duration::seconds(2);
    static constexpr Duration kCalmMax = Duration::seconds(16);
    // Who comes down again so soon went up too early.
    static constexpr Duration kProof = Duration::seconds(10);
    // As long videos may cost more than there is: rates vary.
    static constexpr Duration kPatience = Duration::seconds(2);

 private:
    // What can be bought, ascending; each step costs something.
    struct Rung {
        Layer layer;
        uint64_t cost = 0;
    };
    static constexpr size_t kRungsMax = kTemporalMax + 2 * (kSpatialMax - 1);
    struct Video {
        SubscriptionId id = 0;
        uint8_t priority = 0;
        uint8_t wanted = 0;                    // spatial: how large it is shown
        StaticVector<Rung, kRungsMax> ladder;  // never empty
        size_t height = 0;                     // rungs climbed; 0: paused
        uint64_t cost() const { return height == 0 ? 0 : ladder[height - 1].cost; }
        bool can_climb() const { return height < ladder.size(); }
        int64_t step() const {
            return static_cast<int64_t>(ladder[height].cost) - static_cast<int64_t>(cost());
        }
    };
    static void build_ladder(const Demand&, Video&);
    void take_over(std::span<const Demand>, bool may_pause);
    uint64_t total() const;
    uint64_t total_wanted() const;
    bool must_lower(Instant now, uint64_t budget);
    void lower(Instant now, uint64_t budget, bool may_pause);
    // The next one to climb: who has nothing, then by priority, then the largest, then the cheapest.
    static bool goes_before(const Video&, const Video&);
    Video* next_to_climb(const std::vector<bool>& passed);
    bool raise(uint64_t budget);
    void report();

    std::vector<Video> videos_;
    std::vector<Video> previous_;
    std::vector<Allocation> result_;
    uint64_t wanted_bps_ = 0;
    Instant lowered_at_ = kLongAgo;
    Instant raised_at_ = kLongAgo;
    uint64_t last_budget_ = 0;  // when it last went up or down
    Duration calm_ = kCalm;
    uint64_t budget_ = 0;  // of the last call
    Instant over_since_ = Instant::never();
    static constexpr Instant kLongAgo{-3'600'000'000};
};

}  // namespace conclave::sfu
