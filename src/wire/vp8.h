// VP8 in RTP (RFC 7741): the payload descriptor, what a forwarder must rewrite in it, and the frame header
// (RFC 6386 9.1) as far as it tells key frames and their size. Views point into the RTP payload.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace conclave::wire {

constexpr size_t kVp8DescriptorMax = 6;

struct Vp8Descriptor {
    bool non_reference = false;          // N: no other frame needs this one
    bool starts_partition = false;       // S
    uint8_t partition = 0;               // PID, 0..7
    std::optional<uint16_t> picture_id;  // 7 or 15 bits
    bool has_long_picture_id = false;    // M: 15 bits
    std::optional<uint8_t> tl0_pic_idx;
    std::optional<uint8_t> temporal_id;  // TID, 0..3
    bool is_layer_sync = false;          // Y: needs the base temporal layer only; false without TID
    std::optional<uint8_t> key_index;    // KEYIDX, 0..31
    ByteView head;                       // the descriptor as it was sent; kVp8DescriptorMax at most
    ByteView frame;                      // behind it; never empty
};

// RFC 7741 4.2. Nothing when the descriptor leaves no byte of the frame.
std::optional<Vp8Descriptor> parse_vp8(ByteView payload);

// This packet has the first byte of a frame: first partition, and its start (RFC 7741 4.4).
bool starts_frame(const Vp8Descriptor& payload);
// This packet starts a key frame.
bool is_keyframe(const Vp8Descriptor& payload);

struct Vp8Size {
    uint16_t width = 0;  // 14 bits, without the upscaling hint
    uint16_t height = 0;
    bool operator==(const Vp8Size&) const = default;
};
// Of a packet that starts a key frame and has the start code (RFC 6386 9.1).
std::optional<Vp8Size> keyframe_size(const Vp8Descriptor& payload);

// What one subscriber sees in place of the publisher's values.
struct Vp8Ids {
    uint16_t picture_id = 0;  // 15 bits
    uint8_t tl0_pic_idx = 0;
    uint8_t key_index = 0;  // 5 bits
    bool operator==(const Vp8Ids&) const = default;
};
// Writes a descriptor that was parsed with these values in it to `out` and returns its size. Fields that are
// absent stay so, and a picture id keeps its width unless it needs 15 bits.
[[nodiscard]] size_t rewrite_vp8(const Vp8Descriptor&, const Vp8Ids&,
                                 std::span<uint8_t, kVp8DescriptorMax> out);

}  // namespace conclave::wire
