#include "wire/demux.h"

namespace conclave::wire {

namespace {

constexpr size_t kStunHeader = 20;        // RFC 8489 5
constexpr size_t kDtlsRecordHeader = 13;  // RFC 6347 4.1; the shorter unified header is DTLS 1.3's
constexpr size_t kRtpHeader = 12;         // RFC 3550 5.1
constexpr size_t kRtcpHeader = 8;         // header and sender SSRC: all that SRTCP leaves in the clear

}  // namespace

DatagramKind classify(ByteView datagram) {
    if (datagram.size() < kRtcpHeader) return DatagramKind::Unknown;
    const uint8_t first = datagram[0];
    if (first <= 3) return datagram.size() >= kStunHeader ? DatagramKind::Stun : DatagramKind::Unknown;
    if (first >= 20 && first <= 63) {
        return datagram.size() >= kDtlsRecordHeader ? DatagramKind::Dtls : DatagramKind::Unknown;
    }
    if (first < 128 || first > 191) return DatagramKind::Unknown;
    // RTCP packet types 192 to 223 are what RTP's marker and payload types 64 to 95 would look like, and
    // those are not given to RTP (RFC 5761 4).
    if (datagram[1] >= 192 && datagram[1] <= 223) return DatagramKind::Rtcp;
    return datagram.size() >= kRtpHeader ? DatagramKind::Rtp : DatagramKind::Unknown;
}

std::optional<uint32_t> sender_ssrc(ByteView datagram) {
    const DatagramKind kind = classify(datagram);
    if (kind == DatagramKind::Rtp) return load_be32(datagram.data() + 8);
    if (kind == DatagramKind::Rtcp) return load_be32(datagram.data() + 4);
    return std::nullopt;
}

}  // namespace conclave::wire
