// Connections of the HTTPS port that carry datagrams instead of HTTP: ICE-TCP (RFC 6544), where a length goes
// before each (RFC 4571), and TURN over TCP or TLS, where STUN messages and ChannelData tell their length
// themselves (RFC 8489 6.2.2, RFC 8656 3.1 and 12.5). Everything happens on the front thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace conclave::net {

enum class Framing : uint8_t { Length, Stun };

// No larger ones are read: a whole datagram of media (kPacketCapacity) in a Send indication.
constexpr size_t kStreamDatagramMax = 1536 + 64;

struct DatagramStreamInfo {
    Framing framing = Framing::Length;
    bool is_tls = false;
    SocketAddress peer;
};

struct DatagramStreamCallbacks {
    // Whole datagrams, all that one read brought; at most 16 KiB. Valid during the call.
    std::function<void(std::span<const ByteView>)> on_datagrams;
    // Exactly once, last of all, never from inside send() or close().
    std::function<void()> on_closed;
};

class DatagramSession;  // internal

// A handle: it may outlive the connection and the server, its calls then do nothing.
class DatagramStream {
 public:
    // What may wait. Later is too late for media, and for the sake of memory.
    static constexpr size_t kWaitingBytesMax = 256 << 10;
    static constexpr Duration kWaitingMax = Duration::millis(250);

    explicit DatagramStream(std::weak_ptr<DatagramSession> session) : session_(std::move(session)) {}

    // False: dropped whole, because the connection is too far behind, or over.
    bool send(ByteView datagram);
    // Whoever is at the other end has proved to belong here. Before that, the connection counts for its
    // address and ends after HttpOptions::header_timeout; afterwards its owner decides when it ends.
    void trust();
    void close();

 private:
    std::weak_ptr<DatagramSession> session_;
};

// A connection whose first bytes were of this kind; the first datagram follows. Callbacks without
// on_datagrams refuse it.
using DatagramStreamHandler =
    std::function<DatagramStreamCallbacks(const DatagramStreamInfo&, std::shared_ptr<DatagramStream>)>;

}  // namespace conclave::net
