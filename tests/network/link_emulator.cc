// Joins two network namespaces by a bad link and a NAT. Each end is a TUN device that exists already; what
// enters at one comes out at the other as sim::Channel says. "Up" is from the first namespace to the second.
//
//     link_emulator NAMESPACE DEVICE NAMESPACE DEVICE [WORD | up.WORD | down.WORD]... [schedule=TEXT]
//     [nat=ADDRESS]
//                   [every=MS] [seed=N]
//
// WORDs and TEXT as in sim/link_text.h: delay=40 down.rate=5M loss=2% schedule="20s rate=1M, 40s down, 45s
// up". `nat`: the address that the second namespace sees instead; without, addresses and ports are kept until
// the first rebind.
//
// Commands, a line each on the standard input, whose end ends nothing:
//     up|down|both WORD...      from now on; what was scheduled is void
//     rebind [udp] [ADDRESS]    the NAT forgets: each flow gets another port (and address); with `udp`, TCP
//     stays
// SIGUSR1 is `rebind`; SIGINT and SIGTERM end it.
//
// Every `every` (100) ms, unless 0, a line of JSON says what happened since the one before, for each way:
// {"ms", "up":
// {"rate", "packets", "offered_bytes", "delivered_bytes", "lost", "overflowed", "too_large", "cut",
// "duplicated", "sent_bytes" (left the queue), "queue_bytes", "queue_ms" (the wait of each packet that
// entered it)}, "down": {...}}. The last line is {"totals": {"up": {...}, "down": {...}}}, with percentiles
// of the wait, and with `late` and `late_ms_max`: how far behind its own times this process was, which is the
// machine's doing and not the link's.
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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "link_direction.h"
#include "sim/link_text.h"
#include "sim/nat.h"

namespace conclave::sim {
namespace {

constexpr size_t kPacketMax = 65'536;
constexpr size_t kCommandMax = 4'096;

constexpr const char* kUsage =
    "usage: link_emulator NAMESPACE DEVICE NAMESPACE DEVICE [WORD | up.WORD | down.WORD]...\n"
    "                     [schedule=TEXT] [nat=ADDRESS] [every=MS] [seed=N]\n";

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "link_emulator: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(1);
}

[[noreturn]] void refuse_arguments(const std::string& what) {
    std::fprintf(stderr, "link_emulator: %s\n%s", what.c_str(), kUsage);
    std::exit(2);
}

Instant now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return {time.tv_sec * 1'000'000 + time.tv_nsec / 1000};
}

struct Options {
    std::array<Link, 2> links = {Link{.reorders = false}, Link{.reorders = false}};
    std::string schedule;
    std::optional<SocketAddress> nat;
    Duration every = Duration::millis(100);
    uint64_t seed = 1;
};

uint64_t number(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        refuse_arguments("no number: " + std::string(text));
    return value;
}

void set_word(Options& options, std::string_view word) {
    for (size_t way = 0; way < 2; ++way) {
        const std::string_view other = way == 0 ? "down." : "up.";
        if (word.starts_with(other)) continue;
        const std::string_view own = way == 0 ? "up." : "down.";
        const Status status =
            set_link(options.links[way], word.starts_with(own) ? word.substr(own.size()) : word);
        if (!status) refuse_arguments(status.error().what);
    }
}

void set_option(Options& options, std::string_view argument) {
    const size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : argument.substr(equals + 1);
    if (name == "schedule") {
        options.schedule = value;
    } else if (name == "nat") {
        options.nat = SocketAddress::parse(value, 0);
        if (!options.nat) refuse_arguments("no address: " + std::string(value));
    } else if (name == "every") {
        options.every = Duration::millis(static_cast<int64_t>(std::min<uint64_t>(number(value), 3'600'000)));
    } else if (name == "seed") {
        options.seed = number(value);
    } else {
        set_word(options, argument);
    }
}

Channel make_channel(const Options& options, size_t way) {
    auto schedule = parse_schedule(options.schedule, options.links[way]);
    if (!schedule) refuse_arguments(schedule.error().what);
    return {std::move(*schedule), 2 * options.seed + way, now()};
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
    if (device.size() >= sizeof request.ifr_name) refuse_arguments("no device: " + device);
    std::memcpy(request.ifr_name, device.data(), device.size());
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(tun, TUNSETIFF, &request) != 0) fail(device);
    return tun;
}

// Signals that end it or make the NAT forget, as a descriptor.
int open_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int each : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, each);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor < 0) fail("signalfd");
    return descriptor;
}

// "Up" is from the first namespace to the second, at whose end the NAT stands.
class Emulator {
 public:
    Emulator(const std::vector<std::string>& ends, const Options& options)
        : signals_(open_signals()),
          devices_{open_tun(ends[0], ends[1]), open_tun(ends[2], ends[3])},
          ways_{Direction(make_channel(options, 0)), Direction(make_channel(options, 1))},
          nat_(options.nat),
          every_(options.every),
          next_sample_(every_ > Duration{} ? now() + every_ : Instant::never()) {}

    void run() {
        for (;;) {
            for (size_t way = 0; way < 2; ++way) let_out(way);
            print_sample();
            std::array<pollfd, 4> files = {{{devices_[0], POLLIN, 0},
                                            {devices_[1], POLLIN, 0},
                                            {signals_, POLLIN, 0},
                                            {commands_, POLLIN, 0}}};
            wait(files);
            if (files[2].revents != 0 && is_ended()) break;
            if (files[3].revents != 0) read_commands();
            for (size_t way = 0; way < 2; ++way) take_in(way);
        }
        std::printf("{\"totals\":{\"up\":%s,\"down\":%s}}\n", ways_[0].totals().c_str(),
                    ways_[1].totals().c_str());
    }

 private:
    void wait(std::array<pollfd, 4>& files) {
        const Instant next = soonest(next_sample_, soonest(ways_[0].next_arrival(), ways_[1].next_arrival()));
        const int64_t us = next.is_never() ? 0 : std::max<int64_t>((next - now()).us, 0);
        const timespec timeout{us / 1'000'000, us % 1'000'000 * 1000};
        const int ready = ppoll(files.data(), files.size(), next.is_never() ? nullptr : &timeout, nullptr);
        if (ready < 0 && errno != EINTR) fail("ppoll");
    }

    void take_in(size_t way) {
        for (;;) {
            const ssize_t size = read(devices_[way], buffer_.data(), buffer_.size());
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0) return;
            const MutableBytes packet{buffer_.data(), static_cast<size_t>(size)};
            if (way == 1 && !nat_.translate_in(packet)) {
                ways_[way].count_drop();
            } else {
                ways_[way].take(now(), packet);
            }
        }
    }

    void let_out(size_t way) {
        for (;;) {
            std::vector<uint8_t> packet = ways_[way].arrived(now());
            if (packet.empty()) return;
            const bool passes = way == 1 || nat_.translate_out(packet);
            if (!passes || write(devices_[1 - way], packet.data(), packet.size()) < 0)
                ways_[way].count_drop();
        }
    }

    void print_sample() {
        const Instant time = now();
        if (time < next_sample_) return;
        next_sample_ = std::max(next_sample_ + every_, time);
        std::printf("{\"ms\":%ld,\"up\":%s,\"down\":%s}\n", time.us / 1000, ways_[0].sample(time).c_str(),
                    ways_[1].sample(time).c_str());
        std::fflush(stdout);
    }

    bool is_ended() {
        signalfd_siginfo info{};
        if (read(signals_, &info, sizeof info) != sizeof info) fail("signalfd");
        if (info.ssi_signo != SIGUSR1) return true;
        nat_.rebind(Nat::Flows::All);
        return false;
    }

    void read_commands() {
        std::array<char, 512> some{};
        const ssize_t size = read(commands_, some.data(), some.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (size <= 0) {
            commands_ = -1;
            return;
        }
        typed_.append(some.data(), static_cast<size_t>(size));
        for (size_t end = typed_.find('\n'); end != std::string::npos; end = typed_.find('\n')) {
            const std::string line = typed_.substr(0, end);
            typed_.erase(0, end + 1);
            const Status status = obey(line);
            if (!status)
                std::fprintf(stderr, "link_emulator: %s: %s\n", line.c_str(), status.error().what.c_str());
        }
        if (typed_.size() > kCommandMax) typed_.clear();
    }

    Status obey(std::string_view line) {
        std::vector<std::string_view> words;
        while (!line.empty()) {
            const size_t end = std::min(line.find(' '), line.size());
            if (end > 0) words.push_back(line.substr(0, end));
            line.remove_prefix(std::min(end + 1, line.size()));
        }
        if (words.empty()) return Ok{};
        if (words[0] == "rebind") return rebind(words);
        if (words[0] != "up" && words[0] != "down" && words[0] != "both")
            return failure("up, down or both, and words of a link; or rebind");
        for (size_t way = 0; way < 2; ++way) {
            if (words[0] == (way == 0 ? "down" : "up")) continue;
            Channel& channel = ways_[way].channel();
            Link link = channel.link(now());
            for (size_t i = 1; i < words.size(); ++i) (void)TRY(set_link(link, words[i]));
            channel.change(now(), link);
        }
        return Ok{};
    }

    Status rebind(const std::vector<std::string_view>& words) {
        Nat::Flows flows = Nat::Flows::All;
        std::optional<SocketAddress> external;
        for (size_t i = 1; i < words.size(); ++i) {
            if (words[i] == "udp") {
                flows = Nat::Flows::Udp;
                continue;
            }
            external = SocketAddress::parse(words[i], 0);
            if (!external) return failure("rebind [udp] [ADDRESS]");
        }
        nat_.rebind(flows, external);
        return Ok{};
    }

    int signals_;
    int commands_ = STDIN_FILENO;
    std::array<int, 2> devices_;
    std::array<Direction, 2> ways_;
    Nat nat_;
    Duration every_;
    Instant next_sample_;
    std::string typed_;
    std::array<uint8_t, kPacketMax> buffer_{};
};

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() < 4) refuse_arguments("two ends");
    Options options;
    for (size_t i = 4; i < arguments.size(); ++i) set_option(options, arguments[i]);
    Emulator(arguments, options).run();
    return 0;
}

}  // namespace
}  // namespace conclave::sim

int main(int argc, char** argv) {
    return conclave::sim::run({argv + 1, argv + argc});
}
