#include "sfu/allocator.h"

#include <algorithm>

namespace conclave::sfu {

namespace {

// A step up by estimate leaves a tenth free: rates vary.
constexpr uint64_t with_margin(uint64_t budget) {
    return budget - budget / 10;
}

// Above it loss is congestion, whatever the estimate says; below the lower one the way is clear.
constexpr float kCongested = 0.10F;
constexpr float kClear = 0.04F;
// Loss is reported late: the same loss must not be answered twice.
constexpr Duration kLossInterval = Duration::seconds(2);

// REMB is held at 1.5 times what arrives. Far above that it is not our rate that holds it, and to be believed
// as it is.
constexpr bool is_held_by_rate(uint64_t estimate, uint64_t sent) {
    return estimate >= sent && estimate <= sent * 17 / 10 + 50'000;
}
// Nobody's network is tried with more than three times what is known to work.
constexpr uint64_t kTrialFactor = 3;

}  // namespace

// All frame rates of the smallest picture; of larger ones only the wanted rate and the next lower: a large
// picture that stutters is worse than a small one that does not.
void Allocator::build_ladder(const Demand& demand, Video& video) {
    const auto add = [&](uint8_t spatial, uint8_t temporal) {
        const uint64_t cost = demand.bitrates[spatial][temporal];
        if (cost == 0) return;
        if (!video.ladder.empty() && video.ladder.back().cost >= cost) {
            video.ladder.back() = {{spatial, temporal}, cost};
        } else {
            video.ladder.push_back({{spatial, temporal}, cost});
        }
    };
    for (uint8_t spatial = 0; spatial < kSpatialMax; ++spatial) {
        // Where only larger pictures than wanted are sent, the smallest of those is shown.
        if (spatial > demand.wanted.spatial && !video.ladder.empty()) break;
        const auto& rates = demand.bitrates[spatial];
        uint8_t top = demand.wanted.temporal;
        while (top > 0 && rates[top] == rates[top - 1]) --top;  // the stream has no such layer
        const uint8_t bottom = video.ladder.empty() || top == 0 ? uint8_t{0} : static_cast<uint8_t>(top - 1);
        for (uint8_t temporal = bottom; temporal <= top; ++temporal) add(spatial, temporal);
    }
    if (video.ladder.empty()) video.ladder.push_back({kTopLayer, 0});
}

void Allocator::take_over(std::span<const Demand> demands, bool may_pause) {
    std::swap(videos_, previous_);
    videos_.clear();
    for (size_t i = 0; i < demands.size(); ++i) {
        Video video;
        video.id = demands[i].id;
        video.priority = demands[i].priority;
        build_ladder(demands[i], video);
        // Mostly nothing has changed, and they are in the order of the last call.
        auto old = previous_.end();
        if (i < previous_.size() && previous_[i].id == video.id) {
            old = previous_.begin() + static_cast<ptrdiff_t>(i);
        } else {
            old = std::find_if(previous_.begin(), previous_.end(),
                               [&](const Video& v) { return v.id == video.id; });
        }
        if (old != previous_.end()) {
            const Layer had = old->height == 0 ? Layer{} : old->ladder[old->height - 1].layer;
            const auto rank = [](Layer layer) { return layer.spatial * 16 + layer.temporal; };
            while (old->height > 0 && video.can_climb() &&
                   (video.height == 0 || rank(video.ladder[video.height].layer) <= rank(had))) {
                ++video.height;
            }
        }
        if (video.height == 0 && !may_pause) video.height = 1;
        videos_.push_back(video);
    }
}

Allocator::Video* Allocator::find(SubscriptionId id) {
    const auto it = std::find_if(videos_.begin(), videos_.end(), [id](const Video& v) { return v.id == id; });
    return it == videos_.end() ? nullptr : &*it;
}

uint64_t Allocator::total() const {
    uint64_t sum = 0;
    for (const Video& video : videos_) sum += video.cost();
    return sum;
}

Allocator::Video* Allocator::next_to_climb(const std::vector<bool>& passed) {
    Video* best = nullptr;
    for (size_t i = 0; i < videos_.size(); ++i) {
        Video& video = videos_[i];
        if (passed[i] || !video.can_climb()) continue;
        if (best) {
            const bool has_nothing = video.height == 0;
            const bool best_has_nothing = best->height == 0;
            if (has_nothing != best_has_nothing) {
                if (best_has_nothing) continue;
            } else if (video.priority != best->priority) {
                if (video.priority < best->priority) continue;
            } else if (video.step() >= best->step()) {
                continue;
            }
        }
        best = &video;
    }
    return best;
}

bool Allocator::raise(uint64_t budget) {
    bool is_changed = false;
    auto sum = static_cast<int64_t>(total());
    std::vector<bool> passed(videos_.size());
    while (Video* video = next_to_climb(passed)) {
        if (sum + video->step() > static_cast<int64_t>(budget)) {
            passed[static_cast<size_t>(video - videos_.data())] = true;
            continue;
        }
        sum += video->step();
        ++video->height;
        is_changed = true;
    }
    return is_changed;
}

// A new estimate has the benefit of the doubt; one that fell by an eighth has none.
void Allocator::watch_growth(Instant now, uint64_t estimate) {
    const bool is_new = reference_bps_ == 0;
    const bool has_fallen = estimate < reference_bps_ - reference_bps_ / 8;
    if (!is_new && !has_fallen && now - reference_at_ < kGrowth) return;
    is_growing_ = is_new || estimate >= reference_bps_ + reference_bps_ / 32;
    reference_bps_ = estimate;
    reference_at_ = now;
}

// At once when there is less to spend. When the videos cost more, for a moment or while the estimate follows,
// the network carries it.
bool Allocator::must_lower(Instant now, const Bandwidth& bandwidth, uint64_t budget) {
    const bool is_less = budget < budget_ - budget_ / 16;
    budget_ = budget;
    if (total() <= budget) {
        over_since_ = Instant::never();
        return false;
    }
    if (over_since_.is_never()) over_since_ = now;
    if (bandwidth.loss >= kCongested) return true;
    return !is_growing_ && (is_less || now - over_since_ >= kGrowth);
}

// From the ground up: the lowest layer for everybody, then what is left.
void Allocator::share(Instant now, uint64_t budget, bool may_pause) {
    for (Video& video : videos_) video.height = may_pause ? 0 : 1;
    (void)raise(budget);
    lowered_at_ = changed_at_ = now;
}

// False when the step has to be given back.
bool Allocator::judge_trial(Instant now, const Bandwidth& bandwidth, uint64_t budget) {
    if (!find(trial_->id) || total() <= budget) {
        trial_.reset();
        backoff_ = kBackoffMin;
        changed_at_ = now;
        return true;
    }
    const bool is_worse = *bandwidth.estimate_bps < trial_->estimate_bps - trial_->estimate_bps / 8;
    if (is_worse || bandwidth.loss >= kCongested) return false;
    if (now - trial_->began < kTrial) return true;
    if (is_growing_) {
        trial_.reset();
        changed_at_ = now;
        return true;
    }
    return false;
}

void Allocator::begin_trial(Instant now, const Bandwidth& bandwidth) {
    const uint64_t estimate = *bandwidth.estimate_bps;
    if (bandwidth.loss > kClear) return;
    if (!is_growing_ && !is_held_by_rate(estimate, bandwidth.sent_bps)) return;
    if (now - changed_at_ < kCalm || now < no_trial_before_) return;
    Video* video = next_to_climb(std::vector<bool>(videos_.size()));
    if (!video) return;
    const int64_t rate = static_cast<int64_t>(bandwidth.audio_bps + total()) + video->step();
    if (rate > static_cast<int64_t>(std::max(estimate, bandwidth.sent_bps) * kTrialFactor)) return;
    trial_ = Trial{video->id, video->height, estimate, now};
    ++video->height;
    changed_at_ = now;
}

std::span<const Allocator::Allocation> Allocator::allocate(Instant now, const Bandwidth& bandwidth,
                                                           std::span<const Demand> videos) {
    take_over(videos, bandwidth.may_pause);
    if (!bandwidth.estimate_bps) {
        for (Video& video : videos_) video.height = video.ladder.size();
        trial_.reset();
        reference_bps_ = 0;
        report();
        return result_;
    }
    watch_growth(now, *bandwidth.estimate_bps);
    uint64_t budget = *bandwidth.estimate_bps;
    if (bandwidth.loss >= kCongested && now - loss_acted_at_ >= kLossInterval) {
        budget = std::min(budget, static_cast<uint64_t>(static_cast<double>(bandwidth.sent_bps) *
                                                        (1 - bandwidth.loss / 2)));
        loss_acted_at_ = now;
    }
    budget -= std::min(budget, bandwidth.audio_bps);

    if (trial_ && !judge_trial(now, bandwidth, budget)) {
        if (Video* video = find(trial_->id)) video->height = std::min(video->height, trial_->height_before);
        trial_.reset();
        no_trial_before_ = now + backoff_;
        backoff_ = std::min(backoff_ * 2, kBackoffMax);
        lowered_at_ = changed_at_ = now;
    }
    if (!trial_) {
        if (must_lower(now, bandwidth, budget)) {
            share(now, budget, bandwidth.may_pause);
        } else if (total() <= budget && now - lowered_at_ >= kCalm && raise(with_margin(budget))) {
            changed_at_ = now;
        } else {
            begin_trial(now, bandwidth);
        }
    }
    report();
    return result_;
}

void Allocator::report() {
    result_.clear();
    for (const Video& video : videos_) {
        Allocation allocation;
        allocation.id = video.id;
        // At the top nothing holds it back, not even in layers that are not measured yet.
        if (video.height > 0) {
            allocation.cap = video.can_climb() ? video.ladder[video.height - 1].layer : kTopLayer;
        }
        result_.push_back(allocation);
    }
}

}  // namespace conclave::sfu
