#include "peer/media.h"

#include "wire/h264.h"
#include "wire/rtp.h"

namespace conclave::peer {
namespace {

// AV1 aggregation header, bit N: the first packet of a coded video sequence (RTP Payload Format for AV1 4.4).
constexpr uint8_t kAv1NewSequence = 0x08;
// Mandatory fields of the dependency descriptor: a byte of flags, then the frame number (AV1 RTP A.8.2).
constexpr size_t kMandatorySize = 3;

}  // namespace

void read_payload(ByteView payload, Media& media) {
    switch (media.codec) {
        case Codec::Opus:
            return;
        case Codec::Red:
            media.red = wire::parse_red(payload);
            return;
        case Codec::Vp8:
            media.vp8 = wire::parse_vp8(payload);
            media.starts_keyframe = media.vp8 && wire::is_keyframe(*media.vp8);
            return;
        case Codec::H264: {
            const auto h264 = wire::parse_h264(payload);
            media.starts_keyframe = h264 && wire::is_keyframe(*h264);
            return;
        }
        case Codec::Vp9:
            media.vp9 = wire::parse_vp9(payload);
            media.starts_keyframe = media.vp9 && wire::is_keyframe(*media.vp9);
            return;
        case Codec::Av1:
            media.starts_keyframe = (payload[0] & kAv1NewSequence) != 0;
            return;
    }
}

CachedPacket read_cached(PacketRef packet, Codec codec) {
    CachedPacket cached;
    const auto rtp = packet ? wire::parse_rtp_header(packet.bytes()) : std::nullopt;
    if (!rtp) return cached;
    cached.codec = codec;
    cached.timestamp = rtp->timestamp;
    cached.marker = rtp->marker;
    if (codec == Codec::Vp8) cached.vp8 = wire::parse_vp8(rtp->payload);
    cached.kept = kept_extensions(packet);
    const ByteView descriptor = cached.kept.dependency_descriptor;
    if (descriptor.size() >= kMandatorySize) cached.frame_number = load_be16(descriptor.data() + 1);
    cached.packet = std::move(packet);
    return cached;
}

}  // namespace conclave::peer
