// Events that wait for one URL. Those of one room arrive in their order, one after the other; rooms do not
// wait for each other. What fails is tried again, later and later.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/time.h"

namespace conclave::server {

class WebhookQueue {
 public:
    // At one time; a slow receiver is not flooded.
    static constexpr size_t kInFlightMax = 8;
    // 1, 2, 4, 8, 16, 32 seconds apart, about a minute in all.
    static constexpr int kAttemptsMax = 7;
    static constexpr Duration kFirstDelay = Duration::seconds(1);

    struct Delivery {
        uint64_t id = 0;
        std::string body;
    };
    enum class Outcome : uint8_t {
        Delivered,
        Refused,  // trying again is of no use
        Failed,   // this time
    };
    struct Counters {
        uint64_t delivered = 0;
        uint64_t retried = 0;
        uint64_t failed = 0;   // given up
        uint64_t dropped = 0;  // the queue was full
    };

    explicit WebhookQueue(size_t max) : max_(max) {}

    // When full, the oldest that is not under way gives way.
    void push(std::string room, std::string body);
    // What is to be sent now; then under way until done().
    std::optional<Delivery> next(Instant now);
    void done(uint64_t id, Outcome outcome, Instant now);

    size_t size() const { return items_.size(); }
    const Counters& counters() const { return counters_; }

 private:
    struct Item {
        uint64_t id = 0;
        std::string room;
        std::string body;
        int attempts = 0;
        Instant not_before;
        bool is_in_flight = false;
    };

    const size_t max_;
    uint64_t last_id_ = 0;
    size_t in_flight_ = 0;
    std::deque<Item> items_;
    Counters counters_;
};

}  // namespace conclave::server
