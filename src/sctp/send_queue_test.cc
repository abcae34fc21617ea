#include "sctp/send_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace conclave::sctp {
namespace {

constexpr size_t kMtu = 1160;
constexpr size_t kFragment = kMtu - wire::kSctpHeaderSize - wire::kSctpDataHeaderSize;

struct Sent {
    uint32_t tsn = 0;
    uint16_t stream = 0;
    uint16_t ssn = 0;
    size_t size = 0;
    bool begins = false;
    bool ends = false;
};

class SendQueueTest : public testing::Test {
 protected:
    void SetUp() override { queue.start(kFirst, 1 << 20, true); }

    bool push(size_t size, uint16_t stream = 1, std::optional<uint32_t> max_retransmits = {},
              bool unordered = false, Instant expires = Instant::never()) {
        OutgoingMessage message;
        message.stream = stream;
        message.ppid = 51;
        message.unordered = unordered;
        message.max_retransmits = max_retransmits;
        message.expires = expires;
        return queue.push(message, std::vector<uint8_t>(size, 'q'));
    }
    // Packets until the windows are shut.
    std::vector<Sent> send() {
        std::vector<Sent> sent;
        for (;;) {
            std::array<uint8_t, kMtu> buffer;
            wire::SctpWriter writer(buffer, {});
            queue.fill(now, writer);
            if (writer.empty()) return sent;
            const auto packet = wire::parse_sctp_packet(writer.finish());
            EXPECT_TRUE(packet);
            wire::SctpChunks chunks(packet->chunks);
            while (const auto chunk = chunks.next()) {
                const auto data = wire::parse_sctp_data(*chunk);
                sent.push_back(
                    {data->tsn, data->stream, data->ssn, data->payload.size(), data->begins, data->ends});
            }
        }
    }
    SendQueue::Acknowledgement sack(uint32_t cumulative, const std::vector<wire::SctpGap>& gaps = {},
                                    uint32_t window = 1 << 20) {
        std::vector<uint8_t> bytes;
        for (const auto& gap : gaps) {
            bytes.resize(bytes.size() + 4);
            store_be16(bytes.data() + bytes.size() - 4, gap.first);
            store_be16(bytes.data() + bytes.size() - 2, gap.last);
        }
        return queue.acknowledge(now, {cumulative, window, bytes, {}});
    }
    struct Forward {
        uint32_t tsn = 0;
        std::vector<wire::SctpSkip> skips;
    };
    std::optional<Forward> forward() {
        std::array<uint8_t, kMtu> buffer;
        wire::SctpWriter writer(buffer, {});
        queue.write_forward_tsn(writer);
        if (writer.empty()) return std::nullopt;
        const auto packet = wire::parse_sctp_packet(writer.finish());
        wire::SctpChunks chunks(packet->chunks);
        const auto parsed = wire::parse_sctp_forward_tsn(*chunks.next());
        Forward found{parsed->new_cumulative_tsn, {}};
        for (size_t i = 0; i < parsed->skip_count(); ++i) found.skips.push_back(parsed->skip(i));
        return found;
    }

    static constexpr uint32_t kFirst = 0xFFFFFFFE;
    Instant now = Instant::from_ms(1000);
    SendQueue queue{kMtu, kSendBufferMax};
};

TEST_F(SendQueueTest, CutsMessagesIntoFragmentsThatFillThePackets) {
    ASSERT_TRUE(push(3 * kFragment));
    ASSERT_TRUE(push(3 * kFragment + 1));
    const std::vector<Sent> sent = send();
    ASSERT_EQ(sent.size(), 7u);
    for (uint32_t i = 0; i < 7; ++i) EXPECT_EQ(sent[i].tsn, kFirst + i);
    EXPECT_TRUE(sent[0].begins && !sent[0].ends && sent[2].ends && sent[3].begins && sent[6].ends);
    EXPECT_EQ(sent[6].size, 1u);
    EXPECT_EQ(sent[3].ssn, 1);
    EXPECT_EQ(queue.outstanding(), 6 * kFragment + 1);
}

TEST_F(SendQueueTest, StreamsTakeTurnsAndAMessageIsNeverInterleaved) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(push(2 * kFragment, 1));
    ASSERT_TRUE(push(10, 2));
    ASSERT_TRUE(push(10, 3, {}, true));
    std::vector<uint16_t> streams;
    bool inside = false;
    for (const Sent& s : send()) {
        EXPECT_EQ(s.begins, !inside);
        if (s.begins) streams.push_back(s.stream);
        EXPECT_EQ(s.stream, streams.back());
        inside = !s.ends;
    }
    EXPECT_EQ(streams, (std::vector<uint16_t>{1, 2, 3, 1, 1}));
}

TEST_F(SendQueueTest, TheFirstFlightIsTheInitialWindowAndSlowStartOpensIt) {
    ASSERT_TRUE(push(200 * kFragment));
    const size_t first = send().size();
    EXPECT_GE(first, kInitialWindowPackets);
    EXPECT_LE(first, kInitialWindowPackets + 1);  // RFC 9260 6.1 B: the last one may exceed the window
    const size_t window = queue.congestion_window();
    EXPECT_TRUE(sack(kFirst + 1).advanced);
    EXPECT_GT(queue.congestion_window(), window);
    EXPECT_LE(queue.congestion_window(), window + kMtu);  // RFC 9260 7.2.1: at most one packet a SACK
}

TEST_F(SendQueueTest, AnUnusedWindowDoesNotGrow) {
    const size_t window = queue.congestion_window();
    for (uint32_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(push(100));
        ASSERT_EQ(send().size(), 1u);
        sack(kFirst + i);
    }
    EXPECT_EQ(queue.congestion_window(), window);
}

// RFC 9260 7.2.4.
TEST_F(SendQueueTest, ThreeMissingReportsRetransmitAtOnceAndHalveTheWindow) {
    ASSERT_TRUE(push(9 * kFragment));
    ASSERT_EQ(send().size(), 9u);
    for (uint16_t i = 2; i < 4; ++i) {
        sack(kFirst - 1, {{2, i}});
        EXPECT_TRUE(send().empty());
    }
    sack(kFirst - 1, {{2, 4}});
    const std::vector<Sent> again = send();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].tsn, kFirst);
    EXPECT_EQ(queue.congestion_window(), kMtu * kInitialWindowPackets / 2);
    // Once only: the timer does the rest.
    for (uint16_t i = 5; i < 9; ++i) sack(kFirst - 1, {{2, i}});
    EXPECT_TRUE(send().empty());
    EXPECT_EQ(queue.retransmissions(), 1u);
    EXPECT_TRUE(sack(kFirst + 8).news);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.buffered(), 0u);
}

TEST_F(SendQueueTest, ATimeoutSendsTheOldestPacketAloneAndThenGoesOn) {
    ASSERT_TRUE(push(9 * kFragment));
    ASSERT_EQ(send().size(), 9u);
    queue.handle_timeout(now);
    EXPECT_EQ(queue.congestion_window(), kMtu);
    EXPECT_EQ(queue.outstanding(), 0u);
    const std::vector<Sent> again = send();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].tsn, kFirst);
    // Acknowledged after all: nothing more to do, and no measurement of what was repeated (Karn).
    const auto result = sack(kFirst);
    EXPECT_FALSE(result.round_trip);
    EXPECT_EQ(send().size(), 2u);
}

TEST_F(SendQueueTest, MeasuresRoundTripsOfWhatWasSentOnce) {
    ASSERT_TRUE(push(10));
    send();
    now = now + Duration::millis(70);
    EXPECT_EQ(sack(kFirst).round_trip, Duration::millis(70));
    EXPECT_FALSE(sack(kFirst).round_trip);
}

// RFC 9260 6.1 A.
TEST_F(SendQueueTest, AClosedWindowIsProbedWithOneFragmentAtATime) {
    ASSERT_TRUE(push(20 * kFragment));
    const uint32_t flight = static_cast<uint32_t>(send().size());
    sack(kFirst + flight - 1, {}, 0);
    EXPECT_EQ(send().size(), 1u);
    EXPECT_TRUE(queue.window_closed());
    EXPECT_TRUE(send().empty());
    sack(kFirst + flight, {}, kFragment * 3);
    EXPECT_EQ(send().size(), 3u);
}

TEST_F(SendQueueTest, OldAndForeignAcknowledgementsAreToldApart) {
    ASSERT_TRUE(push(3 * kFragment));
    send();
    EXPECT_TRUE(sack(kFirst + 3).violation);
    EXPECT_TRUE(sack(kFirst - 1, {{2, 4}}).violation);
    EXPECT_FALSE(sack(kFirst + 1).violation);
    const auto old = sack(kFirst, {{1, 500}});
    EXPECT_FALSE(old.violation || old.news || old.advanced);
    EXPECT_TRUE(sack(kFirst + 0x80000000).violation || !sack(kFirst + 0x80000000).advanced);
}

TEST_F(SendQueueTest, GapBlocksOutOfOrderEndTheListAndDoNoHarm) {
    ASSERT_TRUE(push(8 * kFragment));
    send();
    sack(kFirst - 1, {{5, 5}, {2, 3}, {4, 4}});
    sack(kFirst - 1, {{0, 3}});
    sack(kFirst - 1, {{6, 2}});
    EXPECT_EQ(queue.outstanding(), 7 * kFragment);
}

// RFC 9260 6.2.1 iv: the far side may throw away what it reported in gap blocks.
TEST_F(SendQueueTest, WhatTheFarSideReneguedOnIsSentAgain) {
    ASSERT_TRUE(push(3 * kFragment));
    send();
    sack(kFirst - 1, {{2, 3}});
    queue.handle_timeout(now);
    EXPECT_EQ(send().size(), 1u);
    sack(kFirst);  // the gap is gone
    EXPECT_TRUE(queue.in_flight());
    queue.handle_timeout(now);
    const std::vector<Sent> again = send();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0].tsn, kFirst + 1);
    sack(kFirst + 2);
    EXPECT_TRUE(queue.empty());
}

// RFC 3758 3.5.
TEST_F(SendQueueTest, AMessageWithoutRetransmissionsIsAbandonedWhenLost) {
    ASSERT_TRUE(push(2 * kFragment, 1, 0));
    ASSERT_TRUE(push(10, 2));
    ASSERT_EQ(send().size(), 3u);
    queue.handle_timeout(now);
    EXPECT_EQ(queue.abandoned(), 1u);
    EXPECT_EQ(queue.buffered(1), 0u);
    const auto skip = forward();
    ASSERT_TRUE(skip);
    EXPECT_EQ(skip->tsn, kFirst + 1);
    EXPECT_EQ(skip->skips, (std::vector<wire::SctpSkip>{{1, 0}}));
    ASSERT_EQ(send().size(), 1u);  // the reliable one
    EXPECT_FALSE(forward());
    sack(kFirst - 1);  // FORWARD TSN was lost
    EXPECT_TRUE(forward());
    sack(kFirst + 2);
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(forward());
}

TEST_F(SendQueueTest, AMessageAbandonedHalfSentTakesOneMoreTsnSoThatNothingIsMistakenForItsRest) {
    ASSERT_TRUE(push(30 * kFragment, 1, {}, false, now + Duration::millis(100)));
    ASSERT_TRUE(push(10, 2));
    const uint32_t flight = static_cast<uint32_t>(send().size());
    sack(kFirst + flight - 1);
    now = now + Duration::millis(100);
    const std::vector<Sent> next = send();
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(next[0].stream, 2);
    EXPECT_EQ(next[0].tsn, kFirst + flight + 1);
    const auto skip = forward();
    ASSERT_TRUE(skip);
    EXPECT_EQ(skip->tsn, kFirst + flight);
    EXPECT_EQ(queue.buffered(), 10u);
    sack(kFirst + flight + 1);
    EXPECT_TRUE(queue.empty());
}

TEST_F(SendQueueTest, MessagesThatExpireBeforeTheyBeginLeaveNoTrace) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(push(100, 1, {}, false, now + Duration::millis(i < 4 ? 10 : 99)));
    now = now + Duration::millis(20);
    const std::vector<Sent> sent = send();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].tsn, kFirst);
    EXPECT_EQ(sent[0].ssn, 0);
    EXPECT_EQ(queue.abandoned(), 4u);
    EXPECT_FALSE(forward());
    EXPECT_EQ(queue.buffered(1), 100u);
}

TEST_F(SendQueueTest, WithoutForwardTsnOnTheFarSideEverythingIsReliable) {
    queue.start(kFirst, 1 << 20, false);
    ASSERT_TRUE(push(100, 1, 0, false, now));
    ASSERT_EQ(send().size(), 1u);
    queue.handle_timeout(now);
    EXPECT_EQ(send().size(), 1u);
    EXPECT_EQ(queue.abandoned(), 0u);
    EXPECT_FALSE(forward());
}

TEST_F(SendQueueTest, OneForwardTsnSkipsALimitedNumberOfStreams) {
    for (uint16_t stream = 0; stream < 200; ++stream) ASSERT_TRUE(push(4, stream, 0));
    const size_t sent = send().size();
    ASSERT_EQ(sent, 200u);
    queue.handle_timeout(now);
    const auto first = forward();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->skips.size(), kSkippedStreamsMax);
    EXPECT_EQ(first->tsn, kFirst + static_cast<uint32_t>(kSkippedStreamsMax) - 1);
    sack(first->tsn);
    const auto rest = forward();
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->skips.size(), 200 - kSkippedStreamsMax);
    sack(rest->tsn);
    EXPECT_TRUE(queue.empty());
}

TEST_F(SendQueueTest, BytesAndMessagesInTheBufferAreLimited) {
    EXPECT_FALSE(push(kSendBufferMax + 1));
    EXPECT_TRUE(push(kSendBufferMax));
    EXPECT_FALSE(push(1));
    OutgoingMessage control;
    control.exempt = true;
    EXPECT_TRUE(queue.push(control, as_bytes("control")));
    SendQueue many(kMtu, kSendBufferMax);
    size_t accepted = 0;
    OutgoingMessage tiny;
    while (many.push(tiny, as_bytes("x"))) ++accepted;
    EXPECT_EQ(accepted, kQueuedMessagesMax);
}

TEST_F(SendQueueTest, FragmentsInFlightAreLimited) {
    SendQueue wide(kMtu, 1 << 24);
    wide.start(kFirst, 0xFFFFFFFF, true);
    OutgoingMessage tiny;
    for (size_t i = 0; i < 3000; ++i) ASSERT_TRUE(wide.push(tiny, as_bytes("x")));
    size_t sent = 0;
    for (;;) {
        std::array<uint8_t, kMtu> buffer;
        wire::SctpWriter writer(buffer, {});
        wide.fill(now, writer);
        if (writer.empty()) break;
        wire::SctpChunks chunks(wire::parse_sctp_packet(writer.finish())->chunks);
        while (chunks.next()) ++sent;
    }
    EXPECT_EQ(sent, kInFlightMax);
}

}  // namespace
}  // namespace conclave::sctp
