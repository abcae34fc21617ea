// One UDP port of a worker: batched receive into pool slots, batched send with segmentation offload.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/packet_pool.h"
#include "base/result.h"
#include "base/transmit_queue.h"
#include "net/unique_fd.h"

namespace conclave::net {

struct Received {
    PacketRef packet;
    Path path;  // `socket` is the receiving socket's Options::index; IPv4 remotes are mapped
};

// Plain numbers of the owning thread.
struct UdpCounters {
    uint64_t received = 0;  // datagrams handed out
    uint64_t received_bytes = 0;
    uint64_t receive_calls = 0;
    uint64_t receive_runs = 0;              // messages in which the kernel had coalesced several (UDP_GRO)
    uint64_t receive_dropped_oversize = 0;  // larger than kPacketCapacity
    uint64_t receive_dropped_pool = 0;      // no slot was free
    uint64_t receive_errors = 0;

    uint64_t sent = 0;  // datagrams the kernel took
    uint64_t sent_bytes = 0;
    uint64_t send_calls = 0;
    uint64_t send_runs = 0;                 // messages that carried several datagrams (UDP_SEGMENT)
    uint64_t send_dropped_full = 0;         // send buffer still full after the short wait
    uint64_t send_dropped_unreachable = 0;  // no route, host or network down
    uint64_t send_dropped_permission = 0;   // refused by a local firewall
    uint64_t send_dropped_oversize = 0;     // larger than the path or UDP can carry
    uint64_t send_dropped_other = 0;
    uint64_t gso_refused = 0;  // runs that had to be repeated as single datagrams
};

class UdpSocket {
 public:
    struct Options {
        uint16_t index = 0;                  // this socket's number in Path::socket
        int receive_buffer_bytes = 4 << 20;  // 4 MiB: 30 ms of 1 Gbit/s while the worker is busy
        int send_buffer_bytes = 4 << 20;
        bool reuse_port = false;
        bool gso = true;  // allowed; used while the kernel and the device take it
        bool gro = true;
    };

    // Non-blocking. An IPv4 (mapped) address binds an IPv4 socket, "::" a dual-stack one, another IPv6
    // address an IPv6-only one. Port 0 lets the kernel choose: see local().
    static Result<UdpSocket> bind(const SocketAddress& local, const Options&);

    UdpSocket(UdpSocket&&) noexcept;
    UdpSocket& operator=(UdpSocket&&) noexcept;
    ~UdpSocket();

    // Fills up to out.size() entries with datagrams copied into slots of `pool` and returns how many. Equal
    // to out.size() means that more may wait, possibly already read from the kernel: call again before
    // polling. Less means that the socket was empty. Datagrams without a free slot are dropped and counted.
    size_t receive(PacketPool& pool, std::span<Received> out);

    // Sends the queue's datagrams whose path names this socket. Order per destination is kept; between
    // destinations it is not. Never blocks longer than 1 ms; what cannot be sent is dropped and counted.
    void send(const TransmitQueue& queue);
    // send() for the owner of a single socket: afterwards the queue is empty.
    void flush(TransmitQueue& queue) {
        send(queue);
        queue.clear();
    }

    int fd() const { return fd_.get(); }
    const SocketAddress& local() const { return local_; }
    const UdpCounters& counters() const { return counters_; }
    // What the kernel granted (it doubles what was asked for its own bookkeeping); for the log and `doctor`.
    int receive_buffer_bytes() const { return receive_buffer_bytes_; }
    int send_buffer_bytes() const { return send_buffer_bytes_; }
    bool gso() const { return gso_; }
    bool gro() const { return gro_; }

 private:
    struct Buffers;  // everything recvmmsg and sendmmsg point to, allocated once

    UdpSocket(UniqueFd fd, const Options& options, bool is_v4);
    void configure();
    size_t fill();
    size_t split(PacketPool& pool, std::span<Received> out);
    size_t group(std::span<const TransmitQueue::Datagram> window);
    size_t build_runs(const TransmitQueue& queue, std::span<const TransmitQueue::Datagram> window,
                      size_t groups);
    void send_runs(size_t count);
    void send_singly(size_t run);
    void handle_send_error(int error, size_t run);
    bool wait_writable();
    void count_sent(size_t datagrams, size_t bytes);
    void count_drop(int error, size_t datagrams);

    UniqueFd fd_;
    Options options_;
    bool is_v4_;
    SocketAddress local_;
    bool gso_ = false;
    bool gro_ = false;
    bool has_waited_ = false;  // this send() has used up its patience
    int receive_buffer_bytes_ = 0;
    int send_buffer_bytes_ = 0;
    int gso_refusals_in_a_row_ = 0;
    UdpCounters counters_;
    std::unique_ptr<Buffers> buffers_;
};

}  // namespace conclave::net
