#include "wire/rtcp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

// The only packet of `bytes`, which has to be a T.
template <class T>
std::optional<T> only(ByteView bytes) {
    RtcpReader reader{bytes};
    const auto packet = reader.next();
    if (!packet || reader.next() || reader.malformed() + reader.unknown() > 0) return {};
    const T* value = std::get_if<T>(&*packet);
    return value ? std::optional<T>{*value} : std::nullopt;
}

ReportBlock block(uint32_t ssrc, int32_t lost) {
    return {ssrc, 200, lost, 0x00010005, 77, 0xaabbccdd, 65536};
}

TEST(Rtcp, SenderReportRoundTrips_RFC3550_6_4_1) {
    std::array<uint8_t, 128> buffer;
    ByteWriter out{buffer};
    const SenderInfo info{NtpTime{0x1122334455667788}, 90000, 10, 12345};
    const ReportBlock blocks[] = {block(1, -3), block(2, 0x7fffff)};
    ASSERT_TRUE(write_sender_report(out, 42, info, blocks));
    EXPECT_EQ(out.size(), 28u + 2 * 24u);
    const auto sr = only<SenderReport>(out.written());
    ASSERT_TRUE(sr);
    EXPECT_EQ(sr->ssrc, 42u);
    EXPECT_EQ(sr->info, info);
    ASSERT_EQ(sr->reports.size(), 2u);
    EXPECT_EQ(sr->reports[0], blocks[0]);
    EXPECT_EQ(sr->reports[1], blocks[1]);
}

TEST(Rtcp, CumulativeLossIsClampedTo24Bits_RFC3550_6_4_1) {
    std::array<uint8_t, 128> buffer;
    ByteWriter out{buffer};
    const ReportBlock blocks[] = {block(1, 0x800000), block(2, -0x900000)};
    ASSERT_TRUE(write_receiver_report(out, 42, blocks));
    const auto rr = only<ReceiverReport>(out.written());
    ASSERT_TRUE(rr);
    EXPECT_EQ(rr->reports[0].cumulative_lost, 0x7fffff);
    EXPECT_EQ(rr->reports[1].cumulative_lost, -0x7fffff);
}

TEST(Rtcp, ReportsHoldAtMost31Blocks_RFC3550_6_4_1) {
    std::array<uint8_t, 1024> buffer;
    const std::vector<ReportBlock> blocks(kReportBlocksMax + 1, block(1, 0));
    ByteWriter out{buffer};
    EXPECT_FALSE(write_receiver_report(out, 1, blocks));
    EXPECT_FALSE(write_sender_report(out, 1, {}, blocks));
    EXPECT_EQ(out.size(), 0u);
    ASSERT_TRUE(write_receiver_report(out, 1, std::span{blocks}.first(kReportBlocksMax)));
    EXPECT_EQ(only<ReceiverReport>(out.written())->reports.size(), kReportBlocksMax);
}

TEST(Rtcp, MoreBlocksCountedThanPresentIsMalformed) {
    auto bytes = from_hex("82 c9 0007 00000001");
    bytes.resize(bytes.size() + ReportBlock::kWireSize);
    RtcpReader reader{bytes};
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.malformed(), 1u);
}

TEST(Rtcp, SourceDescriptionRoundTripsForEveryLength_RFC3550_6_5) {
    for (size_t size = 0; size <= 255; ++size) {
        std::array<uint8_t, 300> buffer;
        ByteWriter out{buffer};
        const std::string cname(size, 'c');
        ASSERT_TRUE(write_source_description(out, 7, cname));
        EXPECT_EQ(out.size() % 4, 0u);
        auto sdes = only<SourceDescription>(out.written());
        ASSERT_TRUE(sdes);
        const auto chunk = sdes->next();
        ASSERT_TRUE(chunk);
        EXPECT_EQ(chunk->ssrc, 7u);
        EXPECT_EQ(chunk->cname, cname);
        EXPECT_FALSE(sdes->next());
    }
    std::array<uint8_t, 300> buffer;
    ByteWriter out{buffer};
    EXPECT_FALSE(write_source_description(out, 7, std::string(256, 'c')));
}

TEST(Rtcp, SourceDescriptionHasChunksWithOtherItems_RFC3550_6_5) {
    // Chunk 1: NAME "x", CNAME "ab"; chunk 2: no items.
    const auto bytes = from_hex("82 ca 0005 00000001 020178 01026162 00 00000002 00000000");
    auto sdes = only<SourceDescription>(bytes);
    ASSERT_TRUE(sdes);
    EXPECT_EQ(sdes->next()->cname, "ab");
    EXPECT_EQ(sdes->next()->ssrc, 2u);
    EXPECT_FALSE(sdes->next());
}

TEST(Rtcp, SourceDescriptionThatIsCutOffIsMalformed_RFC3550_6_5) {
    for (const char* bytes : {"81 ca 0002 00000001 01026162", "81 ca 0002 00000001 01ff6162",
                              "81 ca 0001 00000001", "82 ca 0002 00000001 00000000"}) {
        const auto packet = from_hex(bytes);
        RtcpReader reader{packet};
        EXPECT_FALSE(reader.next()) << bytes;
        EXPECT_EQ(reader.malformed(), 1u) << bytes;
    }
}

TEST(Rtcp, GoodbyeRoundTripsAndReadsAReason_RFC3550_6_6) {
    std::array<uint8_t, 64> buffer;
    ByteWriter out{buffer};
    const uint32_t ssrcs[] = {5, 6};
    ASSERT_TRUE(write_goodbye(out, ssrcs));
    const auto bye = only<Goodbye>(out.written());
    ASSERT_TRUE(bye);
    EXPECT_EQ(bye->ssrcs.size(), 2u);
    EXPECT_EQ(bye->ssrcs[1].value, 6u);
    EXPECT_TRUE(bye->reason.empty());
    const auto with_reason = from_hex("81 cb 0002 00000001 03627965");
    EXPECT_EQ(only<Goodbye>(with_reason)->reason, "bye");
}

std::vector<uint16_t> sequences(const Nack& nack) {
    std::vector<uint16_t> all;
    nack.for_each([&](SeqNo s) { all.push_back(s.value); });
    return all;
}

TEST(Rtcp, NackRoundTripsInTheFewestPairs_RFC4585_6_2_1) {
    std::array<uint8_t, 256> buffer;
    ByteWriter out{buffer};
    // 17 in a row make one pair; the next starts a second; wrapping is no border.
    std::vector<SeqNo> lost;
    for (uint16_t i = 0; i < 17; ++i) lost.push_back(SeqNo{static_cast<uint16_t>(65530 + i)});
    lost.push_back(SeqNo{11});
    lost.push_back(SeqNo{500});
    ASSERT_EQ(write_nack(out, 1, 2, lost), lost.size());
    const auto nack = only<Nack>(out.written());
    ASSERT_TRUE(nack);
    EXPECT_EQ(nack->sender_ssrc, 1u);
    EXPECT_EQ(nack->media_ssrc, 2u);
    EXPECT_EQ(nack->pairs.size(), 3u);
    std::vector<uint16_t> expected;
    for (const SeqNo s : lost) expected.push_back(s.value);
    EXPECT_EQ(sequences(*nack), expected);
}

TEST(Rtcp, NackTellsHowManyFit) {
    std::vector<SeqNo> lost;
    for (uint16_t i = 0; i < 10; ++i) lost.push_back(SeqNo{static_cast<uint16_t>(i * 100)});
    for (size_t room = 0; room < 64; ++room) {
        std::array<uint8_t, 64> buffer;
        ByteWriter out{MutableBytes{buffer}.first(room)};
        const size_t told = write_nack(out, 1, 2, lost);
        EXPECT_TRUE(out.ok());
        EXPECT_EQ(told, room < 16 ? 0 : std::min<size_t>(lost.size(), (room - 12) / 4));
        EXPECT_EQ(out.size(), told == 0 ? 0 : 12 + 4 * told);
        if (told > 0) {
            EXPECT_EQ(sequences(*only<Nack>(out.written())).size(), told);
        }
    }
    ByteWriter out{{}};
    EXPECT_EQ(write_nack(out, 1, 2, {}), 0u);
}

TEST(Rtcp, KeyFrameRequestsRoundTrip_RFC4585_6_3_RFC5104_4_3) {
    std::array<uint8_t, 64> buffer;
    ByteWriter pli{buffer};
    ASSERT_TRUE(write_pli(pli, 1, 2));
    EXPECT_EQ(only<Pli>(pli.written())->media_ssrc, 2u);
    ByteWriter fir{buffer};
    const FirEntry entries[] = {{10, 1}, {11, 255}};
    ASSERT_TRUE(write_fir(fir, 1, entries));
    const auto read = only<Fir>(fir.written());
    ASSERT_TRUE(read);
    ASSERT_EQ(read->entries.size(), 2u);
    EXPECT_EQ(read->entries[1].ssrc, 11u);
    EXPECT_EQ(read->entries[1].sequence, 255);
}

TEST(Rtcp, RembRoundTripsWithin18Bits) {
    for (const uint64_t rate : {uint64_t{0}, uint64_t{0x3ffff}, uint64_t{0x40000}, uint64_t{2'500'000},
                                uint64_t{10'000'000'000}, ~uint64_t{0}}) {
        std::array<uint8_t, 64> buffer;
        ByteWriter out{buffer};
        const uint32_t ssrcs[] = {9};
        ASSERT_TRUE(write_remb(out, 1, rate, ssrcs));
        const auto remb = only<Remb>(out.written());
        ASSERT_TRUE(remb);
        EXPECT_LE(remb->bitrate_bps, rate);
        EXPECT_LE(rate - remb->bitrate_bps, rate >> 17);
        EXPECT_EQ(remb->ssrcs[0].value, 9u);
    }
    // Mantissa and exponent beyond 64 bits saturate.
    const auto huge = from_hex("8f ce 0004 00000001 00000000 52454d42 00 ffffff");
    EXPECT_EQ(only<Remb>(huge)->bitrate_bps, ~uint64_t{0});
}

TEST(Rtcp, ExtendedReportsRoundTrip_RFC3611_4) {
    std::array<uint8_t, 64> buffer;
    ByteWriter rrtr{buffer};
    ASSERT_TRUE(write_receiver_reference_time(rrtr, 3, NtpTime{0x0102030405060708}));
    const auto reference = only<ExtendedReport>(rrtr.written());
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->receiver_reference_time, NtpTime{0x0102030405060708});
    EXPECT_TRUE(reference->dlrr.empty());
    ByteWriter dlrr{buffer};
    const DlrrEntry entries[] = {{1, 2, 3}, {4, 5, 6}};
    ASSERT_TRUE(write_dlrr(dlrr, 3, entries));
    const auto delays = only<ExtendedReport>(dlrr.written());
    ASSERT_TRUE(delays);
    EXPECT_FALSE(delays->receiver_reference_time);
    ASSERT_EQ(delays->dlrr.size(), 2u);
    EXPECT_EQ(delays->dlrr[1].last_rr, 5u);
    // Unknown block 42 before an RRTR is passed over.
    const auto mixed = from_hex("80 cf 0006 00000001 2a000001 aabbccdd 04000002 0000000000000007");
    EXPECT_EQ(only<ExtendedReport>(mixed)->receiver_reference_time, NtpTime{7});
}

TEST(Rtcp, WritersWriteAllOrNothing) {
    const uint32_t ssrcs[] = {1, 2};
    const ReportBlock blocks[] = {block(1, 0)};
    const FirEntry firs[] = {{1, 1}};
    const DlrrEntry dlrrs[] = {{1, 2, 3}};
    const auto check = [](auto write) {
        size_t smallest = 0;
        for (size_t room = 0; room <= 128; ++room) {
            std::array<uint8_t, 128> buffer;
            ByteWriter out{MutableBytes{buffer}.first(room)};
            const bool written = write(out);
            EXPECT_TRUE(out.ok());
            if (written && smallest == 0) smallest = out.size();
            EXPECT_EQ(written, smallest > 0 && room >= smallest);
            EXPECT_EQ(out.size(), written ? smallest : 0);
        }
        EXPECT_GT(smallest, 0u);
    };
    check([&](ByteWriter& o) { return write_sender_report(o, 1, {}, blocks); });
    check([&](ByteWriter& o) { return write_receiver_report(o, 1, blocks); });
    check([&](ByteWriter& o) { return write_source_description(o, 1, "name"); });
    check([&](ByteWriter& o) { return write_goodbye(o, ssrcs); });
    check([&](ByteWriter& o) { return write_pli(o, 1, 2); });
    check([&](ByteWriter& o) { return write_fir(o, 1, firs); });
    check([&](ByteWriter& o) { return write_remb(o, 1, 1000, ssrcs); });
    check([&](ByteWriter& o) { return write_receiver_reference_time(o, 1, NtpTime{}); });
    check([&](ByteWriter& o) { return write_dlrr(o, 1, dlrrs); });
}

TEST(Rtcp, WalksACompoundAndPassesOverWhatItDoesNotKnow_RFC3550_6_1) {
    std::array<uint8_t, 256> buffer;
    ByteWriter out{buffer};
    ASSERT_TRUE(write_receiver_report(out, 1, {}));
    ASSERT_TRUE(write_source_description(out, 1, "a"));
    out.bytes(from_hex("80 cc 0002 00000001 41424344"));  // APP
    out.bytes(from_hex("81 cd 0001 00000001"));           // NACK without media SSRC: malformed
    ASSERT_TRUE(write_pli(out, 1, 2));
    RtcpReader reader{out.written()};
    EXPECT_TRUE(std::holds_alternative<ReceiverReport>(*reader.next()));
    EXPECT_TRUE(std::holds_alternative<SourceDescription>(*reader.next()));
    EXPECT_TRUE(std::holds_alternative<Pli>(*reader.next()));
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.unknown(), 1u);
    EXPECT_EQ(reader.malformed(), 1u);
}

TEST(Rtcp, ReducedSizePacketsStandAlone_RFC5506_3_4) {
    std::array<uint8_t, 16> buffer;
    ByteWriter out{buffer};
    ASSERT_TRUE(write_pli(out, 1, 2));
    EXPECT_TRUE(only<Pli>(out.written()));
}

TEST(Rtcp, ALengthThatLeavesTheDatagramEndsTheWalk) {
    for (const char* bytes :
         {"81", "81 ce 00", "81 ce 0003 00000001 00000002", "41 ce 0002 00000001 00000002"}) {
        const auto packet = from_hex(bytes);
        RtcpReader reader{packet};
        EXPECT_FALSE(reader.next()) << bytes;
        EXPECT_EQ(reader.malformed(), 1u) << bytes;
    }
    RtcpReader empty{{}};
    EXPECT_FALSE(empty.next());
    EXPECT_EQ(empty.malformed(), 0u);
}

TEST(Rtcp, PaddingIsTakenOff_RFC3550_6_4_1) {
    const auto good = from_hex("a1 cd 0004 00000001 00000002 000a0000 00000004");
    EXPECT_EQ(only<Nack>(good)->pairs.size(), 1u);
    for (const char* bytes :
         {"a1 cd 0003 00000001 00000002 000a0000", "a1 cd 0003 00000001 00000002 000000ff", "a0 c9 0000"}) {
        const auto packet = from_hex(bytes);
        RtcpReader reader{packet};
        EXPECT_FALSE(reader.next()) << bytes;
        EXPECT_EQ(reader.malformed(), 1u) << bytes;
    }
}

}  // namespace
}  // namespace conclave::wire
