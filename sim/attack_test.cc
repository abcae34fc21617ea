// What an attacker can try on the media port and on the signalling socket: it is refused, and the call of the
// others does not notice. Rows M and A: docs/security.md.
#include <gtest/gtest.h>

#include "crypto/hmac.h"
#include "sim/world.h"
#include "wire/stun.h"

namespace conclave::sim {
namespace {

using std::string;

// A call that goes on during the attack; ends with the check that nothing was missed.
class AttackTest : public ::testing::Test {
 protected:
    AttackTest() : alice(world.enter("alice")), bob(world.enter("bob")) {
        world.publish(alice, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(300));
    }
    void talk(int packets = 20) {
        for (int i = 0; i < packets; ++i) {
            world.say(alice, "word");
            ++said;
            world.run(Duration::millis(20));
        }
        world.run(Duration::millis(100));
    }
    void TearDown() override {
        talk();
        EXPECT_EQ(bob.packets.size(), said);
        EXPECT_TRUE(world.has_signalling(alice));
        EXPECT_TRUE(world.has_signalling(bob));
    }
    conference::Conference::Totals totals() { return world.directory().totals(); }
    uint64_t dropped(srtp::Drop reason) { return totals().drops.srtp_dropped[static_cast<size_t>(reason)]; }

    World world{100};
    Client& alice;
    Client& bob;
    size_t said = 0;
};

std::vector<uint8_t> rtp_of(const LocalTrack& track, const string& payload) {
    std::vector<uint8_t> packet(wire::kRtpHeaderSize);
    const wire::RtpHeader header{false, kOpusType, {track.sequence}, track.timestamp, track.ssrc, false};
    EXPECT_EQ(wire::write_rtp_header(packet, header, {}), wire::kRtpHeaderSize);
    packet.insert(packet.end(), payload.begin(), payload.end());
    return packet;
}

TEST_F(AttackTest, ForgedSrtpIsCountedAndNotForwarded_M6) {
    talk();
    auto forged = rtp_of(alice.track(pb::MICROPHONE), "forged voice of alice");
    forged.resize(forged.size() + 16);  // where the tag would be
    for (int i = 0; i < 1000; ++i) {
        world.rng.fill(MutableBytes{forged}.subspan(forged.size() - 16));
        alice.send_raw(forged, world.outbox(alice));
    }
    world.run(Duration::millis(100));
    EXPECT_EQ(dropped(srtp::Drop::AuthenticationFailed), 1000u);
}

TEST_F(AttackTest, ReplayedSrtpIsCountedAndNotForwarded_M6) {
    auto packet = alice.protected_packet(rtp_of(alice.track(pb::MICROPHONE), "word"));
    ASSERT_TRUE(packet);
    ++alice.track(pb::MICROPHONE).sequence;
    alice.track(pb::MICROPHONE).timestamp += 960;
    for (int i = 0; i < 100; ++i) alice.send_raw(*packet, world.outbox(alice));
    ++said;  // the first of them is genuine
    world.run(Duration::millis(100));
    EXPECT_EQ(dropped(srtp::Drop::Replayed), 99u);
}

TEST_F(AttackTest, SrtpFromAnotherAddressMovesNothing_M7) {
    auto packet = alice.protected_packet(rtp_of(alice.track(pb::MICROPHONE), "stolen"));
    ASSERT_TRUE(packet);
    ++alice.track(pb::MICROPHONE).sequence;
    EXPECT_EQ(world.inject(SocketAddress::v4(203, 0, 113, 66, 666), *packet), 0u);
    // The hole that the stolen packet leaves in alice's numbering is not loss of ours.
    EXPECT_EQ(world.directory().strangers(), 1u);
}

TEST_F(AttackTest, AStunCheckWithAWrongPasswordGetsNoAnswer_M13) {
    Client& mallory = world.make("mallory");
    mallory.wrong_ice_password = true;
    world.join(mallory);
    world.run(Duration::seconds(5));
    EXPECT_FALSE(mallory.is_connected());
}

TEST_F(AttackTest, UnauthenticatedDatagramsGetNoByteBack_M13) {
    const SocketAddress attacker = SocketAddress::v4(203, 0, 113, 66, 666);
    std::array<uint8_t, 256> buffer;
    wire::StunWriter bare(buffer, wire::StunClass::Request, wire::kStunBinding, {});
    bare.append_fingerprint();
    EXPECT_EQ(world.inject(attacker, bare.written()), 0u);
    for (int i = 0; i < 5000; ++i) {
        std::vector<uint8_t> noise(world.rng.u32() % 200 + 1);
        world.rng.fill(noise);
        // Every kind of first byte (RFC 7983), DTLS ClientHellos and RTP among them.
        noise[0] = static_cast<uint8_t>(i);
        EXPECT_EQ(world.inject(attacker, noise), 0u);
    }
}

TEST_F(AttackTest, DtlsBeforeAnIceCheckIsNotAnswered_M1) {
    Client& mallory = world.make("mallory");
    world.join(mallory);  // never runs: no check is sent
    TransmitQueue tx(16, 65536);
    auto certificate = crypto::Certificate::create_for_dtls({{}, WallTime::from_unix_seconds(4'000'000'000)});
    auto context = crypto::DtlsContext::create(*certificate);
    auto transport = dtls::Transport::create(*context, dtls::Role::Client);
    transport->start(world.now, {}, tx);
    ASSERT_FALSE(tx.empty());
    for (const auto& datagram : tx.datagrams()) {
        EXPECT_EQ(world.inject(SocketAddress::v4(203, 0, 113, 66, 666), tx.bytes(datagram)), 0u);
    }
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(mallory, leave.SerializeAsString());
}

TEST_F(AttackTest, ACertificateThatDoesNotMatchTheFingerprintEndsTheSession_M4) {
    Client& mallory = world.make("mallory");
    string wrong;
    for (int i = 0; i < 32; ++i) wrong += i == 0 ? "AB" : ":AB";
    mallory.fingerprint_in_offer = wrong;
    world.join(mallory);
    world.run(Duration::seconds(10));
    EXPECT_FALSE(alice.participant("mallory") &&
                 alice.participant("mallory")->state() == pb::ParticipantInfo::ACTIVE);
    EXPECT_FALSE(alice.participant("mallory")) << "removed";
}

TEST_F(AttackTest, AnOversizedSignallingMessageEndsOnlyItsOwnSocket_A16) {
    Client& mallory = world.enter("mallory");
    world.request(mallory, string(3 << 20, 'x'));
    EXPECT_FALSE(world.has_signalling(mallory));
}

TEST_F(AttackTest, MalformedSignallingEndsOnlyItsOwnSocket_A16) {
    Client& mallory = world.enter("mallory");
    world.request(mallory, "\xff\xff\xff\xff");
    EXPECT_FALSE(world.has_signalling(mallory));
}

TEST_F(AttackTest, AMalformedOfferEndsOnlyItsOwnSession_A16) {
    Client& mallory = world.enter("mallory");
    pb::SignalRequest request;
    request.mutable_offer()->set_type("offer");
    request.mutable_offer()->set_sdp("v=0\r\nnonsense");
    world.request(mallory, request.SerializeAsString());
    EXPECT_FALSE(world.has_signalling(mallory));
    EXPECT_FALSE(alice.participant("mallory"));
}

TEST_F(AttackTest, OneCannotMuteTheTrackOfAnother_A7) {
    pb::SignalRequest request;
    request.mutable_mute()->set_sid(bob.participant("alice")->tracks(0).sid());
    request.mutable_mute()->set_muted(true);
    world.request(bob, request.SerializeAsString());
    EXPECT_FALSE(bob.participant("alice")->tracks(0).muted());
}

TEST_F(AttackTest, ManySsrcsOfOneSenderAreBounded_M9) {
    talk();
    for (uint32_t i = 0; i < 10'000; ++i) {
        LocalTrack fake = alice.track(pb::MICROPHONE);
        fake.ssrc = 0x10000 + i;
        if (auto packet = alice.protected_packet(rtp_of(fake, "x")))
            alice.send_raw(*packet, world.outbox(alice));
        if (i % 500 == 0) world.run(Duration::millis(50));
    }
    world.run(Duration::millis(200));
    EXPECT_LE(totals().drops.unknown_stream, srtp::Session::kReceiveSsrcMax);
}

TEST_F(AttackTest, KeyFrameStormsReachThePublisherTwiceASecond_M10) {
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.run(Duration::millis(500));
    world.show(alice, "key", true);
    world.run(Duration::millis(600));
    const uint32_t ssrc = bob.ssrc_of(bob.participant("alice")->tracks(1).sid());
    ASSERT_NE(ssrc, 0u);
    const size_t packets = bob.packets.size();
    const size_t before = alice.track(pb::CAMERA).keyframes_asked;
    for (int i = 0; i < 1000; ++i) {
        std::array<uint8_t, 32> buffer;
        ByteWriter out(buffer);
        ASSERT_TRUE(wire::write_pli(out, 1, ssrc));
        bob.send_rtcp(out.written(), world.outbox(bob));
        world.run(Duration::millis(1));
    }
    EXPECT_LE(alice.track(pb::CAMERA).keyframes_asked - before, 3u);
    said += packets;  // the key frame was one of bob's packets
    bob.packets.erase(bob.packets.begin(), bob.packets.begin() + static_cast<ptrdiff_t>(packets));
    said -= packets;
}

}  // namespace
}  // namespace conclave::sim
