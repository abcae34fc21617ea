// Sending: datagrams to one destination become runs that the kernel, or the network card, cuts (UDP_SEGMENT).
// This is what makes an SFU affordable: a run of six costs 0.40 of six messages.
//
//   queue: a1 b1 a2 c1 b2 ...   ->  chains: a1 a2 | b1 b2 | c1   ->  runs of equal size, the last may be
//   shorter
//   ->  one sendmmsg
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "net/udp_buffers.h"

namespace conclave::net {
namespace {

constexpr uint16_t kEnd = 0xffff;
// Waiting once for half of the send buffer to leave: at 1 Gbit/s 1 ms frees 125 KB.
constexpr long kFullWaitNs = 1'000'000;
// Some refusals are one path's fault (its MTU is smaller than the segments), so one is no verdict on the
// device.
constexpr int kGsoRefusalsMax = 16;

void attach_segment(msghdr& message, Control<uint16_t>& control, uint16_t segment) {
    control = {};
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof segment);
    std::memcpy(CMSG_DATA(c), &segment, sizeof segment);
}

bool is_gso_refusal(int error) {
    return error == EIO || error == EINVAL || error == EMSGSIZE;
}

}  // namespace

void UdpSocket::send(const TransmitQueue& queue) {
    has_waited_ = false;
    std::span<const TransmitQueue::Datagram> rest(queue.datagrams());
    while (!rest.empty()) {
        const auto window = rest.first(std::min(rest.size(), kSendWindow));
        rest = rest.subspan(window.size());
        const size_t groups = group(window);
        send_runs(build_runs(queue, window, groups));
    }
}

// Chains the window's datagrams by destination, in the order of each; returns the number of destinations.
size_t UdpSocket::group(std::span<const TransmitQueue::Datagram> window) {
    Buffers& b = *buffers_;
    if (++b.stamp == 0) {
        b.slots = {};
        b.stamp = 1;
    }
    size_t count = 0;
    size_t current = 0;
    for (size_t i = 0; i < window.size(); ++i) {
        const Path& path = window[i].path;
        if (path.socket != options_.index) continue;
        if (is_v4_ && !path.remote.is_v4()) {
            count_drop(ENETUNREACH, 1);
            continue;
        }
        const auto index = static_cast<uint16_t>(i);
        b.next[i] = kEnd;
        const auto is_for = [&](size_t g) { return window[b.groups[g].first].path == path; };
        // Neighbours mostly share their destination.
        if (count == 0 || !is_for(current)) {
            size_t slot = std::hash<Path>{}(path) % kGroupSlots;
            while (b.slots[slot].stamp == b.stamp && !is_for(b.slots[slot].group)) {
                slot = (slot + 1) % kGroupSlots;
            }
            if (b.slots[slot].stamp != b.stamp) {
                b.slots[slot] = {b.stamp, static_cast<uint16_t>(count)};
                b.groups[count++] = {index, kEnd};
            }
            current = b.slots[slot].group;
        }
        Buffers::Group& group = b.groups[current];
        if (group.last != kEnd) b.next[group.last] = index;
        group.last = index;
    }
    return count;
}

// Cuts the chains into messages; returns their number.
size_t UdpSocket::build_runs(const TransmitQueue& queue, std::span<const TransmitQueue::Datagram> window,
                             size_t groups) {
    Buffers& b = *buffers_;
    size_t runs = 0;
    size_t iov = 0;
    for (size_t g = 0; g < groups; ++g) {
        uint16_t i = b.groups[g].first;
        while (i != kEnd) {
            const size_t segment = window[i].size;
            const size_t first = iov;
            size_t total = 0;
            bool is_open = true;
            do {
                const ByteView bytes = queue.bytes(window[i]);
                b.out_iov[iov++] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
                total += bytes.size();
                is_open = gso_ && bytes.size() == segment && iov - first < kRunDatagramsMax;
                i = b.next[i];
            } while (i != kEnd && is_open && window[i].size > 0 && window[i].size <= segment &&
                     total + window[i].size <= kRunBytesMax);

            msghdr& message = b.out[runs].msg_hdr;
            message = {};
            message.msg_name = &b.out_names[runs];
            message.msg_namelen = to_raw(window[b.groups[g].first].path.remote, is_v4_, b.out_names[runs]);
            message.msg_iov = &b.out_iov[first];
            message.msg_iovlen = iov - first;
            if (iov - first > 1) {
                attach_segment(message, b.out_control[runs], static_cast<uint16_t>(segment));
            }
            ++runs;
        }
    }
    return runs;
}

void UdpSocket::send_runs(size_t count) {
    Buffers& b = *buffers_;
    size_t run = 0;
    while (run < count) {
        const int sent = sendmmsg(fd_.get(), &b.out[run], static_cast<unsigned>(count - run), MSG_DONTWAIT);
        const int error = errno;
        ++counters_.send_calls;
        for (int i = 0; i < sent; ++i, ++run) {
            const msghdr& message = b.out[run].msg_hdr;
            count_sent(message.msg_iovlen, b.out[run].msg_len);
            if (message.msg_iovlen > 1) {
                ++counters_.send_runs;
                gso_refusals_in_a_row_ = 0;
            }
        }
        if (sent > 0) continue;
        if (error == EINTR || (error == EAGAIN && wait_writable())) continue;
        handle_send_error(error, run);
        ++run;
    }
}

void UdpSocket::handle_send_error(int error, size_t run) {
    const size_t datagrams = buffers_->out[run].msg_hdr.msg_iovlen;
    if (datagrams == 1 || !is_gso_refusal(error)) return count_drop(error, datagrams);
    ++counters_.gso_refused;
    // EIO: the device cannot checksum, so it never will segment.
    if (error == EIO || ++gso_refusals_in_a_row_ >= kGsoRefusalsMax) gso_ = false;
    send_singly(run);
}

void UdpSocket::send_singly(size_t run) {
    msghdr message = buffers_->out[run].msg_hdr;
    const std::span<iovec> datagrams(message.msg_iov, message.msg_iovlen);
    message.msg_control = nullptr;
    message.msg_controllen = 0;
    message.msg_iovlen = 1;
    for (iovec& datagram : datagrams) {
        message.msg_iov = &datagram;
        ssize_t sent = -1;
        do {
            sent = sendmsg(fd_.get(), &message, MSG_DONTWAIT);
            ++counters_.send_calls;
        } while (sent < 0 && (errno == EINTR || (errno == EAGAIN && wait_writable())));
        if (sent >= 0) {
            count_sent(1, static_cast<size_t>(sent));
        } else {
            count_drop(errno, 1);
        }
    }
}

// Once per send(): a socket that is full for longer is congested, and late media is worth less than new
// media.
bool UdpSocket::wait_writable() {
    if (has_waited_) return false;
    has_waited_ = true;
    pollfd wanted{fd_.get(), POLLOUT, 0};
    const timespec patience{0, kFullWaitNs};
    return ppoll(&wanted, 1, &patience, nullptr) > 0;
}

void UdpSocket::count_sent(size_t datagrams, size_t bytes) {
    counters_.sent += datagrams;
    counters_.sent_bytes += bytes;
}

void UdpSocket::count_drop(int error, size_t datagrams) {
    switch (error) {
        case EAGAIN:
        case ENOBUFS:
        case ENOMEM:
            counters_.send_dropped_full += datagrams;
            break;
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EHOSTDOWN:
        case ENETDOWN:
        case ECONNREFUSED:
        case EADDRNOTAVAIL:
            counters_.send_dropped_unreachable += datagrams;
            break;
        case EPERM:
        case EACCES:
            counters_.send_dropped_permission += datagrams;
            break;
        case EMSGSIZE:
            counters_.send_dropped_oversize += datagrams;
            break;
        default:
            counters_.send_dropped_other += datagrams;
            break;
    }
}

}  // namespace conclave::net
