// Garbage for a media port, as an attacker sends it who spoofs his address: so many datagrams a second in the
// shapes of STUN, RTP, RTCP, DTLS and of nothing, each from another address of 127/8, all of which the
// loopback lets us use (IP_PKTINFO). What the server answers comes back to this program, which counts it.
//
//     engine_flood PORT SECONDS RATE          to 127.0.0.1; one JSON object (docs/benchmarks.md)
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "bench/program.h"
#include "net/system_rng.h"
#include "net/unique_fd.h"

namespace conclave {
namespace {

constexpr uint32_t kSources = 65'000;
constexpr uint32_t kFirstSource = 0x7f010001;  // 127.1.0.1
constexpr size_t kShapes = 6;
constexpr size_t kDatagrams = kShapes * 700;  // different ones
constexpr size_t kSizeMax = 1200;
constexpr size_t kBatch = 64;
constexpr int kRateMax = 1'000'000;
constexpr int kSecondsMax = 3600;
constexpr auto kTurn = std::chrono::microseconds(500);
// Others may have the core for as long; what was missed beyond is not made up for.
constexpr double kBehindMax = 0.5;

using Datagram = std::vector<uint8_t>;

void begin_stun(Datagram& datagram, uint16_t type) {
    store_be16(datagram.data(), type);
    store_be16(datagram.data() + 2, static_cast<uint16_t>(datagram.size() - 20));
    store_be32(datagram.data() + 4, 0x2112a442);
}

// Headers that pass a first look (RFC 7983), with chance behind them.
Datagram garbage(size_t shape, net::SystemRng& rng) {
    Datagram datagram(48 + rng.u32() % (kSizeMax - 48) / 4 * 4);
    rng.fill(datagram);
    switch (shape) {
        case 0:  // a bare Binding request, which any STUN server answers
            datagram.resize(20);
            begin_stun(datagram, 0x0001);
            break;
        case 1:  // the check of a stranger: USERNAME, and the rest in an unknown optional attribute
            begin_stun(datagram, 0x0001);
            store_be16(datagram.data() + 20, 0x0006);
            store_be16(datagram.data() + 22, 16);
            store_be16(datagram.data() + 40, 0x8123);
            store_be16(datagram.data() + 42, static_cast<uint16_t>(datagram.size() - 44));
            break;
        case 2:  // RTP, Opus as browsers number it
            datagram[0] = 0x90;
            datagram[1] = 111;
            break;
        case 3:  // RTCP, a receiver report
            datagram[0] = 0x81;
            datagram[1] = 201;
            store_be16(datagram.data() + 2, static_cast<uint16_t>(datagram.size() / 4 - 1));
            break;
        case 4:  // DTLS 1.2: the record of a ClientHello
            std::memcpy(datagram.data(), "\x16\xfe\xfd\0\0\0\0\0\0\0\0", 11);
            store_be16(datagram.data() + 11, static_cast<uint16_t>(datagram.size() - 13));
            datagram[13] = 1;
            break;
        default:
            break;
    }
    return datagram;
}

std::vector<Datagram> all_garbage() {
    net::SystemRng rng;
    std::vector<Datagram> datagrams;
    for (size_t i = 0; i < kDatagrams; ++i) datagrams.push_back(garbage(i % kShapes, rng));
    return datagrams;
}

class Flood {
 public:
    explicit Flood(uint16_t port) : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        CHECK(socket_);
        to_.sin_family = AF_INET;
        to_.sin_port = htons(port);
        to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (size_t i = 0; i < kBatch; ++i) {
            msghdr& header = messages_[i].msg_hdr;
            header.msg_name = &to_;
            header.msg_namelen = sizeof to_;
            header.msg_iov = &vectors_[i];
            header.msg_iovlen = 1;
            header.msg_control = &controls_[i];
            header.msg_controllen = sizeof controls_[i];
            cmsghdr* control = CMSG_FIRSTHDR(&header);
            control->cmsg_level = IPPROTO_IP;
            control->cmsg_type = IP_PKTINFO;
            control->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
        }
    }

    void send_batch() {
        for (size_t i = 0; i < kBatch; ++i) {
            Datagram& datagram = datagrams_[next_ % kDatagrams];
            vectors_[i] = {datagram.data(), datagram.size()};
            in_pktinfo from{};
            from.ipi_spec_dst.s_addr = htonl(kFirstSource + static_cast<uint32_t>(next_ % kSources));
            std::memcpy(CMSG_DATA(CMSG_FIRSTHDR(&messages_[i].msg_hdr)), &from, sizeof from);
            ++next_;
        }
        const int taken = sendmmsg(socket_.get(), messages_.data(), kBatch, 0);
        if (taken > 0) sent_ += static_cast<uint64_t>(taken);
    }

    void count_replies() {
        std::array<uint8_t, 2048> bytes;
        while (recv(socket_.get(), bytes.data(), bytes.size(), 0) >= 0) ++replies_;
    }

    uint64_t sent() const { return sent_; }
    uint64_t replies() const { return replies_; }

 private:
    struct alignas(cmsghdr) Control {
        std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> bytes{};
    };
    net::UniqueFd socket_;
    sockaddr_in to_{};
    std::vector<Datagram> datagrams_ = all_garbage();
    std::array<mmsghdr, kBatch> messages_{};
    std::array<iovec, kBatch> vectors_{};
    std::array<Control, kBatch> controls_{};
    uint64_t next_ = 0;
    uint64_t sent_ = 0;
    uint64_t replies_ = 0;
};

void run(uint16_t port, int seconds, int rate) {
    using Clock = std::chrono::steady_clock;
    Flood flood(port);
    const auto began = Clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
    double skipped = 0;  // seconds
    for (double at = 0; at < seconds; at = elapsed()) {
        double behind = (at - skipped) - static_cast<double>(flood.sent()) / rate;
        if (behind > kBehindMax) {
            skipped += behind - kBehindMax;
            behind = kBehindMax;
        }
        for (; behind > 0; behind -= static_cast<double>(kBatch) / rate) flood.send_batch();
        flood.count_replies();
        std::this_thread::sleep_for(kTurn);
    }
    const double took = elapsed();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the last answers
    flood.count_replies();
    std::printf("{\"sent\": %llu, \"per_s\": %.0f, \"sources\": %u, \"replies\": %llu}\n",
                static_cast<unsigned long long>(flood.sent()), static_cast<double>(flood.sent()) / took,
                kSources, static_cast<unsigned long long>(flood.replies()));
}

}  // namespace
}  // namespace conclave

int main(int argc, char** argv) {
    int port = 0;
    int seconds = 0;
    int rate = 0;
    if (argc != 4 || !conclave::parse(argv[1], 65'535, port) ||
        !conclave::parse(argv[2], conclave::kSecondsMax, seconds) ||
        !conclave::parse(argv[3], conclave::kRateMax, rate)) {
        std::fprintf(stderr, "engine_flood PORT SECONDS RATE\n");
        return 2;
    }
    conclave::run(static_cast<uint16_t>(port), seconds, rate);
    return 0;
}
