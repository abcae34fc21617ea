#include <limits>

#include "wire/rtcp.h"
#include "wire/rtcp_type.h"

namespace conclave::wire {

namespace {

// One RTCP packet, its length and padding already taken off.
struct Framed {
    uint8_t count = 0;  // or the feedback message type
    uint8_t type = 0;
    ByteView body;
};

using Parsed = std::optional<RtcpPacket>;

Parsed parse_sender_report(const Framed& packet) {
    ByteReader in{packet.body};
    SenderReport report;
    report.ssrc = in.u32();
    report.info.ntp = NtpTime{in.u64()};
    report.info.rtp_timestamp = in.u32();
    report.info.packet_count = in.u32();
    report.info.octet_count = in.u32();
    report.reports = PackedArray<ReportBlock>{in.bytes(packet.count * ReportBlock::kWireSize)};
    if (!in.ok()) return {};  // what is left may be a profile-specific extension (RFC 3550 6.4.3)
    return report;
}

Parsed parse_receiver_report(const Framed& packet) {
    ByteReader in{packet.body};
    ReceiverReport report;
    report.ssrc = in.u32();
    report.reports = PackedArray<ReportBlock>{in.bytes(packet.count * ReportBlock::kWireSize)};
    if (!in.ok()) return {};
    return report;
}

// One chunk: SSRC, items, at least one null byte up to the next word (RFC 3550 6.5). Nothing when cut off.
std::optional<SourceDescription::Chunk> take_chunk(ByteView& chunks) {
    ByteReader in{chunks};
    SourceDescription::Chunk chunk;
    chunk.ssrc = in.u32();
    while (true) {
        const uint8_t type = in.u8();
        if (!in.ok()) return {};
        if (type == 0) break;
        const ByteView text = in.bytes(in.u8());
        if (type == kSdesCname && chunk.cname.empty()) chunk.cname = as_text(text);
    }
    const size_t used = chunks.size() - in.remaining();
    in.skip((4 - used % 4) % 4);
    if (!in.ok()) return {};
    chunks = in.rest();
    return chunk;
}

Parsed parse_source_description(const Framed& packet) {
    SourceDescription description{packet.body, packet.count};
    SourceDescription probe = description;
    for (unsigned i = 0; i < packet.count; ++i) {
        if (!probe.next()) return {};
    }
    return description;
}

Parsed parse_goodbye(const Framed& packet) {
    ByteReader in{packet.body};
    Goodbye goodbye;
    goodbye.ssrcs = PackedArray<RtcpSsrc>{in.bytes(packet.count * RtcpSsrc::kWireSize)};
    if (in.remaining() > 0) goodbye.reason = as_text(in.bytes(in.u8()));
    if (!in.ok()) return {};
    return goodbye;
}

Parsed parse_nack(const Framed& packet) {
    ByteReader in{packet.body};
    Nack nack{in.u32(), in.u32(), {}};
    nack.pairs = PackedArray<NackPair>{in.rest()};
    if (!in.ok() || nack.pairs.empty()) return {};
    return nack;
}

Parsed parse_transport(const Framed& packet) {
    if (const auto feedback = parse_transport_feedback(packet.body)) return *feedback;
    return {};
}

Parsed parse_pli(const Framed& packet) {
    ByteReader in{packet.body};
    const Pli pli{in.u32(), in.u32()};
    if (!in.ok()) return {};
    return pli;
}

Parsed parse_fir(const Framed& packet) {
    ByteReader in{packet.body};
    Fir fir{in.u32(), {}};
    in.skip(4);  // the media SSRC is not used (RFC 5104 4.3.1.2)
    fir.entries = PackedArray<FirEntry>{in.rest()};
    if (!in.ok() || fir.entries.empty()) return {};
    return fir;
}

Parsed parse_remb(const Framed& packet) {
    ByteReader in{packet.body};
    Remb remb{in.u32(), 0, {}};
    in.skip(8);  // media SSRC, name
    const uint8_t count = in.u8();
    const uint32_t rate = in.u24();
    const unsigned exponent = rate >> 18;
    const uint64_t mantissa = rate & 0x3ffff;
    const bool fits = mantissa == 0 || mantissa <= std::numeric_limits<uint64_t>::max() >> exponent;
    remb.bitrate_bps = fits ? mantissa << exponent : std::numeric_limits<uint64_t>::max();
    remb.ssrcs = PackedArray<RtcpSsrc>{in.bytes(count * RtcpSsrc::kWireSize)};
    if (!in.ok()) return {};
    return remb;
}

Parsed parse_extended_report(const Framed& packet) {
    ByteReader in{packet.body};
    ExtendedReport report{in.u32(), {}, {}};
    while (in.remaining() > 0) {
        const uint8_t type = in.u8();
        in.skip(1);
        const size_t words = in.u16();
        const ByteView block = in.bytes(words * 4);
        if (!in.ok()) return {};
        if (type == kReceiverReferenceTimeBlock) {
            if (block.size() != 8) return {};
            if (!report.receiver_reference_time) {
                report.receiver_reference_time = NtpTime{load_be64(block.data())};
            }
        } else if (type == kDlrrBlock) {
            if (block.size() % DlrrEntry::kWireSize != 0) return {};
            if (report.dlrr.empty()) report.dlrr = PackedArray<DlrrEntry>{block};
        }
    }
    if (!in.ok()) return {};
    return report;
}

using Parser = Parsed (*)(const Framed&);

bool is_remb(ByteView body) {
    return body.size() >= 12 && load_be32(body.data() + 8) == kRembName;
}

// Null for packets we do not speak.
Parser parser_of(const Framed& packet) {
    switch (packet.type) {
        case kRtcpSenderReport:
            return parse_sender_report;
        case kRtcpReceiverReport:
            return parse_receiver_report;
        case kRtcpSourceDescription:
            return parse_source_description;
        case kRtcpGoodbye:
            return parse_goodbye;
        case kRtcpExtendedReport:
            return parse_extended_report;
        case kRtcpTransportFeedback:
            if (packet.count == kFormatNack) return parse_nack;
            return packet.count == kFormatTransportWideCc ? parse_transport : nullptr;
        case kRtcpPayloadFeedback:
            if (packet.count == kFormatPli) return parse_pli;
            if (packet.count == kFormatFir) return parse_fir;
            return packet.count == kFormatApplicationLayer && is_remb(packet.body) ? parse_remb : nullptr;
        default:
            return nullptr;
    }
}

// Cuts one packet off the front. Nothing when the header or its length is wrong.
std::optional<Framed> take_framed(ByteView& rest) {
    ByteReader in{rest};
    const uint8_t first = in.u8();
    Framed packet;
    packet.count = first & 0x1f;
    packet.type = in.u8();
    const size_t size = in.u16() * size_t{4};
    packet.body = in.bytes(size);
    if (!in.ok() || first >> 6 != 2) return {};
    rest = in.rest();
    if ((first & 0x20) == 0) return packet;
    // RFC 3550 6.4.1 wants padding on the last packet only and in multiples of four; transport feedback of
    // browsers has one to three bytes of it anywhere, so neither is asked for.
    if (packet.body.empty()) return {};
    const uint8_t padding = packet.body.back();
    if (padding == 0 || padding > packet.body.size()) return {};
    packet.body = packet.body.first(packet.body.size() - padding);
    return packet;
}

}  // namespace

ReportBlock ReportBlock::decode(const uint8_t* p) {
    ReportBlock block;
    block.ssrc = load_be32(p);
    block.fraction_lost = p[4];
    block.cumulative_lost = static_cast<int32_t>(load_be24(p + 5) << 8) >> 8;  // sign-extends 24 bits
    block.highest_sequence = load_be32(p + 8);
    block.jitter = load_be32(p + 12);
    block.last_sr = load_be32(p + 16);
    block.delay_since_last_sr = load_be32(p + 20);
    return block;
}

std::optional<SourceDescription::Chunk> SourceDescription::next() {
    if (count == 0) return {};
    --count;
    return take_chunk(chunks);
}

std::optional<RtcpPacket> RtcpReader::next() {
    while (!rest_.empty()) {
        const std::optional<Framed> packet = take_framed(rest_);
        if (!packet) {
            ++malformed_;
            rest_ = {};
            return {};
        }
        const Parser parse = parser_of(*packet);
        if (!parse) {
            ++unknown_;
            continue;
        }
        if (Parsed parsed = parse(*packet)) return parsed;
        ++malformed_;
    }
    return {};
}

}  // namespace conclave::wire
