#include "load/udp_port.h"

#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "net/socket_address.h"

namespace conclave::load {
namespace {

constexpr size_t kReadBatch = 16;
// A coalesced run (UDP_GRO) fits.
constexpr size_t kRunBytesMax = 64 << 10;
constexpr size_t kSendBatch = 64;
constexpr size_t kControlSize = CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(int));
// A key frame of a few tracks while the thread is busy with others.
constexpr int kReceiveBuffer = 1 << 20;

}  // namespace

struct DatagramReader::Buffers {
    std::array<mmsghdr, kReadBatch> messages{};
    std::array<iovec, kReadBatch> vectors{};
    std::array<net::RawAddress, kReadBatch> names{};
    struct alignas(cmsghdr) Control {
        std::array<char, kControlSize> bytes;
    };
    std::array<Control, kReadBatch> controls{};
    std::unique_ptr<uint8_t[]> bytes{new uint8_t[kReadBatch * kRunBytesMax]};
};

Result<UdpPort> UdpPort::open(const SocketAddress& like) {
    const bool is_v4 = like.is_v4();
    net::UniqueFd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return failure(std::string("UDP socket: ") + std::strerror(errno));
    SocketAddress any;
    if (is_v4) any = SocketAddress::v4(0, 0, 0, 0, 0);
    net::RawAddress raw;
    const socklen_t size = net::to_raw(any, is_v4, raw);
    if (bind(fd.get(), &raw.any, size) != 0) return failure(std::string("UDP bind: ") + std::strerror(errno));
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd.get(), SOL_UDP, UDP_GRO, &on, sizeof on);
    // Beyond the system's limit only with privileges; else as much as it allows.
    if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) != 0)
        setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    return UdpPort(std::move(fd), is_v4);
}

void UdpPort::connect(const SocketAddress& remote) {
    net::RawAddress raw;
    const socklen_t size = net::to_raw(remote, is_v4_, raw);
    is_connected_ = ::connect(fd_.get(), &raw.any, size) == 0;
}

void UdpPort::send(const TransmitQueue& queue, uint16_t index) {
    std::array<mmsghdr, kSendBatch> messages;
    std::array<iovec, kSendBatch> vectors;
    std::array<net::RawAddress, kSendBatch> names;
    const auto& datagrams = queue.datagrams();
    for (size_t next = 0; next < datagrams.size();) {
        unsigned count = 0;
        for (; next < datagrams.size() && count < kSendBatch; ++next) {
            const auto& datagram = datagrams[next];
            if (datagram.path.socket != index) continue;
            const ByteView bytes = queue.bytes(datagram);
            vectors[count] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
            messages[count] = {};
            messages[count].msg_hdr.msg_iov = &vectors[count];
            messages[count].msg_hdr.msg_iovlen = 1;
            if (!is_connected_) {
                messages[count].msg_hdr.msg_namelen = net::to_raw(datagram.path.remote, is_v4_, names[count]);
                messages[count].msg_hdr.msg_name = &names[count].any;
            }
            ++count;
        }
        for (unsigned sent = 0; sent < count;) {
            const int taken = sendmmsg(fd_.get(), messages.data() + sent, count - sent, 0);
            // The first one failed: its loss is a loss on the wire, as when a port is closed (ICMP).
            if (taken <= 0) ++send_dropped_;
            sent += taken > 0 ? static_cast<unsigned>(taken) : 1;
        }
    }
}

DatagramReader::DatagramReader() : buffers_(std::make_unique<Buffers>()) {}
DatagramReader::~DatagramReader() = default;

std::span<const Datagram> DatagramReader::read(int fd, Duration clock_offset) {
    Buffers& b = *buffers_;
    datagrams_.clear();
    for (size_t i = 0; i < kReadBatch; ++i) {
        b.vectors[i] = {b.bytes.get() + i * kRunBytesMax, kRunBytesMax};
        msghdr& header = b.messages[i].msg_hdr;
        header = {};
        header.msg_name = &b.names[i].any;
        header.msg_namelen = sizeof b.names[i];
        header.msg_iov = &b.vectors[i];
        header.msg_iovlen = 1;
        header.msg_control = b.controls[i].bytes.data();
        header.msg_controllen = kControlSize;
    }
    const int count = recvmmsg(fd, b.messages.data(), kReadBatch, MSG_DONTWAIT, nullptr);
    is_drained_ = count < static_cast<int>(kReadBatch);
    for (int i = 0; i < count; ++i) {
        msghdr& header = b.messages[static_cast<size_t>(i)].msg_hdr;
        const size_t size = b.messages[static_cast<size_t>(i)].msg_len;
        size_t segment = size;
        Instant arrived;
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
                timespec at{};
                std::memcpy(&at, CMSG_DATA(control), sizeof at);
                arrived = Instant{at.tv_sec * 1'000'000 + at.tv_nsec / 1000} - clock_offset;
            } else if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
                int run = 0;
                std::memcpy(&run, CMSG_DATA(control), sizeof run);
                segment = static_cast<size_t>(std::max(run, 1));
            }
        }
        const SocketAddress from = net::from_raw(b.names[static_cast<size_t>(i)]);
        auto* bytes = static_cast<uint8_t*>(header.msg_iov->iov_base);
        for (size_t at = 0; at < size; at += segment)
            datagrams_.push_back({{bytes + at, std::min(segment, size - at)}, from, arrived});
    }
    return datagrams_;
}

}  // namespace conclave::load
