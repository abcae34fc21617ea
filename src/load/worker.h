// One thread of the load tool: its participants, their sockets and timers. It wakes once a millisecond and
// does everything that is due at once: with thousands of sockets that costs far less than waking for each
// datagram, and arrival times are the kernel's (ADR 0011).
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "load/participant.h"
#include "load/run.h"
#include "load/thread_state.h"
#include "net/mailbox.h"

namespace conclave::load {

// A thread's second, or what a window has of it.
struct Snapshot {
    size_t worker = 0;
    uint32_t started = 0;
    uint32_t joined = 0;  // those who are there now, or were
    uint32_t failed = 0;
    Verdict verdict;  // so far
    Window window = Window::None;
    Traffic traffic;       // since the last one, all of it in `window`
    bool is_done = false;  // the thread has ended
};

class Worker {
 public:
    // The participants whose number leaves `index` when divided by `count`.
    static Result<std::unique_ptr<Worker>> create(Run& run, size_t index, size_t count,
                                                  net::Mailbox<Snapshot>& snapshots);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    void join() {
        if (thread_.joinable()) thread_.join();
    }
    // After join().
    std::vector<Outcome> outcomes();

 private:
    // Slots of a millisecond each.
    static constexpr size_t kWheel = 4096;
    struct Seat {
        std::unique_ptr<Participant> participant;
        Duration joins;  // after the thread's start, or after that of the late ones
        bool is_late = false;
        int64_t due = 0;                 // the millisecond under which it stands in the wheel, 0: none
        std::array<int, 2> fds{-1, -1};  // those that epoll watches
    };

    Worker(Run& run, size_t index, size_t count, net::Mailbox<Snapshot>& snapshots, Identity identity,
           std::unique_ptr<net::WebSocketConnector> connector, net::UniqueFd epoll);
    void seat_participants();
    void loop();
    bool is_due(const Seat& seat, Instant now) const;
    void start_due(Instant now);
    void poll_signalling();
    void read_sockets();
    void run_timers(Instant now);
    void schedule(uint32_t index, Instant now);
    void watch(uint32_t index);
    void change_window(Instant now);
    void change_phase(Instant now);
    bool is_over(Instant now) const;
    void report(bool is_done);

    Run& run_;
    size_t index_;
    size_t count_;
    net::Mailbox<Snapshot>& snapshots_;
    std::unique_ptr<net::WebSocketConnector> connector_;
    ThreadState state_;
    net::UniqueFd epoll_;
    std::vector<Seat> seats_;
    size_t next_seat_ = 0;  // to join
    std::vector<std::vector<uint32_t>> wheel_;
    int64_t wheel_at_ = 0;  // milliseconds that have been run
    Instant began_;
    Instant next_report_;
    Window window_ = Window::None;
    Instant late_since_;
    Phase phase_ = Phase::Joining;
    Instant leaving_since_;
    size_t next_leaver_ = 0;
    std::thread thread_;
};

}  // namespace conclave::load
