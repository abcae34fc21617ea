// For `conclave doctor`: whether a port of this machine can be had, and who has it.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"

namespace conclave::net {

enum class PortState : uint8_t {
    Free,
    Taken,      // somebody listens there
    Denied,     // ports under 1024 need a right
    NoAddress,  // this machine does not have the address
    Failed,
};

// Binds and lets go; nothing is sent and nothing accepted. Where the kernel has no IPv6, "::" stands for
// 0.0.0.0.
PortState probe_tcp(const SocketAddress&);
PortState probe_udp(const SocketAddress&);

// The address of this machine from which the kernel would send to `remote` (port 0); no packet is sent. Fails
// where no route leads there.
Result<SocketAddress> source_towards(const SocketAddress& remote);

// A GET of `path`, of the server of this machine that listens at `local`. Its certificate may be anybody's:
// nothing secret is said. Fails unless the status is 200 and the answer short.
Result<std::string> ask_https(const SocketAddress& local, const std::string& path,
                              Duration timeout = Duration::seconds(3));

}  // namespace conclave::net
