// The UDP socket of one participant, and the buffers through which all sockets of a thread are read: the
// sockets themselves own no memory but the kernel's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "net/unique_fd.h"

namespace conclave::load {

class UdpPort {
 public:
    // On a port of the kernel's choice, of the address family that `like` has.
    static Result<UdpPort> open(const SocketAddress& like);

    // From now on everything goes to and comes from `remote`: cheaper for the kernel both ways.
    void connect(const SocketAddress& remote);
    // Sends the queue's datagrams whose path names `index`; what the kernel does not take is counted.
    void send(const TransmitQueue& queue, uint16_t index);
    int fd() const { return fd_.get(); }
    bool is_v4() const { return is_v4_; }
    uint64_t send_dropped() const { return send_dropped_; }

 private:
    UdpPort(net::UniqueFd fd, bool is_v4) : fd_(std::move(fd)), is_v4_(is_v4) {}

    net::UniqueFd fd_;
    bool is_v4_;
    bool is_connected_ = false;
    uint64_t send_dropped_ = 0;
};

struct Datagram {
    MutableBytes bytes;
    SocketAddress from;
    Instant arrived;  // in the kernel, whenever we come to read it
};

class DatagramReader {
 public:
    DatagramReader();
    ~DatagramReader();
    DatagramReader(const DatagramReader&) = delete;
    DatagramReader& operator=(const DatagramReader&) = delete;

    // What waits at the socket, or the first part of it: see is_drained(). Valid until the next call.
    // `clock_offset`: wall clock minus monotonic clock.
    std::span<const Datagram> read(int fd, Duration clock_offset);
    // The last read() found less than it had room for: nothing waits any more.
    bool is_drained() const { return is_drained_; }

 private:
    struct Buffers;
    bool is_drained_ = true;
    std::unique_ptr<Buffers> buffers_;
    std::vector<Datagram> datagrams_;
};

}  // namespace conclave::load
