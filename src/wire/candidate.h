// ICE candidates as text (RFC 8839 5.1, TCP types: RFC 6544 4.5), alone in trickle messages or as SDP
// attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::wire {

// Longest accepted text; a real one with all extensions is under 250 bytes.
constexpr size_t kCandidateBytesMax = 512;

enum class CandidateTransport : uint8_t { Udp, Tcp };
enum class CandidateType : uint8_t { Host, Srflx, Prflx, Relay };
enum class TcpType : uint8_t { None, Active, Passive, So };

struct Candidate {
    std::string foundation;  // 1-32 ice-chars
    uint16_t component = 1;
    CandidateTransport transport = CandidateTransport::Udp;
    uint32_t priority = 0;
    std::string address;  // IPv4, IPv6 or a name (mDNS "….local")
    uint16_t port = 0;
    CandidateType type = CandidateType::Host;
    std::string related_address;  // empty: absent
    uint16_t related_port = 0;
    TcpType tcp_type = TcpType::None;
    std::string ufrag;  // trickle: which generation it belongs to (RFC 8840 4.2); empty: absent

    bool operator==(const Candidate&) const = default;
};

// Accepts "candidate:…" with or without a leading "a=". Unknown extension attributes are skipped;
// unknown transports and types give nothing (RFC 8839 5.1: ignore such candidates).
std::optional<Candidate> parse_candidate(std::string_view text);
// "candidate:…" without "a=", as RTCIceCandidate.candidate has it.
std::string to_string(const Candidate&);

}  // namespace conclave::wire
