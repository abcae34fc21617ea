#include "sim/channel.h"

#include <algorithm>

#include "base/check.h"

namespace conclave::sim {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;

Duration share_of(Duration whole, double share) {
    return {static_cast<int64_t>(static_cast<double>(whole.us) * share)};
}

}  // namespace

Channel::Channel(LinkSchedule schedule, uint64_t seed, Instant beginning)
    : schedule_(std::move(schedule)), rng_(seed), beginning_(beginning) {
    CHECK(!schedule_.empty());
    CHECK(std::is_sorted(schedule_.begin(), schedule_.end(),
                         [](const LinkChange& a, const LinkChange& b) { return a.after < b.after; }));
}

// All of it is drawn for every packet: the fate of one does not hang on the settings of the other.
Channel::Luck Channel::draw() {
    const auto next = [&] { return static_cast<double>(rng_.u32()) / 4294967296.0; };
    Luck luck{};
    luck.loss = next();
    luck.jitter = next();
    luck.bursts = next();
    luck.burst_loss = next();
    luck.duplicates = next();
    luck.stragglers = next();
    return luck;
}

Channel::Arrivals Channel::send(Instant now, size_t size) {
    ++counters_.packets;
    counters_.bytes += size;
    const Luck luck = draw();
    if (!is_taken(now, size)) return {};
    idle_at_ = leave_queue(std::max(now, idle_at_), size);
    const Link& left = link(idle_at_);
    if (left.is_down) {
        ++counters_.cut;
        return {};
    }
    if (is_lost(left, luck)) {
        ++counters_.lost;
        return {};
    }
    Instant arrival = idle_at_ + left.delay + share_of(left.jitter, luck.jitter);
    if (!left.reorders) arrival = std::max(last_arrival_, arrival);
    if (luck.stragglers < left.stragglers) {
        arrival = arrival + left.straggle;
    } else {
        last_arrival_ = arrival;
    }
    Arrivals arrivals;
    arrivals.push_back(arrival);
    if (luck.duplicates < left.duplicates) {
        arrivals.push_back(arrival);
        ++counters_.duplicated;
    }
    counters_.delivered_bytes += size * arrivals.size();
    return arrivals;
}

bool Channel::is_taken(Instant now, size_t size) {
    const Link& entered = link(now);
    if (entered.is_down) {
        ++counters_.cut;
        return false;
    }
    if (entered.mtu != 0 && size > entered.mtu) {
        ++counters_.too_large;
        return false;
    }
    if (entered.bits_per_second == 0) return true;
    const auto waiting = static_cast<size_t>(bytes_waiting(now));
    const bool is_long = entered.queue_time_max > Duration{} && queueing_delay(now) > entered.queue_time_max;
    if (is_long || waiting + size > entered.queue_bytes_max) {
        ++counters_.overflowed;
        return false;
    }
    return true;
}

bool Channel::is_lost(const Link& link, const Luck& luck) {
    is_bad_ = is_bad_ ? luck.bursts >= link.bursts.to_good : luck.bursts < link.bursts.to_bad;
    const double share = is_bad_ ? link.bursts.loss_while_bad : link.bursts.loss_while_good;
    return luck.loss < link.loss || luck.burst_loss < share;
}

Duration Channel::queueing_delay(Instant now) const {
    return std::max(idle_at_ - now, Duration{});
}

void Channel::change(Instant now, const Link& link) {
    const Duration after = now - beginning_;
    std::erase_if(schedule_, [&](const LinkChange& change) { return change.after >= after; });
    schedule_.push_back({schedule_.empty() ? Duration{} : after, link});
}

const Link& Channel::link(Instant at) const {
    return schedule_[phase(at)].link;
}

size_t Channel::phase(Instant at) const {
    size_t phase = 0;
    while (at >= end(phase)) ++phase;
    return phase;
}

Instant Channel::end(size_t phase) const {
    return phase + 1 < schedule_.size() ? beginning_ + schedule_[phase + 1].after : Instant::never();
}

// When the last bit has passed the limit; the rate may change on the way.
Instant Channel::leave_queue(Instant start, size_t size) const {
    double bits = static_cast<double>(size) * 8;
    Instant at = start;
    for (size_t i = phase(start);; ++i) {
        const int64_t rate = schedule_[i].link.bits_per_second;
        if (rate == 0) return at;
        const Duration needed{
            static_cast<int64_t>(bits * kMicrosecondsPerSecond / static_cast<double>(rate))};
        if (end(i).is_never() || at + needed <= end(i)) return at + needed;
        bits -= (end(i) - at).in_seconds() * static_cast<double>(rate);
        at = end(i);
    }
}

int64_t Channel::bytes_waiting(Instant now) const {
    double bits = 0;
    Instant at = now;
    for (size_t i = phase(now); at < idle_at_; ++i) {
        const Instant until = soonest(end(i), idle_at_);
        bits += (until - at).in_seconds() * static_cast<double>(schedule_[i].link.bits_per_second);
        at = until;
    }
    return static_cast<int64_t>(bits / 8);
}

}  // namespace conclave::sim
