#include "wire/rtp.h"

#include <algorithm>

namespace conclave::wire {

namespace {

constexpr size_t kCsrcSize = 4;
constexpr size_t kExtensionHeaderSize = 4;
constexpr uint8_t kOneByteIdMax = 14;  // 15 is reserved: it ends the list (RFC 8285 4.2)
constexpr size_t kOneByteSizeMax = 16;

bool is_two_byte(uint16_t profile) {
    return (profile & 0xfff0) == kTwoByteProfile;
}

bool fits_one_byte(const HeaderExtension& e) {
    return e.id <= kOneByteIdMax && !e.value.empty() && e.value.size() <= kOneByteSizeMax;
}

}  // namespace

std::optional<RtpPacket> parse_rtp_header(ByteView datagram) {
    ByteReader in{datagram};
    const uint8_t first = in.u8();
    const uint8_t second = in.u8();
    RtpPacket packet;
    packet.marker = (second & 0x80) != 0;
    packet.payload_type = second & 0x7f;
    packet.sequence_number = SeqNo{in.u16()};
    packet.timestamp = in.u32();
    packet.ssrc = in.u32();
    packet.csrcs = in.bytes(kCsrcSize * (first & 0x0f));
    if ((first & 0x10) != 0) {
        packet.extension_profile = in.u16();
        const size_t words = in.u16();
        packet.extensions = in.bytes(words * 4);
    }
    if (!in.ok() || first >> 6 != 2) return {};
    packet.payload = in.rest();
    packet.header_size = datagram.size() - in.remaining();
    return packet;
}

std::optional<RtpPacket> parse_rtp(ByteView datagram) {
    std::optional<RtpPacket> packet = parse_rtp_header(datagram);
    if (!packet || (datagram[0] & 0x20) == 0) return packet;
    if (packet->payload.empty()) return {};
    packet->padding_size = packet->payload.back();
    if (packet->padding_size == 0 || packet->padding_size > packet->payload.size()) return {};
    packet->payload = packet->payload.first(packet->payload.size() - packet->padding_size);
    return packet;
}

std::optional<ByteView> find_extension(const RtpPacket& packet, uint8_t id) {
    const bool two_byte = is_two_byte(packet.extension_profile);
    if (!two_byte && packet.extension_profile != kOneByteProfile) return {};
    if (id == 0 || (!two_byte && id > kOneByteIdMax)) return {};
    ByteReader in{packet.extensions};
    while (in.remaining() > 0) {
        const uint8_t head = in.u8();
        if (head == 0) continue;  // padding, also between elements; only the one-byte form has a length here
        uint8_t found = head;
        size_t size = 0;
        if (two_byte) {
            size = in.u8();
        } else {
            found = head >> 4;
            size = (head & 0x0f) + size_t{1};
            // 15 ends the list, and so does an id 0 that claims a length (RFC 8285 4.2).
            if (found == 15 || found == 0) return {};
        }
        const ByteView value = in.bytes(size);
        if (!in.ok()) return {};
        if (found == id) return value;
    }
    return {};
}

size_t write_rtp_header(MutableBytes out, const RtpHeader& header,
                        std::span<const HeaderExtension> extensions) {
    for (const HeaderExtension& e : extensions) {
        if (e.id == 0 || e.value.size() > 255) return 0;
    }
    const bool one_byte = std::all_of(extensions.begin(), extensions.end(), fits_one_byte);

    ByteWriter writer{out};
    writer.u8(static_cast<uint8_t>(0x80 | (header.has_padding ? 0x20 : 0) | (extensions.empty() ? 0 : 0x10)));
    writer.u8(static_cast<uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7f)));
    writer.u16(header.sequence_number.value);
    writer.u32(header.timestamp);
    writer.u32(header.ssrc);
    if (extensions.empty()) return writer.ok() ? writer.size() : 0;

    const size_t begin = writer.size();
    writer.u16(one_byte ? kOneByteProfile : kTwoByteProfile);
    writer.u16(0);
    for (const HeaderExtension& e : extensions) {
        if (one_byte) {
            writer.u8(static_cast<uint8_t>(e.id << 4 | (e.value.size() - 1)));
        } else {
            writer.u8(e.id);
            writer.u8(static_cast<uint8_t>(e.value.size()));
        }
        writer.bytes(e.value);
    }
    writer.zeros((4 - writer.size() % 4) % 4);
    const size_t words = (writer.size() - begin - kExtensionHeaderSize) / 4;
    writer.patch_u16(begin + 2, static_cast<uint16_t>(words));
    return writer.ok() ? writer.size() : 0;
}

}  // namespace conclave::wire
