#include "wire/transport_feedback.h"

#include <gtest/gtest.h>

#include <array>

#include "base/rng.h"
#include "wire/hex_for_test.h"
#include "wire/rtcp.h"

namespace conclave::wire {
namespace {

constexpr Instant kStart = Instant::from_ms(640'000);  // a whole number of reference units

std::vector<PacketStatus> statuses(const TransportFeedback& feedback) {
    std::vector<PacketStatus> all;
    feedback.for_each([&](const PacketStatus& s) { all.push_back(s); });
    return all;
}

std::optional<TransportFeedback> read(ByteView bytes) {
    RtcpReader reader{bytes};
    const auto packet = reader.next();
    if (!packet || reader.next()) return {};
    const auto* feedback = std::get_if<TransportFeedback>(&*packet);
    return feedback ? std::optional{*feedback} : std::nullopt;
}

// Writes, reads back, and compares with what went in; returns how many arrivals were told.
size_t check_round_trip(ExtSeqNo base, std::span<const PacketArrival> arrivals, size_t room) {
    std::vector<uint8_t> buffer(room);
    ByteWriter out{buffer};
    const size_t told = write_transport_feedback(out, 1, 2, 3, base, arrivals);
    EXPECT_TRUE(out.ok());
    if (told == 0) {
        EXPECT_EQ(out.size(), 0u);
        return 0;
    }
    EXPECT_EQ(out.size() % 4, 0u);
    const auto feedback = read(out.written());
    EXPECT_TRUE(feedback);
    if (!feedback) return 0;
    EXPECT_EQ(feedback->sender_ssrc, 1u);
    EXPECT_EQ(feedback->media_ssrc, 2u);
    EXPECT_EQ(feedback->feedback_count, 3);
    EXPECT_EQ(feedback->base_sequence, base.wire());
    EXPECT_EQ(feedback->status_count, arrivals[told - 1].sequence - base + 1);
    const auto all = statuses(*feedback);
    EXPECT_EQ(all.size(), feedback->status_count);
    size_t next = 0;
    for (size_t i = 0; i < all.size(); ++i) {
        const ExtSeqNo sequence = base + static_cast<int64_t>(i);
        EXPECT_EQ(all[i].sequence, sequence.wire());
        const bool arrived = next < told && arrivals[next].sequence == sequence;
        EXPECT_EQ(all[i].received, arrived);
        if (!arrived) continue;
        const Duration at = TransportFeedback::kReferenceUnit * feedback->reference_time + all[i].offset;
        const int64_t error = at.us - arrivals[next++].at.us;
        EXPECT_LE(error < 0 ? -error : error, 125) << "more than half a tick off";
    }
    EXPECT_EQ(next, told);
    return told;
}

TEST(TransportFeedback, ReadsEachKindOfChunk_draft_holmer_3_1) {
    // Base 10, 20 statuses: run of 4 small deltas; one-bit vector 1 0 1 0...; two-bit vector small, large.
    const auto bytes = from_hex(
        "8f cd 0008 00000001 00000002 000a 0014 000002 07"
        "2004 a800 d800 04040404 0404 04 fff0 00");
    const auto feedback = read(bytes);
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->reference_time, 2);
    const auto all = statuses(*feedback);
    ASSERT_EQ(all.size(), 20u);
    EXPECT_EQ(all[0].offset, Duration::millis(1));
    EXPECT_EQ(all[3].offset, Duration::millis(4));
    EXPECT_TRUE(all[4].received);
    EXPECT_FALSE(all[5].received);
    EXPECT_TRUE(all[6].received);
    EXPECT_EQ(all[6].offset, Duration::millis(6));
    EXPECT_FALSE(all[17].received);
    EXPECT_TRUE(all[18].received);
    EXPECT_TRUE(all[19].received);
    // A negative large delta: the packet came before the one in front of it.
    EXPECT_EQ(all[19].offset, Duration::millis(7) - Duration::millis(4));
}

TEST(TransportFeedback, RefusesWhatIsCutOffOrReserved_draft_holmer_3_1) {
    const auto good = from_hex("00000001 00000002 0001 0003 000000 00 2003 010203");
    ASSERT_TRUE(parse_transport_feedback(good));
    for (size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(parse_transport_feedback(ByteView{good}.first(size))) << size;
    }
    for (const char* bad : {"00000001 00000002 0001 0000 000000 00 2003 010203",      // no statuses
                            "00000001 00000002 0001 0003 000000 00 2000 010203",      // run of nothing
                            "00000001 00000002 0001 0003 000000 00 6003 01020304",    // reserved symbol
                            "00000001 00000002 0001 0003 000000 00 f000 0102030405",  // reserved in a vector
                            "00000001 00000002 0001 2001 000000 00 1fff 0002"}) {     // more than the limit
        EXPECT_FALSE(parse_transport_feedback(from_hex(bad))) << bad;
    }
}

TEST(TransportFeedback, ReferenceTimeIsSigned_draft_holmer_3_1) {
    const auto bytes = from_hex("00000001 00000002 0001 0001 ffffff 00 2001 01");
    EXPECT_EQ(parse_transport_feedback(bytes)->reference_time, -1);
}

TEST(TransportFeedback, SteadyArrivalsTakeOneRunChunk) {
    std::vector<PacketArrival> arrivals;
    for (int i = 0; i < 100; ++i) arrivals.push_back({ExtSeqNo{65500 + i}, kStart + Duration::millis(i)});
    std::array<uint8_t, 256> buffer;
    ByteWriter out{buffer};
    ASSERT_EQ(write_transport_feedback(out, 1, 2, 3, ExtSeqNo{65500}, arrivals), 100u);
    EXPECT_EQ(read(out.written())->chunks.size(), 2u);
    EXPECT_EQ(out.size(), 124u);  // 20 + 2 + 100, padded
    check_round_trip(ExtSeqNo{65500}, arrivals, 256);
}

TEST(TransportFeedback, MixedLossTakesOneBitVectors) {
    std::vector<PacketArrival> arrivals;
    for (int i = 0; i < 28; i += 2) arrivals.push_back({ExtSeqNo{i}, kStart + Duration::millis(i)});
    std::array<uint8_t, 256> buffer;
    ByteWriter out{buffer};
    ASSERT_EQ(write_transport_feedback(out, 1, 2, 3, ExtSeqNo{0}, arrivals), 14u);
    EXPECT_EQ(read(out.written())->chunks.size(), 4u);
}

TEST(TransportFeedback, LossBeforeTheFirstArrivalIsTold) {
    const PacketArrival arrivals[] = {{ExtSeqNo{105}, kStart}};
    EXPECT_EQ(check_round_trip(ExtSeqNo{100}, arrivals, 64), 1u);
}

TEST(TransportFeedback, ReorderedArrivalsHaveNegativeDeltas) {
    const PacketArrival arrivals[] = {{ExtSeqNo{1}, kStart + Duration::millis(50)},
                                      {ExtSeqNo{2}, kStart + Duration::millis(20)},
                                      {ExtSeqNo{3}, kStart + Duration::millis(500)}};
    EXPECT_EQ(check_round_trip(ExtSeqNo{1}, arrivals, 64), 3u);
}

TEST(TransportFeedback, StopsBeforeADeltaThatDoesNotFit16Bits) {
    const PacketArrival arrivals[] = {{ExtSeqNo{1}, kStart}, {ExtSeqNo{2}, kStart + Duration::seconds(9)}};
    EXPECT_EQ(check_round_trip(ExtSeqNo{1}, arrivals, 64), 1u);
    EXPECT_EQ(check_round_trip(ExtSeqNo{2}, std::span{arrivals}.subspan(1), 64), 1u);
}

TEST(TransportFeedback, AGapBeyondTheLimitIsNotTold) {
    const auto limit = static_cast<int64_t>(kFeedbackStatusesMax);
    const PacketArrival last[] = {{ExtSeqNo{limit - 1}, kStart}};
    const PacketArrival beyond[] = {{ExtSeqNo{limit}, kStart}};
    EXPECT_EQ(check_round_trip(ExtSeqNo{0}, last, 64), 1u);
    EXPECT_EQ(check_round_trip(ExtSeqNo{0}, beyond, 64), 0u);
}

TEST(TransportFeedback, RoundTripsAnyPatternInAnyRoom) {
    SeededRng rng{7};
    for (int round = 0; round < 300; ++round) {
        const uint32_t loss = rng.u32() % 100;
        const uint32_t jitter_us = rng.u32() % 2 == 0 ? 2'000 : 200'000;
        const size_t room = 20 + rng.u32() % 1180;
        std::vector<PacketArrival> arrivals;
        ExtSeqNo sequence{static_cast<int64_t>(rng.u32() % 70'000)};
        const ExtSeqNo first = sequence;
        Instant sent = kStart + Duration::micros(rng.u32() % 1'000'000);
        for (int i = 0; i < 600; ++i) {
            sequence = sequence + 1;
            sent = sent + Duration::micros(rng.u32() % 5'000);
            if (rng.u32() % 100 < loss) continue;
            arrivals.push_back({sequence, sent + Duration::micros(rng.u32() % jitter_us)});
        }
        ExtSeqNo base = first;
        std::span<const PacketArrival> rest = arrivals;
        while (!rest.empty()) {
            const size_t told = check_round_trip(base, rest, room);
            if (told == 0) {
                EXPECT_LT(room, 32u) << "a whole packet of room tells of something";
                break;
            }
            base = rest[told - 1].sequence + 1;
            rest = rest.subspan(told);
        }
    }
}

}  // namespace
}  // namespace conclave::wire
