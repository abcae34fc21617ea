#include "wire/sctp.h"

#include <gtest/gtest.h>

#include <vector>

namespace conclave::wire {
namespace {

std::vector<uint8_t> bytes_of(ByteView view) {
    return {view.begin(), view.end()};
}

TEST(Crc32c, MatchesTheCheckValuesOfRfc3720B4) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u);
    EXPECT_EQ(crc32c(std::vector<uint8_t>(32, 0)), 0x8A9136AAu);
    EXPECT_EQ(crc32c(std::vector<uint8_t>(32, 0xFF)), 0x62A8AB43u);
    std::vector<uint8_t> ascending(32);
    for (size_t i = 0; i < 32; ++i) ascending[i] = static_cast<uint8_t>(i);
    EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
    EXPECT_EQ(crc32c({}), 0u);
}

TEST(SctpPacket, RoundTripsEveryChunkThatIsWritten) {
    std::vector<uint8_t> buffer(1200);
    SctpWriter writer(buffer, {5000, 5001, 0xAABBCCDD});
    const std::vector<uint8_t> payload{1, 2, 3};
    writer.data({7, 2, 9, 51, true, true, false, true, payload});
    const std::vector<SctpGap> gaps{{2, 3}, {5, 5}};
    const std::vector<uint32_t> duplicates{6};
    writer.sack(5, 4096, gaps, duplicates);
    const std::vector<SctpSkip> skips{{1, 4}};
    writer.forward_tsn(77, skips);
    const std::vector<uint16_t> streams{1, 2, 3};
    writer.begin_chunk(SctpChunkType::ReConfig, 0);
    writer.outgoing_reset(10, 11, 12, streams);
    writer.reconfig_response(13, SctpResetResult::InProgress);
    writer.incoming_reset(14, streams);
    writer.end_chunk();
    const auto packet = parse_sctp_packet(writer.finish());
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->header, (SctpHeader{5000, 5001, 0xAABBCCDD}));

    SctpChunks chunks(packet->chunks);
    const auto data = parse_sctp_data(*chunks.next());
    ASSERT_TRUE(data);
    EXPECT_EQ(data->tsn, 7u);
    EXPECT_EQ(data->stream, 2);
    EXPECT_EQ(data->ssn, 9);
    EXPECT_EQ(data->ppid, 51u);
    EXPECT_TRUE(data->unordered && data->begins && !data->ends && data->immediate);
    EXPECT_EQ(bytes_of(data->payload), payload);

    const auto sack = parse_sctp_sack(*chunks.next());
    ASSERT_TRUE(sack);
    EXPECT_EQ(sack->cumulative_tsn, 5u);
    EXPECT_EQ(sack->receive_window, 4096u);
    ASSERT_EQ(sack->gap_count(), 2u);
    EXPECT_EQ(sack->gap(1), (SctpGap{5, 5}));
    ASSERT_EQ(sack->duplicate_count(), 1u);
    EXPECT_EQ(sack->duplicate(0), 6u);

    const auto forward = parse_sctp_forward_tsn(*chunks.next());
    ASSERT_TRUE(forward);
    EXPECT_EQ(forward->new_cumulative_tsn, 77u);
    ASSERT_EQ(forward->skip_count(), 1u);
    EXPECT_EQ(forward->skip(0), (SctpSkip{1, 4}));

    const auto reconfig = chunks.next();
    ASSERT_TRUE(reconfig);
    SctpParameters parameters(reconfig->value);
    const auto outgoing = parse_sctp_outgoing_reset(*parameters.next());
    ASSERT_TRUE(outgoing);
    EXPECT_EQ(outgoing->request, 10u);
    EXPECT_EQ(outgoing->response, 11u);
    EXPECT_EQ(outgoing->last_tsn, 12u);
    ASSERT_EQ(outgoing->stream_count(), 3u);
    EXPECT_EQ(outgoing->stream(2), 3);
    const auto response = parse_sctp_reconfig_response(*parameters.next());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->response, 13u);
    EXPECT_EQ(response->result, SctpResetResult::InProgress);
    const auto incoming = parse_sctp_incoming_reset(*parameters.next());
    ASSERT_TRUE(incoming);
    EXPECT_EQ(incoming->request, 14u);
    EXPECT_EQ(incoming->stream_count(), 3u);
    EXPECT_FALSE(parameters.next());
    EXPECT_TRUE(parameters.ok());
    EXPECT_FALSE(chunks.next());
    EXPECT_TRUE(chunks.ok());
}

TEST(SctpPacket, InitWithParametersRoundTrips) {
    std::vector<uint8_t> buffer(256);
    SctpWriter writer(buffer, {1, 2, 0});
    writer.begin_init(SctpChunkType::Init, {0x11, 0x40000, 16, 17, 0x99, {}});
    const std::vector<uint8_t> extensions{130, 192, 1};
    writer.parameter(SctpParameterType::SupportedExtensions, extensions);
    writer.parameter(SctpParameterType::ForwardTsnSupported, {});
    writer.end_chunk();
    const auto packet = parse_sctp_packet(writer.finish());
    ASSERT_TRUE(packet);
    SctpChunks chunks(packet->chunks);
    const auto init = parse_sctp_init(*chunks.next());
    ASSERT_TRUE(init);
    EXPECT_EQ(init->tag, 0x11u);
    EXPECT_EQ(init->receive_window, 0x40000u);
    EXPECT_EQ(init->outgoing_streams, 16);
    EXPECT_EQ(init->incoming_streams, 17);
    EXPECT_EQ(init->initial_tsn, 0x99u);
    SctpParameters parameters(init->parameters);
    const auto first = parameters.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->type, SctpParameterType::SupportedExtensions);
    EXPECT_EQ(bytes_of(first->value), extensions);
    const auto second = parameters.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->type, SctpParameterType::ForwardTsnSupported);
    EXPECT_FALSE(parameters.next());
}

TEST(SctpPacket, RefusesAWrongChecksumAndAShortHeader) {
    std::vector<uint8_t> buffer(64);
    SctpWriter writer(buffer, {1, 2, 3});
    writer.chunk(SctpChunkType::CookieAck, 0, {});
    std::vector<uint8_t> packet = bytes_of(writer.finish());
    ASSERT_TRUE(parse_sctp_packet(packet));
    for (size_t bit = 0; bit < packet.size() * 8; ++bit) {
        packet[bit / 8] = static_cast<uint8_t>(packet[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(parse_sctp_packet(packet)) << bit;
        packet[bit / 8] = static_cast<uint8_t>(packet[bit / 8] ^ (1 << (bit % 8)));
    }
    for (size_t size = 0; size < kSctpHeaderSize; ++size)
        EXPECT_FALSE(parse_sctp_packet(ByteView(packet).first(size)));
}

TEST(SctpChunks, EndAtALengthBelowFourOrBeyondThePacket) {
    for (const uint8_t length : std::initializer_list<uint8_t>{0, 3, 9, 255}) {
        const std::vector<uint8_t> bytes{11, 0, 0, 4, 14, 0, 0, length, 0, 0, 0, 0};
        SctpChunks chunks(bytes);
        EXPECT_TRUE(chunks.next());
        EXPECT_FALSE(chunks.next()) << int{length};
        EXPECT_FALSE(chunks.ok());
        EXPECT_FALSE(chunks.next());
    }
    const std::vector<uint8_t> cut{11, 0, 0};
    SctpChunks chunks(cut);
    EXPECT_FALSE(chunks.next());
    EXPECT_FALSE(chunks.ok());
}

TEST(SctpChunks, AcceptAMissingPaddingAtTheVeryEnd) {
    const std::vector<uint8_t> bytes{4, 0, 0, 5, 42};
    SctpChunks chunks(bytes);
    const auto chunk = chunks.next();
    ASSERT_TRUE(chunk);
    EXPECT_EQ(bytes_of(chunk->value), std::vector<uint8_t>{42});
    EXPECT_FALSE(chunks.next());
    EXPECT_TRUE(chunks.ok());
}

SctpChunk chunk_of(SctpChunkType type, ByteView value) {
    return {type, 0, value, value};
}

TEST(SctpChunk, ParsersRefuseEveryCut) {
    const std::vector<uint8_t> zeros(64, 0);
    for (size_t size = 0; size < 13; ++size)
        EXPECT_FALSE(parse_sctp_data(chunk_of(SctpChunkType::Data, ByteView(zeros).first(size)))) << size;
    EXPECT_TRUE(parse_sctp_data(chunk_of(SctpChunkType::Data, ByteView(zeros).first(13))));
    for (size_t size = 0; size < 16; ++size)
        EXPECT_FALSE(parse_sctp_init(chunk_of(SctpChunkType::Init, ByteView(zeros).first(size)))) << size;
    for (size_t size = 0; size < 12; ++size)
        EXPECT_FALSE(parse_sctp_sack(chunk_of(SctpChunkType::Sack, ByteView(zeros).first(size)))) << size;
    std::vector<uint8_t> liar(16, 0);
    liar[9] = 2;  // two gap blocks announced, four bytes there
    EXPECT_FALSE(parse_sctp_sack(chunk_of(SctpChunkType::Sack, liar)));
    liar[8] = liar[9] = liar[10] = liar[11] = 0xFF;
    EXPECT_FALSE(parse_sctp_sack(chunk_of(SctpChunkType::Sack, liar)));
    for (const size_t size : {0, 3, 5, 6, 7})
        EXPECT_FALSE(
            parse_sctp_forward_tsn(chunk_of(SctpChunkType::ForwardTsn, ByteView(zeros).first(size))));
    EXPECT_FALSE(parse_sctp_shutdown(chunk_of(SctpChunkType::Shutdown, ByteView(zeros).first(3))));
    for (const size_t size : {0, 11, 13}) {
        const SctpParameter parameter{SctpParameterType::OutgoingReset, ByteView(zeros).first(size), {}};
        EXPECT_FALSE(parse_sctp_outgoing_reset(parameter));
    }
    for (const size_t size : {0, 3, 5}) {
        const SctpParameter parameter{SctpParameterType::IncomingReset, ByteView(zeros).first(size), {}};
        EXPECT_FALSE(parse_sctp_incoming_reset(parameter));
    }
    const SctpParameter response{SctpParameterType::ReconfigResponse, ByteView(zeros).first(7), {}};
    EXPECT_FALSE(parse_sctp_reconfig_response(response));
}

TEST(SctpWriter, LeavesOutWhatDoesNotFitAndSaysSo) {
    std::vector<uint8_t> buffer(20);
    SctpWriter writer(buffer, {1, 2, 3});
    EXPECT_TRUE(writer.empty());
    EXPECT_EQ(writer.room(), 8u);
    writer.chunk(SctpChunkType::Heartbeat, 0, std::vector<uint8_t>(5, 1));
    EXPECT_FALSE(writer.ok());
    EXPECT_TRUE(writer.finish().empty());
}

}  // namespace
}  // namespace conclave::wire
