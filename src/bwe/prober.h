// When to probe, how fast, and what of it is due. The link is asked only while more is wanted than it is
// known to carry; each answer that says yes is followed by the next question.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rate.h"
#include "base/time.h"
#include "bwe/packet_result.h"

namespace conclave::bwe {

class Prober {
 public:
    // What would be sent if the link carried it. Nothing is asked beyond it.
    void want(DataRate rate) { wanted_ = rate; }

    // Begins a cluster when it is time for one. True when it did: cluster() and rate() tell of it.
    [[nodiscard]] bool begin(Instant now, DataRate estimate, bool is_congested);
    // Nobody asks a link that is full; and what was not answered in time is over.
    Instant next_timeout(DataRate estimate) const;

    ClusterId cluster() const { return is_sending_ ? cluster_ : ClusterId{0}; }
    DataRate rate() const { return rate_; }
    // Bytes that have to go now for the cluster to keep its rate.
    size_t due(Instant now) const;
    // Of the cluster, whatever it is. True when that was the last of it: `packets()` in all.
    bool handle_sent(Instant now, size_t size);
    uint32_t packets() const { return packets_; }
    // The answer to the newest cluster: the estimate as it is now.
    void handle_result(Instant now, DataRate estimate);
    // The newest cluster says nothing: it was held up on the way.
    void repeat(Instant now) { next_ = now + kRepeat; }
    // The link is another one: what it carries is to be asked at once.
    void restart();

    uint64_t clusters() const { return clusters_; }

    static constexpr Duration kInterval = Duration::seconds(3);
    static constexpr Duration kRepeat = Duration::millis(500);
    static constexpr Duration kLength = Duration::millis(20);
    static constexpr Duration kBurst = Duration::millis(5);
    static constexpr uint32_t kPacketsMin = 5;

 private:
    bool is_complete() const;
    bool is_wanted(DataRate estimate) const { return wanted_ > estimate; }

    DataRate wanted_;
    DataRate rate_;
    ClusterId cluster_ = 0;
    bool is_sending_ = false;
    bool has_begun_ = false;  // any, since the last restart
    Instant began_;
    Instant next_{};
    size_t bytes_ = 0;
    uint32_t packets_ = 0;
    uint64_t clusters_ = 0;
};

}  // namespace conclave::bwe
