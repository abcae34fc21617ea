#include "wire/vp9.h"

#include <gtest/gtest.h>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

TEST(Vp9, ReadsNonFlexibleMode_RFC9628_4_2) {
    // I P L E; 15-bit picture id; TID 2, U, SID 1, D; TL0PICIDX.
    const auto bytes = from_hex("e4 9234 53 56 aa");
    const auto d = parse_vp9(bytes);
    ASSERT_TRUE(d);
    EXPECT_TRUE(d->is_inter_predicted);
    EXPECT_FALSE(d->is_flexible);
    EXPECT_FALSE(d->starts_frame);
    EXPECT_TRUE(d->ends_frame);
    EXPECT_FALSE(d->is_not_needed_above);
    EXPECT_EQ(d->picture_id, 0x1234);
    EXPECT_TRUE(d->has_long_picture_id);
    EXPECT_TRUE(d->has_layers);
    EXPECT_EQ(d->temporal, 2);
    EXPECT_EQ(d->spatial, 1);
    EXPECT_TRUE(d->is_switching_up_point);
    EXPECT_TRUE(d->is_inter_layer_predicted);
    EXPECT_EQ(d->tl0_pic_idx, 0x56);
    EXPECT_EQ(d->frame.size(), 1u);
    EXPECT_EQ(d->frame[0], 0xaa);
}

TEST(Vp9, ReadsFlexibleModeWithThreeReferences_RFC9628_4_2) {
    const auto bytes = from_hex("f9 7f 20 03 05 08 aa bb");
    const auto d = parse_vp9(bytes);
    ASSERT_TRUE(d);
    EXPECT_EQ(d->picture_id, 0x7f);
    EXPECT_FALSE(d->has_long_picture_id);
    EXPECT_FALSE(d->tl0_pic_idx);
    EXPECT_TRUE(d->is_not_needed_above);
    ASSERT_EQ(d->references.size(), 3u);
    EXPECT_EQ(d->references[0], 1);
    EXPECT_EQ(d->references[1], 2);
    EXPECT_EQ(d->references[2], 4);
    EXPECT_EQ(d->frame.size(), 2u);
    // A fourth reference is one too many.
    EXPECT_FALSE(parse_vp9(from_hex("f8 7f 20 03 05 09 08 aa")));
}

TEST(Vp9, PassesOverTheScalabilityStructure_RFC9628_4_2_1) {
    // B E V; three layers with resolutions, a group of two pictures with 1 and 2 references.
    const auto bytes = from_hex("0e 58 0140 00b4 0280 0168 0500 02d0 02 04 01 48 0102 aa");
    const auto d = parse_vp9(bytes);
    ASSERT_TRUE(d);
    EXPECT_EQ(d->spatial_layers, 3);
    EXPECT_EQ(d->frame.size(), 1u);
    EXPECT_EQ(d->frame[0], 0xaa);
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_vp9(ByteView{bytes}.first(size))) << size;
    }
    EXPECT_EQ(parse_vp9(from_hex("0e 00 aa"))->spatial_layers, 1);
}

TEST(Vp9, AKeyFrameStartsWhereNothingIsNeeded) {
    struct {
        const char* bytes;
        bool is_keyframe;
    } cases[] = {
        {"08 aa", true},             // B alone
        {"04 aa", false},            // its end
        {"48 aa", false},            // P
        {"28 00 00 aa", true},       // layers: SID 0
        {"28 03 00 aa", false},      // SID 1 of a key picture: needs SID 0
        {"a8 8001 00 00 aa", true},  // with picture id
        {"b8 8001 10 aa", true},     // flexible
    };
    for (const auto& c : cases) {
        const auto d = parse_vp9(from_hex(c.bytes));
        ASSERT_TRUE(d) << c.bytes;
        EXPECT_EQ(is_keyframe(*d), c.is_keyframe) << c.bytes;
    }
}

TEST(Vp9, RefusesADescriptorWithoutAFrame) {
    for (const char* bytes : {"", "08", "88", "88 01", "88 81", "88 8101", "28 00", "28 00 00", "f8 01 00"}) {
        EXPECT_FALSE(parse_vp9(from_hex(bytes))) << bytes;
    }
}

}  // namespace
}  // namespace conclave::wire
