#include <array>
#include <vector>

#include "base/check.h"
#include "wire/vp8.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView bytes{data, size};
    const auto before = wire::parse_vp8(bytes);
    if (!before) return 0;
    CHECK(!before->frame.empty() && before->head.size() + before->frame.size() == size);
    CHECK(!before->head.empty() && before->head.size() <= wire::kVp8DescriptorMax);
    std::array<uint8_t, wire::kVp8DescriptorMax> out;
    const size_t written = wire::rewrite_vp8(*before, {0x5a5a, 0xa5, 0x15}, out);
    if (wire::keyframe_size(*before)) CHECK(wire::is_keyframe(*before));
    if (wire::is_keyframe(*before)) CHECK(wire::starts_frame(*before));
    std::vector<uint8_t> copy{out.begin(), out.begin() + static_cast<ptrdiff_t>(written)};
    copy.insert(copy.end(), before->frame.begin(), before->frame.end());
    const auto after = wire::parse_vp8(copy);
    CHECK(after && after->frame.size() == before->frame.size());
    CHECK(after->temporal_id == before->temporal_id && after->is_layer_sync == before->is_layer_sync);
    CHECK(after->picture_id.has_value() == before->picture_id.has_value());
    CHECK(after->tl0_pic_idx.has_value() == before->tl0_pic_idx.has_value());
    CHECK(after->key_index.has_value() == before->key_index.has_value());
    if (after->picture_id) CHECK(*after->picture_id == 0x5a5a && after->has_long_picture_id);
    if (after->tl0_pic_idx) CHECK(after->tl0_pic_idx == 0xa5);
    if (after->key_index) CHECK(after->key_index == 0x15);
    return 0;
}
