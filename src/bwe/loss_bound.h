// A bound on the rate while much is lost (draft-ietf-rmcat-gcc-02 6): for queues that are too short to show
// in the delay, and for policers. Links that lose packets whatever is sent, as radio does, must not be taken
// for full ones: what is lost as before after the rate was lowered is the link's own loss, and only what
// comes on top of it counts.
#pragma once

#include <cstdint>
#include <optional>

#include "base/rate.h"
#include "base/time.h"
#include "bwe/packet_result.h"

namespace conclave::bwe {

class LossBound {
 public:
    void add(const PacketResult&);
    // With every feedback; `rate` is what would be sent without a bound, `acknowledged` what arrives.
    void update(Instant now, DataRate rate, std::optional<DataRate> acknowledged);
    // Carried by the link.
    void lift(DataRate proven);
    std::optional<DataRate> bound() const { return bound_; }
    // Of the last whole window.
    double loss() const { return loss_; }
    // What the link loses whatever is sent.
    double own() const { return own_; }

    // Less is no congestion. (The draft's 2 %, up to which the rate may grow, needs no rule: growth is the
    // delay's to decide.)
    static constexpr double kCongested = 0.10;
    static constexpr Duration kWindow = Duration::millis(500);
    static constexpr uint32_t kPacketsMin = 50;

 private:
    void judge(DataRate rate, std::optional<DataRate> acknowledged);

    uint32_t lost_ = 0;
    uint32_t packets_ = 0;
    Instant began_ = Instant::never();
    double loss_ = 0;
    double own_ = 0;
    bool has_lowered_ = false;
    std::optional<DataRate> bound_;
};

}  // namespace conclave::bwe
