// VP9 in RTP (RFC 9628): the payload descriptor, as far as a forwarder chooses layers by it. Views point into
// the RTP payload.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/static_vector.h"

namespace conclave::wire {

constexpr size_t kVp9ReferencesMax = 3;     // P_DIFFs of one frame (RFC 9628 4.2)
constexpr size_t kVp9SpatialLayersMax = 8;  // SID has 3 bits

struct Vp9Descriptor {
    bool is_inter_predicted = false;   // P: needs an earlier picture
    bool is_flexible = false;          // F: `references` say which
    bool starts_frame = false;         // B: first packet of a frame, which is one spatial layer of a picture
    bool ends_frame = false;           // E
    bool is_not_needed_above = false;  // Z: no higher spatial layer needs this frame
    std::optional<uint16_t> picture_id;     // 7 or 15 bits
    bool has_long_picture_id = false;       // M: 15 bits
    bool has_layers = false;                // L: the next four mean something
    uint8_t temporal = 0;                   // TID, 0..7
    uint8_t spatial = 0;                    // SID, 0..7
    bool is_switching_up_point = false;     // U
    bool is_inter_layer_predicted = false;  // D: needs the next lower spatial layer of its picture
    std::optional<uint8_t> tl0_pic_idx;     // not in flexible mode
    // How many pictures back, 1..127 each; flexible mode with P only.
    StaticVector<uint8_t, kVp9ReferencesMax> references;
    uint8_t spatial_layers = 0;  // V: of the scalability structure, 0 without one
    ByteView frame;              // behind the descriptor; never empty
};

// RFC 9628 4.2. Nothing when a field does not fit, more references follow than the format allows, or no byte
// of the frame is left.
std::optional<Vp9Descriptor> parse_vp9(ByteView payload);

// This packet starts a picture that needs no other: a decoder can begin here (RFC 9628 4.2, bit P).
bool is_keyframe(const Vp9Descriptor&);

}  // namespace conclave::wire
