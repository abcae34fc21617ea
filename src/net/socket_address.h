// SocketAddress to and from the socket API's structures.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "base/address.h"

namespace conclave::net {

union RawAddress {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

// `as_v4`: the socket's family is AF_INET, so the mapped address must be unwrapped. Returns the length.
inline socklen_t to_raw(const SocketAddress& from, bool as_v4, RawAddress& to) {
    to.v6 = {};
    if (as_v4) {
        to.v4.sin_family = AF_INET;
        to.v4.sin_port = htons(from.port);
        std::memcpy(&to.v4.sin_addr, from.ip.data() + 12, 4);
        return sizeof to.v4;
    }
    to.v6.sin6_family = AF_INET6;
    to.v6.sin6_port = htons(from.port);
    std::memcpy(&to.v6.sin6_addr, from.ip.data(), 16);
    return sizeof to.v6;
}

inline SocketAddress from_raw(const RawAddress& from) {
    if (from.any.sa_family == AF_INET) {
        const auto* ip = reinterpret_cast<const uint8_t*>(&from.v4.sin_addr);
        return SocketAddress::v4(ip[0], ip[1], ip[2], ip[3], ntohs(from.v4.sin_port));
    }
    SocketAddress to;
    std::memcpy(to.ip.data(), &from.v6.sin6_addr, 16);
    to.port = ntohs(from.v6.sin6_port);
    return to;
}

}  // namespace conclave::net
