// A router that translates addresses and ports, and may forget how: what a home router does when it starts
// again, or when a flow was silent for too long. Rewrites IPv4 and IPv6 packets in place, with their
// checksums. Pure.
//
// Mappings do not depend on the destination, and whoever knows one may use it (RFC 4787 4.1, 5): the peer
// under test has one address anyway. Ports are kept until the first rebind. What carries neither UDP nor TCP,
// and fragments after the first, have only their address translated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/address.h"
#include "base/bytes.h"

namespace conclave::sim {

class Nat {
 public:
    enum class Flows : uint8_t { All, Udp };

    static constexpr size_t kMappingsMax = 4096;

    // `external`: what the outside sees; its port means nothing. Without, the inside's own address until told
    // otherwise.
    explicit Nat(std::optional<SocketAddress> external = {});

    // From now on each flow comes from a port it had not, and the old one leads nowhere.
    void rebind(Flows flows, std::optional<SocketAddress> external = {});

    // False: the packet is to be dropped. Without an external address and before any rebind nothing is
    // touched.
    bool translate_out(MutableBytes packet);
    bool translate_in(MutableBytes packet);

    uint64_t dropped() const { return dropped_; }

 private:
    // Those of one protocol.
    struct Mappings {
        bool is_on = false;
        bool keeps_ports = true;
        std::optional<SocketAddress> external;
        std::map<SocketAddress, SocketAddress> outside_of;
        std::map<SocketAddress, SocketAddress> inside_of;
    };

    Mappings& mappings(uint8_t protocol);
    uint16_t next_port();
    std::optional<SocketAddress> map(Mappings& mappings, const SocketAddress& inside);

    Mappings udp_;
    Mappings tcp_;
    Mappings other_;  // by address
    uint16_t next_port_;
    uint64_t dropped_ = 0;
};

}  // namespace conclave::sim
