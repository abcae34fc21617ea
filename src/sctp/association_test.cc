#include "sctp/association.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace conclave::sctp {
namespace {

using Packet = std::vector<uint8_t>;
using wire::SctpChunkType;

// An association and, packet by packet, the other side of it.
class AssociationTest : public testing::Test {
 protected:
    static constexpr uint32_t kPeerTag = 0xABCD0001;
    static constexpr uint32_t kPeerTsn = 1000;

    Packet build(uint32_t tag, const std::function<void(wire::SctpWriter&)>& fill) {
        Packet buffer(1400);
        wire::SctpWriter writer(buffer, {5000, 5000, tag});
        fill(writer);
        const ByteView packet = writer.finish();
        EXPECT_FALSE(packet.empty());
        return {packet.begin(), packet.end()};
    }
    Packet chunk(uint32_t tag, SctpChunkType type, ByteView value = {}, uint8_t flags = 0) {
        return build(tag, [&](auto& w) { w.chunk(type, flags, value); });
    }
    Packet init(uint32_t tag = kPeerTag, uint16_t streams = 10) {
        return build(0, [&](auto& w) {
            w.begin_init(SctpChunkType::Init, {tag, 100000, streams, streams, kPeerTsn, {}});
            const std::array<uint8_t, 2> extensions{130, 192};
            w.parameter(wire::SctpParameterType::SupportedExtensions, extensions);
            w.end_chunk();
        });
    }
    Packet data(uint32_t tsn, std::string_view text = "x", uint16_t stream = 0, uint16_t ssn = 0) {
        return build(local_tag, [&](auto& w) {
            w.data({tsn, stream, ssn, 51, false, true, true, false, as_bytes(text)});
        });
    }

    // Packets that came out, as (type of the first chunk, packet).
    std::vector<std::pair<SctpChunkType, Packet>> give(const Packet& packet) {
        given = packet;  // messages point into it
        events = association.handle_packet(now, given, out);
        return sent();
    }
    std::vector<std::pair<SctpChunkType, Packet>> sent() {
        std::vector<std::pair<SctpChunkType, Packet>> packets;
        for (const auto& datagram : out.datagrams()) {
            const ByteView bytes = out.bytes(datagram);
            const auto parsed = wire::parse_sctp_packet(bytes);
            EXPECT_TRUE(parsed);
            packets.emplace_back(wire::SctpChunks(parsed->chunks).next()->type,
                                 Packet(bytes.begin(), bytes.end()));
        }
        out.clear();
        return packets;
    }
    static wire::SctpChunk first_chunk(const Packet& packet) {
        return *wire::SctpChunks(wire::parse_sctp_packet(packet)->chunks).next();
    }
    // The cookie of an INIT ACK.
    static Packet cookie_of(const Packet& init_ack) {
        wire::SctpParameters parameters(wire::parse_sctp_init(first_chunk(init_ack))->parameters);
        while (const auto p = parameters.next())
            if (p->type == wire::SctpParameterType::StateCookie) return {p->value.begin(), p->value.end()};
        return {};
    }
    Packet init_ack(const Packet& request) {
        const auto replies = give(request);
        EXPECT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].first, SctpChunkType::InitAck);
        return replies[0].second;
    }
    void establish() {
        const Packet reply = init_ack(init());
        local_tag = wire::parse_sctp_init(first_chunk(reply))->tag;
        local_tsn = wire::parse_sctp_init(first_chunk(reply))->initial_tsn;
        cookie_echo = chunk(local_tag, SctpChunkType::CookieEcho, cookie_of(reply));
        const auto replies = give(cookie_echo);
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].first, SctpChunkType::CookieAck);
        ASSERT_EQ(events.size(), 1u);
        EXPECT_TRUE(std::holds_alternative<Connected>(events[0]));
        ASSERT_TRUE(association.connected());
    }
    std::vector<std::string> messages() const {
        std::vector<std::string> texts;
        for (const auto& event : events)
            if (const auto* m = std::get_if<Message>(&event)) texts.emplace_back(as_text(m->payload));
        return texts;
    }
    std::optional<FailureReason> failure_reason() const {
        for (const auto& event : events)
            if (const auto* f = std::get_if<Failed>(&event)) return f->reason;
        return std::nullopt;
    }
    // Lets time pass up to `span` with nothing arriving; the packets that were sent.
    std::vector<std::pair<SctpChunkType, Packet>> wait(Duration span) {
        const Instant end = now + span;
        std::vector<std::pair<SctpChunkType, Packet>> packets;
        while (association.next_timeout() <= end) {
            now = association.next_timeout();
            AssociationEvents more = association.handle_timeout(now, out);
            events.insert(events.end(), more.begin(), more.end());
            for (auto& packet : sent()) packets.push_back(std::move(packet));
        }
        now = end;
        return packets;
    }

    SeededRng rng{1};
    Association association = Association::create({}, rng);
    TransmitQueue out{512, 1 << 20};
    Instant now = Instant::from_ms(1'000'000);
    Packet given;
    AssociationEvents events;
    uint32_t local_tag = 0;
    uint32_t local_tsn = 0;
    Packet cookie_echo;
};

TEST_F(AssociationTest, AnswersInitWithoutKeepingAnything_Rfc9260Section5_1_3) {
    for (uint32_t i = 1; i <= 20000; ++i) {
        (void)init_ack(init(i));
        ASSERT_EQ(association.state(), State::Closed);
        ASSERT_TRUE(association.next_timeout().is_never());
    }
    establish();  // and any of them may go on
}

TEST_F(AssociationTest, TheInitAckOffersWhatWeCan) {
    const Packet reply = init_ack(init());
    EXPECT_EQ(wire::parse_sctp_packet(reply)->header.verification_tag, kPeerTag);
    const auto offer = wire::parse_sctp_init(first_chunk(reply));
    EXPECT_EQ(offer->incoming_streams, kStreamsMax);
    EXPECT_EQ(offer->receive_window, 256u << 10);
    EXPECT_NE(offer->tag, 0u);
}

TEST_F(AssociationTest, M11_StreamsAreLimitedWhateverTheFarSideOffers) {
    const Packet reply = init_ack(init(kPeerTag, 65535));
    local_tag = wire::parse_sctp_init(first_chunk(reply))->tag;
    give(chunk(local_tag, SctpChunkType::CookieEcho, cookie_of(reply)));
    EXPECT_TRUE(association.connected());
    EXPECT_EQ(association.outgoing_streams(), kStreamsMax);
}

TEST_F(AssociationTest, RefusesUnacceptableInits_Rfc9260Section3_3_2) {
    EXPECT_TRUE(give(init(0)).empty());
    EXPECT_TRUE(give(init(kPeerTag, 0)).empty());
    Packet tagged = build(5, [&](auto& w) {
        w.begin_init(SctpChunkType::Init, {kPeerTag, 100000, 10, 10, kPeerTsn, {}});
        w.end_chunk();
    });
    EXPECT_TRUE(give(tagged).empty());
    EXPECT_TRUE(give(build(0,
                           [&](auto& w) {  // window below 1,500
                               w.begin_init(SctpChunkType::Init, {kPeerTag, 1499, 10, 10, kPeerTsn, {}});
                               w.end_chunk();
                           }))
                    .empty());
    EXPECT_TRUE(give(build(0,
                           [&](auto& w) {  // INIT is never bundled
                               w.begin_init(SctpChunkType::Init, {kPeerTag, 100000, 10, 10, kPeerTsn, {}});
                               w.end_chunk();
                               w.chunk(SctpChunkType::CookieAck, 0, {});
                           }))
                    .empty());
    EXPECT_TRUE(give(chunk(0, SctpChunkType::Init, Packet(15, 1))).empty());
    EXPECT_EQ(association.statistics().packets_dropped, 6u);
}

TEST_F(AssociationTest, ReportsUnknownParametersAsTheirBitsAsk_Rfc9260Section3_2_1) {
    const Packet request = build(0, [&](auto& w) {
        w.begin_init(SctpChunkType::Init, {kPeerTag, 100000, 10, 10, kPeerTsn, {}});
        const std::array<uint8_t, 3> value{1, 2, 3};
        w.parameter(static_cast<wire::SctpParameterType>(0x8123), value);  // skipped in silence
        w.parameter(static_cast<wire::SctpParameterType>(0xC123), value);  // skipped and reported
        w.parameter(static_cast<wire::SctpParameterType>(0x4123), value);  // ends the list, reported
        w.parameter(static_cast<wire::SctpParameterType>(0xC124), value);
        w.end_chunk();
    });
    const Packet reply = init_ack(request);
    std::vector<uint16_t> reported;
    wire::SctpParameters parameters(wire::parse_sctp_init(first_chunk(reply))->parameters);
    while (const auto p = parameters.next())
        if (p->type == wire::SctpParameterType::UnrecognizedParameter)
            reported.push_back(load_be16(p->value.data()));
    EXPECT_EQ(reported, (std::vector<uint16_t>{0xC123, 0x4123}));
}

TEST_F(AssociationTest, M11_ATamperedCookieIsRefusedInSilence) {
    const Packet reply = init_ack(init());
    local_tag = wire::parse_sctp_init(first_chunk(reply))->tag;
    Packet cookie = cookie_of(reply);
    for (size_t i = 0; i < cookie.size(); ++i) {
        cookie[i] ^= 1;
        EXPECT_TRUE(give(chunk(local_tag, SctpChunkType::CookieEcho, cookie)).empty());
        cookie[i] ^= 1;
    }
    EXPECT_TRUE(
        give(chunk(local_tag, SctpChunkType::CookieEcho, Packet(cookie.begin(), cookie.end() - 1))).empty());
    EXPECT_TRUE(give(chunk(local_tag, SctpChunkType::CookieEcho)).empty());
    EXPECT_TRUE(give(chunk(local_tag + 1, SctpChunkType::CookieEcho, cookie)).empty());
    EXPECT_EQ(association.state(), State::Closed);
    EXPECT_EQ(association.statistics().cookies_refused, cookie.size() + 3);
    Association other = Association::create({}, rng);  // another key
    EXPECT_TRUE(other.handle_packet(now, chunk(local_tag, SctpChunkType::CookieEcho, cookie), out).empty());
    EXPECT_EQ(other.state(), State::Closed);
}

TEST_F(AssociationTest, AnExpiredCookieIsAnsweredWithItsStaleness_Rfc9260Section5_2_6) {
    const Packet reply = init_ack(init());
    local_tag = wire::parse_sctp_init(first_chunk(reply))->tag;
    now = now + kCookieLife + Duration::millis(5);
    const auto replies = give(chunk(local_tag, SctpChunkType::CookieEcho, cookie_of(reply)));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].first, SctpChunkType::Error);
    EXPECT_EQ(wire::parse_sctp_packet(replies[0].second)->header.verification_tag, kPeerTag);
    wire::SctpParameters causes(first_chunk(replies[0].second).value);
    const auto cause = causes.next();
    EXPECT_EQ(static_cast<uint16_t>(cause->type), static_cast<uint16_t>(wire::SctpCause::StaleCookie));
    EXPECT_EQ(load_be32(cause->value.data()), 5000u);
    EXPECT_EQ(association.state(), State::Closed);
}

TEST_F(AssociationTest, M11_ARepeatedCookieIsAcknowledgedAgainAndChangesNothing) {
    establish();
    give(data(kPeerTsn, "one"));
    for (int i = 0; i < 3; ++i) {
        now = now + kCookieLife;  // also when it has expired meanwhile (RFC 9260 5.2.4)
        const auto replies = give(cookie_echo);
        ASSERT_GE(replies.size(), 1u);
        EXPECT_EQ(replies[0].first, SctpChunkType::CookieAck);
        EXPECT_TRUE(events.empty());
    }
    give(data(kPeerTsn + 1, "two", 0, 1));
    EXPECT_EQ(messages(), std::vector<std::string>{"two"});
}

TEST_F(AssociationTest, M11_ASecondInitLeavesARunningAssociationAlone) {
    establish();
    const Packet reply = init_ack(init(kPeerTag + 7));
    EXPECT_NE(wire::parse_sctp_init(first_chunk(reply))->tag, local_tag);  // RFC 9260 5.2.2: a new tag
    give(data(kPeerTsn, "still here"));
    EXPECT_EQ(messages(), std::vector<std::string>{"still here"});
    // Only the cookie restarts it.
    const uint32_t new_tag = wire::parse_sctp_init(first_chunk(reply))->tag;
    const auto replies = give(chunk(new_tag, SctpChunkType::CookieEcho, cookie_of(reply)));
    ASSERT_EQ(replies.size(), 1u);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<Restarted>(events[0]));
    give(data(kPeerTsn, "old tag"));
    EXPECT_TRUE(events.empty());
    local_tag = new_tag;
    give(data(kPeerTsn, "new tag"));
    EXPECT_EQ(messages(), std::vector<std::string>{"new tag"});
}

TEST_F(AssociationTest, M11_ACookieFromBeforeTheAssociationCannotRestartIt) {
    const Packet early = init_ack(init(kPeerTag + 1));
    establish();
    const uint32_t early_tag = wire::parse_sctp_init(first_chunk(early))->tag;
    EXPECT_TRUE(give(chunk(early_tag, SctpChunkType::CookieEcho, cookie_of(early))).empty());
    EXPECT_TRUE(events.empty());
    give(data(kPeerTsn));
    EXPECT_EQ(messages().size(), 1u);
}

TEST_F(AssociationTest, DropsPacketsWithAWrongTagPortOrChecksum_Rfc9260Section8_5) {
    establish();
    const uint64_t dropped = association.statistics().packets_dropped;
    const uint32_t right = local_tag;
    for (const uint32_t tag : {right + 1, right - 1, 0u, kPeerTag}) {
        local_tag = tag;
        EXPECT_TRUE(give(data(kPeerTsn)).empty());
        EXPECT_TRUE(events.empty());
        EXPECT_TRUE(give(chunk(tag, SctpChunkType::Abort)).empty());
        EXPECT_TRUE(events.empty());
    }
    Packet port = data(kPeerTsn);
    EXPECT_TRUE(give(build(right, [](auto& w) { (void)w; })).empty());
    local_tag = right;
    Packet flipped = data(kPeerTsn);
    flipped.back() ^= 1;
    give(flipped);
    EXPECT_TRUE(events.empty());
    Packet buffer(64);
    wire::SctpWriter writer(buffer, {5001, 5000, right});
    writer.chunk(SctpChunkType::Abort, 0, {});
    const ByteView other_port = writer.finish();
    give({other_port.begin(), other_port.end()});
    EXPECT_TRUE(events.empty());
    EXPECT_EQ(association.statistics().packets_dropped, dropped + 10);
    EXPECT_TRUE(association.connected());
}

TEST_F(AssociationTest, AbortIsBelievedWithTheRightTagOnly_Rfc9260Section8_5_1) {
    establish();
    give(chunk(local_tag, SctpChunkType::Abort, {}, wire::kSctpFlagReflectedTag));
    EXPECT_TRUE(association.connected());
    give(chunk(kPeerTag, SctpChunkType::Abort, {}, 0));
    EXPECT_TRUE(association.connected());
    give(chunk(kPeerTag, SctpChunkType::Abort, {}, wire::kSctpFlagReflectedTag));
    EXPECT_EQ(failure_reason(), FailureReason::PeerAborted);
    EXPECT_EQ(association.state(), State::Dead);
    EXPECT_TRUE(association.next_timeout().is_never());
    EXPECT_TRUE(give(init()).empty());  // dead for good
    EXPECT_FALSE(association.send(now, {}, as_bytes("x"), out));
}

TEST_F(AssociationTest, AbortWithOurOwnTagEndsIt) {
    establish();
    give(chunk(local_tag, SctpChunkType::Abort));
    EXPECT_EQ(failure_reason(), FailureReason::PeerAborted);
}

TEST_F(AssociationTest, AcknowledgesEverySecondPacketOrAfter200Ms_Rfc9260Section6_2) {
    establish();
    EXPECT_TRUE(give(data(kPeerTsn)).empty());
    EXPECT_EQ(association.next_timeout() - now, Duration::millis(200));
    const auto second = give(data(kPeerTsn + 1, "x", 0, 1));
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(wire::parse_sctp_sack(first_chunk(second[0].second))->cumulative_tsn, kPeerTsn + 1);
    EXPECT_TRUE(give(data(kPeerTsn + 2, "x", 0, 2)).empty());
    const auto late = wait(Duration::millis(200));
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late[0].first, SctpChunkType::Sack);
    // At once: gaps, duplicates.
    const auto gap = give(data(kPeerTsn + 5, "x", 0, 5));
    ASSERT_EQ(gap.size(), 1u);
    const auto sack = wire::parse_sctp_sack(first_chunk(gap[0].second));
    ASSERT_EQ(sack->gap_count(), 1u);
    EXPECT_EQ(sack->gap(0), (wire::SctpGap{3, 3}));
    const auto duplicate = give(data(kPeerTsn));
    ASSERT_EQ(duplicate.size(), 1u);
    EXPECT_EQ(wire::parse_sctp_sack(first_chunk(duplicate[0].second))->duplicate(0), kPeerTsn);
}

TEST_F(AssociationTest, RetransmitsWithBackOffAndGivesUpAfterTenTries_Rfc9260Section8_1) {
    establish();
    ASSERT_TRUE(association.send(now, {}, as_bytes("anyone there?"), out));
    sent();
    events.clear();
    const auto packets = wait(Duration::minutes(2));
    size_t repeats = 0;
    for (const auto& [type, packet] : packets)
        if (type == SctpChunkType::Data) ++repeats;
    EXPECT_EQ(repeats, 10u);
    EXPECT_EQ(packets.back().first, SctpChunkType::Abort);
    EXPECT_EQ(failure_reason(), FailureReason::TooManyRetransmissions);
    EXPECT_TRUE(association.next_timeout().is_never());
}

TEST_F(AssociationTest, ASilentPeerIsNoticedByHeartbeats_Rfc9260Section8_3) {
    establish();
    const auto packets = wait(Duration::minutes(10));
    EXPECT_EQ(packets.front().first, SctpChunkType::Heartbeat);
    EXPECT_EQ(failure_reason(), FailureReason::TooManyRetransmissions);
}

TEST_F(AssociationTest, HeartbeatsAreEchoedOnceAPacketAndOnlyOursCount) {
    establish();
    const Packet info{0, 1, 0, 8, 1, 2, 3, 4};
    const auto replies = give(build(local_tag, [&](auto& w) {
        for (int i = 0; i < 20; ++i) w.chunk(SctpChunkType::Heartbeat, 0, info);
    }));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].first, SctpChunkType::HeartbeatAck);
    const ByteView echoed = first_chunk(replies[0].second).value;
    EXPECT_EQ(Packet(echoed.begin(), echoed.end()), info);
    // Answered properly, an idle association lives on.
    for (int i = 0; i < 30; ++i) {
        const auto beats = wait(kHeartbeatInterval);
        ASSERT_EQ(beats.size(), 1u);
        give(chunk(local_tag, SctpChunkType::HeartbeatAck, info));
        give(chunk(local_tag, SctpChunkType::HeartbeatAck, first_chunk(beats[0].second).value));
    }
    EXPECT_TRUE(association.connected());
}

TEST_F(AssociationTest, AnActiveSideGivesUpWhenNobodyAnswers) {
    association.connect(now, out);
    const auto first = sent();
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].first, SctpChunkType::Init);
    const auto packets = wait(Duration::minutes(5));
    EXPECT_EQ(packets.size(), 8u);  // Max.Init.Retransmits
    EXPECT_EQ(failure_reason(), FailureReason::TooManyRetransmissions);
}

TEST_F(AssociationTest, AnActiveSideStartsOverAfterAStaleCookieError) {
    association.connect(now, out);
    const Packet request = sent()[0].second;
    local_tag = wire::parse_sctp_init(first_chunk(request))->tag;
    const Packet answer = build(local_tag, [&](auto& w) {
        w.begin_init(SctpChunkType::InitAck, {kPeerTag, 100000, 10, 10, kPeerTsn, {}});
        w.parameter(wire::SctpParameterType::StateCookie, as_bytes("their cookie"));
        w.end_chunk();
    });
    auto replies = give(answer);
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(as_text(first_chunk(replies[0].second).value), "their cookie");
    replies = give(build(local_tag, [&](auto& w) {
        w.begin_chunk(SctpChunkType::Error, 0);
        w.cause(wire::SctpCause::StaleCookie, Packet{0, 0, 1, 0});
        w.end_chunk();
    }));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].first, SctpChunkType::Init);
    give(answer);
    give(chunk(local_tag, SctpChunkType::CookieAck));
    EXPECT_TRUE(association.connected());
}

TEST_F(AssociationTest, DataOnStreamsThatDoNotExistIsAcknowledgedAndReported_Rfc9260Section6_5) {
    establish();
    for (uint32_t i = 0; i < 100; ++i) {
        const auto replies = give(data(kPeerTsn + i, "x", static_cast<uint16_t>(65535 - i)));
        ASSERT_FALSE(replies.empty());
        EXPECT_EQ(replies[0].first, SctpChunkType::Error);
        EXPECT_TRUE(events.empty());
    }
    EXPECT_EQ(association.receive_buffer().cumulative_tsn(), kPeerTsn + 99);
    EXPECT_EQ(association.receive_buffer().buffered(), 0u);
}

TEST_F(AssociationTest, UnknownChunksFollowTheirTypeBits_Rfc9260Section3_2) {
    establish();
    const auto with = [&](uint8_t type, uint32_t tsn) {
        return build(local_tag, [&](auto& w) {
            w.chunk(static_cast<SctpChunkType>(type), 0, Packet(200, 7));
            w.data({tsn, 0, 0, 51, true, true, true, false, as_bytes("after")});
        });
    };
    EXPECT_TRUE(give(with(0x0F, kPeerTsn)).empty());  // AUTH: stop, do not report
    EXPECT_TRUE(events.empty());
    auto replies = give(with(0x40, kPeerTsn));  // stop and report
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].first, SctpChunkType::Error);
    EXPECT_TRUE(events.empty());
    give(with(0x80, kPeerTsn));  // ASCONF-ACK: skip
    EXPECT_EQ(messages().size(), 1u);
    replies = give(with(0xC1, kPeerTsn + 1));  // ASCONF: skip and report
    EXPECT_EQ(messages().size(), 1u);
    ASSERT_FALSE(replies.empty());
    EXPECT_EQ(replies[0].first, SctpChunkType::Error);
    EXPECT_LT(replies[0].second.size(), 100u);
}

TEST_F(AssociationTest, MalformedChunksOfAnEstablishedPeerAbort) {
    const std::vector<std::pair<SctpChunkType, Packet>> bad{
        {SctpChunkType::Data, Packet(12, 0)},       // no user data
        {SctpChunkType::Data, Packet(3, 0)},        // cut
        {SctpChunkType::Sack, Packet(11, 0)},       // cut
        {SctpChunkType::ForwardTsn, Packet(5, 0)},  // odd size
        {SctpChunkType::Shutdown, Packet(2, 0)},
    };
    for (const auto& [type, value] : bad) {
        association = Association::create({}, rng);
        establish();
        const auto replies = give(chunk(local_tag, type, value));
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].first, SctpChunkType::Abort);
        EXPECT_EQ(failure_reason(), FailureReason::ProtocolViolation);
    }
}

TEST_F(AssociationTest, ASackForDataThatWasNeverSentAborts) {
    establish();
    const auto replies = give(build(local_tag, [&](auto& w) { w.sack(local_tsn, 100000, {}, {}); }));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(failure_reason(), FailureReason::ProtocolViolation);
}

// RFC 5061 (ASCONF, its acknowledgement, and AUTH of RFC 4895), where others were overrun: not spoken here.
TEST_F(AssociationTest, M11_AddressChangesAreUnknownHere) {
    establish();
    for (const int type : {0xc1, 0x80, 0x0f}) {
        for (const size_t size : {0, 4, 8, 20, 1000}) {
            const auto replies = give(chunk(local_tag, static_cast<SctpChunkType>(type), Packet(size, 0xff)));
            EXPECT_LE(replies.size(), 1u);
            for (const auto& [kind, packet] : replies) EXPECT_EQ(kind, SctpChunkType::Error);
            EXPECT_TRUE(events.empty());
        }
    }
    EXPECT_TRUE(association.connected());
}

TEST_F(AssociationTest, M11_AnEndlessMessageEndsInAbortWithBoundedMemory) {
    establish();
    const std::string block(1100, 'e');
    uint32_t i = 0;
    for (; association.connected() && i < 10000; ++i) {
        give(build(local_tag, [&](auto& w) {
            w.data({kPeerTsn + i, 0, 0, 51, false, i == 0, false, false, as_bytes(block)});
        }));
        ASSERT_LE(association.receive_buffer().buffered(), (size_t{256} << 10) + 2 * kPieceOverhead);
    }
    EXPECT_EQ(failure_reason(), FailureReason::ProtocolViolation);
    EXPECT_EQ(i, (256u << 10) / 1100 + 1);
}

TEST_F(AssociationTest, M11_ResetsOfAllStreamsAreCarriedOutOnce) {
    establish();
    const Packet request = build(local_tag, [&](auto& w) {
        w.begin_chunk(SctpChunkType::ReConfig, 0);
        w.outgoing_reset(kPeerTsn, 0, kPeerTsn - 1, {});
        w.end_chunk();
    });
    const auto replies = give(request);
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].first, SctpChunkType::ReConfig);
    EXPECT_EQ(events.size(), kStreamsMax);
    EXPECT_EQ(give(request).size(), 1u);
    EXPECT_TRUE(events.empty());
}

TEST_F(AssociationTest, APacketFullOfResetsIsReadInPart) {
    establish();
    const auto replies = give(build(local_tag, [&](auto& w) {
        for (uint32_t i = 0; i < 50; ++i) {
            w.begin_chunk(SctpChunkType::ReConfig, 0);
            w.outgoing_reset(kPeerTsn + i, 0, kPeerTsn - 1, {});
            w.end_chunk();
        }
    }));
    EXPECT_EQ(events.size(), 4u * kStreamsMax);
    EXPECT_EQ(replies.size(), 1u);
}

TEST_F(AssociationTest, ARequestToResetAllOurStreamsFitsIntoLimitedRequests) {
    establish();
    const auto replies = give(build(local_tag, [&](auto& w) {
        w.begin_chunk(SctpChunkType::ReConfig, 0);
        w.incoming_reset(kPeerTsn, {});
        w.end_chunk();
    }));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_LT(replies[0].second.size(), 400u);
    EXPECT_FALSE(association.send(now, {}, as_bytes("x"), out));  // stream 0 is being reset
}

TEST_F(AssociationTest, AFullTransmitQueueDelaysAndLosesNothing) {
    establish();
    TransmitQueue tiny(1, 1200);
    for (int i = 0; i < 5; ++i) {
        OutgoingMessage message;
        ASSERT_TRUE(association.send(now, message, Packet(1000, 'f'), tiny));
    }
    EXPECT_EQ(tiny.datagrams().size(), 1u);
    size_t packets = 0;
    while (association.next_timeout() <= now + Duration::millis(100)) {
        packets += tiny.datagrams().size();
        tiny.clear();
        now = association.next_timeout();
        EXPECT_TRUE(association.handle_timeout(now, tiny).empty());
    }
    EXPECT_EQ(packets + tiny.datagrams().size(), 5u);
}

TEST_F(AssociationTest, RefusesMessagesOutsideItsLimits) {
    establish();
    OutgoingMessage message;
    EXPECT_FALSE(association.send(now, message, {}, out));
    EXPECT_FALSE(association.send(now, message, Packet((64 << 10) + 1, 'x'), out));
    EXPECT_TRUE(association.send(now, message, Packet(64 << 10, 'x'), out));
    message.stream = 10;  // the peer's INIT allowed 10
    EXPECT_FALSE(association.send(now, message, as_bytes("x"), out));
    message.stream = 9;
    EXPECT_TRUE(association.send(now, message, as_bytes("x"), out));
}

TEST_F(AssociationTest, AnswersShutdownAfterItsOwnDataIsAcknowledged_Rfc9260Section9_2) {
    establish();
    ASSERT_TRUE(association.send(now, {}, as_bytes("still to come"), out));
    sent();
    const Packet nothing_heard = build(local_tag, [&](auto& w) {
        std::array<uint8_t, 4> tsn;
        store_be32(tsn.data(), local_tsn - 1);
        w.chunk(SctpChunkType::Shutdown, 0, tsn);
    });
    EXPECT_TRUE(give(nothing_heard).empty());
    EXPECT_EQ(association.state(), State::ShutdownReceived);
    EXPECT_FALSE(association.send(now, {}, as_bytes("too late"), out));
    const auto replies = give(build(local_tag, [&](auto& w) { w.sack(local_tsn, 100000, {}, {}); }));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].first, SctpChunkType::ShutdownAck);
    EXPECT_EQ(wait(Duration::seconds(1)).at(0).first, SctpChunkType::ShutdownAck);  // T2
    give(chunk(local_tag, SctpChunkType::ShutdownComplete));
    EXPECT_EQ(failure_reason(), FailureReason::PeerShutDown);
}

}  // namespace
}  // namespace conclave::sctp
