#include "base/address.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace conclave {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::array<uint8_t, 4>> parse_v4(std::string_view text) {
    std::array<uint8_t, 4> out{};
    for (size_t i = 0; i < 4; ++i) {
        const size_t end = i < 3 ? text.find('.') : text.size();
        if (end == std::string_view::npos || end == 0 || end > 3) return std::nullopt;
        unsigned value = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + end, value);
        if (error != std::errc{} || rest != text.data() + end || value > 255) return std::nullopt;
        out[i] = static_cast<uint8_t>(value);
        text.remove_prefix(i < 3 ? end + 1 : end);
    }
    return out;
}

// One side of "::"; empty text is no group at all.
std::optional<std::vector<uint16_t>> parse_groups(std::string_view text) {
    std::vector<uint16_t> groups;
    while (!text.empty()) {
        const size_t end = std::min(text.find(':'), text.size());
        const std::string_view group = text.substr(0, end);
        if (end == text.size() && group.find('.') != std::string_view::npos) {
            const auto v4 = parse_v4(group);
            if (!v4) return std::nullopt;
            groups.push_back(static_cast<uint16_t>((*v4)[0] << 8 | (*v4)[1]));
            groups.push_back(static_cast<uint16_t>((*v4)[2] << 8 | (*v4)[3]));
            return groups;
        }
        unsigned value = 0;
        const auto [rest, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (group.empty() || group.size() > 4 || error != std::errc{} ||
            rest != group.data() + group.size()) {
            return std::nullopt;
        }
        groups.push_back(static_cast<uint16_t>(value));
        if (end == text.size()) return groups;
        text.remove_prefix(end + 1);
        if (text.empty()) return std::nullopt;
    }
    return groups;
}

std::optional<std::array<uint8_t, 16>> parse_v6(std::string_view text) {
    const size_t gap = text.find("::");
    const auto head = parse_groups(text.substr(0, std::min(gap, text.size())));
    const auto tail =
        gap == std::string_view::npos ? std::vector<uint16_t>{} : parse_groups(text.substr(gap + 2));
    if (!head || !tail) return std::nullopt;
    const size_t count = head->size() + tail->size();
    if (gap == std::string_view::npos ? count != 8 : count > 7) return std::nullopt;
    std::array<uint16_t, 8> groups{};
    std::copy(head->begin(), head->end(), groups.begin());
    std::copy(tail->begin(), tail->end(), groups.end() - static_cast<ptrdiff_t>(tail->size()));
    std::array<uint8_t, 16> ip{};
    for (size_t i = 0; i < 8; ++i) {
        ip[2 * i] = static_cast<uint8_t>(groups[i] >> 8);
        ip[2 * i + 1] = static_cast<uint8_t>(groups[i]);
    }
    return ip;
}

}  // namespace

SocketAddress SocketAddress::v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
    SocketAddress out;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), out.ip.begin());
    out.ip[12] = a;
    out.ip[13] = b;
    out.ip[14] = c;
    out.ip[15] = d;
    out.port = port;
    return out;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view ip, uint16_t port) {
    if (const auto v4_bytes = parse_v4(ip)) {
        return v4((*v4_bytes)[0], (*v4_bytes)[1], (*v4_bytes)[2], (*v4_bytes)[3], port);
    }
    if (ip.find(':') == std::string_view::npos) return std::nullopt;
    const auto v6 = parse_v6(ip);
    if (!v6) return std::nullopt;
    return SocketAddress{*v6, port};
}

bool SocketAddress::is_v4() const {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin());
}

bool SocketAddress::is_loopback() const {
    if (is_v4()) return ip[12] == 127;
    return std::all_of(ip.begin(), ip.end() - 1, [](uint8_t b) { return b == 0; }) && ip[15] == 1;
}

bool SocketAddress::is_unspecified() const {
    const auto from = is_v4() ? ip.begin() + 12 : ip.begin();
    return std::all_of(from, ip.end(), [](uint8_t b) { return b == 0; });
}

std::string SocketAddress::ip_text() const {
    std::string out;
    if (is_v4()) {
        for (size_t i = 12; i < 16; ++i) {
            if (i > 12) out += '.';
            out += std::to_string(ip[i]);
        }
        return out;
    }
    // RFC 5952 4.2: the longest run of two or more zero groups becomes "::".
    std::array<unsigned, 8> groups{};
    for (size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(ip[2 * i] << 8 | ip[2 * i + 1]);
    size_t best = 8, best_length = 1;
    for (size_t i = 0; i < 8; ++i) {
        size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    for (size_t i = 0; i < 8; ++i) {
        if (i == best) {
            out += "::";
            i += best_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') out += ':';
        char hex[5];
        const auto end = std::to_chars(hex, hex + sizeof hex, groups[i], 16).ptr;
        out.append(hex, end);
    }
    return out;
}

std::string SocketAddress::text() const {
    return (is_v4() ? ip_text() : "[" + ip_text() + "]") + ":" + std::to_string(port);
}

}  // namespace conclave
