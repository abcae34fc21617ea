// What the client's link carries, and what waits for it or asks it.
#include "peer/downlink.h"

#include <algorithm>

#include "peer/peer.h"
#include "peer/streams.h"

namespace conclave::peer {
namespace {

// So much less than was shared out is not left to the next round.
constexpr bool is_much_less(DataRate now, DataRate before) {
    return now.bps < before.bps - before.bps / 16;
}

}  // namespace

void Peer::open_downlink() {
    const auto is_numbered = [](const auto& entry) { return entry.second->extensions.transport_cc != 0; };
    if (!downlink_ && std::any_of(egress_.begin(), egress_.end(), is_numbered))
        downlink_ = std::make_unique<Downlink>();
}

void Peer::want_bitrate(Instant now, DataRate rate) {
    if (!downlink_) return;
    downlink_->estimator.want(rate);
    downlink_->shared = downlink_->estimator.estimate(now).value_or(DataRate{});
}

void Peer::handle_feedback(Instant now, const wire::TransportFeedback& feedback, Events& events) {
    if (!downlink_) return;
    downlink_->estimator.handle_feedback(now, feedback);
    const auto estimate = downlink_->estimator.estimate(now);
    if (!estimate) return;
    counters_.estimate_bps = estimate->bps;
    downlink_->is_paced = true;
    downlink_->bucket.set_rate(now, {estimate->bps * Downlink::kPaceTenths / 10});
    if (is_much_less(*estimate, downlink_->shared) && !events.notices.full())
        events.notices.push_back({Signal::LessBandwidth});
}

// Sound never does: it is little, and what comes late is silence.
bool Peer::must_wait(Instant now, const Egress& egress) {
    return downlink_ && !egress.is_audio && downlink_->must_wait(now);
}

Instant Peer::next_release() const {
    return downlink_ ? downlink_->next_release() : Instant::never();
}

void Peer::release(Instant now, TransmitQueue& tx) {
    if (!downlink_ || downlink_->next_release() > now) return;
    PacedQueue& waiting = downlink_->waiting;
    waiting.expire(now);
    counters_.paced_dropped = waiting.dropped();
    while (!waiting.empty() && downlink_->bucket.has_credit(now)) {
        send_waiting(now, waiting.front(), tx);
        waiting.pop();
    }
    downlink_->released_at = now;
}

bool Peer::can_probe() const {
    return downlink_ && probing_ && is_connected();
}

void Peer::send_probes(Instant now, TransmitQueue& tx) {
    while (can_probe() && downlink_->estimator.probe_due(now) > 0) {
        if (!send_padding(now, *probing_, tx)) return;
        counters_.probes = downlink_->estimator.clusters();
    }
}

}  // namespace conclave::peer
