#include "net/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace conclave::net {
namespace {

// -1 for no deadline. Rounds up: waking early would turn a deadline into a busy loop.
int timeout_ms(bool forever, Duration left) {
    if (forever) return -1;
    const int64_t ms = (left.us + 999) / 1000;
    return static_cast<int>(std::min<int64_t>(ms, std::numeric_limits<int>::max()));
}

}  // namespace

Result<Poller> Poller::create() {
    UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return failure(std::string("epoll_create1: ") + std::strerror(errno));
    return Poller(std::move(epoll));
}

Status Poller::add(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        return failure(std::string("epoll_ctl: ") + std::strerror(errno));
    }
    return Ok{};
}

void Poller::remove(int fd) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::span<const int> Poller::wait(Instant now, Instant deadline) {
    std::array<epoll_event, kReadyMax> events;
    const bool forever = deadline.is_never();
    const Duration left = forever || deadline <= now ? Duration{} : deadline - now;
    int count = -1;
    if (has_pwait2_) {
        const timespec timeout{left.us / 1'000'000, left.us % 1'000'000 * 1000};
        count = epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                             forever ? nullptr : &timeout, nullptr);
        // EPERM: a container's system call filter that does not know the number.
        if (count < 0 && (errno == ENOSYS || errno == EPERM)) has_pwait2_ = false;
    }
    if (!has_pwait2_) {
        count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                           timeout_ms(forever, left));
    }
    const size_t ready = count > 0 ? static_cast<size_t>(count) : 0;
    for (size_t i = 0; i < ready; ++i) ready_[i] = events[i].data.fd;
    return std::span<const int>(ready_).first(ready);
}

}  // namespace conclave::net
