#include "bwe/estimator.h"

#include <algorithm>

namespace conclave::bwe {
namespace {

// A queue that is shorter now and then only smooths what comes in bursts.
constexpr Duration kQueueStanding = Duration::millis(10);
constexpr Duration kQueueGrowth = Duration::millis(150);
// A queue as long as that is more than a decrease by 15 % empties soon.
constexpr Duration kQueueLong = Duration::millis(100);
constexpr Duration kQueueShort = Duration::millis(40);
// In so much time a long queue is to be gone; whoever still sees one then shares it with others.
constexpr Duration kDrainTime = Duration::seconds(1);
constexpr Duration kDrainMax = Duration::seconds(2);
constexpr double kDrainMin = 0.3;
// No question before the last answer has been digested.
constexpr Duration kRest = Duration::seconds(1);

}  // namespace

DataRate Estimator::rate() const {
    const DataRate bounded = std::min(control_.rate(), loss_.bound().value_or(RateControl::kMax));
    const DataRate drained{static_cast<uint64_t>(static_cast<double>(bounded.bps) * drain_)};
    return std::max(drained, RateControl::kMin);
}

std::optional<DataRate> Estimator::estimate(Instant now) const {
    if (!has_feedback_ && !waits_since_.is_never() && now - waits_since_ > kSilenceMax) return std::nullopt;
    return rate();
}

void Estimator::note_arrival(const PacketResult& packet) {
    acknowledged_.add(packet.arrived, packet.size);
    queue_.add(packet);
    meter_.add(packet);
    // A probe makes the way longer for a moment, by intent.
    if (packet.cluster != 0) return;
    if (const auto delta = groups_.add(packet)) trend_.add(*delta);
}

Usage Estimator::usage() const {
    // Of a slow link too few packets come to draw a line through them.
    if (queue_.growth() > kQueueGrowth) return Usage::Over;
    const bool empties = queue_.standing() < kQueueStanding;
    return trend_.usage() == Usage::Over && empties ? Usage::Normal : trend_.usage();
}

void Estimator::handle_feedback(Instant now, const wire::TransportFeedback& feedback) {
    if (has_feedback_ && !waits_since_.is_never() && now - waits_since_ > kOutage) handle_route_change();
    Instant newest = Instant::never();
    history_.acknowledge(now, feedback, [&](const PacketResult& packet) {
        loss_.add(packet);
        if (!packet.is_received()) return;
        newest = packet.sent;
        note_arrival(packet);
    });
    if (newest.is_never()) return;  // of nothing that we have sent
    has_feedback_ = true;
    waits_since_ = Instant::never();
    rtt_ = (rtt_ * 7 + (now - newest)) / 8;
    const auto acknowledged = acknowledged_.rate();
    loss_.update(now, control_.rate(), acknowledged);
    control_.update(now, usage(), acknowledged, rtt_);
    drain(now);
    if (const auto result = meter_.take_result(loss_.own())) apply(now, *result, acknowledged);
}

void Estimator::apply(Instant now, const ProbeMeter::Result& result, std::optional<DataRate> acknowledged) {
    if (result.rate.bps == 0) return prober_.repeat(now);
    if (result.rate > rate()) {
        control_.set(std::min(result.rate, RateControl::kMax));
        loss_.lift(result.rate);
    } else if (result.is_full && acknowledged) {
        // The estimate was from better days.
        control_.set(std::min(control_.rate(), std::max(result.rate, *acknowledged)));
    }
    prober_.handle_result(now, rate());
}

void Estimator::drain(Instant now) {
    const Duration queue = queue_.standing();
    if (control_.lowered_at() == now && queue > kQueueLong) {
        drain_ = std::max(1 - queue.in_seconds() / kDrainTime.in_seconds(), kDrainMin);
        drain_until_ = now + kDrainMax;
    }
    if (queue < kQueueShort || now >= drain_until_) drain_ = 1;
}

void Estimator::handle_route_change() {
    groups_ = {};
    trend_ = {};
    acknowledged_ = {};
    control_ = RateControl(std::min(control_.rate(), kStart));
    loss_ = {};
    queue_ = {};
    drain_ = 1;
    prober_.restart();
}

bool Estimator::is_congested(Instant now) const {
    return usage() == Usage::Over || queue_.standing() > kQueueLong || now - control_.lowered_at() < kRest;
}

size_t Estimator::probe_due(Instant now) {
    if (prober_.begin(now, rate(), is_congested(now))) meter_.begin(prober_.cluster());
    return prober_.due(now);
}

}  // namespace conclave::bwe
