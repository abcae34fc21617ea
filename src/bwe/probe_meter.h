// What the link carried of a probe: packets sent for a moment at a rate that nobody knows to be possible yet.
#pragma once

#include <cstdint>
#include <optional>

#include "base/rate.h"
#include "base/time.h"
#include "bwe/packet_result.h"

namespace conclave::bwe {

class ProbeMeter {
 public:
    struct Result {
        DataRate rate;         // 0: it arrived in another rhythm than it left in, and says nothing
        bool is_full = false;  // the link took no more; else it was not asked for more
    };

    // Another cluster begins: what comes of others is passed over.
    void begin(ClusterId);
    // It was sent, all of it.
    void end(uint32_t packets) { expected_ = packets; }
    void add(const PacketResult&);
    // After each feedback: once, when enough has come of what a link that loses `loss` of everything lets
    // through.
    std::optional<Result> take_result(double loss);

 private:
    ClusterId cluster_ = 0;
    uint32_t expected_ = 0;  // 0: it is still being sent
    uint32_t packets_ = 0;
    uint64_t bytes_ = 0;
    uint64_t last_bytes_ = 0;
    // Of the first packet of the first and of the last burst.
    Instant first_sent_;
    Instant first_arrived_;
    Instant last_sent_;
    Instant last_arrived_;
};

}  // namespace conclave::bwe
