#include "wire/demux.h"

#include <gtest/gtest.h>

#include <vector>

namespace conclave::wire {
namespace {

DatagramKind classify_bytes(uint8_t first, uint8_t second, size_t size) {
    std::vector<uint8_t> bytes(size);
    if (size > 0) bytes[0] = first;
    if (size > 1) bytes[1] = second;
    return classify(bytes);
}

DatagramKind expected(int first) {
    if (first <= 3) return DatagramKind::Stun;
    if (first >= 20 && first <= 63) return DatagramKind::Dtls;
    if (first >= 128 && first <= 191) return DatagramKind::Rtp;
    return DatagramKind::Unknown;
}

TEST(Demux, FollowsTheRangesOfTheFirstByte_RFC7983_7) {
    for (int first = 0; first < 256; ++first) {
        EXPECT_EQ(classify_bytes(static_cast<uint8_t>(first), 0x6f, 100), expected(first)) << first;
    }
}

TEST(Demux, TellsRtcpByPacketType_RFC5761_4) {
    for (int second = 0; second < 256; ++second) {
        const bool is_rtcp = (second & 0x7f) >= 64 && (second & 0x7f) <= 95 && second >= 128;
        EXPECT_EQ(classify_bytes(0x80, static_cast<uint8_t>(second), 100),
                  is_rtcp ? DatagramKind::Rtcp : DatagramKind::Rtp)
            << second;
    }
}

TEST(Demux, NeedsTheFixedHeaderOfTheProtocol) {
    const struct {
        uint8_t first, second;
        size_t size_min;
        DatagramKind kind;
    } cases[] = {{0, 1, 20, DatagramKind::Stun},
                 {22, 0xfe, 13, DatagramKind::Dtls},
                 {0x80, 111, 12, DatagramKind::Rtp},
                 {0x80, 200, 8, DatagramKind::Rtcp}};
    for (const auto& c : cases) {
        for (size_t size = 0; size < c.size_min; ++size) {
            EXPECT_EQ(classify_bytes(c.first, c.second, size), DatagramKind::Unknown);
        }
        EXPECT_EQ(classify_bytes(c.first, c.second, c.size_min), c.kind);
    }
}

TEST(Demux, FindsWhoSendsASealedPacket_RFC3550_5_1_6_4) {
    std::array<uint8_t, 12> packet{0x80, 111, 0, 1, 0, 0, 0, 7, 1, 2, 3, 4};
    EXPECT_EQ(sender_ssrc(packet), 0x01020304u);
    packet[1] = 200;
    EXPECT_EQ(sender_ssrc(packet), 7u);
    packet[0] = 22;
    EXPECT_FALSE(sender_ssrc(packet));
    EXPECT_FALSE(sender_ssrc(ByteView(packet).first(4)));
}

}  // namespace
}  // namespace conclave::wire
