#include "wire/red.h"

#include <gtest/gtest.h>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

TEST(Red, ReadsRedundantBlocksAndThePrimary_RFC2198_3) {
    // Type 111: offset 1920, 2 bytes; offset 960, 1 byte; then the primary.
    const auto bytes = from_hex("ef 1e0002 ef 0f0001 6f aabb cc ddee");
    const auto red = parse_red(bytes);
    ASSERT_TRUE(red);
    ASSERT_EQ(red->blocks.size(), 3u);
    EXPECT_EQ(red->blocks[0].payload_type, 111);
    EXPECT_EQ(red->blocks[0].timestamp_offset, 1920);
    EXPECT_EQ(red->blocks[0].data.size(), 2u);
    EXPECT_EQ(red->blocks[1].timestamp_offset, 960);
    EXPECT_EQ(red->blocks[1].data[0], 0xcc);
    EXPECT_EQ(red->primary().payload_type, 111);
    EXPECT_EQ(red->primary().timestamp_offset, 0);
    EXPECT_EQ(red->primary().data[0], 0xdd);
    EXPECT_EQ(red->primary().data.size(), 2u);
}

TEST(Red, ThePrimaryMayBeAlone_RFC2198_3) {
    const auto red = parse_red(from_hex("6f"));
    ASSERT_TRUE(red);
    EXPECT_EQ(red->blocks.size(), 1u);
    EXPECT_TRUE(red->primary().data.empty());
}

TEST(Red, RefusesBlocksThatLeaveThePayload) {
    const auto bytes = from_hex("ef 1e0002 ef 0f0001 6f aabb cc");
    for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parse_red(ByteView{bytes}.first(size)));
    EXPECT_TRUE(parse_red(bytes));
    EXPECT_FALSE(parse_red(from_hex("ef 0003ff 6f aa")));
}

TEST(Red, RefusesMoreBlocksThanTheLimit) {
    for (size_t blocks = kRedBlocksMax - 1; blocks <= kRedBlocksMax + 1; ++blocks) {
        std::vector<uint8_t> bytes;
        for (size_t i = 1; i < blocks; ++i) bytes.insert(bytes.end(), {0xef, 0, 0, 0});
        bytes.push_back(0x6f);
        EXPECT_EQ(parse_red(bytes).has_value(), blocks <= kRedBlocksMax) << blocks;
    }
}

}  // namespace
}  // namespace conclave::wire
