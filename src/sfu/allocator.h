// Shares one subscriber's bandwidth among the videos it watches. Audio is never touched: it is paid first.
//
// The estimate is what the client says it can take (REMB). It begins near what arrives, grows by 8 % a second
// at most for as long as the network carries that, and hardly beyond half as much again. So while it grows
// nothing is lowered on its account, even if more is sent. And a layer that would double the rate is never
// announced as affordable: after a calm while one step up is tried, and given back when the estimate or the
// loss says no. Full congestion control can replace this behind the same interface.
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
    bool is_trying() const { return trial_.has_value(); }

    static constexpr Duration kInterval = Duration::millis(500);
    // As long nothing may have changed before a step is tried.
    static constexpr Duration kCalm = Duration::seconds(3);
    // As long a step has to prove itself: REMB follows within a second or two.
    static constexpr Duration kTrial = Duration::seconds(4);
    static constexpr Duration kBackoffMin = Duration::seconds(5);
    static constexpr Duration kBackoffMax = Duration::seconds(60);
    // As long an estimate is watched before it is called growing or not.
    static constexpr Duration kGrowth = Duration::seconds(2);

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
        StaticVector<Rung, kRungsMax> ladder;  // never empty
        size_t height = 0;                     // rungs climbed; 0: paused
        uint64_t cost() const { return height == 0 ? 0 : ladder[height - 1].cost; }
        bool can_climb() const { return height < ladder.size(); }
        int64_t step() const {
            return static_cast<int64_t>(ladder[height].cost) - static_cast<int64_t>(cost());
        }
    };
    struct Trial {
        SubscriptionId id = 0;
        size_t height_before = 0;
        uint64_t estimate_bps = 0;
        Instant began;
    };

    static void build_ladder(const Demand&, Video&);
    void take_over(std::span<const Demand>, bool may_pause);
    Video* find(SubscriptionId);
    uint64_t total() const;
    void watch_growth(Instant now, uint64_t estimate);
    bool must_lower(Instant now, const Bandwidth&, uint64_t budget);
    void share(Instant now, uint64_t budget, bool may_pause);
    // The next one to climb: who has nothing, then by priority, then the cheapest.
    Video* next_to_climb(const std::vector<bool>& passed);
    bool raise(uint64_t budget);
    bool judge_trial(Instant now, const Bandwidth&, uint64_t budget);
    void begin_trial(Instant now, const Bandwidth&);
    void report();

    std::vector<Video> videos_;
    std::vector<Video> previous_;
    std::vector<Allocation> result_;
    std::optional<Trial> trial_;
    Instant lowered_at_ = kLongAgo;
    Instant changed_at_ = kLongAgo;
    Instant loss_acted_at_ = kLongAgo;
    Instant no_trial_before_ = kLongAgo;
    Duration backoff_ = kBackoffMin;
    uint64_t reference_bps_ = 0;  // the estimate at reference_at_; 0: there was none
    Instant reference_at_ = kLongAgo;
    bool is_growing_ = false;
    uint64_t budget_ = 0;  // of the last call
    Instant over_since_ = Instant::never();
    static constexpr Instant kLongAgo{-3'600'000'000};
};

}  // namespace conclave::sfu
