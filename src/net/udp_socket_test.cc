#include "net/udp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <map>
#include <string>
#include <vector>

namespace conclave::net {
namespace {

const SocketAddress kLoopback = SocketAddress::v4(127, 0, 0, 1, 0);

UdpSocket make(const SocketAddress& local = kLoopback, UdpSocket::Options options = {}) {
    auto socket = UdpSocket::bind(local, options);
    EXPECT_TRUE(socket) << socket.error().what;
    return std::move(*socket);
}

// Loopback delivers inside the sending call; the wait only guards against a slow machine.
std::vector<std::string> receive_all(UdpSocket& socket, PacketPool& pool, size_t expected,
                                     size_t batch = 64) {
    std::vector<std::string> out;
    std::vector<Received> received(batch);
    while (out.size() < expected) {
        const size_t count = socket.receive(pool, received);
        for (size_t i = 0; i < count; ++i) {
            out.emplace_back(as_text(received[i].packet.bytes()));
            received[i] = {};
        }
        pollfd readable{socket.fd(), POLLIN, 0};
        if (count < batch && out.size() < expected && poll(&readable, 1, 2000) <= 0) break;
    }
    return out;
}

std::string payload(size_t size, int number) {
    std::string text = std::to_string(number) + ":";
    text.resize(std::max(size, text.size()), 'x');
    return text;
}

struct Fixture : testing::Test {
    PacketPool pool{2048};
    TransmitQueue queue{4096, 4 << 20};
};
using Udp = Fixture;

TEST_F(Udp, RunsArriveAsSingleDatagramsInOrder) {
    UdpSocket a = make(), b = make();
    ASSERT_TRUE(a.gso());
    std::vector<std::string> sent;
    // Equal sizes, a shorter end, a longer start: 3 runs of 200, more than 64 of one size, one alone.
    for (const auto& [count, size] :
         std::vector<std::pair<int, size_t>>{{5, 1200}, {1, 700}, {3, 900}, {130, 400}, {1, 1}}) {
        for (int i = 0; i < count; ++i) sent.push_back(payload(size, static_cast<int>(sent.size())));
    }
    for (const std::string& text : sent) queue.push({0, b.local()}, as_bytes(text));
    a.flush(queue);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(a.counters().sent, sent.size());
    EXPECT_EQ(a.counters().send_calls, 1u);
    EXPECT_EQ(a.counters().send_runs, 5u);  // 5+1, 3+1, 64, 64, 1+1
    EXPECT_EQ(receive_all(b, pool, sent.size()), sent);
    EXPECT_EQ(b.counters().received, sent.size());
}

TEST_F(Udp, AReceiverWithoutOffloadSeesTheSameDatagrams) {
    UdpSocket::Options plain;
    plain.gro = false;
    UdpSocket a = make(), b = make(kLoopback, plain);
    std::vector<std::string> sent;
    for (int i = 0; i < 70; ++i) sent.push_back(payload(1100, i));
    for (const std::string& text : sent) queue.push({0, b.local()}, as_bytes(text));
    a.flush(queue);
    EXPECT_EQ(receive_all(b, pool, sent.size()), sent);
    EXPECT_EQ(b.counters().receive_runs, 0u);
}

TEST_F(Udp, ARunLargerThanTheCallersSpanIsContinued) {
    UdpSocket a = make(), b = make();
    std::vector<std::string> sent;
    for (int i = 0; i < 40; ++i) sent.push_back(payload(500, i));
    for (const std::string& text : sent) queue.push({0, b.local()}, as_bytes(text));
    a.flush(queue);
    EXPECT_EQ(receive_all(b, pool, sent.size(), 7), sent);
    std::vector<Received> none(1);
    EXPECT_EQ(b.receive(pool, none), 0u);
}

TEST_F(Udp, InterleavedDestinationsKeepTheirOrderAndFormRuns) {
    constexpr int kDestinations = 100;
    constexpr int kRounds = 30;  // 3,000 datagrams: several windows
    UdpSocket a = make();
    std::vector<UdpSocket> to;
    for (int i = 0; i < kDestinations; ++i) to.push_back(make());
    for (int round = 0; round < kRounds; ++round) {
        for (const UdpSocket& socket : to) queue.push({0, socket.local()}, as_bytes(payload(1000, round)));
    }
    a.flush(queue);
    EXPECT_EQ(a.counters().sent, static_cast<uint64_t>(kDestinations * kRounds));
    EXPECT_LE(a.counters().send_calls, 4u);
    EXPECT_GE(a.counters().send_runs, 200u);
    for (UdpSocket& socket : to) {
        const auto got = receive_all(socket, pool, kRounds);
        ASSERT_EQ(got.size(), static_cast<size_t>(kRounds));
        for (int round = 0; round < kRounds; ++round) EXPECT_EQ(got[round], payload(1000, round));
    }
}

TEST_F(Udp, TellsTheRemoteAndTheSocketIndex) {
    UdpSocket::Options third;
    third.index = 3;
    UdpSocket a = make(), b = make(kLoopback, third);
    queue.push({0, b.local()}, as_bytes("hello"));
    a.flush(queue);
    pollfd readable{b.fd(), POLLIN, 0};
    ASSERT_EQ(poll(&readable, 1, 2000), 1);
    std::vector<Received> received(4);
    ASSERT_EQ(b.receive(pool, received), 1u);
    EXPECT_EQ(received[0].path, (Path{3, a.local()}));
}

TEST_F(Udp, SendsOnlyWhatNamesItsIndex) {
    UdpSocket::Options second;
    second.index = 1;
    UdpSocket a = make(), other = make(kLoopback, second), b = make();
    queue.push({0, b.local()}, as_bytes("from 0"));
    queue.push({1, b.local()}, as_bytes("from 1"));
    queue.push({7, b.local()}, as_bytes("from nobody"));
    a.send(queue);
    other.send(queue);
    EXPECT_EQ(receive_all(b, pool, 2), (std::vector<std::string>{"from 0", "from 1"}));
    EXPECT_EQ(a.counters().sent + other.counters().sent, 2u);
}

TEST_F(Udp, DualStackReachesBothFamilies) {
    UdpSocket dual = make(SocketAddress{});
    EXPECT_TRUE(dual.local().is_unspecified());
    UdpSocket v4 = make();
    queue.push({0, SocketAddress::v4(127, 0, 0, 1, dual.local().port)}, as_bytes("four"));
    v4.flush(queue);
    EXPECT_EQ(receive_all(dual, pool, 1), (std::vector<std::string>{"four"}));
    queue.push({0, v4.local()}, as_bytes("back"));
    dual.flush(queue);
    EXPECT_EQ(receive_all(v4, pool, 1), (std::vector<std::string>{"back"}));

    auto v6 = UdpSocket::bind(*SocketAddress::parse("::1", 0), {});
    if (!v6) GTEST_SKIP() << "no IPv6 loopback: " << v6.error().what;
    queue.push({0, *SocketAddress::parse("::1", dual.local().port)}, as_bytes("six"));
    v6->flush(queue);
    EXPECT_EQ(receive_all(dual, pool, 1), (std::vector<std::string>{"six"}));
}

TEST_F(Udp, OversizeIsDroppedAndCountedOnBothSides) {
    UdpSocket a = make(), b = make();
    queue.push({0, b.local()}, as_bytes(std::string(kPacketCapacity + 1, 'x')));
    queue.push({0, b.local()}, as_bytes(std::string(66'000, 'x')));
    queue.push({0, b.local()}, as_bytes("small"));
    a.flush(queue);
    EXPECT_EQ(a.counters().send_dropped_oversize, 1u);
    EXPECT_EQ(receive_all(b, pool, 1), (std::vector<std::string>{"small"}));
    EXPECT_EQ(b.counters().receive_dropped_oversize, 1u);
}

TEST_F(Udp, AnExhaustedPoolDropsAndCounts) {
    UdpSocket a = make(), b = make();
    PacketPool small(3);
    for (int i = 0; i < 10; ++i) queue.push({0, b.local()}, as_bytes(payload(100, i)));
    a.flush(queue);
    std::vector<Received> held(16);
    EXPECT_EQ(b.receive(small, held), 3u);
    EXPECT_EQ(b.counters().receive_dropped_pool, 7u);
}

TEST_F(Udp, ErrorsOfOneDestinationSpareTheOthers) {
    UdpSocket a = make(), b = make();
    // 255.255.255.255 needs SO_BROADCAST (EACCES); an IPv4 socket has no way to IPv6; port 0 is invalid.
    queue.push({0, SocketAddress::v4(255, 255, 255, 255, 9)}, as_bytes("no"));
    queue.push({0, *SocketAddress::parse("2001:db8::1", 9)}, as_bytes("no"));
    queue.push({0, SocketAddress::v4(127, 0, 0, 1, 0)}, as_bytes("no"));
    queue.push({0, b.local()}, as_bytes("yes"));
    a.flush(queue);
    EXPECT_EQ(receive_all(b, pool, 1), (std::vector<std::string>{"yes"}));
    EXPECT_EQ(a.counters().send_dropped_permission, 1u);
    EXPECT_EQ(a.counters().send_dropped_unreachable, 1u);
    EXPECT_EQ(a.counters().send_dropped_other, 1u);
    EXPECT_EQ(a.counters().sent, 1u);
}

TEST_F(Udp, FallsBackToSingleDatagramsWhenTheKernelRefusesRuns) {
    UdpSocket a = make(), b = make();
    // Linux refuses segmentation without checksums with EINVAL, which stands in for a device that cannot.
    const int on = 1;
    ASSERT_EQ(setsockopt(a.fd(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    for (int flush = 0; flush < 20; ++flush) {
        std::vector<std::string> sent;
        for (int i = 0; i < 4; ++i) sent.push_back(payload(800, i));
        for (const std::string& text : sent) queue.push({0, b.local()}, as_bytes(text));
        a.flush(queue);
        EXPECT_EQ(receive_all(b, pool, 4), sent);
    }
    EXPECT_FALSE(a.gso());
    EXPECT_EQ(a.counters().gso_refused, 16u);
    EXPECT_EQ(a.counters().sent, 80u);
}

TEST_F(Udp, BindingATakenPortIsAnError) {
    UdpSocket a = make();
    EXPECT_FALSE(UdpSocket::bind(a.local(), {}));
}

}  // namespace
}  // namespace conclave::net
