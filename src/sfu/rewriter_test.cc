#include "sfu/rewriter.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"

namespace conclave::sfu {
namespace {

constexpr uint32_t kClock = 90000;
Instant at_ms(int64_t ms) {
    return Instant::from_ms(ms);
}

Packet packet(uint32_t source, int64_t sequence, uint32_t timestamp) {
    Packet packet;
    packet.source = source;
    packet.sequence = {sequence};
    packet.timestamp = timestamp;
    return packet;
}

TEST(Rewriter, NothingIsMappedBeforeTheStart) {
    Rewriter rewriter({100}, 5000, kClock, kVideoSegments);
    EXPECT_FALSE(rewriter.map(at_ms(0), packet(1, 7, 0), false));
    EXPECT_FALSE(rewriter.origin({65536 + 100}));
    EXPECT_FALSE(rewriter.map_timestamp(1, 0));
}

TEST(Rewriter, FirstPacketTakesTheFirstValues) {
    Rewriter rewriter({100}, 5000, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 7, 333), std::nullopt);
    const auto sent = rewriter.map(at_ms(0), packet(1, 7, 333), false);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->sequence.wire().value, 100);
    EXPECT_EQ(sent->timestamp, 5000u);
}

TEST(Rewriter, KeepsLossAndReorderingVisible) {
    Rewriter rewriter({100}, 0, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    EXPECT_EQ(rewriter.map(at_ms(0), packet(1, 10, 0), false)->sequence.wire().value, 100);
    EXPECT_EQ(rewriter.map(at_ms(1), packet(1, 13, 0), false)->sequence.wire().value, 103);
    EXPECT_EQ(rewriter.map(at_ms(2), packet(1, 11, 0), false)->sequence.wire().value, 101);
    EXPECT_FALSE(rewriter.map(at_ms(2), packet(1, 9, 0), false)) << "older than the segment";
}

TEST(Rewriter, APauseLeavesNoHoleAndTheClockRunsOn) {
    Rewriter rewriter({100}, 1000, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
    rewriter.start(at_ms(1000), packet(1, 500, 90000), std::nullopt);
    const auto sent = rewriter.map(at_ms(1000), packet(1, 500, 90000), false);
    EXPECT_EQ(sent->sequence.wire().value, 101);
    EXPECT_EQ(sent->timestamp, 91000u);
    EXPECT_FALSE(rewriter.map(at_ms(1000), packet(1, 11, 0), false))
        << "dropped during the pause, so never sent";
    EXPECT_EQ(rewriter.map(at_ms(1000), packet(1, 10, 0), false)->sequence.wire().value, 100);
}

TEST(Rewriter, ANewSourceContinuesSequenceAndTime) {
    Rewriter rewriter({65535}, 1000, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
    rewriter.start(at_ms(100), packet(2, 4000, 777777), std::nullopt);
    const auto sent = rewriter.map(at_ms(100), packet(2, 4000, 777777), false);
    EXPECT_EQ(sent->sequence.wire().value, 0) << "wraps after 65535";
    EXPECT_EQ(sent->timestamp, 1000u + 9000u);
    EXPECT_EQ(rewriter.map_timestamp(2, 777777), 10000u);
    EXPECT_FALSE(rewriter.map_timestamp(1, 0));
}

TEST(Rewriter, OriginInvertsMapForEverythingRemembered) {
    SeededRng rng(42);
    Rewriter rewriter({65000}, 0, kClock, kVideoSegments);
    int64_t in = 1000;
    uint32_t source = 1;
    std::set<int64_t> sent_numbers;
    for (int step = 0; step < 6; ++step) {
        rewriter.start(at_ms(step), packet(source, in, 0), std::nullopt);
        for (int i = 0; i < 300; ++i, ++in) {
            if (rng.u32() % 10 == 0) continue;
            const auto sent = rewriter.map(at_ms(step), packet(source, in, 0), false);
            ASSERT_TRUE(sent);
            EXPECT_TRUE(sent_numbers.insert(sent->sequence.value).second) << "no number is given twice";
            const auto origin = rewriter.origin(sent->sequence);
            ASSERT_TRUE(origin);
            EXPECT_EQ(origin->sequence.value, in);
            EXPECT_EQ(origin->source, source);
        }
        in += rng.u32() % 1000 + 1;
        if (step % 2) ++source;
    }
    EXPECT_FALSE(rewriter.origin({*sent_numbers.rbegin() + 1}));
}

int64_t wire_number(const std::optional<Rewriter::Sent>& sent) {
    return sent ? sent->sequence.wire().value : -1;
}

TEST(Rewriter, ClosesOverWhatIsLeftOutAndKeepsItOut) {
    Rewriter rewriter({100}, 0, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    EXPECT_EQ(wire_number(rewriter.map(at_ms(0), packet(1, 10, 0), false)), 100);
    rewriter.drop(packet(1, 11, 1));
    rewriter.drop(packet(1, 12, 1));
    EXPECT_EQ(wire_number(rewriter.map(at_ms(0), packet(1, 13, 2), false)), 101);
    EXPECT_FALSE(rewriter.map(at_ms(0), packet(1, 11, 1), false)) << "what was left out stays out";
    EXPECT_EQ(rewriter.origin({65536 + 101})->sequence.value, 13);
    EXPECT_EQ(rewriter.origin({65536 + 100})->sequence.value, 10);
}

TEST(Rewriter, AHoleOfTheNetworkStaysWhereALatePacketFits) {
    Rewriter rewriter({100}, 0, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
    rewriter.drop(packet(1, 12, 2));  // 11 is missing: of what frame is not known
    EXPECT_EQ(wire_number(rewriter.map(at_ms(0), packet(1, 14, 3), false)), 103) << "13 is missing, too";
    EXPECT_EQ(wire_number(rewriter.map(at_ms(0), packet(1, 11, 1), false)), 101);
    EXPECT_EQ(wire_number(rewriter.map(at_ms(0), packet(1, 13, 3), false)), 102);
    // Missing in the midst of one picture that is left out: left out as well.
    rewriter.drop(packet(1, 15, 4));
    rewriter.drop(packet(1, 17, 4));
    EXPECT_EQ(wire_number(rewriter.map(at_ms(0), packet(1, 18, 5), false)), 104);
    EXPECT_FALSE(rewriter.map(at_ms(0), packet(1, 16, 4), false));
}

TEST(Rewriter, WhatComesLateAndIsLeftOutIsNotSentAgain) {
    Rewriter rewriter({100}, 0, kClock, kVideoSegments);
    rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
    (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
    (void)rewriter.map(at_ms(0), packet(1, 12, 2), false);
    EXPECT_TRUE(rewriter.origin({65536 + 101})) << "not known yet";
    rewriter.drop(packet(1, 11, 1));
    EXPECT_FALSE(rewriter.origin({65536 + 101}));
    EXPECT_TRUE(rewriter.origin({65536 + 102}));
}

TEST(Rewriter, RemembersSoManySegmentsAndNotOneMore) {
    Rewriter rewriter({0}, 0, kClock, 4);
    rewriter.start(at_ms(0), packet(1, 0, 0), std::nullopt);
    for (int64_t in = 0; in < 10; in += 2) {
        (void)rewriter.map(at_ms(0), packet(1, in, 0), false);
        rewriter.drop(packet(1, in + 1, static_cast<uint32_t>(in)));
    }
    // Sent: 0, 2, 4, 6, 8 as 0 to 4, a segment each.
    EXPECT_FALSE(rewriter.origin({65536}));
    for (int64_t out = 1; out < 5; ++out) EXPECT_EQ(rewriter.origin({65536 + out})->sequence.value, out * 2);
}

TEST(Rewriter, SenderReportsAlignTheClocksOfTwoStreams) {
    const auto switched = [](std::optional<uint32_t> clock_step, int64_t after_ms) {
        Rewriter rewriter({100}, 5000, kClock, kVideoSegments);
        rewriter.start(at_ms(0), packet(1, 10, 0), std::nullopt);
        (void)rewriter.map(at_ms(0), packet(1, 10, 0), false);
        const Packet next = packet(2, 70, 1'003'000);
        rewriter.start(at_ms(after_ms), next, clock_step);
        return static_cast<int32_t>(rewriter.map(at_ms(after_ms), next, false)->timestamp - 5000);
    };
    const auto ahead = [](int32_t ticks) { return static_cast<uint32_t>(-1'000'000 + ticks); };
    EXPECT_EQ(switched(ahead(0), 50), 3000) << "one frame, whatever the network did";
    EXPECT_EQ(switched(std::nullopt, 50), 4500) << "unknown: the time that has passed";
    EXPECT_EQ(switched(ahead(-9000), 50), 90) << "never back, nor twice the same";
    EXPECT_EQ(switched(ahead(900'000), 50), 4500) << "ten seconds ahead is a wrong report";
}

TEST(Rewriter, PictureIdsGoOnOverLeftOutPicturesAndStreams) {
    Rewriter rewriter({100}, 0, kClock, kVideoSegments);
    wire::Vp8Descriptor vp8;
    vp8.has_long_picture_id = true;
    vp8.tl0_pic_idx = 255;
    const auto with_picture = [&](uint32_t source, int64_t sequence, uint16_t picture) {
        Packet result = packet(source, sequence, static_cast<uint32_t>(sequence));
        vp8.picture_id = picture;
        result.vp8 = &vp8;
        return result;
    };
    const auto picture_sent = [&](const Packet& next) {
        return rewriter.map(at_ms(0), next, false)->vp8->picture_id;
    };
    rewriter.start(at_ms(0), with_picture(1, 10, 0x7ffe), std::nullopt);
    EXPECT_EQ(picture_sent(with_picture(1, 10, 0x7ffe)), 0x7ffe);
    rewriter.drop(with_picture(1, 11, 0x7fff));
    rewriter.drop(with_picture(1, 12, 0x7fff));
    EXPECT_EQ(picture_sent(with_picture(1, 13, 0)), 0x7fff);
    EXPECT_EQ(picture_sent(with_picture(1, 14, 1)), 0);
    const Packet other = with_picture(2, 500, 0x4000);
    rewriter.start(at_ms(0), other, std::nullopt);
    const auto sent = rewriter.map(at_ms(0), other, false);
    EXPECT_EQ(sent->vp8->picture_id, 1);
    EXPECT_EQ(sent->vp8->tl0_pic_idx, 0) << "one after 255";
    const KeptPacket kept{14, false, &vp8, std::nullopt};
    vp8.picture_id = 1;
    EXPECT_EQ(rewriter.again({65536 + 102}, kept)->vp8->picture_id, 0) << "as it was sent first";
}

}  // namespace
}  // namespace conclave::sfu
