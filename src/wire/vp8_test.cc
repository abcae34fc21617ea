#include "wire/vp8.h"

#include <gtest/gtest.h>

#include <array>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

// X, S; I L T K; 15-bit picture id 0x1234; TL0PICIDX 0x56; TID 2, Y, KEYIDX 7; key frame of 640x480.
const char* const kFull = "90 f0 9234 56 a7 10 0200 9d012a 8002 e001";

TEST(Vp8, ReadsTheWholeDescriptor_RFC7741_4_2) {
    const auto bytes = from_hex(kFull);
    const auto p = parse_vp8(bytes);
    ASSERT_TRUE(p);
    EXPECT_FALSE(p->non_reference);
    EXPECT_TRUE(p->starts_partition);
    EXPECT_EQ(p->partition, 0);
    EXPECT_EQ(p->picture_id, 0x1234);
    EXPECT_TRUE(p->has_long_picture_id);
    EXPECT_EQ(p->tl0_pic_idx, 0x56);
    EXPECT_EQ(p->temporal_id, 2);
    EXPECT_TRUE(p->is_layer_sync);
    EXPECT_EQ(p->key_index, 7);
    EXPECT_EQ(p->head.size(), kVp8DescriptorMax);
    EXPECT_EQ(p->frame.size(), bytes.size() - 6);
    EXPECT_TRUE(is_keyframe(*p));
    EXPECT_EQ(keyframe_size(*p), (Vp8Size{640, 480}));
}

TEST(Vp8, FieldsThatAreNotSentAreAbsent_RFC7741_4_2) {
    const auto plain = from_hex("30 01");
    const auto p = parse_vp8(plain);
    ASSERT_TRUE(p);
    EXPECT_TRUE(p->non_reference);
    EXPECT_FALSE(p->picture_id || p->tl0_pic_idx || p->temporal_id || p->key_index);
    EXPECT_FALSE(is_keyframe(*p));
    EXPECT_TRUE(starts_frame(*p));
    // Short picture id; K without T leaves TID and Y without meaning.
    const auto some = from_hex("80 90 7f e5 00");
    const auto q = parse_vp8(some);
    ASSERT_TRUE(q);
    EXPECT_EQ(q->picture_id, 0x7f);
    EXPECT_FALSE(q->has_long_picture_id);
    EXPECT_FALSE(q->temporal_id);
    EXPECT_FALSE(q->is_layer_sync);
    EXPECT_EQ(q->key_index, 5);
}

TEST(Vp8, OnlyTheStartOfTheFirstPartitionStartsAFrame_RFC7741_4_4) {
    for (int s = 0; s < 2; ++s) {
        for (uint8_t pid = 0; pid < 8; ++pid) {
            const std::vector<uint8_t> bytes{static_cast<uint8_t>(s << 4 | pid), 0x00};
            const auto p = parse_vp8(bytes);
            ASSERT_TRUE(p);
            EXPECT_EQ(starts_frame(*p), s == 1 && pid == 0);
            EXPECT_EQ(is_keyframe(*p), s == 1 && pid == 0);
        }
    }
}

TEST(Vp8, M8_RefusesADescriptorWithoutAFrame) {
    const auto bytes = from_hex(kFull);
    for (size_t size = 0; size <= 6; ++size) EXPECT_FALSE(parse_vp8(ByteView{bytes}.first(size))) << size;
    EXPECT_TRUE(parse_vp8(ByteView{bytes}.first(7)));
}

TEST(Vp8, SizeNeedsTheStartCode_RFC6386_9_1) {
    auto bytes = from_hex(kFull);
    for (size_t size = 7; size < bytes.size(); ++size) {
        EXPECT_FALSE(keyframe_size(*parse_vp8(ByteView{bytes}.first(size))));
    }
    bytes[13] |= 0xc0;  // scaling hint of the width
    EXPECT_EQ(keyframe_size(*parse_vp8(bytes)), (Vp8Size{640, 480}));
    bytes[9] = 0;
    EXPECT_FALSE(keyframe_size(*parse_vp8(bytes)));
}

std::vector<uint8_t> rewritten(const std::vector<uint8_t>& payload, const Vp8Ids& ids) {
    const auto parsed = parse_vp8(payload);
    if (!parsed) return {};
    std::array<uint8_t, kVp8DescriptorMax> out;
    const size_t size = rewrite_vp8(*parsed, ids, out);
    std::vector<uint8_t> result{out.begin(), out.begin() + static_cast<ptrdiff_t>(size)};
    result.insert(result.end(), parsed->frame.begin(), parsed->frame.end());
    return result;
}

TEST(Vp8, RewritesWhatIsThere) {
    const auto before = from_hex(kFull);
    const auto after = rewritten(before, {0x7fff, 0xee, 31});
    const auto p = parse_vp8(after);
    ASSERT_TRUE(p);
    EXPECT_EQ(p->picture_id, 0x7fff);
    EXPECT_TRUE(p->has_long_picture_id);
    EXPECT_EQ(p->tl0_pic_idx, 0xee);
    EXPECT_EQ(p->key_index, 31);
    EXPECT_EQ(p->temporal_id, 2);
    EXPECT_TRUE(p->is_layer_sync);
    EXPECT_EQ(std::vector<uint8_t>(after.begin() + 6, after.end()),
              std::vector<uint8_t>(before.begin() + 6, before.end()));
}

TEST(Vp8, APictureIdGrowsOnlyWhenItMustAndNothingIsAdded) {
    EXPECT_EQ(rewritten(from_hex("80 80 05 11"), {0x7f, 9, 9}), from_hex("80 80 7f 11"));
    EXPECT_EQ(rewritten(from_hex("80 80 05 11"), {0x80, 9, 9}), from_hex("80 80 8080 11"));
    EXPECT_EQ(rewritten(from_hex("80 80 8005 11"), {3, 9, 9}), from_hex("80 80 8003 11"));
    EXPECT_EQ(rewritten(from_hex("80 20 b7 11"), {1, 2, 3}), from_hex("80 20 b7 11")) << "no K";
    EXPECT_EQ(rewritten(from_hex("10 11"), {1, 2, 3}), from_hex("10 11"));
}

}  // namespace
}  // namespace conclave::wire
