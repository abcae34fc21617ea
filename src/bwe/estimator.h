// What one receiver's link carries, judged by its transport-wide feedback: Google Congestion Control
// (draft-ietf-rmcat-gcc-02), with probing and with a drain of the queue that a drop leaves behind.
//
//   sent -> SentHistory
//   feedback -> SentHistory -> ArrivalGroups -> Trendline --usage--> RateControl -+
//                           -> AcknowledgedRate ----------------------^           +-> estimate
//                           -> LossBound, StandingQueue, ProbeMeter --------------+
//   wanted -> Prober -> clusters to send
#pragma once

#include <cstdint>
#include <optional>

#include "base/rate.h"
#include "base/time.h"
#include "bwe/acknowledged_rate.h"
#include "bwe/arrival_groups.h"
#include "bwe/loss_bound.h"
#include "bwe/probe_meter.h"
#include "bwe/prober.h"
#include "bwe/rate_control.h"
#include "bwe/sent_history.h"
#include "bwe/standing_queue.h"
#include "bwe/trendline.h"
#include "wire/transport_feedback.h"

namespace conclave::bwe {

class Estimator {
 public:
    // The transport-wide number of the packet that leaves next.
    uint16_t next_number() const { return history_.next_number(); }
    // It has left, in a datagram of so many bytes.
    void handle_sent(Instant now, size_t size) {
        const ClusterId cluster = prober_.cluster();
        if (cluster != 0 && prober_.handle_sent(now, size)) meter_.end(prober_.packets());
        if (waits_since_.is_never()) waits_since_ = now;
        history_.record(now, size, cluster);
    }
    void handle_feedback(Instant now, const wire::TransportFeedback&);
    // Another network, or another place in it: what was known is about something else.
    void handle_route_change();

    // Nothing when the receiver has been sent to for kSilenceMax and has never said anything.
    std::optional<DataRate> estimate(Instant now) const;

    // ---- probing: packets that nobody needs, sent between those that somebody does
    void want(DataRate rate) { prober_.want(rate); }
    // Bytes of probe that are due now, begun when it is time for that.
    size_t probe_due(Instant now);
    Instant next_probe() const { return prober_.next_timeout(rate()); }

    uint64_t clusters() const { return prober_.clusters(); }
    // Of the last half second or so, 0..1.
    double loss() const { return loss_.loss(); }
    size_t memory() const { return sizeof(*this) + history_.memory(); }

    static constexpr DataRate kStart = DataRate::kbps(300);
    // Feedback comes ten times a second. Whoever has been silent for so long was out of reach.
    static constexpr Duration kOutage = Duration::millis(1500);
    static constexpr Duration kSilenceMax = Duration::seconds(2);

 private:
    DataRate rate() const;
    Usage usage() const;
    bool is_congested(Instant now) const;
    void note_arrival(const PacketResult&);
    void apply(Instant now, const ProbeMeter::Result&, std::optional<DataRate> acknowledged);
    void drain(Instant now);

    SentHistory history_;
    ArrivalGroups groups_;
    Trendline trend_;
    AcknowledgedRate acknowledged_;
    RateControl control_{kStart};
    LossBound loss_;
    StandingQueue queue_;
    ProbeMeter meter_;
    Prober prober_;
    Duration rtt_ = Duration::millis(200);  // of the feedback: queues and the receiver's patience included
    bool has_feedback_ = false;
    Instant waits_since_ = Instant::never();  // sent, and not told of since
    double drain_ = 1;
    Instant drain_until_{};
};

}  // namespace conclave::bwe
