#include "load/conductor.h"

#include <sys/resource.h>
#include <sys/time.h>

#include <algorithm>
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
// Between the last join and the first second that counts.
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
        uint64_t missing = 0;
    };
    Sums sums() const {
        Sums sums;
        for (const Snapshot& snapshot : latest_) {
            sums.started += snapshot.started;
            sums.joined += snapshot.joined;
            sums.failed += snapshot.failed;
            sums.missing += snapshot.missing;
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
            if (is_measuring_) measured_.add(snapshot.traffic);
            latest_[snapshot.worker] = snapshot;
        }
    }

    void move_on(Instant now) {
        const Phase phase = run_.phase.load();
        const auto joins = Duration::micros(
            static_cast<int64_t>(run_.scenario.participants() / run_.scenario.join_rate * 1e6));
        if (phase == Phase::Joining && !is_measuring_) {
            const Sums now_there = sums();
            const bool all_there = now_there.joined + now_there.failed >= run_.scenario.participants();
            if (all_there && !everybody_since_) everybody_since_ = now;
            if ((everybody_since_ && now - *everybody_since_ > kSettle) || now - began_ > joins + kJoinMax)
                begin_measuring(now);
        }
        const bool is_over = is_measuring_ && (now - measuring_since_).in_seconds() > run_.scenario.duration;
        if (phase == Phase::Joining && (is_over || is_interrupted_ != 0)) {
            if (is_measuring_) end_measuring(now);
            quiet_since_ = now;
            run_.phase = Phase::Quiet;
        }
        if (phase == Phase::Quiet && now - quiet_since_ > kDrain) run_.phase = Phase::Leaving;
    }

    void begin_measuring(Instant now) {
        is_measuring_ = true;
        run_.is_measuring = true;
        measuring_since_ = now;
        tool_cpu_ = tool_seconds();
        server_began_ = process_seconds(options_.server_pid);
    }
    void end_measuring(Instant now) {
        is_measuring_ = false;
        run_.is_measuring = false;
        measured_seconds_ = (now - measuring_since_).in_seconds();
        tool_cpu_ = tool_seconds() - tool_cpu_;
        server_ended_ = process_seconds(options_.server_pid);
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
                static_cast<unsigned long long>(sum.missing),
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
        report.latency_us = total_.latency_us;
        report.seconds = measured_seconds_;
        if (measured_seconds_ > 0) {
            report.received_bps = static_cast<double>(measured_.bytes_received) * 8 / measured_seconds_;
            report.sent_bps = static_cast<double>(measured_.bytes_sent) * 8 / measured_seconds_;
            report.received_pps = static_cast<double>(measured_.packets_received) / measured_seconds_;
            report.tool_cpu = tool_cpu_ / measured_seconds_;
            if (server_began_ && server_ended_)
                report.server_cpu = (*server_ended_ - *server_began_) / measured_seconds_;
        }
        return report;
    }

    Run& run_;
    const RunOptions& options_;
    const volatile std::sig_atomic_t& is_interrupted_;
    net::Mailbox<Snapshot> snapshots_{kSnapshotsMax};
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Snapshot> latest_;
    Traffic second_;
    Traffic total_;
    Traffic measured_;
    Instant began_;
    Instant next_line_;
    std::optional<Instant> line_at_;
    std::optional<Instant> everybody_since_;
    bool is_measuring_ = false;
    Instant measuring_since_;
    double measured_seconds_ = 0;
    double tool_cpu_ = 0;
    std::optional<double> server_began_;
    std::optional<double> server_ended_;
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
