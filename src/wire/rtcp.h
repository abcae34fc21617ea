// RTCP: reading compound (RFC 3550 6.1) and reduced-size (RFC 5506) packets as typed values, and writing
// the packets a server sends. Views point into the datagram; nothing allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/seq.h"
#include "base/time.h"
#include "wire/packed_array.h"
#include "wire/transport_feedback.h"

namespace conclave::wire {

// The count field has 5 bits (RFC 3550 6.4.1): more blocks need another packet.
constexpr size_t kReportBlocksMax = 31;

struct ReportBlock {  // RFC 3550 6.4.1
    uint32_t ssrc = 0;
    uint8_t fraction_lost = 0;    // of 256
    int32_t cumulative_lost = 0;  // 24 bits, signed; clamped on writing
    uint32_t highest_sequence = 0;
    uint32_t jitter = 0;               // RTP timestamp units
    uint32_t last_sr = 0;              // NtpTime::compact() of the last SR, 0: none
    uint32_t delay_since_last_sr = 0;  // 1/65536 s
    bool operator==(const ReportBlock&) const = default;

    static constexpr size_t kWireSize = 24;
    static ReportBlock decode(const uint8_t* p);
};

struct SenderInfo {  // RFC 3550 6.4.1
    NtpTime ntp;
    uint32_t rtp_timestamp = 0;
    uint32_t packet_count = 0;
    uint32_t octet_count = 0;
    bool operator==(const SenderInfo&) const = default;
};

struct SenderReport {
    uint32_t ssrc = 0;
    SenderInfo info;
    PackedArray<ReportBlock> reports;
};

struct ReceiverReport {
    uint32_t ssrc = 0;
    PackedArray<ReportBlock> reports;
};

// RFC 3550 6.5. The chunks were checked when parsing; next() walks them.
struct SourceDescription {
    struct Chunk {
        uint32_t ssrc = 0;
        std::string_view cname;  // empty when the chunk has none
    };
    ByteView chunks;
    uint8_t count = 0;
    // The next chunk, or nothing after the last.
    std::optional<Chunk> next();
};

struct RtcpSsrc {
    uint32_t value = 0;
    static constexpr size_t kWireSize = 4;
    static RtcpSsrc decode(const uint8_t* p) { return {load_be32(p)}; }
};

struct Goodbye {  // RFC 3550 6.6
    PackedArray<RtcpSsrc> ssrcs;
    std::string_view reason;
};

struct NackPair {  // RFC 4585 6.2.1: a lost packet, and a bit for each of the 16 after it
    SeqNo pid;
    uint16_t blp = 0;
    static constexpr size_t kWireSize = 4;
    static NackPair decode(const uint8_t* p) { return {SeqNo{load_be16(p)}, load_be16(p + 2)}; }
};

struct Nack {
    uint32_t sender_ssrc = 0;
    uint32_t media_ssrc = 0;
    PackedArray<NackPair> pairs;

    // Calls f(SeqNo) for each packet asked for, in the order of the list: at most 17 for each pair.
    template <class F>
    void for_each(F&& f) const {
        for (const NackPair pair : pairs) {
            f(pair.pid);
            for (unsigned bit = 0; bit < 16; ++bit) {
                if ((pair.blp >> bit & 1) != 0) f(SeqNo{static_cast<uint16_t>(pair.pid.value + 1 + bit)});
            }
        }
    }
};

struct Pli {  // RFC 4585 6.3.1
    uint32_t sender_ssrc = 0;
    uint32_t media_ssrc = 0;
};

struct FirEntry {  // RFC 5104 4.3.1
    uint32_t ssrc = 0;
    uint8_t sequence = 0;
    static constexpr size_t kWireSize = 8;
    static FirEntry decode(const uint8_t* p) { return {load_be32(p), p[4]}; }
};

struct Fir {
    uint32_t sender_ssrc = 0;
    PackedArray<FirEntry> entries;
};

struct Remb {  // draft-alvestrand-rmcat-remb-03 2
    uint32_t sender_ssrc = 0;
    uint64_t bitrate_bps = 0;  // saturates at 2^64-1
    PackedArray<RtcpSsrc> ssrcs;
};

struct DlrrEntry {  // RFC 3611 4.5
    uint32_t ssrc = 0;
    uint32_t last_rr = 0;              // NtpTime::compact() of the last RRTR, 0: none
    uint32_t delay_since_last_rr = 0;  // 1/65536 s
    static constexpr size_t kWireSize = 12;
    static DlrrEntry decode(const uint8_t* p) { return {load_be32(p), load_be32(p + 4), load_be32(p + 8)}; }
};

// RFC 3611; blocks other than these two are ignored, of repeated ones the first counts.
struct ExtendedReport {
    uint32_t ssrc = 0;
    std::optional<NtpTime> receiver_reference_time;  // RRTR, RFC 3611 4.4
    PackedArray<DlrrEntry> dlrr;                     // DLRR, RFC 3611 4.5
};

using RtcpPacket = std::variant<SenderReport, ReceiverReport, SourceDescription, Goodbye, Nack, Pli, Fir,
                                Remb, TransportFeedback, ExtendedReport>;

// Walks one datagram: `while (auto packet = reader.next())`. A packet whose content is wrong is counted
// and passed over; a length that leaves the datagram ends the walk.
class RtcpReader {
 public:
    explicit RtcpReader(ByteView datagram) : rest_(datagram) {}
    std::optional<RtcpPacket> next();
    size_t unknown() const { return unknown_; }      // packets of types we do not speak
    size_t malformed() const { return malformed_; }  // packets refused, the last cut-off one included

 private:
    ByteView rest_;
    size_t unknown_ = 0;
    size_t malformed_ = 0;
};

// Writers append one whole packet, or nothing and return false when it does not fit (or has more entries
// than the format can count).
[[nodiscard]] bool write_sender_report(ByteWriter& out, uint32_t ssrc, const SenderInfo& info,
                                       std::span<const ReportBlock> reports);
[[nodiscard]] bool write_receiver_report(ByteWriter& out, uint32_t ssrc,
                                         std::span<const ReportBlock> reports);
[[nodiscard]] bool write_source_description(ByteWriter& out, uint32_t ssrc, std::string_view cname);
[[nodiscard]] bool write_goodbye(ByteWriter& out, std::span<const uint32_t> ssrcs);
[[nodiscard]] bool write_pli(ByteWriter& out, uint32_t sender_ssrc, uint32_t media_ssrc);
[[nodiscard]] bool write_fir(ByteWriter& out, uint32_t sender_ssrc, std::span<const FirEntry> entries);
[[nodiscard]] bool write_remb(ByteWriter& out, uint32_t sender_ssrc, uint64_t bitrate_bps,
                              std::span<const uint32_t> ssrcs);
[[nodiscard]] bool write_receiver_reference_time(ByteWriter& out, uint32_t ssrc, NtpTime now);
[[nodiscard]] bool write_dlrr(ByteWriter& out, uint32_t ssrc, std::span<const DlrrEntry> entries);

// Asks for `lost`, ascending in sequence order (wrapping), in as few pairs as the format allows. Returns
// how many of them are in the packet: fewer than given when the room ends, 0 when nothing was written.
[[nodiscard]] size_t write_nack(ByteWriter& out, uint32_t sender_ssrc, uint32_t media_ssrc,
                                std::span<const SeqNo> lost);

}  // namespace conclave::wire
