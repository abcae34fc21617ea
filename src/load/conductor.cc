#include "load/conductor.h"

#include <sys/resource.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>

#include "load/worker.h"
#include "net/clock.h"
#include "net/poller.h"

namespace conclave::load {
namespace {

// Progress lines of minutes fit; the terminal takes them every second.
constexpr size_t kSnapshotsMax = 4096;
// Joins may hang; those that do count as failed after 20 s.
constexpr Duration kJoinMax = Duration::seconds(21);
// Between the last join and what is measured.
constexpr Duration kSettle = Duration::seconds(1);
// After the senders stop: repairs take some round trips.
constexpr Duration kDrain = Duration::millis(1500);

// Of this process, in seconds.
double tool_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// User and system time of another process to the nanosecond, as /proc counts ticks of 10 ms: none when it is
// not there.
std::optional<double> process_seconds(int pid) {
    clockid_t clock{};
    timespec at{};
    if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &at) != 0) return {};
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

class Conductor {
 public:
    Conductor(Run& run, const RunOptions& options, const volatile std::sig_atomic_t& is_interrupted)
        : run_(run), options_(options), is_interrupted_(is_interrupted), latest_(options.threads) {}

    Result<Report> conduct() {
        auto poller = TRY(net::Poller::create());
        TRY(poller.add(snapshots_.fd()));
        for (size_t i = 0; i < options_.threads; ++i)
            workers_.push_back(TRY(Worker::create(run_, i, options_.threads, snapshots_)));
        began_ = net::monotonic_now();
        await_joins(began_, run_.scenario.early_participants(), run_.scenario.join_rate);
        costs_ = costs_by(began_);
        next_line_ = began_ + Duration::millis(1100);
        for (auto& worker : workers_) worker->start();
        while (!is_done()) {
            const Instant now = net::monotonic_now();
            (void)poller.wait(now, soonest(next_line_, now + Duration::millis(50)));
            take_snapshots();
            move_on(net::monotonic_now());
            if (now >= next_line_) print_line(now);
        }
        for (auto& worker : workers_) worker->join();
        return report();
    }

 private:
    struct Sums {
        uint32_t started = 0;
        uint32_t joined = 0;
        uint32_t failed = 0;
        Verdict verdict;
    };
    // What has been spent by then.
    struct Costs {
        Instant at;
        double tool = 0;
        std::optional<double> server;
    };
    Costs costs_by(Instant now) const { return {now, tool_seconds(), process_seconds(options_.server_pid)}; }

    Sums sums() const {
        Sums sums;
        for (const Snapshot& snapshot : latest_) {
            sums.started += snapshot.started;
            sums.joined += snapshot.joined;
            sums.failed += snapshot.failed;
            sums.verdict.add(snapshot.verdict);
        }
        return sums;
    }
    bool is_done() const {
        return std::all_of(latest_.begin(), latest_.end(), [](const Snapshot& s) { return s.is_done; });
    }

    void take_snapshots() {
        std::vector<Snapshot> taken;
        snapshots_.drain(taken);
        for (const Snapshot& snapshot : taken) {
            second_.add(snapshot.traffic);
            total_.add(snapshot.traffic);
            Measured& measured = windows_[static_cast<size_t>(snapshot.window)];
            const Verdict& before = latest_[snapshot.worker].verdict;
            measured.traffic.add(snapshot.traffic);
            measured.expected += snapshot.verdict.expected - before.expected;
            measured.received += snapshot.verdict.received - before.received;
            latest_[snapshot.worker] = snapshot;
        }
    }

    void move_on(Instant now) {
        const Phase phase = run_.phase.load();
        if (phase == Phase::Joining && is_interrupted_ != 0) return stop_sending(now);
        if (phase == Phase::Joining) return change_window(now);
        if (phase == Phase::Quiet && now - quiet_since_ > kDrain) run_.phase = Phase::Leaving;
    }

    void change_window(Instant now) {
        const Scenario& scenario = run_.scenario;
        const double since = (now - costs_.at).in_seconds();
        switch (run_.window.load()) {
            case Window::None:
                if (!is_settled(now)) return;
                if (has_late_ || scenario.late_participants() == 0) return enter(Window::All, now);
                return enter(Window::Lead, now);
            case Window::Lead:
                if (since > scenario.lead) begin_late(now);
                return;
            case Window::Late:
                if (are_there(now)) enter(Window::None, now);
                return;
            case Window::All:
                if (since > scenario.duration) stop_sending(now);
                return;
        }
    }

    void begin_late(Instant now) {
        has_late_ = true;
        await_joins(now, run_.scenario.late_participants(), run_.scenario.late_rate);
        enter(Window::Late, now);
    }

    void await_joins(Instant now, uint32_t count, double rate) {
        due_ += count;
        joins_end_ = now + Duration::micros(static_cast<int64_t>(count / rate * 1e6)) + kJoinMax;
    }
    // All who are due have come, or had their time.
    bool are_there(Instant now) const {
        const Sums now_there = sums();
        return now_there.joined + now_there.failed >= due_ || now > joins_end_;
    }
    bool is_settled(Instant now) {
        if (are_there(now) && !there_since_) there_since_ = now;
        return there_since_ && now - *there_since_ > kSettle;
    }

    // Ends what is measured and begins the next.
    void enter(Window window, Instant now) {
        const Costs costs = costs_by(now);
        Measured& ended = windows_[static_cast<size_t>(run_.window.load())];
        ended.seconds = (now - costs_.at).in_seconds();
        ended.tool_cpu = (costs.tool - costs_.tool) / ended.seconds;
        if (costs.server && costs_.server)
            ended.server_cpu = (*costs.server - *costs_.server) / ended.seconds;
        costs_ = costs;
        there_since_.reset();
        run_.window = window;
    }

    void stop_sending(Instant now) {
        enter(Window::None, now);
        quiet_since_ = now;
        run_.phase = Phase::Quiet;
    }

    void print_line(Instant now) {
        const Sums sum = sums();
        const double seconds = (now - line_at_.value_or(began_)).in_seconds();
        if (!options_.is_quiet) {
            std::printf(
                "%5.0f s  joined %u/%u  failed %u  sent %.0f/s  received %.0f/s  %.1f Mbit/s  missing %llu  "
                "latency %.2f / %.2f ms\n",
                (now - began_).in_seconds(), sum.joined, run_.scenario.participants(), sum.failed,
                static_cast<double>(second_.packets_sent) / seconds,
                static_cast<double>(second_.packets_received) / seconds,
                static_cast<double>(second_.bytes_received) * 8 / 1e6 / seconds,
                static_cast<unsigned long long>(sum.verdict.lost()),
                static_cast<double>(second_.latency_us.quantile(0.5)) / 1000,
                static_cast<double>(second_.latency_us.quantile(0.99)) / 1000);
            std::fflush(stdout);
        }
        second_ = {};
        line_at_ = now;
        next_line_ = next_line_ + Duration::seconds(1);
    }

    Report report() {
        take_snapshots();
        Report report;
        report.scenario = run_.scenario.name;
        report.participants = run_.scenario.participants();
        for (auto& worker : workers_) {
            for (const Outcome& outcome : worker->outcomes()) report.add(outcome);
        }
        report.packets_sent = total_.packets_sent;
        report.packets_received = total_.packets_received;
        report.foreign = total_.foreign;
        report.all = window(Window::All);
        report.late.participants = run_.scenario.late_participants();
        if (has_late_) {
            report.lead = window(Window::Lead);
            report.during = window(Window::Late);
        }
        return report;
    }

    const Measured& window(Window which) const { return windows_[static_cast<size_t>(which)]; }

    Run& run_;
    const RunOptions& options_;
    const volatile std::sig_atomic_t& is_interrupted_;
    net::Mailbox<Snapshot> snapshots_{kSnapshotsMax};
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Snapshot> latest_;
    Traffic second_;
    Traffic total_;
    std::array<Measured, kWindows> windows_;
    Instant began_;
    Instant next_line_;
    std::optional<Instant> line_at_;
    uint32_t due_ = 0;  // to join, by now
    Instant joins_end_;
    std::optional<Instant> there_since_;
    bool has_late_ = false;  // late ones join, or have joined
    Costs costs_;            // when the window began
    Instant quiet_since_;
};

}  // namespace

Result<Report> conduct(Run& run, const RunOptions& options,
                       const volatile std::sig_atomic_t& is_interrupted) {
    return Conductor(run, options, is_interrupted).conduct();
}

Status raise_descriptor_limit(const Run& run) {
    constexpr rlim_t kOthers = 100;  // threads' epolls, terminal, libraries
    const rlim_t wanted =
        kOthers + rlim_t{run.scenario.participants()} * (run.target.two_connections ? 3 : 2);
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted) return Ok{};
    rlimit raised = limit;
    raised.rlim_cur = wanted;
    raised.rlim_max = std::max(limit.rlim_max, wanted);  // needs privileges when it grows
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return Ok{};
    return failure("this scenario needs " + std::to_string(wanted) +
                   " open files (two or three for each "
                   "participant), the system allows this user " +
                   std::to_string(limit.rlim_max) +
                   ": raise it (ulimit -Hn, LimitNOFILE=) or take fewer participants");
}

}  // namespace conclave::load
