#include "server/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace conclave::server {
namespace {

std::optional<SocketAddress> address_of(const ifaddrs& entry) {
    if (!entry.ifa_addr || (entry.ifa_flags & IFF_UP) == 0) return std::nullopt;
    if (entry.ifa_addr->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr);
        const auto* bytes = reinterpret_cast<const uint8_t*>(&v4->sin_addr);
        return SocketAddress::v4(bytes[0], bytes[1], bytes[2], bytes[3], 0);
    }
    if (entry.ifa_addr->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
        if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return std::nullopt;
        SocketAddress address;
        std::memcpy(address.ip.data(), &v6->sin6_addr, address.ip.size());
        return address;
    }
    return std::nullopt;
}

}  // namespace

std::vector<SocketAddress> interface_addresses(bool with_loopback) {
    std::vector<SocketAddress> routable;
    std::vector<SocketAddress> loopback;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
        const auto address = address_of(*entry);
        if (!address) continue;
        auto& group = address->is_loopback() ? loopback : routable;
        if (std::find(group.begin(), group.end(), *address) == group.end()) group.push_back(*address);
    }
    freeifaddrs(list);
    if (with_loopback || routable.empty()) routable.insert(routable.end(), loopback.begin(), loopback.end());
    return routable;
}

}  // namespace conclave::server
