// Who the client is when a reverse proxy stands between. Internal.
#pragma once

#include <span>

#include "net/http_message.h"
#include "net/ip_prefix.h"

namespace conclave::net {

struct Client {
    SocketAddress address;
    bool secure = false;
};

bool is_trusted(std::span<const IpPrefix> proxies, const SocketAddress& address);

// From the right of X-Forwarded-For, the first address that is no trusted proxy: everything left of it is the
// client's own claim. A peer that is no trusted proxy is the client itself.
Client resolve_client(std::span<const IpPrefix> proxies, const SocketAddress& peer, const Headers& headers);

}  // namespace conclave::net
