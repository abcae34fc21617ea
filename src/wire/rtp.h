// RTP packets (RFC 3550 5.1) and their header extensions (RFC 8285). Views point into the datagram.
// The values of the extensions are in wire/header_extension.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/seq.h"

namespace conclave::wire {

constexpr size_t kRtpHeaderSize = 12;
constexpr uint16_t kOneByteProfile = 0xbede;  // RFC 8285 4.2
constexpr uint16_t kTwoByteProfile = 0x1000;  // RFC 8285 4.3; its low 4 bits are the sender's own

struct RtpPacket {
    bool marker = false;
    uint8_t payload_type = 0;  // 0..127
    SeqNo sequence_number;
    uint32_t timestamp = 0;
    uint32_t ssrc = 0;
    ByteView csrcs;                  // 4 bytes each, at most 15
    uint16_t extension_profile = 0;  // 0 when there are no extensions
    ByteView extensions;             // the elements, without the 4-byte extension header
    ByteView payload;                // without padding
    uint8_t padding_size = 0;        // bytes after the payload, the count included (RFC 3550 5.1)
    size_t header_size = 0;          // offset of the payload in the datagram
};

// Nothing when the version is not 2 or a length does not fit. In SRTP the padding is encrypted: only
// after unprotecting does `payload` mean anything; the header fields are right before that too, unless
// padding that cannot be right refuses the packet: use parse_rtp_header() there.
std::optional<RtpPacket> parse_rtp(ByteView datagram);

// The same without looking at the padding: `payload` is the whole rest, padding_size is 0. For packets
// that are still encrypted.
std::optional<RtpPacket> parse_rtp_header(ByteView datagram);

// The first element with this id (1..14 in the one-byte form, 1..255 in the two-byte form); may be empty
// in the two-byte form. Elements after a malformed one are not found.
std::optional<ByteView> find_extension(const RtpPacket& packet, uint8_t id);

struct HeaderExtension {
    uint8_t id = 0;
    ByteView value;  // at most 255 bytes
};

struct RtpHeader {
    bool marker = false;
    uint8_t payload_type = 0;
    SeqNo sequence_number;
    uint32_t timestamp = 0;
    uint32_t ssrc = 0;
    bool has_padding = false;  // the caller appends the padding and its count
};

// Writes the fixed header and the extensions in the one-byte form when every one fits it (id 1..14,
// 1..16 bytes), else in the two-byte form. Returns the bytes written; 0 when they do not fit `out`, or
// when an id is 0 or a value is longer than 255 bytes.
size_t write_rtp_header(MutableBytes out, const RtpHeader& header,
                        std::span<const HeaderExtension> extensions);

}  // namespace conclave::wire
