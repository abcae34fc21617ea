// What nobody can do without: every packet of one video is sealed for each subscriber under a key of its own,
// straight into the send queue, and handed to the kernel in runs of a frame. No ICE, no feedback, no rules,
// nothing received. Cost is the CPU time of the sending thread; a thread on another core takes everything in,
// with sockets as those of the load tool.
//
//     engine_limit SUBSCRIBERS SECONDS        one JSON object (docs/benchmarks.md)
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "bench/program.h"
#include "crypto/aead.h"
#include "net/system_rng.h"
#include "net/udp_socket.h"

namespace conclave {
namespace {

using crypto::Aes128Gcm;

constexpr size_t kPacketSize = 1100;
constexpr size_t kHeaderSize = 24;  // with two header extensions
constexpr size_t kSealedSize = kPacketSize + Aes128Gcm::kTagSize;
constexpr size_t kFramePackets = 6;  // 1.5 Mbit/s
constexpr int kFramesPerSecond = 30;
constexpr int kSendingCore = 0;
constexpr int kReceivingCore = 1;
constexpr int kSubscribersMax = 10'000;
constexpr int kSecondsMax = 3600;
// What waits until the receiver wakes, and a scheduler's slice in which it does not.
constexpr int kReceiveBuffer = 1 << 20;

struct Subscriber {
    net::UniqueFd fd;
    SocketAddress address;
    Aes128Gcm cipher;
};

// Where there is only one core, both threads share it: the cost of one is still its own.
void pin_to(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

// Bound to a port of the kernel's choice; it takes whole runs, as a receiver does that wants to be fast.
net::UniqueFd open_socket(SocketAddress& address) {
    net::UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    CHECK(bind(fd.get(), reinterpret_cast<sockaddr*>(&name), size) == 0);
    CHECK(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size) == 0);
    const int on = 1;
    setsockopt(fd.get(), SOL_UDP, UDP_GRO, &on, sizeof on);
    setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) != 0)
        setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    address = SocketAddress::v4(127, 0, 0, 1, ntohs(name.sin_port));
    return fd;
}

std::vector<Subscriber> open_subscribers(size_t count) {
    net::SystemRng rng;
    std::vector<Subscriber> subscribers;
    for (size_t i = 0; i < count; ++i) {
        std::array<uint8_t, Aes128Gcm::kKeySize> key;
        rng.fill(key);
        SocketAddress address;
        net::UniqueFd fd = open_socket(address);
        subscribers.push_back({std::move(fd), address, Aes128Gcm::create(key).value()});
    }
    return subscribers;
}

// Takes in everything until told to stop; returns how many packets that was.
uint64_t drain(const std::vector<Subscriber>& subscribers, const std::atomic<bool>& is_over) {
    pin_to(kReceivingCore);
    const net::UniqueFd poller(epoll_create1(EPOLL_CLOEXEC));
    for (const Subscriber& subscriber : subscribers) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = subscriber.fd.get();
        CHECK(epoll_ctl(poller.get(), EPOLL_CTL_ADD, subscriber.fd.get(), &event) == 0);
    }
    std::vector<uint8_t> bytes(64 << 10);
    std::array<epoll_event, 256> ready;
    uint64_t sum = 0;
    for (bool was_over = false; !was_over;) {
        was_over = is_over;
        for (int count = 1; count > 0;) {
            count = epoll_wait(poller.get(), ready.data(), ready.size(), 0);
            for (int i = 0; i < count; ++i) {
                ssize_t size = 0;
                while ((size = recv(ready[static_cast<size_t>(i)].data.fd, bytes.data(), bytes.size(), 0)) >
                       0)
                    sum += static_cast<uint64_t>(size);
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return sum / kSealedSize;
}

class Sender {
 public:
    explicit Sender(std::vector<Subscriber>& subscribers)
        : subscribers_(subscribers),
          socket_(net::UdpSocket::bind(SocketAddress::v4(127, 0, 0, 1, 0), {}).value()) {}

    void send_frame() {
        for (Subscriber& subscriber : subscribers_) {
            for (uint64_t i = 0; i < kFramePackets; ++i) seal(subscriber, number_ + i);
            if (queue_.nearly_full()) socket_.flush(queue_);
        }
        socket_.flush(queue_);
        number_ += kFramePackets;
    }

    uint64_t sent() const { return socket_.counters().sent; }

 private:
    void seal(Subscriber& subscriber, uint64_t number) {
        const MutableBytes out = queue_.reserve(kSealedSize);
        CHECK(!out.empty());
        Aes128Gcm::Iv iv{};
        std::memcpy(iv.data(), &number, sizeof number);
        std::memcpy(out.data(), packet_.data(), kHeaderSize);
        const ByteView packet{packet_};
        CHECK(subscriber.cipher.seal(iv, packet.first(kHeaderSize), packet.subspan(kHeaderSize),
                                     out.subspan(kHeaderSize)));
        queue_.commit({0, subscriber.address}, kSealedSize);
    }

    std::vector<Subscriber>& subscribers_;
    net::UdpSocket socket_;
    // Half of it is what waits at most: it stays in the second cache.
    TransmitQueue queue_{1024, 1 << 20};
    std::vector<uint8_t> packet_ = std::vector<uint8_t>(kPacketSize, 0x55);
    uint64_t number_ = 0;
};

void measure(size_t count, int seconds) {
    pin_to(kSendingCore);
    std::vector<Subscriber> subscribers = open_subscribers(count);
    std::atomic<bool> is_over = false;
    uint64_t received = 0;
    std::thread receiver([&] { received = drain(subscribers, is_over); });
    Sender sender(subscribers);
    sender.send_frame();  // the first one finds cold memory
    const uint64_t before = sender.sent();
    const double began = thread_microseconds();
    auto next = std::chrono::steady_clock::now();
    for (int i = 0; i < seconds * kFramesPerSecond; ++i) {
        sender.send_frame();
        std::this_thread::sleep_until(next += std::chrono::microseconds(1'000'000 / kFramesPerSecond));
    }
    const double spent = thread_microseconds() - began;
    const uint64_t packets = sender.sent() - before;
    is_over = true;
    receiver.join();
    std::printf(
        "{\"subscribers\": %zu, \"packets\": %llu, \"cpu_us_per_packet\": %.4f, \"loss\": %.6f, "
        "\"engine\": \"%s\"}\n",
        count, static_cast<unsigned long long>(packets), spent / static_cast<double>(packets),
        1 - static_cast<double>(received) / static_cast<double>(sender.sent()),
        std::string(gcm_engine_name(crypto::fastest_gcm_engine())).c_str());
}

}  // namespace
}  // namespace conclave

int main(int argc, char** argv) {
    int subscribers = 0;
    int seconds = 0;
    if (argc != 3 || !conclave::parse(argv[1], conclave::kSubscribersMax, subscribers) ||
        !conclave::parse(argv[2], conclave::kSecondsMax, seconds)) {
        std::fprintf(stderr, "engine_limit SUBSCRIBERS SECONDS\n");
        return 2;
    }
    conclave::measure(static_cast<size_t>(subscribers), seconds);
    return 0;
}
