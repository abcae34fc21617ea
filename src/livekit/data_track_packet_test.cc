#include "livekit/data_track_packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace conclave::livekit {
namespace {

using Bytes = std::vector<uint8_t>;

// As livekit-client writes them.
const Bytes kSingle = {0x18, 0, 0, 101, 0, 102, 0, 103, 0, 0, 0, 104, 'p', 'a', 'y'};

Bytes with_extensions(uint16_t words, Bytes extensions) {
    Bytes packet(kSingle.begin(), kSingle.begin() + kDataTrackHeaderSize);
    packet[0] |= 0x04;
    packet.push_back(static_cast<uint8_t>(words >> 8));
    packet.push_back(static_cast<uint8_t>(words));
    packet.insert(packet.end(), extensions.begin(), extensions.end());
    return packet;
}

TEST(DataTrackPacket, TheHeaderIsRead) {
    const auto header = parse_data_track_header(kSingle);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->starts_frame);
    EXPECT_TRUE(header->ends_frame);
    EXPECT_EQ(header->handle, 101);
    EXPECT_EQ(header->sequence, 102);
    EXPECT_EQ(header->frame, 103);
    EXPECT_EQ(header->timestamp, 104u);
    EXPECT_EQ(header->size, kDataTrackHeaderSize);
}

TEST(DataTrackPacket, ExtensionsAreSkipped) {
    Bytes timestamp = {2, 8, 0, 0, 0, 0, 0, 0, 0, 1};
    EXPECT_EQ(parse_data_track_header(with_extensions(2, timestamp))->size, 24u);
    Bytes both(2 + 13 + 2 + 8 + 1);
    both[0] = 1, both[1] = 13, both[15] = 2, both[16] = 8;
    both.resize(4 * 7 - 2);
    EXPECT_EQ(parse_data_track_header(with_extensions(6, both))->size, 12u + 28u);
    EXPECT_TRUE(parse_data_track_header(with_extensions(1, {99, 4, 1, 2, 3, 4}))) << "of a newer client";
}

TEST(DataTrackPacket, OnlyTheHandleChanges) {
    Bytes packet = kSingle;
    set_data_track_handle(packet, 0xabcd);
    EXPECT_EQ(parse_data_track_header(packet)->handle, 0xabcd);
    set_data_track_handle(packet, 101);
    EXPECT_EQ(packet, kSingle);
}

TEST(DataTrackPacket, WhatReceiversWouldRefuseIsRefused) {
    for (size_t size = 0; size < kDataTrackHeaderSize; ++size) {
        EXPECT_FALSE(parse_data_track_header(ByteView{kSingle}.first(size))) << size;
    }
    EXPECT_TRUE(parse_data_track_header(ByteView{kSingle}.first(kDataTrackHeaderSize)));
    Bytes packet = kSingle;
    packet[0] |= 0x20;
    EXPECT_FALSE(parse_data_track_header(packet)) << "version 1";
    packet = kSingle;
    packet[3] = 0;
    EXPECT_FALSE(parse_data_track_header(packet)) << "handle 0 is reserved";
    EXPECT_FALSE(parse_data_track_header(with_extensions(2, {}))) << "longer than the packet";
    EXPECT_TRUE(parse_data_track_header(with_extensions(0, {0, 0})));
    EXPECT_FALSE(parse_data_track_header(with_extensions(0, {0}))) << "one byte short";
    EXPECT_FALSE(parse_data_track_header(with_extensions(0, {1, 13}))) << "longer than the extensions";
    EXPECT_FALSE(parse_data_track_header(with_extensions(1, {2, 4, 0, 0, 0, 0}))) << "not a timestamp";
}

}  // namespace
}  // namespace conclave::livekit
