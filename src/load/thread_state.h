// What the participants of one thread share: everything that would cost memory for each of them.
#pragma once

#include "base/packet_pool.h"
#include "base/transmit_queue.h"
#include "load/histogram.h"
#include "load/run.h"
#include "load/transport.h"
#include "load/udp_port.h"
#include "net/system_rng.h"
#include "net/websocket_client.h"

namespace conclave::load {

// Sums over the participants of a thread.
struct Traffic {
    uint64_t packets_sent = 0;
    uint64_t bytes_sent = 0;
    uint64_t packets_received = 0;
    uint64_t bytes_received = 0;
    uint64_t foreign = 0;  // media without a stamp of this run
    Histogram latency_us;

    void add(const Traffic& other) {
        packets_sent += other.packets_sent;
        bytes_sent += other.bytes_sent;
        packets_received += other.packets_received;
        bytes_received += other.bytes_received;
        foreign += other.foreign;
        latency_us.merge(other.latency_us);
    }
};

struct ThreadState {
    // A retransmitted packet is turned back in its slot; no slot is held longer than one call.
    static constexpr size_t kPoolSlots = 64;
    // All that one participant sends in a turn: requests, checks, a burst of each encoding, retransmissions.
    static constexpr size_t kQueueDatagrams = 1024;
    static constexpr size_t kQueueBytes = 1'500'000;

    ThreadState(Run& shared, Identity own, net::WebSocketConnector& sockets)
        : run(shared), identity(std::move(own)), connector(sockets) {}

    Run& run;
    Identity identity;
    net::WebSocketConnector& connector;
    net::SystemRng rng;
    PacketPool pool{kPoolSlots};
    TransmitQueue tx{kQueueDatagrams, kQueueBytes};
    DatagramReader reader;
    Duration clock_offset;  // wall clock minus monotonic clock
    Traffic traffic;        // of the second or of the rest of a window, handed on and cleared
    // Numbers of the participants whose timers signalling has changed; the worker takes them.
    std::vector<uint32_t> touched;
};

}  // namespace conclave::load
