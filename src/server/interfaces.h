// The addresses of this machine that clients may be told to send media to.
#pragma once

#include <vector>

#include "base/address.h"
#include "server/config.h"

namespace conclave::server {

// Of all interfaces that are up; link-local IPv6 is left out (it needs a zone). Loopback only when asked for,
// or when there is nothing else. Ports are 0.
std::vector<SocketAddress> interface_addresses(bool with_loopback);

// What clients are told to send media to, best first: as configured, else `interfaces`. None twice,
// kAnnouncedMax at most. Ports are 0.
std::vector<SocketAddress> announced_addresses(const Config::Media&,
                                               const std::vector<SocketAddress>& interfaces);

// Nobody on the Internet can send to it: loopback, private, shared (RFC 6598), link-local, unique local.
bool is_private(const SocketAddress&);

}  // namespace conclave::server
