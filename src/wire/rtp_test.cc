#include "wire/rtp.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

TEST(Rtp, ReadsEveryField_RFC3550_5_1) {
    // Padding, extension, two CSRCs, marker, type 111.
    const auto bytes =
        from_hex("b2 ef 1234 00010203 a1b2c3d4 00000001 00000002 bede0001 10aa0000 c0ffee 0003 03");
    const auto p = parse_rtp(bytes);
    ASSERT_TRUE(p);
    EXPECT_TRUE(p->marker);
    EXPECT_EQ(p->payload_type, 111);
    EXPECT_EQ(p->sequence_number.value, 0x1234);
    EXPECT_EQ(p->timestamp, 0x00010203u);
    EXPECT_EQ(p->ssrc, 0xa1b2c3d4u);
    EXPECT_EQ(p->csrcs.size(), 8u);
    EXPECT_EQ(p->extension_profile, kOneByteProfile);
    EXPECT_EQ(p->extensions.size(), 4u);
    EXPECT_EQ(p->header_size, 28u);
    EXPECT_EQ(p->padding_size, 3);
    EXPECT_EQ(std::vector<uint8_t>(p->payload.begin(), p->payload.end()), from_hex("c0ffee"));
    // Before unprotecting, padding is cipher text.
    EXPECT_EQ(parse_rtp_header(bytes)->payload.size(), 6u);
    EXPECT_EQ(parse_rtp_header(bytes)->padding_size, 0);
}

TEST(Rtp, RefusesWhatDoesNotFit_RFC3550_A_1) {
    const auto bytes = from_hex("92 60 0001 00000002 00000003 00000001 00000002 bede0001 10aa0000");
    for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parse_rtp(ByteView{bytes}.first(size)));
    EXPECT_TRUE(parse_rtp(bytes));
    for (const unsigned version : {0x00, 0x40, 0xc0}) {
        auto other = bytes;
        other[0] = static_cast<uint8_t>(version | (other[0] & 0x3f));
        EXPECT_FALSE(parse_rtp(other));
    }
}

TEST(Rtp, M8_RefusesPaddingThatIsZeroOrLongerThanThePayload_RFC3550_5_1) {
    for (int count = 0; count < 256; ++count) {
        auto bytes = from_hex("a0 60 0001 00000002 00000003 00000000");
        bytes.back() = static_cast<uint8_t>(count);
        const auto p = parse_rtp(bytes);
        EXPECT_EQ(p.has_value(), count >= 1 && count <= 4) << count;
        if (p) {
            EXPECT_EQ(p->payload.size(), 4u - static_cast<size_t>(count));
        }
    }
    EXPECT_FALSE(parse_rtp(from_hex("a0 60 0001 00000002 00000003")));
}

RtpPacket with_extensions(uint16_t profile, const std::vector<uint8_t>& elements) {
    RtpPacket p;
    p.extension_profile = profile;
    p.extensions = elements;
    return p;
}

TEST(Rtp, FindsOneByteElements_RFC8285_4_2) {
    // id 1 (1 byte), padding, id 3 (2 bytes), padding.
    const auto elements = from_hex("10aa 00 31bbcc 0000");
    const RtpPacket p = with_extensions(kOneByteProfile, elements);
    ASSERT_TRUE(find_extension(p, 1));
    EXPECT_EQ((*find_extension(p, 1))[0], 0xaa);
    ASSERT_TRUE(find_extension(p, 3));
    EXPECT_EQ(find_extension(p, 3)->size(), 2u);
    for (const int id : {0, 2, 15, 255}) EXPECT_FALSE(find_extension(p, static_cast<uint8_t>(id))) << id;
}

TEST(Rtp, ReservedIdsEndTheOneByteForm_RFC8285_4_2) {
    for (const char* end : {"f0aa", "03aabbccdd"}) {
        const auto elements = from_hex(std::string{"10aa"} + end + "20bb");
        const RtpPacket p = with_extensions(kOneByteProfile, elements);
        EXPECT_TRUE(find_extension(p, 1));
        EXPECT_FALSE(find_extension(p, 2)) << end;
        EXPECT_FALSE(find_extension(p, 15));
    }
}

TEST(Rtp, FindsTwoByteElements_RFC8285_4_3) {
    const auto elements = from_hex("0100 00 ff02bbcc 0f01dd");
    for (const uint16_t profile : {uint16_t{0x1000}, uint16_t{0x100f}}) {
        const RtpPacket p = with_extensions(profile, elements);
        ASSERT_TRUE(find_extension(p, 1));
        EXPECT_TRUE(find_extension(p, 1)->empty());
        ASSERT_TRUE(find_extension(p, 255));
        EXPECT_EQ(find_extension(p, 255)->size(), 2u);
        EXPECT_TRUE(find_extension(p, 15));
    }
    EXPECT_FALSE(find_extension(with_extensions(0x2000, elements), 1));
}

TEST(Rtp, M8_AnElementThatLeavesTheExtensionIsNotFound) {
    const auto one = from_hex("10aa 23bbcc");
    EXPECT_TRUE(find_extension(with_extensions(kOneByteProfile, one), 1));
    EXPECT_FALSE(find_extension(with_extensions(kOneByteProfile, one), 2));
    const auto two = from_hex("01ff aa");
    EXPECT_FALSE(find_extension(with_extensions(kTwoByteProfile, two), 1));
}

TEST(Rtp, WritesTheOneByteFormWhenItFits_RFC8285_4_2) {
    const auto short_value = from_hex("aa");
    const std::vector<uint8_t> long_value(16, 0x77);
    const HeaderExtension extensions[] = {{1, short_value}, {14, long_value}};
    RtpHeader header{true, 96, SeqNo{65535}, 0xdeadbeef, 0x01020304};
    std::array<uint8_t, 64> buffer;
    const size_t size = write_rtp_header(buffer, header, extensions);
    ASSERT_GT(size, 0u);
    const auto p = parse_rtp(ByteView{buffer}.first(size));
    ASSERT_TRUE(p);
    EXPECT_EQ(p->extension_profile, kOneByteProfile);
    EXPECT_TRUE(p->marker);
    EXPECT_EQ(p->payload_type, 96);
    EXPECT_EQ(p->sequence_number.value, 65535);
    EXPECT_EQ(p->timestamp, 0xdeadbeefu);
    EXPECT_EQ(p->ssrc, 0x01020304u);
    EXPECT_EQ(p->header_size, size);
    EXPECT_EQ(find_extension(*p, 1)->size(), 1u);
    EXPECT_EQ(find_extension(*p, 14)->size(), 16u);
}

TEST(Rtp, WritesTheTwoByteFormOtherwise_RFC8285_4_3) {
    const std::vector<uint8_t> sizes[] = {{}, std::vector<uint8_t>(17, 1), std::vector<uint8_t>(255, 2)};
    std::array<uint8_t, 512> buffer;
    for (const auto& value : sizes) {
        const HeaderExtension e[] = {{5, value}};
        const size_t size = write_rtp_header(buffer, {}, e);
        const auto p = parse_rtp(ByteView{buffer}.first(size));
        ASSERT_TRUE(p);
        EXPECT_EQ(p->extension_profile, kTwoByteProfile);
        EXPECT_EQ(find_extension(*p, 5)->size(), value.size());
    }
    const HeaderExtension high_id[] = {{15, sizes[1]}};
    const size_t size = write_rtp_header(buffer, {}, high_id);
    EXPECT_TRUE(find_extension(*parse_rtp(ByteView{buffer}.first(size)), 15));
}

TEST(Rtp, RefusesToWriteWhatCannotBeTold) {
    std::array<uint8_t, 512> buffer;
    const std::vector<uint8_t> too_long(256);
    const HeaderExtension zero[] = {{0, {}}};
    const HeaderExtension large[] = {{1, too_long}};
    EXPECT_EQ(write_rtp_header(buffer, {}, zero), 0u);
    EXPECT_EQ(write_rtp_header(buffer, {}, large), 0u);
    const HeaderExtension fits[] = {{1, ByteView{too_long}.first(3)}};
    for (size_t size = 0; size < 20; ++size) {
        EXPECT_EQ(write_rtp_header(MutableBytes{buffer}.first(size), {}, fits), 0u);
    }
    EXPECT_EQ(write_rtp_header(MutableBytes{buffer}.first(20), {}, fits), 20u);
    EXPECT_EQ(write_rtp_header(MutableBytes{buffer}.first(12), {}, {}), 12u);
}

}  // namespace
}  // namespace conclave::wire
