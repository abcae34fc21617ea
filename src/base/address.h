// A transport address without a socket API: 16 bytes (IPv4 mapped into IPv6, RFC 4291 2.5.5.2) and
// a port.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace conclave {

struct SocketAddress {
    std::array<uint8_t, 16> ip{};
    uint16_t port = 0;

    auto operator<=>(const SocketAddress&) const = default;

    static SocketAddress v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
    // Accepts dotted IPv4 and RFC 4291 IPv6 text (no zone, no brackets).
    static std::optional<SocketAddress> parse(std::string_view ip, uint16_t port);

    bool is_v4() const;
    bool is_loopback() const;
    bool is_unspecified() const;
    std::string ip_text() const;
    std::string text() const;  // "1.2.3.4:5" or "[::1]:5"
};

// Where a datagram came from or goes to: which of the worker's sockets, and the far address.
struct Path {
    // No sockets: what other connections carry to and from a worker. Of kTcp, `remote` is the far end of a
    // TCP connection; of kRelayed + n it is the relayed address of a TURN allocation, from where the nth of
    // our media addresses is spoken to.
    static constexpr uint16_t kTcp = 0xffff;
    static constexpr uint16_t kRelayed = 0xf000;
    static constexpr size_t kRelayedMax = 0xfff;

    uint16_t socket = 0;
    SocketAddress remote;

    bool is_tunnel() const { return socket >= kRelayed; }

    auto operator<=>(const Path&) const = default;
};

}  // namespace conclave

template <>
struct std::hash<conclave::Path> {
    size_t operator()(const conclave::Path& path) const noexcept {
        // FNV-1a over the 18 bytes that differ between peers.
        uint64_t h = 0xcbf29ce484222325;
        for (uint8_t b : path.remote.ip) h = (h ^ b) * 0x100000001b3;
        h = (h ^ path.remote.port) * 0x100000001b3;
        return (h ^ path.socket) * 0x100000001b3;
    }
};
