// A client's signalling with Janus 1.x: its VideoRoom over the WebSocket API. One handle publishes, another
// subscribes to everybody who is to publish, once all of them do. Pure: JSON in, JSON out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"

namespace conclave::load {

class JanusSession {
 public:
    struct Config {
        uint64_t room = 0;            // it has to be there
        uint64_t feed = 0;            // ours, of our choice
        std::string offer;            // of what we publish; empty: nothing
        std::vector<uint64_t> feeds;  // of those we subscribe to; empty: nobody
    };
    explicit JanusSession(Config config);

    struct Answer {
        std::string sdp;
    };
    // Of what we subscribed to; accept() answers it.
    struct Offer {
        std::string sdp;
    };
    struct Failed {
        std::string why;
    };
    using Event = std::variant<Answer, Offer, Failed>;

    // Nothing for what needs no attention.
    std::optional<Event> handle_message(Instant now, std::string_view text);
    void accept(const std::string& answer);
    void leave();
    void handle_timeout(Instant now);
    Instant next_timeout() const { return soonest(next_keepalive_, next_subscribe_); }
    // What to send, in order.
    std::vector<std::string> take_requests() { return std::exchange(requests_, {}); }

 private:
    void handle_success(Instant now, std::string_view transaction, uint64_t id);
    void publish();
    void subscribe();

    Config config_;
    std::vector<std::string> requests_;
    uint64_t session_ = 0;
    uint64_t publisher_ = 0;  // handles
    uint64_t subscriber_ = 0;
    Instant next_keepalive_ = Instant::never();
    Instant next_subscribe_ = Instant::never();
};

}  // namespace conclave::load
