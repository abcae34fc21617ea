// The addresses of this machine that clients may be told to send media to.
#pragma once

#include <vector>

#include "base/address.h"

namespace conclave::server {

// Of all interfaces that are up; link-local IPv6 is left out (it needs a zone). Loopback only when asked for,
// or when there is nothing else. Ports are 0.
std::vector<SocketAddress> interface_addresses(bool with_loopback);

}  // namespace conclave::server
