// An address block in CIDR notation: trusted proxies, exemptions.
#pragma once

#include <optional>
#include <string_view>

#include "base/address.h"

namespace conclave::net {

struct IpPrefix {
    SocketAddress network;  // port unused
    int bits = 128;         // of the 16-byte form: an IPv4 /8 is 104

    // "10.0.0.0/8", "2001:db8::/32", or a single address.
    static std::optional<IpPrefix> parse(std::string_view text);
    bool contains(const SocketAddress& address) const;
};

}  // namespace conclave::net
