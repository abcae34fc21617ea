// Where a worker thread sleeps: until a socket is readable, a mailbox has values, or a deadline passes.
#pragma once

#include <array>
#include <span>

#include "base/result.h"
#include "base/time.h"
#include "net/unique_fd.h"

namespace conclave::net {

class Poller {
 public:
    // Ready descriptors reported by one wait; more are reported by the next one. A worker has its
    // sockets and a few mailboxes.
    static constexpr size_t kReadyMax = 64;

    static Result<Poller> create();

    // Watches `fd` for readability, level triggered. The caller removes it before closing it.
    Status add(int fd);
    void remove(int fd);

    // Sleeps until a descriptor is readable or `deadline` is reached (Instant::never(): no deadline; one
    // that has passed: only looks). Returns the readable descriptors; empty when the deadline came first or a
    // signal interrupted. Valid until the next wait. Never wakes before the deadline by rounding.
    std::span<const int> wait(Instant now, Instant deadline);

 private:
    explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}

    UniqueFd epoll_;
    std::array<int, kReadyMax> ready_{};
    bool has_pwait2_ = true;  // Linux 5.11; without it deadlines round up to a millisecond
};

}  // namespace conclave::net
