// The way values cross threads: many producers, one consumer, bounded. The consumer waits on fd()
// (an eventfd) together with its sockets, then drains.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"

namespace conclave::net {

// An eventfd: readable after notify() until reset().
class EventFd {
 public:
    EventFd();
    ~EventFd();
    EventFd(const EventFd&) = delete;
    EventFd& operator=(const EventFd&) = delete;

    int fd() const { return fd_; }
    void notify();
    void reset();

 private:
    int fd_;
};

template <class T>
class Mailbox {
 public:
    // `capacity` values may wait; both buffers are allocated here, so posting never allocates.
    explicit Mailbox(size_t capacity) : capacity_(capacity) {
        CHECK(capacity > 0);
        waiting_.reserve(capacity);
        taken_.reserve(capacity);
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // Any thread. False when full: the value is untouched and that is counted; the producer must degrade
    // (refuse the request, drop the notice, try again later), never wait.
    [[nodiscard]] bool post(T&& value) {
        bool first = false;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.size() == capacity_) {
                refused_.fetch_add(1, std::memory_order_relaxed);
                return false;
            }
            first = waiting_.empty();
            waiting_.push_back(std::move(value));
        }
        // Whoever finds values waiting knows that their first producer wakes the consumer.
        if (first) event_.notify();
        return true;
    }

    // The consumer's thread. Appends everything that waits to `out`, in the order of each producer;
    // returns how many. Safe to call without readiness.
    size_t drain(std::vector<T>& out) {
        // Before taking: a producer that posts after the swap finds the mailbox empty and notifies again.
        event_.reset();
        {
            const std::lock_guard lock(mutex_);
            waiting_.swap(taken_);
        }
        const size_t count = taken_.size();
        for (T& value : taken_) out.push_back(std::move(value));
        taken_.clear();
        return count;
    }

    // Readable (level) while values may wait; only drain() reads it.
    int fd() const { return event_.fd(); }
    uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
    const size_t capacity_;
    EventFd event_;
    std::mutex mutex_;
    std::vector<T> waiting_;  // under mutex_
    std::vector<T> taken_;    // the consumer's, empty between drains
    std::atomic<uint64_t> refused_ = 0;
};

}  // namespace conclave::net
