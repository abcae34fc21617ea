#include "peer/kept_extensions.h"

#include <algorithm>
#include <array>

namespace conclave::peer {
namespace {

constexpr size_t kCaptureTimeMax = 16;

}  // namespace

void normalise(const PacketRef& packet, const wire::RtpPacket& rtp, const KeptExtensions& kept) {
    const wire::RtpHeader header{rtp.marker,    rtp.payload_type, rtp.sequence_number,
                                 rtp.timestamp, rtp.ssrc,         false};
    std::array<uint8_t, kCaptureTimeMax> capture_time;
    const size_t capture_size = std::min(kept.capture_time.size(), capture_time.size());
    std::copy_n(kept.capture_time.begin(), capture_size, capture_time.begin());
    const size_t descriptor_size = kept.dependency_descriptor.size();
    const auto offset = static_cast<size_t>(rtp.payload.data() - packet.bytes().data());
    CHECK(offset >= wire::kRtpHeaderSize);
    // Elements have a head each, and all of them four bytes (RFC 8285 4): there is room for two.
    const size_t wanted = capture_size + descriptor_size > 0 ? capture_size + descriptor_size + 1 : 0;
    const size_t kept_size = wanted <= offset - wire::kRtpHeaderSize ? wanted : 0;
    packet.set_size(offset + rtp.payload.size());
    const MutableBytes place = packet.bytes().subspan(offset - wire::kRtpHeaderSize - kept_size, kept_size);
    if (kept_size > 0) {
        // The descriptor first: it may move over where it was, and over the capture time.
        if (descriptor_size > 0)
            std::memmove(place.data() + capture_size, kept.dependency_descriptor.data(), descriptor_size);
        std::copy_n(capture_time.begin(), capture_size, place.begin());
        place.back() = static_cast<uint8_t>(capture_size);
    }
    packet.trim_front(offset - wire::kRtpHeaderSize);
    packet.keep(kept_size);
    const size_t written = wire::write_rtp_header(packet.bytes(), header, {});
    CHECK(written == wire::kRtpHeaderSize);
}

KeptExtensions kept_extensions(const PacketRef& packet) {
    const ByteView kept = packet.kept();
    if (kept.empty()) return {};
    const size_t capture_size = kept.back();
    return {kept.first(capture_size), kept.subspan(capture_size, kept.size() - capture_size - 1)};
}

}  // namespace conclave::peer
