#include "wire/vp9.h"

namespace conclave::wire {

namespace {

enum Bits : uint8_t {  // of the first octet
    kPictureId = 0x80,
    kInterPredicted = 0x40,
    kLayers = 0x20,
    kFlexible = 0x10,
    kStart = 0x08,
    kEnd = 0x04,
    kStructure = 0x02,
    kNotNeededAbove = 0x01,
};

void read_layers(ByteReader& in, Vp9Descriptor& d) {
    const uint8_t octet = in.u8();
    d.has_layers = true;
    d.temporal = static_cast<uint8_t>(octet >> 5);
    d.is_switching_up_point = (octet & 0x10) != 0;
    d.spatial = (octet >> 1) & 0x07;
    d.is_inter_layer_predicted = (octet & 0x01) != 0;
    if (!d.is_flexible) d.tl0_pic_idx = in.u8();
}

bool read_references(ByteReader& in, Vp9Descriptor& d) {
    bool more = true;
    while (more) {
        const uint8_t octet = in.u8();
        more = (octet & 0x01) != 0;
        if (!d.references.try_push_back(static_cast<uint8_t>(octet >> 1))) return false;
    }
    return true;
}

// RFC 9628 4.2.1: resolutions and picture group are passed over; every count has 8 bits at most.
void read_structure(ByteReader& in, Vp9Descriptor& d) {
    constexpr size_t kResolutionSize = 4;
    const uint8_t head = in.u8();
    d.spatial_layers = static_cast<uint8_t>((head >> 5) + 1);
    if ((head & 0x10) != 0) in.skip(kResolutionSize * d.spatial_layers);  // Y
    if ((head & 0x08) == 0) return;                                       // G
    const uint8_t pictures = in.u8();
    for (uint8_t i = 0; i < pictures && in.ok(); ++i) {
        const size_t references = (in.u8() >> 2) & 0x03;
        in.skip(references);
    }
}

}  // namespace

std::optional<Vp9Descriptor> parse_vp9(ByteView payload) {
    ByteReader in{payload};
    Vp9Descriptor d;
    const uint8_t head = in.u8();
    d.is_inter_predicted = (head & kInterPredicted) != 0;
    d.is_flexible = (head & kFlexible) != 0;
    d.starts_frame = (head & kStart) != 0;
    d.ends_frame = (head & kEnd) != 0;
    d.is_not_needed_above = (head & kNotNeededAbove) != 0;
    if ((head & kPictureId) != 0) {
        const uint8_t high = in.u8();
        d.has_long_picture_id = (high & 0x80) != 0;
        d.picture_id = high & 0x7f;
        if (d.has_long_picture_id) d.picture_id = static_cast<uint16_t>((high & 0x7f) << 8 | in.u8());
    }
    if ((head & kLayers) != 0) read_layers(in, d);
    if (d.is_flexible && d.is_inter_predicted && !read_references(in, d)) return {};
    if ((head & kStructure) != 0) read_structure(in, d);
    d.frame = in.rest();
    if (!in.ok() || d.frame.empty()) return {};
    return d;
}

bool is_keyframe(const Vp9Descriptor& d) {
    return d.starts_frame && !d.is_inter_predicted && d.spatial == 0;
}

}  // namespace conclave::wire
