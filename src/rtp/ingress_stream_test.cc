#include "rtp/ingress_stream.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "base/rng.h"

namespace conclave::rtp {
namespace {

constexpr uint32_t kSsrc = 0x11223344;
constexpr uint32_t kRtxSsrc = 0x55667788;
constexpr uint8_t kVp8 = 96;
constexpr uint8_t kVp8Rtx = 97;

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

IngressStream::Config config() {
    IngressStream::Config c;
    c.ssrc = kSsrc;
    c.rtx_ssrc = kRtxSsrc;
    c.rtx.push_back({kVp8Rtx, kVp8});
    return c;
}

struct Source {
    PacketPool pool{64};

    PacketRef media(uint16_t seq, uint32_t timestamp, uint8_t content, bool has_padding = false) {
        return packet({false, kVp8, {seq}, timestamp, kSsrc, has_padding},
                      has_padding ? std::vector<uint8_t>{content, content, 0, 2}
                                  : std::vector<uint8_t>{content, content, content});
    }
    PacketRef rtx(uint16_t rtx_seq, uint16_t osn, uint32_t timestamp, uint8_t content) {
        return packet({true, kVp8Rtx, {rtx_seq}, timestamp, kRtxSsrc, false},
                      {static_cast<uint8_t>(osn >> 8), static_cast<uint8_t>(osn), content, content, content});
    }
    PacketRef packet(const wire::RtpHeader& header, const std::vector<uint8_t>& payload) {
        const uint8_t mid[] = {'0'};
        const wire::HeaderExtension extensions[] = {{4, mid}};
        PacketRef p = pool.take();
        const size_t size = wire::write_rtp_header(p.buffer(), header, extensions);
        EXPECT_GT(size, 0u);
        std::copy(payload.begin(), payload.end(), p.buffer().begin() + static_cast<std::ptrdiff_t>(size));
        p.set_size(size + payload.size());
        return p;
    }
};

std::optional<IngressStream::Received> receive(IngressStream& stream, Instant now, const PacketRef& p) {
    const auto rtp = wire::parse_rtp(p.bytes());
    EXPECT_TRUE(rtp);
    return rtp->ssrc == kRtxSsrc ? stream.handle_rtx(now, p, *rtp) : stream.handle_rtp(now, p, *rtp);
}

TEST(IngressStream, ExtendsSequenceNumbersOverTheWrap) {
    Source source;
    IngressStream stream(config());
    EXPECT_EQ(receive(stream, at(0), source.media(65535, 0, 1))->seq.value, 65535);
    EXPECT_EQ(receive(stream, at(1), source.media(1, 0, 1))->seq.value, 65537);
    const auto late = receive(stream, at(2), source.media(0, 0, 1));
    ASSERT_TRUE(late);
    EXPECT_EQ(late->seq.value, 65536);
    EXPECT_FALSE(late->is_newest);
    const auto before_the_first = receive(stream, at(3), source.media(65534, 0, 1));
    ASSERT_TRUE(before_the_first);
    EXPECT_EQ(before_the_first->seq.value, 65534);
    EXPECT_EQ(stream.stats().lost, 0);
}

TEST(IngressStream, DeliversEachPacketOnce) {
    Source source;
    IngressStream stream(config());
    EXPECT_TRUE(receive(stream, at(0), source.media(10, 0, 1)));
    EXPECT_TRUE(receive(stream, at(0), source.media(12, 0, 1)));
    EXPECT_FALSE(receive(stream, at(0), source.media(12, 0, 1)));
    EXPECT_TRUE(receive(stream, at(0), source.media(11, 0, 1)));
    EXPECT_FALSE(receive(stream, at(0), source.media(11, 0, 1)));
    EXPECT_FALSE(receive(stream, at(0), source.rtx(1, 10, 0, 1)));
    EXPECT_EQ(stream.stats().packets, 3u);
    EXPECT_EQ(stream.stats().duplicates, 3u);
    EXPECT_EQ(stream.stats().bytes, 9u);
}

TEST(IngressStream, RtxBecomesTheOriginalPacketInItsOwnSlot_Rfc4588_4) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(100, 3000, 1));
    receive(stream, at(0), source.media(102, 6000, 3));
    const PacketRef sent = source.rtx(7000, 101, 3000, 2);
    const auto received = receive(stream, at(40), sent);
    ASSERT_TRUE(received);
    EXPECT_TRUE(received->is_recovered);
    EXPECT_FALSE(received->is_newest);
    EXPECT_EQ(received->seq.value, 101);
    EXPECT_EQ(received->packet.bytes().data(), sent.bytes().data());
    const auto again = wire::parse_rtp(received->packet.bytes());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->ssrc, kSsrc);
    EXPECT_EQ(again->payload_type, kVp8);
    EXPECT_EQ(again->sequence_number.value, 101);
    EXPECT_EQ(again->timestamp, 3000u);
    EXPECT_TRUE(again->marker);
    EXPECT_EQ(std::vector<uint8_t>(again->payload.begin(), again->payload.end()),
              (std::vector<uint8_t>{2, 2, 2}));
    EXPECT_EQ(wire::find_extension(*again, 4)->size(), 1u);
    EXPECT_EQ(received->rtp.payload.data(), again->payload.data());
    EXPECT_FALSE(receive(stream, at(50), source.media(101, 3000, 2)));
    EXPECT_EQ(stream.stats().recovered, 1u);
}

TEST(IngressStream, RtxMayBringTheNewestPacket) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(100, 0, 1));
    const auto received = receive(stream, at(1), source.rtx(1, 101, 0, 2));
    ASSERT_TRUE(received);
    EXPECT_TRUE(received->is_newest);
    EXPECT_EQ(stream.newest().value, 101);
}

TEST(IngressStream, DropsPaddingAndMalformedRtx) {
    Source source;
    IngressStream stream(config());
    EXPECT_FALSE(receive(stream, at(0), source.rtx(1, 100, 0, 1)));  // before the stream began
    EXPECT_EQ(stream.stats().dropped, 1u);
    receive(stream, at(0), source.media(100, 0, 1));
    EXPECT_FALSE(receive(stream, at(0), source.packet({false, kVp8Rtx, {1}, 0, kRtxSsrc, true}, {0, 0, 3})));
    EXPECT_EQ(stream.stats().rtx_padding, 1u);
    EXPECT_FALSE(receive(stream, at(0), source.packet({false, kVp8Rtx, {2}, 0, kRtxSsrc, false}, {9})));
    EXPECT_FALSE(receive(stream, at(0), source.packet({false, 50, {3}, 0, kRtxSsrc, false}, {0, 99, 1})));
    EXPECT_EQ(stream.stats().rtx_invalid, 2u);
    EXPECT_FALSE(receive(stream, at(0), source.rtx(4, 20000, 0, 1)));
    EXPECT_EQ(stream.stats().dropped, 2u);
    EXPECT_EQ(stream.newest().value, 100);
}

TEST(IngressStream, PaddingOfARepairedPacketStaysPadding) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(100, 0, 1));
    const auto received =
        receive(stream, at(0), source.packet({false, kVp8Rtx, {1}, 0, kRtxSsrc, true}, {0, 101, 7, 7, 0, 2}));
    ASSERT_TRUE(received);
    EXPECT_EQ(received->rtp.payload.size(), 2u);
    EXPECT_EQ(received->rtp.padding_size, 2);
}

TEST(IngressStream, AJumpIsBelievedAtItsSecondPacket_Rfc3550_A1) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(40000, 0, 1));
    receive(stream, at(0), source.media(40002, 0, 1));
    EXPECT_FALSE(receive(stream, at(1), source.media(10, 0, 1)));
    const auto received = receive(stream, at(1), source.media(11, 0, 1));
    ASSERT_TRUE(received);
    EXPECT_TRUE(received->is_restart);
    EXPECT_EQ(received->seq.value, 65536 + 11);
    EXPECT_EQ(stream.stats().restarts, 1u);
    EXPECT_EQ(stream.stats().dropped, 1u);
    // The hole of the jump is neither lost nor asked for.
    EXPECT_EQ(stream.stats().lost, 1);
    EXPECT_TRUE(stream.next_nack().is_never());
    EXPECT_FALSE(receive(stream, at(1), source.media(11, 0, 1)));
    EXPECT_TRUE(receive(stream, at(1), source.media(12, 0, 1)));
}

TEST(IngressStream, AStrayPacketRestartsNothing) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(40000, 0, 1));
    EXPECT_FALSE(receive(stream, at(0), source.media(10, 0, 1)));
    EXPECT_TRUE(receive(stream, at(0), source.media(40001, 0, 1)));
    EXPECT_FALSE(receive(stream, at(0), source.media(11, 0, 1)));
    EXPECT_EQ(stream.stats().restarts, 0u);
    EXPECT_TRUE(receive(stream, at(0), source.media(static_cast<uint16_t>(40001 + 2999), 0, 1)));
}

TEST(IngressStream, ReportsLossSinceThePreviousReport_Rfc3550_A3) {
    Source source;
    IngressStream stream(config());
    EXPECT_FALSE(stream.report_block(at(0)));
    for (uint16_t seq = 65530; seq != 4; ++seq) {
        if (seq % 2 == 0) receive(stream, at(0), source.media(seq, 0, 1));
    }
    // 65530 .. 2 in twos: 5 of 9 expected.
    auto block = stream.report_block(at(0));
    ASSERT_TRUE(block);
    EXPECT_EQ(block->ssrc, kSsrc);
    EXPECT_EQ(block->highest_sequence, 65536u + 2);
    EXPECT_EQ(block->cumulative_lost, 4);
    EXPECT_EQ(block->fraction_lost, 4 * 256 / 9);
    EXPECT_EQ(block->last_sr, 0u);
    for (uint16_t seq = 3; seq < 13; ++seq) receive(stream, at(0), source.media(seq, 0, 1));
    block = stream.report_block(at(0));
    EXPECT_EQ(block->cumulative_lost, 4);
    EXPECT_EQ(block->fraction_lost, 0);
    // Duplicates count as received: the number may fall (RFC 3550 6.4.1).
    for (int i = 0; i < 6; ++i) receive(stream, at(0), source.media(12, 0, 1));
    EXPECT_EQ(stream.report_block(at(0))->cumulative_lost, -2);
}

TEST(IngressStream, RepairedPacketsStillCountAsLost_Rfc4588_4) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(1, 0, 1));
    receive(stream, at(0), source.media(3, 0, 1));
    receive(stream, at(0), source.rtx(1, 2, 0, 1));
    EXPECT_EQ(stream.report_block(at(0))->cumulative_lost, 1);
}

TEST(IngressStream, JitterIsTheSmoothedDifferenceOfTransitTimes_Rfc3550_A8) {
    Source source;
    auto c = config();
    c.clock_rate = 8000;
    IngressStream stream(c);
    // Every second packet is 20 ms late: |D| is 160 ticks each time, where the estimate settles.
    for (uint16_t i = 0; i < 400; ++i) {
        receive(stream, at(i * 20 + (i % 2) * 20 + 1'000'000), source.media(i, i * 160u - 1000, 1));
    }
    EXPECT_NEAR(stream.report_block(at(0))->jitter, 160, 2);
}

TEST(IngressStream, PacketsOfOneFrameAndTimestampJumpsAreNoJitter) {
    Source source;
    IngressStream stream(config());
    uint16_t seq = 0;
    for (uint32_t frame = 0; frame < 50; ++frame) {
        const uint32_t timestamp = frame * 3000 + (frame >= 25 ? 0x7000'0000u : 0u);
        for (int i = 0; i < 8; ++i) {
            receive(stream, Instant{frame * 33'333 + i * 4'000}, source.media(seq++, timestamp, 1));
        }
    }
    EXPECT_LE(stream.stats().jitter, 1u);
}

TEST(IngressStream, AnswersTheSenderReport_Rfc3550_6_4_1) {
    Source source;
    IngressStream stream(config());
    receive(stream, at(0), source.media(1, 0, 1));
    wire::SenderReport report;
    report.ssrc = kSsrc + 1;
    report.info = {NtpTime{0x1122'3344'5566'7788}, 9000, 0, 0};
    stream.handle_sender_report(at(100), report);
    EXPECT_EQ(stream.report_block(at(200))->last_sr, 0u);
    EXPECT_FALSE(stream.clock().is_known());
    report.ssrc = kSsrc;
    stream.handle_sender_report(at(1000), report);
    const auto block = stream.report_block(at(3500));
    EXPECT_EQ(block->last_sr, 0x3344'5566u);
    EXPECT_EQ(block->delay_since_last_sr, 65536u * 5 / 2);
    EXPECT_EQ(stream.clock().rtp_at(report.info.ntp), 9000u);
}

TEST(IngressStream, AsksForMissingPacketsUnlessNackIsOff) {
    for (const bool nack : {true, false}) {
        Source source;
        auto c = config();
        c.nack = nack;
        IngressStream stream(c);
        receive(stream, at(0), source.media(1, 0, 1));
        receive(stream, at(0), source.media(3, 0, 1));
        EXPECT_EQ(stream.next_nack().is_never(), !nack);
        EXPECT_EQ(stream.nacks_due(at(20), Duration::millis(50)).size(), nack ? 1u : 0u);
    }
}

TEST(IngressStream, LossBeyondRepairAsksVideoForAKeyframe) {
    for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio}) {
        Source source;
        auto c = config();
        c.kind = kind;
        IngressStream stream(c);
        receive(stream, at(0), source.media(1, 0, 1));
        receive(stream, at(0), source.media(2000, 0, 1));
        EXPECT_EQ(stream.take_keyframe_needed(), kind == MediaKind::Video);
        EXPECT_FALSE(stream.take_keyframe_needed());
    }
}

// Loss, reordering, duplication, RTX and a wrap: every packet is delivered at most once, under its number,
// with its own content; and without pauses nearly all of them are.
TEST(IngressStreamProperty, RestoresTheStreamOverABadPath) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        SeededRng rng(seed);
        Source source;
        IngressStream stream(config());
        struct InFlight {
            int64_t seq;
            bool is_rtx;
        };
        std::multimap<int64_t, InFlight> path;
        std::set<int64_t> delivered;
        uint16_t rtx_seq = 65500;
        const int64_t first = 65000;
        const int64_t count = 1500;
        for (int64_t ms = 0; ms < count + 1200; ++ms) {
            if (ms < count && (ms == 0 || rng.u32() % 100 >= 8)) {
                const int copies = rng.u32() % 50 == 0 ? 2 : 1;
                for (int i = 0; i < copies; ++i)
                    path.emplace(ms + 10 + rng.u32() % 12, InFlight{first + ms, false});
            }
            for (auto it = path.begin(); it != path.end() && it->first <= ms; it = path.erase(it)) {
                const auto seq = static_cast<uint16_t>(it->second.seq);
                const auto content = static_cast<uint8_t>(it->second.seq * 7);
                const auto received = receive(stream, at(ms),
                                              it->second.is_rtx ? source.rtx(rtx_seq++, seq, seq, content)
                                                                : source.media(seq, seq, content));
                if (!received) continue;
                EXPECT_TRUE(delivered.insert(received->seq.value).second);
                EXPECT_EQ(received->seq.value, it->second.seq);
                EXPECT_EQ(received->rtp.payload.size(), 3u);
                EXPECT_EQ(received->rtp.payload[0], content);
            }
            for (const SeqNo wire : stream.nacks_due(at(ms), Duration::millis(40))) {
                const int64_t newest = stream.newest().value;
                const int64_t seq =
                    newest +
                    static_cast<int16_t>(static_cast<uint16_t>(wire.value - stream.newest().wire().value));
                if (rng.u32() % 100 >= 8) path.emplace(ms + 30 + rng.u32() % 12, InFlight{seq, true});
            }
        }
        EXPECT_GE(delivered.size(), static_cast<size_t>(count) - 4);
        EXPECT_EQ(stream.stats().restarts, 0u);
        EXPECT_EQ(stream.stats().packets, delivered.size());
        EXPECT_EQ(source.pool.available(), 64u);
    }
}

}  // namespace
}  // namespace conclave::rtp
