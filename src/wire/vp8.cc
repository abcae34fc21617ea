#include "wire/vp8.h"

namespace conclave::wire {

// RFC 7741 4.2, figure 2. Fields of absent extensions stay absent.
std::optional<Vp8Descriptor> parse_vp8(ByteView payload) {
    ByteReader in{payload};
    Vp8Descriptor d;
    const uint8_t mandatory = in.u8();
    d.non_reference = (mandatory & 0x20) != 0;
    d.starts_partition = (mandatory & 0x10) != 0;
    d.partition = mandatory & 0x07;
    const uint8_t extension = (mandatory & 0x80) != 0 ? in.u8() : uint8_t{0};
    if ((extension & 0x80) != 0) {  // I
        const uint8_t high = in.u8();
        d.has_long_picture_id = (high & 0x80) != 0;
        d.picture_id = high & 0x7f;
        if (d.has_long_picture_id) d.picture_id = static_cast<uint16_t>((high & 0x7f) << 8 | in.u8());
    }
    if ((extension & 0x40) != 0) d.tl0_pic_idx = in.u8();  // L
    if ((extension & 0x30) != 0) {                         // T or K: one octet holds both
        const uint8_t octet = in.u8();
        if ((extension & 0x20) != 0) {
            d.temporal_id = static_cast<uint8_t>(octet >> 6);
            d.is_layer_sync = (octet & 0x20) != 0;
        }
        if ((extension & 0x10) != 0) d.key_index = octet & 0x1f;
    }
    d.frame = in.rest();
    if (!in.ok() || d.frame.empty()) return {};
    d.head = payload.first(payload.size() - d.frame.size());
    return d;
}

bool starts_frame(const Vp8Descriptor& payload) {
    return payload.starts_partition && payload.partition == 0;
}

bool is_keyframe(const Vp8Descriptor& payload) {
    return starts_frame(payload) && (payload.frame[0] & 0x01) == 0;  // RFC 7741 4.3: inverse key frame flag
}

std::optional<Vp8Size> keyframe_size(const Vp8Descriptor& payload) {
    constexpr uint32_t kStartCode = 0x9d012a;
    if (!is_keyframe(payload)) return {};
    ByteReader in{payload.frame};
    in.skip(3);
    const uint32_t start_code = in.u24();
    const ByteView size = in.bytes(4);
    if (!in.ok() || start_code != kStartCode) return {};
    // Little-endian, 14 bits each; the upper two are the scaling hint.
    return Vp8Size{static_cast<uint16_t>((size[1] << 8 | size[0]) & 0x3fff),
                   static_cast<uint16_t>((size[3] << 8 | size[2]) & 0x3fff)};
}

size_t rewrite_vp8(const Vp8Descriptor& payload, const Vp8Ids& ids,
                   std::span<uint8_t, kVp8DescriptorMax> out) {
    constexpr uint16_t kShortMax = 0x7f;
    ByteWriter writer{out};
    writer.u8(payload.head[0]);
    if ((payload.head[0] & 0x80) != 0) writer.u8(payload.head[1]);
    if (payload.picture_id) {
        const auto id = static_cast<uint16_t>(ids.picture_id & 0x7fff);
        if (payload.has_long_picture_id || id > kShortMax) {
            writer.u16(static_cast<uint16_t>(0x8000 | id));
        } else {
            writer.u8(static_cast<uint8_t>(id));
        }
    }
    if (payload.tl0_pic_idx) writer.u8(ids.tl0_pic_idx);
    if (payload.temporal_id || payload.key_index) {
        // Without K its low bits have no meaning and stay.
        const uint8_t old = payload.head.back();
        const uint8_t key = payload.key_index ? ids.key_index & 0x1f : old & 0x1f;
        writer.u8(static_cast<uint8_t>((old & 0xe0) | key));
    }
    return writer.size();
}

}  // namespace conclave::wire
