// Reception and set-up; sending is in udp_send.cc.
#include "net/udp_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "net/udp_buffers.h"

namespace conclave::net {
namespace {

// The FORCE variants exceed net.core.[rw]mem_max with CAP_NET_ADMIN; without it the limit applies silently.
int set_buffer(int fd, int force_option, int option, int bytes) {
    if (setsockopt(fd, SOL_SOCKET, force_option, &bytes, sizeof bytes) != 0) {
        setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof bytes);
    }
    int granted = 0;
    socklen_t size = sizeof granted;
    getsockopt(fd, SOL_SOCKET, option, &granted, &size);
    return granted;
}

// Segment size when the kernel coalesced equal datagrams of one flow, 0 otherwise (udp(7), UDP_GRO).
size_t coalesced_segment(msghdr& message) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO) continue;
        int segment = 0;
        std::memcpy(&segment, CMSG_DATA(c), sizeof segment);
        return segment > 0 ? static_cast<size_t>(segment) : 0;
    }
    return 0;
}

Unexpected<Error> system_failure(const char* call) {
    return failure(std::string(call) + ": " + std::strerror(errno));
}

}  // namespace

Result<UdpSocket> UdpSocket::bind(const SocketAddress& local, const Options& options) {
    const bool is_v4 = local.is_v4();
    UniqueFd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return system_failure("socket");
    const int on = 1;
    if (!is_v4) {
        const int v6_only = local.is_unspecified() ? 0 : 1;
        if (setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) != 0) {
            return system_failure("IPV6_V6ONLY");
        }
    }
    if (options.reuse_port && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
        return system_failure("SO_REUSEPORT");
    }
    RawAddress raw;
    socklen_t size = to_raw(local, is_v4, raw);
    if (::bind(fd.get(), &raw.any, size) != 0) return system_failure("bind");
    size = sizeof raw;
    if (getsockname(fd.get(), &raw.any, &size) != 0) return system_failure("getsockname");

    UdpSocket out(std::move(fd), options, is_v4);
    out.local_ = from_raw(raw);
    out.configure();
    return out;
}

UdpSocket::UdpSocket(UniqueFd fd, const Options& options, bool is_v4)
    : fd_(std::move(fd)), options_(options), is_v4_(is_v4), buffers_(std::make_unique<Buffers>()) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

void UdpSocket::configure() {
    const int fd = fd_.get();
    receive_buffer_bytes_ = set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, options_.receive_buffer_bytes);
    send_buffer_bytes_ = set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options_.send_buffer_bytes);
    // Kernels before 4.18 ignore the ancillary data and would send one giant datagram: ask first.
    int segment = 0;
    socklen_t size = sizeof segment;
    gso_ = options_.gso && getsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, &size) == 0;
    const int on = 1;
    gro_ = options_.gro && setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on) == 0;
}

size_t UdpSocket::receive(PacketPool& pool, std::span<Received> out) {
    size_t filled = 0;
    bool may_have_more = true;
    while (filled < out.size()) {
        if (buffers_->next_message == buffers_->message_count) {
            // A batch that was not full has emptied the socket: readiness will tell about the next one.
            if (!may_have_more || fill() == 0) break;
            may_have_more = buffers_->message_count == kReceiveBatch;
        }
        filled += split(pool, out.subspan(filled));
    }
    return filled;
}

size_t UdpSocket::fill() {
    Buffers& b = *buffers_;
    for (size_t i = 0; i < kReceiveBatch; ++i) {
        b.in_iov[i] = {b.scratch.get() + i * kScratchBytes, kScratchBytes};
        msghdr& m = b.in[i].msg_hdr;
        m = {};
        m.msg_name = &b.in_names[i];
        m.msg_namelen = sizeof b.in_names[i];
        m.msg_iov = &b.in_iov[i];
        m.msg_iovlen = 1;
        m.msg_control = b.in_control[i].bytes;
        m.msg_controllen = sizeof b.in_control[i].bytes;
    }
    b.next_message = b.message_count = b.offset = 0;
    int count = -1;
    do {
        count = recvmmsg(fd_.get(), b.in.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
        ++counters_.receive_calls;
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) ++counters_.receive_errors;
    b.message_count = count > 0 ? static_cast<size_t>(count) : 0;
    return b.message_count;
}

// Hands out the next message's datagrams; the offset remembers where `out` ended.
size_t UdpSocket::split(PacketPool& pool, std::span<Received> out) {
    Buffers& b = *buffers_;
    const size_t index = b.next_message;
    msghdr& message = b.in[index].msg_hdr;
    const ByteView bytes(b.scratch.get() + index * kScratchBytes, b.in[index].msg_len);
    const size_t coalesced = coalesced_segment(message);
    const size_t segment = coalesced > 0 ? coalesced : bytes.size();
    const Path path{options_.index, from_raw(b.in_names[index])};
    if (b.offset == 0 && segment < bytes.size()) ++counters_.receive_runs;

    size_t filled = 0;
    while (b.offset < bytes.size() && filled < out.size()) {
        const ByteView datagram = bytes.subspan(b.offset, std::min(segment, bytes.size() - b.offset));
        b.offset += datagram.size();
        if (datagram.size() > kPacketCapacity) {
            ++counters_.receive_dropped_oversize;
            continue;
        }
        PacketRef packet = pool.copy(datagram);
        if (!packet) {
            ++counters_.receive_dropped_pool;
            continue;
        }
        ++counters_.received;
        counters_.received_bytes += datagram.size();
        out[filled++] = {std::move(packet), path};
    }
    if (b.offset >= bytes.size()) {
        ++b.next_message;
        b.offset = 0;
    }
    return filled;
}

}  // namespace conclave::net
