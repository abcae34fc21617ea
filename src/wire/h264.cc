#include "wire/h264.h"

namespace conclave::wire {

namespace {

enum NalType : uint8_t {  // ITU-T H.264 table 7-1; RFC 6184 5.2 for 24 and above
    kSlice = 1,
    kSlicePartitionA = 2,
    kIdrSlice = 5,
    kSei = 6,
    kSps = 7,
    kPps = 8,
    kDelimiter = 9,
    kSingleMax = 23,
    kStapA = 24,
    kFuA = 28,
};

// One NAL unit, or the first fragment of one: `body` is behind its header byte. A slice begins the picture
// when its first_mb_in_slice, an Exp-Golomb code, is 0: a single 1 bit (H.264 7.3.3).
void look_at(uint8_t nal_type, ByteView body, H264Payload& payload) {
    const bool first_slice = !body.empty() && (body[0] & 0x80) != 0;
    switch (nal_type) {
        case kSps:
            payload.is_keyframe = true;
            payload.starts_frame = true;
            break;
        case kIdrSlice:
            payload.is_keyframe |= first_slice;
            payload.starts_frame |= first_slice;
            break;
        case kSlice:
        case kSlicePartitionA:
            payload.starts_frame |= first_slice;
            break;
        case kSei:
        case kPps:
        case kDelimiter:
            payload.starts_frame = true;
            break;
        default:
            break;
    }
}

bool read_stap_a(ByteView units, H264Payload& payload) {  // RFC 6184 5.7.1
    ByteReader in{units};
    size_t count = 0;
    for (; in.remaining() > 0 && count < kH264AggregatedMax; ++count) {
        const ByteView unit = in.bytes(in.u16());
        if (!in.ok() || unit.empty()) return false;
        const uint8_t type = unit[0] & 0x1f;
        if (type == 0 || type > kSingleMax) return false;
        if (count == 0) payload.nal_type = type;
        look_at(type, unit.subspan(1), payload);
    }
    return count > 0;
}

bool read_fu_a(ByteView bytes, H264Payload& payload) {  // RFC 6184 5.8
    ByteReader in{bytes};
    const uint8_t header = in.u8();
    const bool is_start = (header & 0x80) != 0;
    const bool is_end = (header & 0x40) != 0;
    payload.nal_type = header & 0x1f;
    if (!in.ok() || in.remaining() == 0 || (is_start && is_end)) return false;
    if (payload.nal_type == 0 || payload.nal_type > kSingleMax) return false;
    if (is_start) look_at(payload.nal_type, in.rest(), payload);
    return true;
}

}  // namespace

std::optional<H264Payload> parse_h264(ByteView payload) {
    if (payload.empty() || (payload[0] & 0x80) != 0) return {};
    const uint8_t type = payload[0] & 0x1f;
    const ByteView rest = payload.subspan(1);
    H264Payload result;
    if (type == kStapA) {
        if (!read_stap_a(rest, result)) return {};
    } else if (type == kFuA) {
        if (!read_fu_a(rest, result)) return {};
    } else {
        if (type == 0 || type > kSingleMax) return {};
        result.nal_type = type;
        look_at(type, rest, result);
    }
    return result;
}

}  // namespace conclave::wire
