// What the parts at this worker say to those at one other: in order, and no more than that one keeps up with.
// Who floods a room with data must cost neither memory without end nor the other rooms.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>

#include "conference/relay.h"

namespace conclave::server {

// What it takes to keep a message until it is read: its bytes, and for its place in the inbox at least as
// much as a batch of media reserves.
constexpr size_t kRelayCostMin = 4096;
size_t relay_cost(const conference::relay::Message&);

// What was relayed to a worker and not read yet: those who write and the one who reads share it.
class Backlog {
 public:
    // A tenth of a second at a gigabit: media that is later is worth nothing. These are 4,096 messages at
    // most, and the inbox has room for the front thread's.
    static constexpr size_t kCostMax = size_t{16} << 20;

    bool is_full() const { return cost_.load(std::memory_order_relaxed) >= kCostMax; }
    void add(size_t cost) { cost_.fetch_add(cost, std::memory_order_relaxed); }
    void remove(size_t cost) { cost_.fetch_sub(cost, std::memory_order_relaxed); }

 private:
    std::atomic<size_t> cost_ = 0;
};

struct RelayDrops {
    uint64_t packets = 0;
    uint64_t lossy_data = 0;
    uint64_t reliable_data = 0;
};

class RelayLink {
 public:
    // Of reliable data that waits here; what comes on top is lost.
    static constexpr size_t kDataMax = size_t{64} << 20;
    // Of everything that waits. The rest is few and paced, so with more the other worker has hung for minutes
    // and the process has failed.
    static constexpr size_t kWaitingMax = 100'000;

    // Takes the message, or leaves it and answers false: the other worker is too far behind.
    using Post = std::function<bool(conference::ToPart&)>;
    explicit RelayLink(Post post) : post_(std::move(post)) {}

    void send(conference::ToPart&&);
    // To be called every turn: what had to wait.
    void flush();
    const RelayDrops& drops() const { return drops_; }

 private:
    void keep(conference::ToPart&&);
    bool renew(conference::ToPart&);

    Post post_;
    std::deque<conference::ToPart> waiting_;
    size_t waiting_data_ = 0;
    RelayDrops drops_;
};

}  // namespace conclave::server
