#include "sim/nat.h"

#include <algorithm>

namespace conclave::sim {
namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
// RFC 6335 6: the dynamic ports.
constexpr uint16_t kFirstPort = 49152;

// Where in a packet that stands which is translated.
struct Layout {
    uint8_t protocol = 0;
    bool is_v4 = true;
    size_t source = 0;  // of the address
    size_t destination = 0;
    size_t transport = 0;  // 0: no ports
    size_t checksum = 0;   // of the transport; 0: none
};

Layout with_ports(Layout layout, size_t transport, size_t size) {
    const size_t checksum = layout.protocol == kUdp ? 6 : 16;
    if (layout.protocol != kUdp && layout.protocol != kTcp) return layout;
    if (transport + checksum + 2 > size) return layout;
    layout.transport = transport;
    layout.checksum = transport + checksum;
    return layout;
}

// RFC 791 3.1, RFC 8200 3.
std::optional<Layout> layout_of(ByteView packet) {
    if (packet.empty()) return std::nullopt;
    const unsigned version = packet[0] >> 4U;
    if (version == 4) {
        const size_t header = size_t{4} * (packet[0] & 0x0f);
        if (header < 20 || packet.size() < header) return std::nullopt;
        const Layout layout{packet[9], true, 12, 16, 0, 0};
        const bool is_later_fragment = (load_be16(packet.data() + 6) & 0x1fff) != 0;
        return is_later_fragment ? layout : with_ports(layout, header, packet.size());
    }
    if (version != 6 || packet.size() < 40) return std::nullopt;
    return with_ports({packet[6], false, 8, 24, 0, 0}, 40, packet.size());
}

SocketAddress read(ByteView packet, const Layout& layout, size_t at, size_t port_at) {
    SocketAddress address;
    if (layout.is_v4) {
        address = SocketAddress::v4(packet[at], packet[at + 1], packet[at + 2], packet[at + 3], 0);
    } else {
        std::copy_n(packet.begin() + static_cast<ptrdiff_t>(at), 16, address.ip.begin());
    }
    if (layout.transport != 0) address.port = load_be16(packet.data() + port_at);
    return address;
}

// RFC 1624 3: HC' = ~(~HC + ~m + m'), for each 16 bits that change.
class Checksum {
 public:
    void replace(uint16_t before, uint16_t after) {
        sum_ += static_cast<uint16_t>(~before);
        sum_ += after;
    }
    void apply(uint8_t* at) const {
        uint32_t sum = sum_ + static_cast<uint16_t>(~load_be16(at));
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        store_be16(at, static_cast<uint16_t>(~sum));
    }

 private:
    uint32_t sum_ = 0;
};

void write(MutableBytes packet, const Layout& layout, size_t at, size_t port_at,
           const SocketAddress& address) {
    Checksum changes;
    const size_t size = layout.is_v4 ? 4 : 16;
    const uint8_t* ip = address.ip.data() + 16 - size;
    for (size_t i = 0; i < size; i += 2) {
        changes.replace(load_be16(packet.data() + at + i), load_be16(ip + i));
        store_be16(packet.data() + at + i, load_be16(ip + i));
    }
    if (layout.is_v4) changes.apply(packet.data() + 10);
    if (layout.transport == 0) return;
    changes.replace(load_be16(packet.data() + port_at), address.port);
    store_be16(packet.data() + port_at, address.port);
    uint8_t* checksum = packet.data() + layout.checksum;
    // RFC 768: zero says that there is none, so a sum of zero is written as its other form.
    const bool is_udp = layout.protocol == kUdp;
    if (is_udp && load_be16(checksum) == 0) return;
    changes.apply(checksum);
    if (is_udp && load_be16(checksum) == 0) store_be16(checksum, 0xffff);
}

}  // namespace

Nat::Nat(std::optional<SocketAddress> external) : next_port_(kFirstPort) {
    for (Mappings* each : {&udp_, &tcp_, &other_}) {
        each->is_on = external.has_value();
        each->external = external;
    }
}

void Nat::rebind(Flows flows, std::optional<SocketAddress> external) {
    for (Mappings* each : {&udp_, &tcp_, &other_}) {
        if (flows == Flows::Udp && each != &udp_) continue;
        each->is_on = true;
        each->keeps_ports = each == &other_;
        if (external) each->external = external;
        each->outside_of.clear();
        each->inside_of.clear();
    }
}

Nat::Mappings& Nat::mappings(uint8_t protocol) {
    if (protocol == kUdp) return udp_;
    return protocol == kTcp ? tcp_ : other_;
}

uint16_t Nat::next_port() {
    next_port_ = next_port_ == UINT16_MAX ? kFirstPort : static_cast<uint16_t>(next_port_ + 1);
    return next_port_;
}

std::optional<SocketAddress> Nat::map(Mappings& mappings, const SocketAddress& inside) {
    const auto known = mappings.outside_of.find(inside);
    if (known != mappings.outside_of.end()) return known->second;
    if (mappings.outside_of.size() == kMappingsMax) return std::nullopt;
    SocketAddress outside = mappings.external.value_or(inside);
    outside.port = mappings.keeps_ports ? inside.port : next_port();
    // kMappingsMax is less than the ports there are: one is free. What has no ports goes to whoever spoke
    // last.
    const bool must_move = !mappings.keeps_ports;
    while (inside.port != 0 &&
           (mappings.inside_of.contains(outside) || (must_move && outside.port == inside.port))) {
        outside.port = next_port();
    }
    mappings.outside_of[inside] = outside;
    mappings.inside_of[outside] = inside;
    return outside;
}

bool Nat::translate_out(MutableBytes packet) {
    const auto layout = layout_of(packet);
    if (!layout) return true;
    Mappings& of = mappings(layout->transport == 0 ? 0 : layout->protocol);
    if (!of.is_on) return true;
    const SocketAddress inside = read(packet, *layout, layout->source, layout->transport);
    const auto outside = map(of, inside);
    if (!outside) {
        ++dropped_;
        return false;
    }
    write(packet, *layout, layout->source, layout->transport, *outside);
    return true;
}

bool Nat::translate_in(MutableBytes packet) {
    const auto layout = layout_of(packet);
    if (!layout) return true;
    Mappings& of = mappings(layout->transport == 0 ? 0 : layout->protocol);
    if (!of.is_on) return true;
    const size_t port_at = layout->transport + 2;
    const auto inside = of.inside_of.find(read(packet, *layout, layout->destination, port_at));
    if (inside == of.inside_of.end()) {
        ++dropped_;
        return false;
    }
    write(packet, *layout, layout->destination, port_at, inside->second);
    return true;
}

}  // namespace conclave::sim
