#include "rtp/egress_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "base/rng.h"
#include "rtp/ingress_stream.h"

namespace conclave::rtp {
namespace {

constexpr uint32_t kSsrc = 0x11223344;
constexpr uint32_t kRtxSsrc = 0x55667788;
constexpr EgressStream::Config kConfig{
    .ssrc = kSsrc, .rtx_ssrc = kRtxSsrc, .has_rtx = true, .first_rtx_seq = {65535}};

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

std::vector<int64_t> nack(EgressStream& stream, Instant now, const std::vector<uint16_t>& seqs,
                          uint32_t ssrc = kSsrc) {
    std::vector<SeqNo> lost;
    for (const uint16_t seq : seqs) lost.push_back({seq});
    std::array<uint8_t, 1200> buffer;
    ByteWriter out(buffer);
    EXPECT_EQ(wire::write_nack(out, 1, ssrc, lost), lost.size());
    const auto packet = wire::RtcpReader(out.written()).next();
    std::vector<int64_t> wanted;
    for (const ExtSeqNo seq : stream.handle_nack(now, std::get<wire::Nack>(*packet)))
        wanted.push_back(seq.value);
    return wanted;
}

using Seqs = std::vector<int64_t>;

TEST(EgressStream, SendsAgainWhatWasSentAndAskedFor) {
    EgressStream stream(kConfig);
    EXPECT_EQ(nack(stream, at(0), {1}), Seqs{});
    for (int64_t seq = 65530; seq < 65540; ++seq) stream.handle_sent(at(0), {seq}, 1000);
    EXPECT_EQ(nack(stream, at(50), {65529, 65535, 0, 4}), (Seqs{65535, 65536}));
    EXPECT_EQ(stream.stats().nacked, 4u);
    EXPECT_EQ(stream.stats().nacks_ignored, 2u);
    EXPECT_EQ(nack(stream, at(50), {1}, kRtxSsrc), Seqs{});
}

TEST(EgressStream, IgnoresARepeatWithinTheRoundTrip) {
    EgressStream stream(kConfig);
    stream.handle_sent(at(0), {5}, 100);
    EXPECT_EQ(nack(stream, at(0), {5}), Seqs{5});
    EXPECT_EQ(nack(stream, at(99), {5}), Seqs{});
    EXPECT_EQ(nack(stream, at(100), {5}), Seqs{5});

    const NtpTime ntp{0x1111'2222'3333'4444};
    stream.sender_info(at(100), ntp, 0);
    wire::ReportBlock block;
    block.ssrc = kSsrc;
    block.last_sr = ntp.compact();
    stream.handle_report_block(at(105), block);
    EXPECT_EQ(stream.rtt(), Duration::millis(5));
    EXPECT_EQ(nack(stream, at(119), {5}), Seqs{});
    EXPECT_EQ(nack(stream, at(120), {5}), Seqs{5});
}

TEST(EgressStream, APacketIsSentAgainOnlySoOften) {
    EgressStream stream(kConfig);
    stream.handle_sent(at(0), {5}, 10);
    size_t times = 0;
    for (int64_t ms = 0; ms < 20'000; ms += 200) times += nack(stream, at(ms), {5}).size();
    EXPECT_EQ(times, kRetransmitsPerPacketMax);
}

TEST(EgressStream, M10_RetransmissionsStayWithinAQuarterOfWhatIsSent) {
    EgressStream stream(kConfig);
    const std::vector<uint8_t> payload(1000);
    int64_t seq = 0;
    for (int64_t ms = 0; ms < 20'000; ms += 10) {
        for (int i = 0; i < 5; ++i) stream.handle_sent(at(ms), {seq++}, payload.size());
        // A receiver that claims to have lost everything, all the time.
        std::vector<uint16_t> all;
        for (int64_t s = std::max<int64_t>(0, seq - 100); s < seq; ++s)
            all.push_back(static_cast<uint16_t>(s));
        for (const int64_t s : nack(stream, at(ms), all)) {
            wire::RtpHeader header;
            header.sequence_number = ExtSeqNo{s}.wire();
            ASSERT_TRUE(stream.wrap_rtx(97, header, payload.size()));
        }
    }
    const auto& stats = stream.stats();
    EXPECT_LE(stats.retransmit_bytes, stats.payload_bytes / 4 + 16 * 1024);
    EXPECT_GE(stats.retransmit_bytes, stats.payload_bytes / 5);
    EXPECT_GT(stats.nacks_over_budget, 0u);
}

TEST(EgressStream, WrapsRtxInItsOwnNumbers_Rfc4588_4) {
    EgressStream stream(kConfig);
    const wire::RtpHeader header{true, 96, {0x1234}, 777, kSsrc, true};
    for (const uint16_t rtx_seq : {uint16_t{65535}, uint16_t{0}}) {
        const auto rtx = stream.wrap_rtx(97, header, 3);
        ASSERT_TRUE(rtx);
        EXPECT_EQ(rtx->ssrc, kRtxSsrc);
        EXPECT_EQ(rtx->payload_type, 97);
        EXPECT_EQ(rtx->sequence_number.value, rtx_seq);
        EXPECT_EQ(rtx->timestamp, 777u);
        EXPECT_TRUE(rtx->marker);
        EXPECT_FALSE(rtx->has_padding) << "the payload was kept without it";
    }
    EXPECT_EQ(stream.stats().retransmits, 2u);
    EXPECT_EQ(stream.stats().retransmit_bytes, 6u);
}

TEST(EgressStream, WithoutRtxNothingIsWrapped) {
    EgressStream stream({.ssrc = kSsrc, .rtx_ssrc = 0, .has_rtx = false, .first_rtx_seq = {}});
    EXPECT_FALSE(stream.wrap_rtx(97, {}, 3));
    EXPECT_FALSE(stream.wrap_padding(97, 0));
}

TEST(EgressStream, PaddingIsAnRtxPacketThatRepairsNothing) {
    EgressStream stream(kConfig);
    const auto first = stream.wrap_padding(97, 42);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->has_padding);
    EXPECT_EQ(first->payload_type, 97);
    EXPECT_EQ(first->timestamp, 42u);
    EXPECT_EQ(first->ssrc, kRtxSsrc);
    const auto second = stream.wrap_padding(97, 42);
    EXPECT_EQ(second->sequence_number.value, static_cast<uint16_t>(first->sequence_number.value + 1));
    EXPECT_EQ(stream.stats().retransmits, 0u);
}

TEST(EgressStream, SenderInfoCountsPacketsAndPayload_Rfc3550_6_4_1) {
    EgressStream stream(kConfig);
    EXPECT_FALSE(stream.has_sent());
    stream.handle_sent(at(1), {1}, 500);
    stream.handle_sent(at(2), {2}, 300);
    const auto info = stream.sender_info(at(3), NtpTime{5}, 6);
    EXPECT_EQ(info, (wire::SenderInfo{NtpTime{5}, 6, 2, 800}));
    EXPECT_EQ(stream.stats().last_sent, at(2));
}

TEST(EgressStream, RoundTripIsElapsedTimeLessTheReceiversDelay_Rfc3550_6_4_1) {
    EgressStream stream(kConfig);
    const NtpTime ntp{0xaaaa'bbbb'cccc'dddd};
    stream.sender_info(at(1000), ntp, 0);
    wire::ReportBlock block;
    block.ssrc = kSsrc;
    block.fraction_lost = 26;
    block.cumulative_lost = -1;
    block.jitter = 12;
    block.last_sr = ntp.compact();
    block.delay_since_last_sr = 65536 / 2;
    const auto reception = stream.handle_report_block(at(1580), block);
    ASSERT_TRUE(reception);
    EXPECT_EQ(reception->rtt, Duration::millis(80));
    EXPECT_EQ(reception->fraction_lost, 26);
    EXPECT_EQ(reception->cumulative_lost, -1);
    EXPECT_EQ(reception->jitter, 12u);
    EXPECT_TRUE(stream.has_rtt());
    EXPECT_EQ(stream.rtt(), Duration::millis(80));
}

TEST(EgressStream, M10_MadeUpReportsGiveNoRoundTrip) {
    EgressStream stream(kConfig);
    const NtpTime ntp{0xaaaa'bbbb'cccc'dddd};
    stream.sender_info(at(1000), ntp, 0);
    wire::ReportBlock block;
    block.ssrc = kSsrc;
    EXPECT_FALSE(stream.handle_report_block(at(1100), block)->rtt);
    block.last_sr = ntp.compact() + 1;
    EXPECT_FALSE(stream.handle_report_block(at(1100), block)->rtt);
    block.last_sr = ntp.compact();
    block.delay_since_last_sr = UINT32_MAX;
    EXPECT_FALSE(stream.handle_report_block(at(1100), block)->rtt);
    block.ssrc = kRtxSsrc;
    EXPECT_FALSE(stream.handle_report_block(at(1100), block));
    EXPECT_FALSE(stream.has_rtt());
}

// What one side wraps the other unwraps: an egress stream and an ingress stream over a lossy path.
TEST(EgressStreamProperty, AReceiverGetsItsLostPacketsBack) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        SeededRng rng(seed);
        PacketPool pool(16);
        EgressStream egress(kConfig);
        IngressStream::Config c;
        c.ssrc = kSsrc;
        c.rtx_ssrc = kRtxSsrc;
        c.rtx.push_back({97, 96});
        IngressStream ingress(c);
        std::map<int64_t, std::vector<uint8_t>> sent;
        uint64_t delivered = 0;
        const auto arrive = [&](Instant now, ByteView bytes) {
            const PacketRef p = pool.copy(bytes);
            const auto rtp = wire::parse_rtp(p.bytes());
            const auto received =
                rtp->ssrc == kSsrc ? ingress.handle_rtp(now, p, *rtp) : ingress.handle_rtx(now, p, *rtp);
            if (!received) return;
            ++delivered;
            const auto& payload = received->rtp.payload;
            EXPECT_EQ(std::vector<uint8_t>(payload.begin(), payload.end()), sent[received->seq.value]);
        };
        for (int64_t ms = 0; ms < 3000; ++ms) {
            std::array<uint8_t, 200> out;
            if (ms < 2000) {
                const ExtSeqNo seq{65000 + ms};
                std::vector<uint8_t> payload(1 + rng.u32() % 100);
                rng.fill(payload);
                sent[seq.value] = payload;
                const wire::RtpHeader header{false, 96,   seq.wire(), static_cast<uint32_t>(ms * 90),
                                             kSsrc, false};
                const size_t size = wire::write_rtp_header(out, header, {});
                std::copy(payload.begin(), payload.end(), out.begin() + static_cast<std::ptrdiff_t>(size));
                egress.handle_sent(at(ms), seq, payload.size());
                if (ms == 0 || rng.u32() % 10 != 0)
                    arrive(at(ms), ByteView{out}.first(size + payload.size()));
            }
            std::vector<uint16_t> lost;
            for (const SeqNo seq : ingress.nacks_due(at(ms), Duration::millis(100)))
                lost.push_back(seq.value);
            if (lost.empty()) continue;
            for (const int64_t seq : nack(egress, at(ms), lost)) {
                const wire::RtpHeader header{false, 96, ExtSeqNo{seq}.wire(), 0, kSsrc, false};
                const auto rtx = egress.wrap_rtx(97, header, sent[seq].size());
                ASSERT_TRUE(rtx);
                ByteWriter packet{MutableBytes{out}.subspan(wire::write_rtp_header(out, *rtx, {}))};
                packet.u16(header.sequence_number.value);
                packet.bytes(sent[seq]);
                const size_t size = wire::kRtpHeaderSize + packet.size();
                if (rng.u32() % 10 != 0) arrive(at(ms), ByteView{out}.first(size));
            }
        }
        EXPECT_GE(delivered, 1996u);
    }
}

}  // namespace
}  // namespace conclave::rtp
