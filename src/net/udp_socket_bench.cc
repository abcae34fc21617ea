// Cost of a datagram through loopback, in fan-out order: every subscriber gets `run` packets a turn.
#include <benchmark/benchmark.h>

#include "net/udp_socket.h"

namespace conclave::net {
namespace {

constexpr size_t kDestinations = 64;
constexpr size_t kSize = 1150;

void fan_out(benchmark::State& state, bool offload) {
    UdpSocket::Options options;
    options.gso = options.gro = offload;
    const SocketAddress loopback = SocketAddress::v4(127, 0, 0, 1, 0);
    auto from = UdpSocket::bind(loopback, options);
    std::vector<UdpSocket> to;
    for (size_t i = 0; i < kDestinations; ++i) to.push_back(std::move(*UdpSocket::bind(loopback, options)));
    PacketPool pool(512);
    TransmitQueue queue(4096, 8 << 20);
    const std::vector<uint8_t> bytes(kSize);
    std::vector<Received> received(64);
    const auto run = static_cast<size_t>(state.range(0));
    for (auto _ : state) {
        for (const UdpSocket& socket : to) {
            for (size_t i = 0; i < run; ++i) queue.push({0, socket.local()}, bytes);
        }
        from->flush(queue);
        for (UdpSocket& socket : to) {
            while (socket.receive(pool, received) == received.size()) {
            }
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(run * kDestinations));
}

void BM_FanOutWithOffload(benchmark::State& state) {
    fan_out(state, true);
}
void BM_FanOutPlain(benchmark::State& state) {
    fan_out(state, false);
}
BENCHMARK(BM_FanOutWithOffload)->Arg(1)->Arg(2)->Arg(6)->Arg(16);
BENCHMARK(BM_FanOutPlain)->Arg(1)->Arg(6);

}  // namespace
}  // namespace conclave::net
