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

std::vector<SocketAddress> announced_addresses(const Config::Media& media,
                                               const std::vector<SocketAddress>& interfaces) {
    std::vector<SocketAddress> announced;
    const auto add = [&announced](const SocketAddress& address) {
        const bool is_known = std::find(announced.begin(), announced.end(), address) != announced.end();
        if (!is_known && announced.size() < kAnnouncedMax) announced.push_back(address);
    };
    const std::vector<Config::PublicAddress>& configured = media.public_addresses;
    for (const auto& one : configured) add(one.address);
    bool names_private = false;
    for (const auto& one : configured) {
        if (one.behind && media.keep_private) add(*one.behind);
        names_private = names_private || one.behind;
    }
    const bool keeps_interfaces = media.keep_private && !names_private;
    if (configured.empty() || keeps_interfaces) {
        for (const SocketAddress& address : interfaces) add(address);
    }
    return announced;
}

bool is_private(const SocketAddress& address) {
    if (address.is_loopback() || address.is_unspecified()) return true;
    const std::array<uint8_t, 16>& ip = address.ip;
    // RFC 4193, RFC 4291 2.5.6
    if (!address.is_v4()) return (ip[0] & 0xfe) == 0xfc || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
    const uint8_t a = ip[12];
    const uint8_t b = ip[13];
    // RFC 1918, 6598, 3927
    return a == 10 || (a == 172 && (b & 0xf0) == 16) || (a == 192 && b == 168) ||
           (a == 100 && (b & 0xc0) == 64) || (a == 169 && b == 254);
}

}  // namespace conclave::server
