#include "wire/dcep.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace conclave::wire {
namespace {

std::vector<uint8_t> written(const DcepOpen& open) {
    std::vector<uint8_t> buffer(kDcepOpenHeaderSize + open.label.size() + open.protocol.size());
    ByteWriter writer(buffer);
    EXPECT_TRUE(write_dcep_open(writer, open));
    return buffer;
}

TEST(DcepOpen, RoundTripsEveryChannelTypeOfRfc8832Section5_1) {
    for (const auto reliability :
         {DcepReliability::Reliable, DcepReliability::Retransmits, DcepReliability::Lifetime})
        for (const bool ordered : {true, false}) {
            const DcepOpen open{reliability, ordered, 512, 7, "_lossy", "proto"};
            const std::vector<uint8_t> message = written(open);
            const auto parsed = parse_dcep_open(message);
            ASSERT_TRUE(parsed);
            EXPECT_EQ(parsed->reliability, reliability);
            EXPECT_EQ(parsed->ordered, ordered);
            EXPECT_EQ(parsed->priority, 512);
            EXPECT_EQ(parsed->limit, reliability == DcepReliability::Reliable ? 0u : 7u);
            EXPECT_EQ(parsed->label, "_lossy");
            EXPECT_EQ(parsed->protocol, "proto");
        }
}

TEST(DcepOpen, HasTheLayoutOfRfc8832Section5_1) {
    const std::vector<uint8_t> expected{3, 0x81, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 'x'};
    EXPECT_EQ(written({DcepReliability::Retransmits, false, 256, 0, "x", ""}), expected);
}

TEST(DcepOpen, RefusesEveryCutAndEverythingTrailing) {
    std::vector<uint8_t> message = written({DcepReliability::Reliable, true, 256, 0, "label", "p"});
    for (size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(parse_dcep_open(ByteView(message).first(size))) << size;
    message.push_back(0);
    EXPECT_FALSE(parse_dcep_open(message));
}

TEST(DcepOpen, RefusesUnknownTypes) {
    std::vector<uint8_t> message = written({DcepReliability::Reliable, true, 256, 0, "label", ""});
    for (const uint8_t type : std::initializer_list<uint8_t>{3, 4, 0x7F, 0x83, 0xFF}) {
        message[1] = type;
        EXPECT_FALSE(parse_dcep_open(message)) << int{type};
    }
    message[1] = 0;
    message[0] = 2;
    EXPECT_FALSE(parse_dcep_open(message));
}

TEST(DcepOpen, CarriesALabelOf65535BytesAndNotOneMore) {
    const std::string longest(65535, 'a');
    const std::vector<uint8_t> message = written({DcepReliability::Reliable, true, 256, 0, longest, ""});
    const auto parsed = parse_dcep_open(message);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->label.size(), 65535u);
    std::vector<uint8_t> buffer(70000);
    ByteWriter writer(buffer);
    EXPECT_FALSE(write_dcep_open(writer, {DcepReliability::Reliable, true, 256, 0, longest + "a", ""}));
    EXPECT_EQ(writer.size(), 0u);
}

TEST(DcepAck, IsOneByte) {
    std::vector<uint8_t> buffer(1);
    ByteWriter writer(buffer);
    write_dcep_ack(writer);
    EXPECT_TRUE(is_dcep_ack(writer.written()));
    EXPECT_FALSE(is_dcep_ack({}));
    EXPECT_FALSE(is_dcep_ack(std::vector<uint8_t>{3}));
}

}  // namespace
}  // namespace conclave::wire
