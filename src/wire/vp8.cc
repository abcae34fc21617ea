#include "wire/vp8.h"

namespace conclave::wire {

namespace {

// Where the fields are that a forwarder rewrites; 0 when absent (offset 0 is the mandatory octet).
struct Layout {
    Vp8Payload payload;
    size_t picture_id_at = 0;
    size_t tl0_pic_idx_at = 0;
    size_t key_index_at = 0;
};

// RFC 7741 4.2, figure 2. Fields of absent extensions stay absent.
std::optional<Layout> read_layout(ByteView bytes) {
    ByteReader in{bytes};
    const auto offset = [&] { return bytes.size() - in.remaining(); };
    Layout layout;
    Vp8Payload& p = layout.payload;

    const uint8_t mandatory = in.u8();
    p.non_reference = (mandatory & 0x20) != 0;
    p.starts_partition = (mandatory & 0x10) != 0;
    p.partition = mandatory & 0x07;
    const uint8_t extension = (mandatory & 0x80) != 0 ? in.u8() : uint8_t{0};
    if ((extension & 0x80) != 0) {  // I
        layout.picture_id_at = offset();
        const uint8_t high = in.u8();
        p.has_long_picture_id = (high & 0x80) != 0;
        p.picture_id = high & 0x7f;
        if (p.has_long_picture_id) p.picture_id = static_cast<uint16_t>((high & 0x7f) << 8 | in.u8());
    }
    if ((extension & 0x40) != 0) {  // L
        layout.tl0_pic_idx_at = offset();
        p.tl0_pic_idx = in.u8();
    }
    if ((extension & 0x30) != 0) {  // T or K: one octet holds both
        const size_t at = offset();
        const uint8_t octet = in.u8();
        if ((extension & 0x20) != 0) {
            p.temporal_id = static_cast<uint8_t>(octet >> 6);
            p.is_layer_sync = (octet & 0x20) != 0;
        }
        if ((extension & 0x10) != 0) {
            layout.key_index_at = at;
            p.key_index = octet & 0x1f;
        }
    }
    p.frame = in.rest();
    if (!in.ok() || p.frame.empty()) return {};
    return layout;
}

}  // namespace

std::optional<Vp8Payload> parse_vp8(ByteView payload) {
    if (const auto layout = read_layout(payload)) return layout->payload;
    return {};
}

bool starts_frame(const Vp8Payload& payload) {
    return payload.starts_partition && payload.partition == 0;
}

bool is_keyframe(const Vp8Payload& payload) {
    return starts_frame(payload) && (payload.frame[0] & 0x01) == 0;  // RFC 7741 4.3: inverse key frame flag
}

std::optional<Vp8Size> keyframe_size(const Vp8Payload& payload) {
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

bool rewrite_vp8(MutableBytes payload, const Vp8Rewrite& values) {
    const auto layout = read_layout(payload);
    if (!layout) return false;
    if (layout->picture_id_at > 0) {
        uint8_t* at = payload.data() + layout->picture_id_at;
        if (layout->payload.has_long_picture_id) {
            store_be16(at, static_cast<uint16_t>(0x8000 | values.picture_id));
        } else {
            at[0] = static_cast<uint8_t>(values.picture_id & 0x7f);
        }
    }
    if (layout->tl0_pic_idx_at > 0) payload[layout->tl0_pic_idx_at] = values.tl0_pic_idx;
    if (layout->key_index_at > 0) {
        uint8_t& octet = payload[layout->key_index_at];
        octet = static_cast<uint8_t>((octet & 0xe0) | (values.key_index & 0x1f));
    }
    return true;
}

}  // namespace conclave::wire
