#include "wire/rtcp.h"
#include "wire/rtcp_type.h"

namespace conclave::wire {

namespace {

constexpr size_t kHeaderSize = 4;
constexpr size_t kLengthMax = 0xffff;  // of the length field, in words
constexpr size_t kSdesItemMax = 255;   // one byte of length, RFC 3550 6.5

// Header of a packet whose body will have `body_size` bytes. False, and nothing written, without room for
// all of it.
bool begin_packet(ByteWriter& out, uint8_t type, size_t count, size_t body_size) {
    if (!out.ok() || out.unwritten().size() < kHeaderSize + body_size) return false;
    if (body_size / 4 > kLengthMax) return false;
    out.u8(static_cast<uint8_t>(0x80 | count));
    out.u8(type);
    out.u16(static_cast<uint16_t>(body_size / 4));
    return true;
}

void write_report_block(ByteWriter& out, const ReportBlock& block) {
    constexpr int32_t kLostMax = 0x7fffff;
    const int32_t lost = block.cumulative_lost > kLostMax    ? kLostMax
                         : block.cumulative_lost < -kLostMax ? -kLostMax
                                                             : block.cumulative_lost;
    out.u32(block.ssrc);
    out.u8(block.fraction_lost);
    out.u24(static_cast<uint32_t>(lost) & 0xffffff);
    out.u32(block.highest_sequence);
    out.u32(block.jitter);
    out.u32(block.last_sr);
    out.u32(block.delay_since_last_sr);
}

}  // namespace

bool write_sender_report(ByteWriter& out, uint32_t ssrc, const SenderInfo& info,
                         std::span<const ReportBlock> reports) {
    if (reports.size() > kReportBlocksMax) return false;
    const size_t body = 24 + reports.size() * ReportBlock::kWireSize;
    if (!begin_packet(out, kRtcpSenderReport, reports.size(), body)) return false;
    out.u32(ssrc);
    out.u64(info.ntp.value);
    out.u32(info.rtp_timestamp);
    out.u32(info.packet_count);
    out.u32(info.octet_count);
    for (const ReportBlock& block : reports) write_report_block(out, block);
    return true;
}

bool write_receiver_report(ByteWriter& out, uint32_t ssrc, std::span<const ReportBlock> reports) {
    if (reports.size() > kReportBlocksMax) return false;
    const size_t body = 4 + reports.size() * ReportBlock::kWireSize;
    if (!begin_packet(out, kRtcpReceiverReport, reports.size(), body)) return false;
    out.u32(ssrc);
    for (const ReportBlock& block : reports) write_report_block(out, block);
    return true;
}

bool write_source_description(ByteWriter& out, uint32_t ssrc, std::string_view cname) {
    if (cname.size() > kSdesItemMax) return false;
    const size_t items = 2 + cname.size();
    const size_t end = 4 - items % 4;  // at least one null byte ends the list
    if (!begin_packet(out, kRtcpSourceDescription, 1, 4 + items + end)) return false;
    out.u32(ssrc);
    out.u8(kSdesCname);
    out.u8(static_cast<uint8_t>(cname.size()));
    out.bytes(as_bytes(cname));
    out.zeros(end);
    return true;
}

bool write_goodbye(ByteWriter& out, std::span<const uint32_t> ssrcs) {
    if (ssrcs.size() > kReportBlocksMax) return false;
    if (!begin_packet(out, kRtcpGoodbye, ssrcs.size(), ssrcs.size() * 4)) return false;
    for (const uint32_t ssrc : ssrcs) out.u32(ssrc);
    return true;
}

bool write_pli(ByteWriter& out, uint32_t sender_ssrc, uint32_t media_ssrc) {
    if (!begin_packet(out, kRtcpPayloadFeedback, kFormatPli, 8)) return false;
    out.u32(sender_ssrc);
    out.u32(media_ssrc);
    return true;
}

bool write_fir(ByteWriter& out, uint32_t sender_ssrc, std::span<const FirEntry> entries) {
    if (entries.empty()) return false;
    if (!begin_packet(out, kRtcpPayloadFeedback, kFormatFir, 8 + entries.size() * FirEntry::kWireSize))
        return false;
    out.u32(sender_ssrc);
    out.u32(0);
    for (const FirEntry& entry : entries) {
        out.u32(entry.ssrc);
        out.u8(entry.sequence);
        out.zeros(3);
    }
    return true;
}

bool write_remb(ByteWriter& out, uint32_t sender_ssrc, uint64_t bitrate_bps,
                std::span<const uint32_t> ssrcs) {
    if (ssrcs.size() > 255) return false;
    if (!begin_packet(out, kRtcpPayloadFeedback, kFormatApplicationLayer, 16 + ssrcs.size() * 4))
        return false;
    unsigned exponent = 0;
    while (bitrate_bps >> exponent > 0x3ffff) ++exponent;  // 18 bits of mantissa: rounds down
    out.u32(sender_ssrc);
    out.u32(0);
    out.u32(kRembName);
    out.u8(static_cast<uint8_t>(ssrcs.size()));
    out.u24(static_cast<uint32_t>(exponent << 18 | bitrate_bps >> exponent));
    for (const uint32_t ssrc : ssrcs) out.u32(ssrc);
    return true;
}

bool write_receiver_reference_time(ByteWriter& out, uint32_t ssrc, NtpTime now) {
    if (!begin_packet(out, kRtcpExtendedReport, 0, 16)) return false;
    out.u32(ssrc);
    out.u8(kReceiverReferenceTimeBlock);
    out.u8(0);
    out.u16(2);
    out.u64(now.value);
    return true;
}

bool write_dlrr(ByteWriter& out, uint32_t ssrc, std::span<const DlrrEntry> entries) {
    const size_t block = entries.size() * DlrrEntry::kWireSize;
    if (!begin_packet(out, kRtcpExtendedReport, 0, 8 + block)) return false;
    out.u32(ssrc);
    out.u8(kDlrrBlock);
    out.u8(0);
    out.u16(static_cast<uint16_t>(block / 4));
    for (const DlrrEntry& entry : entries) {
        out.u32(entry.ssrc);
        out.u32(entry.last_rr);
        out.u32(entry.delay_since_last_rr);
    }
    return true;
}

size_t write_nack(ByteWriter& out, uint32_t sender_ssrc, uint32_t media_ssrc, std::span<const SeqNo> lost) {
    if (lost.empty() || !out.ok() || out.unwritten().size() < kHeaderSize + 8 + NackPair::kWireSize) return 0;
    const size_t begin = out.size();
    out.u8(0x80 | kFormatNack);
    out.u8(kRtcpTransportFeedback);
    out.u16(0);
    out.u32(sender_ssrc);
    out.u32(media_ssrc);
    size_t told = 0;
    while (told < lost.size() && out.unwritten().size() >= NackPair::kWireSize) {
        const SeqNo pid = lost[told++];
        uint16_t blp = 0;
        for (; told < lost.size(); ++told) {
            const auto ahead = static_cast<uint16_t>(lost[told].value - pid.value);
            if (ahead > 16) break;
            if (ahead > 0) blp = static_cast<uint16_t>(blp | 1 << (ahead - 1));
        }
        out.u16(pid.value);
        out.u16(blp);
    }
    out.patch_u16(begin + 2, static_cast<uint16_t>((out.size() - begin) / 4 - 1));
    return told;
}

}  // namespace conclave::wire
