#include "wire/candidate.h"

#include "wire/text.h"

namespace conclave::wire {
namespace {

constexpr size_t kFoundationBytesMax = 32;  // RFC 8839 5.1
constexpr size_t kAddressBytesMax = 255;    // a DNS name
constexpr size_t kUfragBytesMax = 256;      // RFC 8839 5.4

struct TypeWord {
    CandidateType type;
    std::string_view word;
};
constexpr TypeWord kTypes[] = {{CandidateType::Host, "host"},
                               {CandidateType::Srflx, "srflx"},
                               {CandidateType::Prflx, "prflx"},
                               {CandidateType::Relay, "relay"}};

struct TcpTypeWord {
    TcpType type;
    std::string_view word;
};
constexpr TcpTypeWord kTcpTypes[] = {
    {TcpType::Active, "active"}, {TcpType::Passive, "passive"}, {TcpType::So, "so"}};

std::optional<CandidateTransport> parse_transport(std::string_view word) {
    if (equals_ignoring_case(word, "udp")) return CandidateTransport::Udp;
    if (equals_ignoring_case(word, "tcp")) return CandidateTransport::Tcp;
    return std::nullopt;
}

std::optional<CandidateType> parse_type(std::string_view word) {
    for (const TypeWord& entry : kTypes) {
        if (word == entry.word) return entry.type;
    }
    return std::nullopt;
}

TcpType parse_tcp_type(std::string_view word) {
    for (const TcpTypeWord& entry : kTcpTypes) {
        if (word == entry.word) return entry.type;
    }
    return TcpType::None;
}

// The "name value" pairs after the type (RFC 8839 5.1: unknown ones are ignored).
void read_extensions(std::string_view text, Candidate& candidate) {
    while (!text.empty()) {
        const std::string_view name = take_word(text);
        const std::string_view value = take_word(text);
        if (name == "raddr" && value.size() <= kAddressBytesMax) {
            candidate.related_address = value;
        } else if (name == "rport") {
            candidate.related_port = parse_decimal<uint16_t>(value).value_or(0);
        } else if (name == "tcptype" && candidate.transport == CandidateTransport::Tcp) {
            candidate.tcp_type = parse_tcp_type(value);
        } else if (name == "ufrag" && value.size() <= kUfragBytesMax) {
            candidate.ufrag = value;
        }
    }
    if (candidate.related_address.empty()) candidate.related_port = 0;
}

}  // namespace

std::optional<Candidate> parse_candidate(std::string_view text) {
    if (text.size() > kCandidateBytesMax) return std::nullopt;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < ' ' && c != '\t') return std::nullopt;
    }
    if (text.starts_with("a=")) text.remove_prefix(2);
    if (!text.starts_with("candidate:")) return std::nullopt;
    text.remove_prefix(std::string_view{"candidate:"}.size());

    const std::string_view foundation = take_word(text);
    const auto component = parse_decimal<uint16_t>(take_word(text));
    const auto transport = parse_transport(take_word(text));
    const auto priority = parse_decimal<uint32_t>(take_word(text));
    const std::string_view address = take_word(text);
    const auto port = parse_decimal<uint16_t>(take_word(text));
    const bool has_type = take_word(text) == "typ";
    const auto type = parse_type(take_word(text));

    // RFC 8839 5.1: components are 1 to 256.
    if (foundation.empty() || foundation.size() > kFoundationBytesMax || !component || *component == 0 ||
        *component > 256 || !transport || !priority || address.empty() || address.size() > kAddressBytesMax ||
        !port || !has_type || !type) {
        return std::nullopt;
    }
    Candidate candidate{.foundation = std::string{foundation},
                        .component = *component,
                        .transport = *transport,
                        .priority = *priority,
                        .address = std::string{address},
                        .port = *port,
                        .type = *type,
                        .related_address = {},
                        .related_port = 0,
                        .tcp_type = TcpType::None,
                        .ufrag = {}};
    read_extensions(text, candidate);
    return candidate;
}

std::string to_string(const Candidate& candidate) {
    std::string text = "candidate:";
    text += candidate.foundation;
    text += ' ' + std::to_string(candidate.component);
    text += candidate.transport == CandidateTransport::Udp ? " udp " : " tcp ";
    text += std::to_string(candidate.priority) + ' ';
    text += candidate.address + ' ' + std::to_string(candidate.port) + " typ ";
    for (const TypeWord& entry : kTypes) {
        if (candidate.type == entry.type) text += entry.word;
    }
    if (!candidate.related_address.empty()) {
        text += " raddr " + candidate.related_address + " rport " + std::to_string(candidate.related_port);
    }
    for (const TcpTypeWord& entry : kTcpTypes) {
        if (candidate.tcp_type == entry.type) {
            text += " tcptype ";
            text += entry.word;
        }
    }
    if (!candidate.ufrag.empty()) text += " ufrag " + candidate.ufrag;
    return text;
}

}  // namespace conclave::wire
