// Joins two network namespaces by a bad link. Each end is a TUN device that exists already; what enters at
// one comes out at the other as sim::Channel says. Runs until SIGINT or SIGTERM, then prints counters as
// JSON.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/channel.h"

namespace conclave::sim {
namespace {

constexpr size_t kPacketMax = 65'536;
// 100 Mbit/s for half a second in flight; a link that holds more is asked for something else.
constexpr size_t kFlightsMax = 8'192;

// Less than a frame, and than what a NACK waits for reordering.
constexpr Duration kLate = Duration::millis(10);

constexpr const char* kUsage =
    "usage: link_emulator NAMESPACE DEVICE NAMESPACE DEVICE [loss=SHARE] [delay=MS] [jitter=MS] "
    "[reorder=0|1]\n"
    "                     [rate=BITS_PER_SECOND] [queue=BYTES] [seed=N]\n";

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "link_emulator: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(1);
}

[[noreturn]] void refuse_arguments() {
    std::fputs(kUsage, stderr);
    std::exit(2);
}

Instant now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return {time.tv_sec * 1'000'000 + time.tv_nsec / 1000};
}

struct Options {
    Link link{.reorders = false};
    uint64_t seed = 1;
};

double number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) refuse_arguments();
    return value;
}

Duration milliseconds(double ms) {
    return Duration{static_cast<int64_t>(ms * 1000)};
}

void set_option(Options& options, std::string_view argument) {
    const size_t equals = argument.find('=');
    if (equals == std::string_view::npos) refuse_arguments();
    const std::string_view name = argument.substr(0, equals);
    const double value = number(argument.substr(equals + 1));
    if (name == "loss" && value <= 1) {
        options.link.loss = value;
    } else if (name == "delay") {
        options.link.delay = milliseconds(value);
    } else if (name == "jitter") {
        options.link.jitter = milliseconds(value);
    } else if (name == "reorder") {
        options.link.reorders = value != 0;
    } else if (name == "rate") {
        options.link.bits_per_second = static_cast<int64_t>(value);
    } else if (name == "queue") {
        options.link.queue_bytes_max = static_cast<size_t>(value);
    } else if (name == "seed") {
        options.seed = static_cast<uint64_t>(value);
    } else {
        refuse_arguments();
    }
}

// A TUN device belongs to the namespace in which it is opened; its descriptor works from anywhere.
int open_tun(const std::string& network, const std::string& device) {
    const std::string path = "/run/netns/" + network;
    const int space = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0) fail(path);
    close(space);
    const int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0) fail("/dev/net/tun");
    ifreq request{};
    if (device.size() >= sizeof request.ifr_name) refuse_arguments();
    std::memcpy(request.ifr_name, device.data(), device.size());
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(tun, TUNSETIFF, &request) != 0) fail(device);
    return tun;
}

struct Direction {
    int from = -1;
    int to = -1;
    Channel channel;
    std::multimap<Instant, std::vector<uint8_t>> flights = {};
    // How far behind its own times this process was: the machine's doing, not the link's.
    uint64_t late = 0;  // packets by more than kLate
    uint64_t late_ms_max = 0;
    uint64_t dropped = 0;  // by the limit of flights, or by the device
};

void take_in(Direction& direction) {
    static std::array<uint8_t, kPacketMax> buffer;
    for (;;) {
        const ssize_t size = read(direction.from, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return;
        for (const Instant arrival : direction.channel.send(now(), static_cast<size_t>(size))) {
            if (direction.flights.size() == kFlightsMax) {
                ++direction.dropped;
                continue;
            }
            direction.flights.emplace(
                arrival, std::vector<uint8_t>(buffer.data(), buffer.data() + static_cast<size_t>(size)));
        }
    }
}

void let_out(Direction& direction) {
    const Instant time = now();
    while (!direction.flights.empty() && direction.flights.begin()->first <= time) {
        const auto flight = direction.flights.extract(direction.flights.begin());
        const Duration behind = time - flight.key();
        if (behind > kLate) ++direction.late;
        direction.late_ms_max = std::max(direction.late_ms_max, static_cast<uint64_t>(behind.ms()));
        const std::vector<uint8_t>& bytes = flight.mapped();
        if (write(direction.to, bytes.data(), bytes.size()) < 0) ++direction.dropped;
    }
}

timespec until(Instant instant) {
    const int64_t us = std::max<int64_t>((instant - now()).us, 0);
    return {us / 1'000'000, us % 1'000'000 * 1000};
}

void forward(std::array<Direction, 2>& directions, int signals) {
    for (;;) {
        Instant next = Instant::never();
        for (Direction& direction : directions) {
            let_out(direction);
            if (!direction.flights.empty()) next = soonest(next, direction.flights.begin()->first);
        }
        const timespec timeout = next.is_never() ? timespec{} : until(next);
        std::array<pollfd, 3> files = {
            {{directions[0].from, POLLIN, 0}, {directions[1].from, POLLIN, 0}, {signals, POLLIN, 0}}};
        const int ready = ppoll(files.data(), files.size(), next.is_never() ? nullptr : &timeout, nullptr);
        if (ready < 0 && errno != EINTR) fail("ppoll");
        if (files[2].revents != 0) return;
        for (Direction& direction : directions) take_in(direction);
    }
}

void print(const char* name, const Direction& direction) {
    const Channel::Counters& counters = direction.channel.counters();
    std::printf(
        "  \"%s\": {\"packets\": %lu, \"bytes\": %lu, \"lost\": %lu, \"overflowed\": %lu, \"dropped\": %lu, "
        "\"late\": %lu, \"late_ms_max\": %lu}",
        name, counters.packets, counters.bytes, counters.lost, counters.overflowed, direction.dropped,
        direction.late, direction.late_ms_max);
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() < 4) refuse_arguments();
    Options options;
    for (size_t i = 4; i < arguments.size(); ++i) set_option(options, arguments[i]);

    sigset_t endings;
    sigemptyset(&endings);
    sigaddset(&endings, SIGINT);
    sigaddset(&endings, SIGTERM);
    sigprocmask(SIG_BLOCK, &endings, nullptr);
    const int signals = signalfd(-1, &endings, SFD_CLOEXEC);
    if (signals < 0) fail("signalfd");

    const int first = open_tun(arguments[0], arguments[1]);
    const int second = open_tun(arguments[2], arguments[3]);
    std::array<Direction, 2> directions = {{{first, second, Channel(options.link, 2 * options.seed)},
                                            {second, first, Channel(options.link, 2 * options.seed + 1)}}};
    forward(directions, signals);
    std::puts("{");
    print("first_to_second", directions[0]);
    std::puts(",");
    print("second_to_first", directions[1]);
    std::puts("\n}");
    return 0;
}

}  // namespace
}  // namespace conclave::sim

int main(int argc, char** argv) {
    return conclave::sim::run({argv + 1, argv + argc});
}
