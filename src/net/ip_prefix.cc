#include "net/ip_prefix.h"

#include <charconv>

namespace conclave::net {

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const size_t slash = text.find('/');
    const auto network = SocketAddress::parse(text.substr(0, slash), 0);
    if (!network) return std::nullopt;
    if (slash == std::string_view::npos) return IpPrefix{*network, 128};

    const std::string_view length = text.substr(slash + 1);
    // "::ffff:10.0.0.0/104" is an IPv6 text: its length counts the 16-byte form.
    const bool is_dotted = text.find(':') == std::string_view::npos;
    const int bits_max = is_dotted ? 32 : 128;
    int bits = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc{} || end != length.data() + length.size()) return std::nullopt;
    if (length.front() == '-' || bits > bits_max) return std::nullopt;
    return IpPrefix{*network, is_dotted ? bits + 96 : bits};
}

bool IpPrefix::contains(const SocketAddress& address) const {
    const auto whole = static_cast<size_t>(bits / 8);
    for (size_t i = 0; i < whole; ++i) {
        if (network.ip[i] != address.ip[i]) return false;
    }
    if (bits % 8 == 0) return true;
    return (network.ip[whole] ^ address.ip[whole]) >> (8 - bits % 8) == 0;
}

}  // namespace conclave::net
