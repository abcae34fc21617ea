// H.264 in RTP (RFC 6184), as far as a forwarder needs it: where frames and key frames start. Packetization
// modes 0 and 1: single NAL units, STAP-A and FU-A.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace conclave::wire {

// Units of a STAP-A that are looked at: parameter sets and SEI come first, then slices; more than this in
// one datagram is made to cost time.
constexpr size_t kH264AggregatedMax = 32;

struct H264Payload {
    uint8_t nal_type = 0;  // of the packet's first NAL unit, as if it were not fragmented or aggregated
    // Has the first byte of an access unit: a parameter set, SEI or delimiter, or a slice that begins at
    // macroblock 0. A frame may have several such packets (SPS and PPS of their own); the timestamp
    // tells that they belong together.
    bool starts_frame = false;
    // Starts an IDR picture, or brings the SPS in front of one: a receiver can begin here.
    bool is_keyframe = false;
};

// Nothing when the packet is cut off, is of another packetization (STAP-B, MTAP, FU-B), or has the forbidden
// bit set.
std::optional<H264Payload> parse_h264(ByteView payload);

inline bool starts_frame(const H264Payload& payload) {
    return payload.starts_frame;
}
inline bool is_keyframe(const H264Payload& payload) {
    return payload.is_keyframe;
}

}  // namespace conclave::wire
