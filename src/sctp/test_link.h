// For tests: two endpoints joined by a link that loses, reorders and duplicates, all on fake time and
// from one seed.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "sctp/data_channels.h"

namespace conclave::sctp {

// Tags and initial TSNs a few steps before they wrap.
class WrappingRng final : public Rng {
 public:
    explicit WrappingRng(uint64_t seed) : random_(seed) {}
    void fill(MutableBytes out) override {
        random_.fill(out);
        if (out.size() == 4) store_be32(out.data(), 0xFFFFFF80 + counter_++);
    }

 private:
    SeededRng random_;
    uint32_t counter_ = 0;
};

class Endpoint {
 public:
    virtual ~Endpoint() = default;
    virtual void handle_packet(Instant now, ByteView packet) = 0;
    virtual void handle_timeout(Instant now) = 0;
    virtual Instant next_timeout() const = 0;
    // Packets sent since the last call.
    virtual std::vector<std::vector<uint8_t>> take_sent() = 0;
};

struct Received {
    uint16_t id = 0;
    bool binary = false;
    std::string text;

    bool operator==(const Received&) const = default;
};

class ChannelsEnd final : public Endpoint {
 public:
    ChannelsEnd(const Config& config, Rng& rng) : channels(DataChannels::create(config, rng)) {}

    void handle_packet(Instant now, ByteView packet) override {
        // An own copy that dies here: views into it must not be kept.
        const std::vector<uint8_t> copy(packet.begin(), packet.end());
        note(channels.handle_packet(now, copy, out));
    }
    void handle_timeout(Instant now) override { note(channels.handle_timeout(now, out)); }
    Instant next_timeout() const override { return channels.next_timeout(); }
    std::vector<std::vector<uint8_t>> take_sent() override {
        std::vector<std::vector<uint8_t>> sent;
        for (const auto& datagram : out.datagrams()) {
            const ByteView bytes = out.bytes(datagram);
            sent.emplace_back(bytes.begin(), bytes.end());
        }
        out.clear();
        return sent;
    }
    bool send(Instant now, uint16_t id, std::string_view text, bool binary = false) {
        return channels.send(now, id, binary, as_bytes(text), out).has_value();
    }
    std::vector<std::string> texts(uint16_t id) const {
        std::vector<std::string> found;
        for (const Received& r : received)
            if (r.id == id) found.push_back(r.text);
        return found;
    }

    DataChannels channels;
    TransmitQueue out{1024, 1 << 20};
    int connected = 0;
    std::vector<Opened> opened;
    std::vector<uint16_t> closed;
    std::vector<Received> received;
    std::optional<FailureReason> failed;

 private:
    void note(const Events& events) {
        for (const Event& event : events) {
            if (std::holds_alternative<Connected>(event)) ++connected;
            if (const auto* e = std::get_if<Opened>(&event)) opened.push_back(*e);
            if (const auto* e = std::get_if<Closed>(&event)) closed.push_back(e->id);
            if (const auto* e = std::get_if<Failed>(&event)) failed = e->reason;
            if (const auto* e = std::get_if<ChannelMessage>(&event))
                received.push_back({e->id, e->binary, std::string(as_text(e->payload))});
        }
    }
};

struct LinkConfig {
    uint32_t loss_percent = 0;
    uint32_t duplicate_percent = 0;
    Duration delay = Duration::millis(20);
    Duration jitter{};  // above zero: packets overtake each other
};

class Link {
 public:
    Link(Endpoint& a, Endpoint& b, const LinkConfig& config, uint64_t seed = 1)
        : ends_{&a, &b}, config_(config), rng_(seed) {}

    // Runs until `done` holds or `limit` has passed; what done() says in the end.
    bool run(const std::function<bool()>& done, Duration limit) {
        const Instant end = now + limit;
        collect();
        while (!done()) {
            const Instant next = next_event();
            if (next > end) {
                now = end;
                return done();
            }
            now = std::max(now, next);
            step();
        }
        return true;
    }
    void run(Duration span) {
        (void)run([] { return false; }, span);
    }

    Instant now = Instant::from_ms(1'000'000);
    LinkConfig& config() { return config_; }
    uint64_t packets = 0;
    // Sees (and may change) every packet before it leaves; index of the sender.
    std::function<void(int, std::vector<uint8_t>&)> tap;

 private:
    struct Flight {
        int to = 0;
        std::vector<uint8_t> bytes;
    };

    Instant next_event() const {
        Instant next = soonest(ends_[0]->next_timeout(), ends_[1]->next_timeout());
        if (!flights_.empty()) next = soonest(next, flights_.begin()->first);
        return next;
    }
    void step() {
        if (!flights_.empty() && flights_.begin()->first <= now) {
            const Flight flight = std::move(flights_.begin()->second);
            flights_.erase(flights_.begin());
            ends_[static_cast<size_t>(flight.to)]->handle_packet(now, flight.bytes);
        }
        for (Endpoint* end : ends_)
            if (end->next_timeout() <= now) end->handle_timeout(now);
        collect();
    }
    void collect() {
        for (int from = 0; from < 2; ++from)
            for (std::vector<uint8_t>& bytes : ends_[static_cast<size_t>(from)]->take_sent()) {
                ++packets;
                if (tap) tap(from, bytes);
                if (rng_.u32() % 100 < config_.loss_percent) continue;
                if (rng_.u32() % 100 < config_.duplicate_percent) launch(1 - from, bytes);
                launch(1 - from, bytes);
            }
    }
    void launch(int to, const std::vector<uint8_t>& bytes) {
        Duration delay = config_.delay;
        if (config_.jitter > Duration{}) delay = delay + Duration{rng_.u32() % config_.jitter.us};
        flights_.emplace(now + delay, Flight{to, bytes});
    }

    std::array<Endpoint*, 2> ends_;
    LinkConfig config_;
    SeededRng rng_;
    std::multimap<Instant, Flight> flights_;
};

}  // namespace conclave::sctp
