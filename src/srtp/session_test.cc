#include "srtp/session.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "srtp/test_packets.h"

namespace conclave::srtp {
namespace {

using crypto::SrtpProfile;

class SessionTest : public testing::TestWithParam<SrtpProfile> {
 protected:
    Bytes protect(const Bytes& plain) {
        Bytes out(plain.size() + Session::kOverheadMax);
        out.resize(sender_.protect_rtp(plain, out));
        return out;
    }
    Bytes protect_rtcp(const Bytes& plain) {
        Bytes out(plain.size() + Session::kOverheadMax);
        out.resize(sender_.protect_rtcp(plain, out));
        return out;
    }
    Bytes rtp(uint16_t sequence, uint32_t ssrc = 7) { return rtp_packet(rng_, ssrc, sequence, 50); }
    Result<size_t, Drop> receive(Bytes packet) { return receiver_.unprotect_rtp(packet); }
    Result<size_t, Drop> receive_rtcp(Bytes packet) { return receiver_.unprotect_rtcp(packet); }
    // Ok or the reason.
    static std::string outcome(const Result<size_t, Drop>& result) {
        constexpr const char* kNames[] = {"Malformed",    "Replayed",    "TooOld", "AuthenticationFailed",
                                          "TooManySsrcs", "NotEncrypted"};
        return result ? "Ok" : kNames[static_cast<size_t>(result.error())];
    }

    SeededRng rng_{5};
    Keys a_ = random_keys(rng_);
    Keys b_ = random_keys(rng_);
    Session sender_ = Session::create(GetParam(), b_, a_).value();
    Session receiver_ = Session::create(GetParam(), a_, b_).value();
};

TEST_P(SessionTest, RestoresEveryPacketAndHidesItsPayload) {
    for (uint16_t i = 0; i < 500; ++i) {
        const Bytes plain = rtp_packet(rng_, 7, i, 16 + rng_.u32() % 1200);
        Bytes packet = protect(plain);
        ASSERT_GT(packet.size(), plain.size());
        EXPECT_FALSE(std::equal(plain.end() - 16, plain.end(), packet.begin() + plain.size() - 16));
        const auto size = receiver_.unprotect_rtp(packet);
        ASSERT_TRUE(size);
        packet.resize(*size);
        EXPECT_EQ(packet, plain);
    }
}

TEST_P(SessionTest, RestoresEveryRtcpPacket) {
    for (size_t i = 0; i < 200; ++i) {
        const Bytes plain = rtcp_packet(rng_, i % 3 ? 7 : 8, i);
        Bytes packet = protect_rtcp(plain);
        const auto size = receiver_.unprotect_rtcp(packet);
        ASSERT_TRUE(size) << i;
        packet.resize(*size);
        EXPECT_EQ(packet, plain);
    }
}

TEST_P(SessionTest, RefusesReplays_RFC3711_3_3_2) {
    const Bytes packet = protect(rtp(100));
    EXPECT_EQ(outcome(receive(packet)), "Ok");
    EXPECT_EQ(outcome(receive(packet)), "Replayed");
    const Bytes control = protect_rtcp(rtcp_packet(rng_, 7, 5));
    EXPECT_EQ(outcome(receive_rtcp(control)), "Ok");
    EXPECT_EQ(outcome(receive_rtcp(control)), "Replayed");
}

TEST_P(SessionTest, AcceptsReorderingWithinTheWindowOnly) {
    std::vector<Bytes> packets;
    for (uint16_t i = 0; i <= 2000; ++i) packets.push_back(protect(rtp(i)));
    EXPECT_EQ(outcome(receive(packets[2000])), "Ok");
    EXPECT_EQ(outcome(receive(packets[2000 - 1023])), "Ok");
    EXPECT_EQ(outcome(receive(packets[2000 - 1023])), "Replayed");
    EXPECT_EQ(outcome(receive(packets[2000 - 1024])), "TooOld");
    EXPECT_EQ(outcome(receive(packets[0])), "TooOld");
}

TEST_P(SessionTest, RefusesEveryFlippedBit) {
    const Bytes packet = protect(rtp(1));
    for (size_t bit = 0; bit < packet.size() * 8; ++bit) {
        Bytes forged = packet;
        forged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_FALSE(receive(forged)) << bit;
    }
    EXPECT_EQ(outcome(receive(packet)), "Ok");
    const Bytes control = protect_rtcp(rtcp_packet(rng_, 7, 3));
    for (size_t bit = 0; bit < control.size() * 8; ++bit) {
        Bytes forged = control;
        forged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_FALSE(receive_rtcp(forged)) << bit;
    }
    EXPECT_EQ(outcome(receive_rtcp(control)), "Ok");
}

TEST_P(SessionTest, RefusesEveryTruncation) {
    const Bytes packet = protect(rtp(1));
    const Bytes control = protect_rtcp(rtcp_packet(rng_, 7, 3));
    for (size_t size = 0; size < packet.size(); ++size)
        EXPECT_FALSE(receive({packet.begin(), packet.begin() + size}));
    for (size_t size = 0; size < control.size(); ++size)
        EXPECT_FALSE(receive_rtcp({control.begin(), control.begin() + size}));
}

TEST_P(SessionTest, M6_ForgedPacketsMoveNoState) {
    EXPECT_EQ(outcome(receive(protect(rtp(10)))), "Ok");
    Bytes far = protect(rtp(11));
    store_be16(&far[2], 40'000);
    EXPECT_EQ(outcome(receive(far)), "AuthenticationFailed");
    for (uint32_t ssrc = 1000; ssrc < 3000; ++ssrc) {
        store_be32(&far[8], ssrc);
        EXPECT_EQ(outcome(receive(far)), "AuthenticationFailed");
    }
    EXPECT_EQ(outcome(receive(protect(rtp(12)))), "Ok");
}

TEST_P(SessionTest, M9_TracksABoundedNumberOfSsrcs) {
    for (uint32_t ssrc = 0; ssrc < Session::kReceiveSsrcMax; ++ssrc)
        EXPECT_EQ(outcome(receive(protect(rtp(1, ssrc)))), "Ok");
    EXPECT_EQ(outcome(receive(protect(rtp(1, 5000)))), "TooManySsrcs");
    EXPECT_EQ(outcome(receive_rtcp(protect_rtcp(rtcp_packet(rng_, 5000, 2)))), "TooManySsrcs");
    EXPECT_EQ(outcome(receive(protect(rtp(2, 3)))), "Ok");
}

TEST_P(SessionTest, TracksAsManySsrcsAsTheOwnerWants) {
    receiver_ = Session::create(GetParam(), a_, b_, 100).value();
    for (uint32_t ssrc = 0; ssrc < 100; ++ssrc) EXPECT_EQ(outcome(receive(protect(rtp(1, ssrc)))), "Ok");
    EXPECT_EQ(outcome(receive(protect(rtp(1, 100)))), "TooManySsrcs");
}

TEST_P(SessionTest, RefusesAnotherSessionsPackets) {
    Keys other = a_;
    other.key[15] ^= 1;
    Session stranger = Session::create(GetParam(), b_, other).value();
    const Bytes plain = rtp(1);
    Bytes out(plain.size() + Session::kOverheadMax);
    out.resize(stranger.protect_rtp(plain, out));
    EXPECT_EQ(outcome(receive(out)), "AuthenticationFailed");
    // Nor does it take back what it sent itself: the directions have different keys.
    Bytes own = protect(rtp(2));
    EXPECT_EQ(outcome(sender_.unprotect_rtp(own)), "AuthenticationFailed");
}

TEST_P(SessionTest, FollowsRolloverOnBothSides_RFC3711_3_3_1) {
    for (uint32_t i = 0; i < 200'000; i += 7) {
        const Bytes plain = rtp(static_cast<uint16_t>(i));
        ASSERT_EQ(outcome(receive(protect(plain))), "Ok") << i;
    }
}

TEST_P(SessionTest, ReordersAroundTheRollover) {
    std::vector<Bytes> packets;
    for (uint32_t i = 65'000; i < 66'000; ++i) packets.push_back(protect(rtp(static_cast<uint16_t>(i))));
    EXPECT_EQ(outcome(receive(packets[0])), "Ok");
    EXPECT_EQ(outcome(receive(packets[999])), "Ok");
    for (size_t i = 998; i > 0; --i) ASSERT_EQ(outcome(receive(packets[i])), "Ok") << i;
    for (const Bytes& packet : packets) ASSERT_EQ(outcome(receive(packet)), "Replayed");
}

TEST_P(SessionTest, M5_NeverSendsTwoPacketsUnderOneIndex_RFC7714_8_1) {
    EXPECT_FALSE(protect(rtp(100)).empty());
    EXPECT_TRUE(protect(rtp(100)).empty());
    EXPECT_FALSE(protect(rtp(99)).empty());
    EXPECT_TRUE(protect(rtp(99)).empty());
    EXPECT_FALSE(protect(rtp(100, 8)).empty());
    // A packet from before the first cycle does not exist.
    EXPECT_TRUE(protect(rtp(65'000)).empty());
}

TEST_P(SessionTest, SendsLatePacketsUnlessTheirIndexIsForgotten) {
    constexpr auto kNewest = 50'000;
    constexpr auto kWindow = static_cast<uint16_t>(Session::kSendWindow);
    EXPECT_FALSE(protect(rtp(kNewest - 1)).empty());
    EXPECT_FALSE(protect(rtp(kNewest)).empty());
    EXPECT_FALSE(protect(rtp(kNewest - kWindow + 1)).empty());
    EXPECT_TRUE(protect(rtp(kNewest - kWindow)).empty());
    EXPECT_TRUE(protect(rtp(kNewest - 1)).empty());
}

TEST_P(SessionTest, SendStreamsAreBoundedAndCanBeMadeAhead) {
    for (uint32_t ssrc = 0; ssrc < Session::kSendSsrcMax; ++ssrc) ASSERT_TRUE(sender_.send_stream(ssrc));
    EXPECT_FALSE(sender_.send_stream(Session::kSendSsrcMax + 1));
    EXPECT_EQ(sender_.send_stream(3), sender_.send_stream(3));
    EXPECT_TRUE(protect(rtp(1, Session::kSendSsrcMax + 1)).empty());
    EXPECT_FALSE(protect(rtp(1, 3)).empty());
}

TEST_P(SessionTest, RefusesWhatIsNoPacketOrDoesNotFit) {
    const Bytes plain = rtp(1);
    Bytes small(plain.size() + 1);
    EXPECT_EQ(sender_.protect_rtp(plain, small), 0u);
    EXPECT_EQ(sender_.protect_rtp(ByteView{plain}.first(11), small), 0u);
    EXPECT_EQ(sender_.protect_rtp({}, small), 0u);
    Bytes version = plain;
    version[0] = 0x40;
    Bytes room(plain.size() + Session::kOverheadMax);
    EXPECT_EQ(sender_.protect_rtp(version, room), 0u);
    // None of these spent the index.
    EXPECT_GT(sender_.protect_rtp(plain, room), 0u);

    const Bytes control = rtcp_packet(rng_, 1, 2);
    EXPECT_EQ(sender_.protect_rtcp(ByteView{control}.first(7), room), 0u);
    EXPECT_EQ(sender_.protect_rtcp(control, MutableBytes{room}.first(control.size())), 0u);
}

TEST_P(SessionTest, GathersPartsBehindAHeader) {
    const Bytes plain = rtp_packet(rng_, 7, 1, 50);
    const size_t header_size = plain.size() - 50;
    const ByteView header = ByteView{plain}.first(header_size);
    const std::vector<ByteView> parts{
        ByteView{plain}.subspan(header_size, 3), {}, ByteView{plain}.subspan(header_size + 3)};
    Session::SendStream& stream = *sender_.send_stream(7);
    Bytes out(plain.size() + Session::kOverheadMax);
    EXPECT_EQ(sender_.protect_rtp(stream, {1}, header, parts, MutableBytes{out}.first(60)), 0u);
    // That did not spend the index; the packet does.
    out.resize(sender_.protect_rtp(stream, {1}, header, parts, out));
    ASSERT_FALSE(out.empty());
    Bytes again(plain.size() + Session::kOverheadMax);
    EXPECT_EQ(sender_.protect_rtp(stream, {1}, header, parts, again), 0u);
    EXPECT_EQ(sender_.protect_rtp(plain, again), 0u);
    const auto size = receiver_.unprotect_rtp(out);
    ASSERT_TRUE(size);
    out.resize(*size);
    EXPECT_EQ(out, plain);
}

TEST_P(SessionTest, SealsAHeaderWithoutPayload) {
    const Bytes plain = rtp_packet(rng_, 7, 1, 0);
    Bytes out(plain.size() + Session::kOverheadMax);
    out.resize(sender_.protect_rtp(*sender_.send_stream(7), {1}, plain, {}, out));
    ASSERT_FALSE(out.empty());
    const auto size = receiver_.unprotect_rtp(out);
    ASSERT_TRUE(size);
    out.resize(*size);
    EXPECT_EQ(out, plain);
}

TEST_P(SessionTest, RefusesClearRtcp) {
    Bytes control = protect_rtcp(rtcp_packet(rng_, 7, 3));
    const size_t word = GetParam() == SrtpProfile::AeadAes128Gcm ? control.size() - 4 : control.size() - 14;
    control[word] &= 0x7f;
    EXPECT_EQ(outcome(receive_rtcp(control)), "NotEncrypted");
}

TEST_P(SessionTest, M5_RefusesOneKeyForBothDirections) {
    EXPECT_FALSE(Session::create(GetParam(), a_, a_));
}

INSTANTIATE_TEST_SUITE_P(Profiles, SessionTest, testing::ValuesIn(kProfiles), [](const auto& param) {
    return param.param == SrtpProfile::AeadAes128Gcm ? "Gcm" : "Cm";
});

}  // namespace
}  // namespace conclave::srtp
