#include "net/forwarded.h"

#include <algorithm>

namespace conclave::net {
namespace {

constexpr std::string_view kSpace = " \t";

std::string_view trim(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

// "1.2.3.4", "2001:db8::1" or "[2001:db8::1]".
std::optional<SocketAddress> parse_hop(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    return SocketAddress::parse(text, 0);
}

}  // namespace

bool is_trusted(std::span<const IpPrefix> proxies, const SocketAddress& address) {
    return std::any_of(proxies.begin(), proxies.end(),
                       [&address](const IpPrefix& prefix) { return prefix.contains(address); });
}

Client resolve_client(std::span<const IpPrefix> proxies, const SocketAddress& peer, const Headers& headers) {
    Client client{peer, false};
    if (!is_trusted(proxies, peer)) return client;
    client.secure = headers.get("X-Forwarded-Proto") == "https";
    const std::string list = headers.joined("X-Forwarded-For");
    std::string_view rest = list;
    while (!rest.empty()) {
        const size_t comma = rest.rfind(',');
        const size_t start = comma == std::string_view::npos ? 0 : comma + 1;
        const auto hop = parse_hop(trim(rest.substr(start)));
        // What our own proxy wrote is readable; the rest is nobody's word.
        if (!hop) break;
        client.address = *hop;
        if (!is_trusted(proxies, *hop)) break;
        rest = rest.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
    return client;
}

}  // namespace conclave::net
