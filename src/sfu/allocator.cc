#include "sfu/allocator.h"

#include <algorithm>

namespace conclave::sfu {

namespace {

// A step up leaves a tenth free: rates vary.
constexpr uint64_t with_margin(uint64_t budget) {
    return budget - budget / 10;
}
constexpr uint64_t with_air(uint64_t rate) {
    return rate + rate / 10;
}

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
        video.wanted = demands[i].wanted.spatial;
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

uint64_t Allocator::total() const {
    uint64_t sum = 0;
    for (const Video& video : videos_) sum += video.cost();
    return sum;
}

uint64_t Allocator::total_wanted() const {
    uint64_t sum = 0;
    for (const Video& video : videos_) sum += video.ladder[video.ladder.size() - 1].cost;
    return sum;
}

bool Allocator::goes_before(const Video& a, const Video& b) {
    if ((a.height == 0) != (b.height == 0)) return a.height == 0;
    if (a.priority != b.priority) return a.priority > b.priority;
    // Everybody's smallest picture is about as large.
    if (a.height > 0 && a.wanted != b.wanted) return a.wanted > b.wanted;
    return a.step() < b.step();
}

Allocator::Video* Allocator::next_to_climb(const std::vector<bool>& passed) {
    Video* best = nullptr;
    for (size_t i = 0; i < videos_.size(); ++i) {
        if (passed[i] || !videos_[i].can_climb()) continue;
        if (!best || goes_before(videos_[i], *best)) best = &videos_[i];
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

// At once when there is less to spend, else when it has cost too much for longer than rates vary.
bool Allocator::must_lower(Instant now, uint64_t budget) {
    const bool is_less = budget < budget_ - budget_ / 16;
    budget_ = budget;
    if (total() <= budget) {
        over_since_ = Instant::never();
        return false;
    }
    if (over_since_.is_never()) over_since_ = now;
    return is_less || now - over_since_ >= kPatience;
}

// From the ground up.
void Allocator::lower(Instant now, uint64_t budget, bool may_pause) {
    for (Video& video : videos_) video.height = may_pause ? 0 : 1;
    (void)raise(budget);
    // Little less soon after going up: that was too much. Much less is another network; and going down step
    // by step is one way down.
    const bool is_other = budget < last_budget_ - last_budget_ / 3;
    if (is_other || now - raised_at_ >= kProof) {
        calm_ = kCalm;
    } else if (raised_at_ > lowered_at_) {
        calm_ = std::min(calm_ * 2, kCalmMax);
    }
    last_budget_ = budget;
    lowered_at_ = now;
    over_since_ = Instant::never();
}

std::span<const Allocator::Allocation> Allocator::allocate(Instant now, const Bandwidth& bandwidth,
                                                           std::span<const Demand> videos) {
    take_over(videos, bandwidth.may_pause);
    wanted_bps_ = with_air(bandwidth.audio_bps + total_wanted());
    if (!bandwidth.estimate_bps) {
        for (Video& video : videos_) video.height = video.ladder.size();
        report();
        return result_;
    }
    const uint64_t budget = *bandwidth.estimate_bps - std::min(*bandwidth.estimate_bps, bandwidth.audio_bps);
    if (must_lower(now, budget)) {
        lower(now, budget, bandwidth.may_pause);
    } else if (total() <= budget && now - lowered_at_ >= calm_ && raise(with_margin(budget))) {
        raised_at_ = now;
        last_budget_ = budget;
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
