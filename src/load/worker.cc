#include "load/worker.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "net/clock.h"

namespace conclave::load {
namespace {

constexpr int64_t kTurnUs = 1000;
// Deadlines beyond the wheel are looked at again after this.
constexpr Duration kLookAgain = Duration::seconds(2);
constexpr int kEventsMax = 512;
// Everybody leaves within this, at the rate of the joins if that is faster.
constexpr Duration kLeaveMax = Duration::seconds(2);
// For the goodbyes of the WebSockets.
constexpr Duration kGoodbyeMax = Duration::seconds(2);

uint64_t key_of(uint32_t seat, size_t transport) {
    return uint64_t{seat} << 1 | transport;
}

void sleep_until(Instant at) {
    timespec time{};
    time.tv_sec = at.us / 1'000'000;
    time.tv_nsec = at.us % 1'000'000 * 1000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(Run& run, size_t index, size_t count,
                                               net::Mailbox<Snapshot>& snapshots) {
    auto connector = TRY(net::WebSocketConnector::create(run.target.accepts_any_certificate));
    auto identity = TRY(Identity::create(net::wall_now()));
    net::UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return failure(std::string("epoll_create1: ") + std::strerror(errno));
    std::unique_ptr<Worker> worker(new Worker(run, index, count, snapshots, std::move(identity),
                                              std::move(connector), std::move(epoll)));
    return worker;
}

Worker::Worker(Run& run, size_t index, size_t count, net::Mailbox<Snapshot>& snapshots, Identity identity,
               std::unique_ptr<net::WebSocketConnector> connector, net::UniqueFd epoll)
    : run_(run),
      index_(index),
      count_(count),
      snapshots_(snapshots),
      connector_(std::move(connector)),
      state_(run, std::move(identity), *connector_),
      epoll_(std::move(epoll)),
      wheel_(kWheel) {
    seat_participants();
}

Worker::~Worker() {
    join();
}

// Rooms fill in parallel, group by group.
void Worker::seat_participants() {
    const Scenario& scenario = run_.scenario;
    uint32_t number = 0;
    for (const Group& group : scenario.groups) {
        const uint32_t first = group.late ? scenario.early_participants() : 0;
        const double rate = group.late ? scenario.late_rate : scenario.join_rate;
        const auto interval = Duration::micros(static_cast<int64_t>(1e6 / rate));
        for (uint64_t i = 0; i < uint64_t{group.count} * scenario.rooms; ++i, ++number) {
            if (number % count_ != index_) continue;
            seats_.push_back({std::make_unique<Participant>(state_, number, group),
                              interval * (number - first),
                              group.late,
                              0,
                              {-1, -1}});
        }
    }
}

void Worker::start() {
    began_ = net::monotonic_now();
    wheel_at_ = began_.us / kTurnUs;
    next_report_ = began_ + Duration::seconds(1);
    thread_ = std::thread([this] { loop(); });
}

void Worker::loop() {
    for (;;) {
        const Instant now = net::monotonic_now();
        state_.clock_offset = Duration::micros(net::wall_now().us - now.us);
        change_window(now);
        change_phase(now);
        start_due(now);
        poll_signalling();
        read_sockets();
        run_timers(net::monotonic_now());
        if (now >= next_report_) {
            next_report_ = next_report_ + Duration::seconds(1);
            report(false);
        }
        if (is_over(now)) break;
        sleep_until(Instant{(now.us / kTurnUs + 1) * kTurnUs});
    }
    report(true);
}

// What has come so far belongs to the window before.
void Worker::change_window(Instant now) {
    const Window wanted = run_.window.load(std::memory_order_relaxed);
    if (wanted == window_) return;
    report(false);
    window_ = wanted;
    if (window_ == Window::Late) late_since_ = now;
}

void Worker::change_phase(Instant now) {
    const Phase wanted = run_.phase.load(std::memory_order_relaxed);
    if (wanted != phase_) {
        phase_ = wanted;
        for (Seat& seat : seats_) seat.participant->stop_sending();
        if (phase_ == Phase::Leaving) leaving_since_ = now;
    }
    if (phase_ != Phase::Leaving) return;
    // Evenly over the time there is.
    const int64_t share = (now - leaving_since_).us * static_cast<int64_t>(seats_.size()) / kLeaveMax.us;
    const size_t leavers = std::min(seats_.size(), static_cast<size_t>(share));
    for (; next_leaver_ < leavers; ++next_leaver_) {
        Seat& seat = seats_[next_leaver_];
        seat.participant->leave(now);
    }
}

bool Worker::is_over(Instant now) const {
    if (phase_ != Phase::Leaving) return false;
    if (now - leaving_since_ > kLeaveMax + kGoodbyeMax) return true;
    return next_leaver_ == seats_.size() && std::all_of(seats_.begin(), seats_.end(), [](const Seat& seat) {
               return seat.participant->is_gone();
           });
}

bool Worker::is_due(const Seat& seat, Instant now) const {
    if (!seat.is_late) return now >= began_ + seat.joins;
    return window_ == Window::Late && now >= late_since_ + seat.joins;
}

void Worker::start_due(Instant now) {
    for (; phase_ == Phase::Joining && next_seat_ < seats_.size(); ++next_seat_) {
        Seat& seat = seats_[next_seat_];
        if (!is_due(seat, now)) return;
        seat.participant->start(now);
        watch(static_cast<uint32_t>(next_seat_));
        schedule(static_cast<uint32_t>(next_seat_), now);
    }
}

void Worker::watch(uint32_t index) {
    Seat& seat = seats_[index];
    for (size_t i = 0; i < seat.fds.size(); ++i) {
        const int fd = seat.participant->fd(i);
        if (fd == seat.fds[i]) continue;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = key_of(index, i);
        // Nobody closes a socket before the end; one of a participant that is gone is only forgotten.
        if (fd >= 0) epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
        if (fd < 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, seat.fds[i], nullptr);
        seat.fds[i] = fd;
    }
}

void Worker::poll_signalling() {
    connector_->poll();
    const Instant now = net::monotonic_now();
    for (const uint32_t number : state_.touched) {
        const auto index = static_cast<uint32_t>(number / count_);
        if (seats_[index].participant->is_gone()) watch(index);
        schedule(index, now);
    }
    state_.touched.clear();
}

void Worker::read_sockets() {
    std::array<epoll_event, kEventsMax> events;
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsMax, 0);
    for (int i = 0; i < count; ++i) {
        const uint64_t key = events[static_cast<size_t>(i)].data.u64;
        const auto index = static_cast<uint32_t>(key >> 1);
        Seat& seat = seats_[index];
        const Instant now = net::monotonic_now();
        if (seat.participant->fd(key & 1) >= 0) seat.participant->handle_readable(now, key & 1);
        if (seat.participant->is_gone()) watch(index);
        schedule(index, now);
    }
}

void Worker::run_timers(Instant now) {
    const int64_t until = now.us / kTurnUs;
    for (; wheel_at_ < until; ++wheel_at_) {
        std::vector<uint32_t>& slot = wheel_[static_cast<size_t>(wheel_at_) % kWheel];
        for (const uint32_t index : slot) {
            Seat& seat = seats_[index];
            if (seat.due != wheel_at_) continue;  // rescheduled
            seat.due = 0;
            const Instant at = net::monotonic_now();
            seat.participant->handle_timeout(at);
            if (seat.participant->is_gone()) watch(index);
            schedule(index, at);
        }
        slot.clear();
    }
}

void Worker::schedule(uint32_t index, Instant now) {
    Seat& seat = seats_[index];
    if (seat.participant->is_gone()) return;
    const Instant latest = now + kLookAgain;
    const Instant next = std::max(soonest(seat.participant->next_timeout(), latest), now);
    const int64_t due = std::max((next.us + kTurnUs - 1) / kTurnUs, wheel_at_ + 1);
    if (seat.due != 0 && seat.due <= due) return;
    seat.due = due;
    wheel_[static_cast<size_t>(due) % kWheel].push_back(index);
}

void Worker::report(bool is_done) {
    Snapshot snapshot;
    snapshot.worker = index_;
    snapshot.window = window_;
    snapshot.is_done = is_done;
    for (const Seat& seat : seats_) {
        const Outcome& outcome = seat.participant->outcome();
        snapshot.started += seat.participant->has_started() ? 1 : 0;
        snapshot.joined += outcome.has_joined ? 1 : 0;
        snapshot.failed += outcome.failure.empty() ? 0 : 1;
        snapshot.verdict.add(seat.participant->so_far());
    }
    snapshot.traffic = state_.traffic;
    state_.traffic = {};
    // A terminal that stands still costs the figures of the seconds it missed, never the test.
    (void)snapshots_.post(Snapshot{snapshot});
}

std::vector<Outcome> Worker::outcomes() {
    std::vector<Outcome> outcomes;
    for (Seat& seat : seats_) {
        if (seat.participant->has_started()) outcomes.push_back(seat.participant->finish());
    }
    return outcomes;
}

}  // namespace conclave::load
