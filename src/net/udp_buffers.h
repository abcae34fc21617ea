// UdpSocket's memory: the structures that recvmmsg and sendmmsg point to. Internal.
#pragma once

#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>

#include "net/socket_address.h"
#include "net/udp_socket.h"

namespace conclave::net {

// One call's messages. Each may be a coalesced run, so this is up to 2,048 datagrams.
constexpr size_t kReceiveBatch = 32;
// The largest UDP payload and the largest coalesced run fit. Pages are touched only as far as used.
constexpr size_t kScratchBytes = 64 << 10;
// Datagrams grouped and sent by one system call; Linux takes up to 1,024 messages (UIO_MAXIOV).
constexpr size_t kSendWindow = 1024;
constexpr size_t kGroupSlots = 2 * kSendWindow;  // hash table at most half full
// UDP_MAX_SEGMENTS of the oldest kernels that have UDP_SEGMENT.
constexpr size_t kRunDatagramsMax = 64;
// A run is first one IP packet: 65,535 less IPv6 and UDP headers, rounded down.
constexpr size_t kRunBytesMax = 65'000;

template <class T>
struct alignas(cmsghdr) Control {
    char bytes[CMSG_SPACE(sizeof(T))];
};

struct UdpSocket::Buffers {
    // Reception: messages [next_message, message_count) are not handed out yet, the first from `offset` on.
    std::array<mmsghdr, kReceiveBatch> in{};
    std::array<iovec, kReceiveBatch> in_iov{};
    std::array<RawAddress, kReceiveBatch> in_names{};
    std::array<Control<int>, kReceiveBatch> in_control{};
    std::unique_ptr<uint8_t[]> scratch{new uint8_t[kReceiveBatch * kScratchBytes]};
    size_t next_message = 0;
    size_t message_count = 0;
    size_t offset = 0;

    // Sending: the window's datagrams chained by destination, then cut into runs, one message each. A run's
    // datagrams are consecutive entries of `iov`.
    struct Group {
        uint16_t first = 0;
        uint16_t last = 0;
    };
    std::array<uint16_t, kSendWindow> next{};  // the destination's following datagram, or kEnd
    std::array<Group, kSendWindow> groups{};
    struct Slot {
        uint32_t stamp = 0;  // valid when equal to `stamp`: no clearing between windows
        uint16_t group = 0;
    };
    std::array<Slot, kGroupSlots> slots{};
    uint32_t stamp = 0;
    std::array<mmsghdr, kSendWindow> out{};
    std::array<iovec, kSendWindow> out_iov{};
    std::array<RawAddress, kSendWindow> out_names{};
    std::array<Control<uint16_t>, kSendWindow> out_control{};
};

}  // namespace conclave::net
