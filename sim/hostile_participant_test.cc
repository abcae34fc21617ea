// Rows M8 to M11 of docs/security.md: what somebody who is in the call sends with valid keys. Only the
// sender's own media may suffer.
#include <malloc.h>

#include "livekit/data_packet.h"
#include "sim/hostile.h"
#include "srtp/session.h"
#include "wire/rtcp.h"

namespace conclave::sim {
namespace {

using std::string;
using Bytes = std::vector<uint8_t>;

// A third participant with camera and microphone, who is heard and seen by all.
class HostileParticipantTest : public HostileTest {
 protected:
    HostileParticipantTest() : mallory(world.enter("mallory")) {
        world.publish(mallory, pb::AUDIO, pb::MICROPHONE);
        world.publish(mallory, pb::VIDEO, pb::CAMERA);
        world.run(Duration::millis(300));
    }
    void TearDown() override {
        // Whatever mallory did: the next genuine packet of the others and of mallory still comes through.
        bob.packets.clear();
        said = 0;
        world.show(mallory, "picture", true);
        world.run(Duration::millis(100));
        EXPECT_EQ(bob.packets.size(), 1u);
        bob.packets.clear();
        HostileTest::TearDown();
    }
    // Sealed with mallory's keys, as it is.
    void send_as_it_is(Bytes rtp) {
        LocalTrack& track = mallory.track(pb::CAMERA);
        store_be16(&rtp[2], track.sequence++);
        store_be32(&rtp[8], track.ssrc);
        mallory.send_plain(rtp, world.outbox(mallory));
        if (++sent % 1000 == 0) world.run(Duration::millis(1));
    }
    // A VP8 packet with this first byte (padding, extension, CSRC bits) and whatever follows the fixed
    // header.
    static Bytes rtp(uint8_t first, ByteView rest) {
        Bytes packet(wire::kRtpHeaderSize);
        packet[0] = first;
        packet[1] = kVp8Type;
        packet.insert(packet.end(), rest.begin(), rest.end());
        return packet;
    }
    Bytes noise(size_t size) {
        Bytes bytes(size);
        world.rng.fill(bytes);
        return bytes;
    }

    Client& mallory;
    size_t sent = 0;
};

TEST_F(HostileParticipantTest, M8_PaddingOfEveryLengthIsDroppedOrTakenOff) {
    for (const size_t size : {0, 1, 2, 3, 20, 255, 256}) {
        for (const size_t padding : {0, 1, 2, 19, 20, 21, 254, 255}) {
            Bytes payload(size, 0x10);
            if (!payload.empty()) payload.back() = static_cast<uint8_t>(padding);
            send_as_it_is(rtp(0xa0, payload));
        }
    }
    world.run(Duration::millis(100));
    EXPECT_GT(totals().peers.malformed + totals().peers.srtp_dropped[0], 0u);
}

TEST_F(HostileParticipantTest, M8_HeaderExtensionsThatLeaveThePacketOrUseEveryIdAreHarmless) {
    for (const int profile : {0xbede, 0x1000, 0x100f, 0xffff}) {
        for (const int words : {0, 1, 2, 300, 0xffff}) {
            for (size_t i = 0; i < scaled(10'000, 200); ++i) {
                Bytes rest(4);
                store_be16(&rest[0], static_cast<uint16_t>(profile));
                store_be16(&rest[2], static_cast<uint16_t>(words));
                const Bytes elements = noise(world.rng.u32() % 64);
                rest.insert(rest.end(), elements.begin(), elements.end());
                send_as_it_is(rtp(static_cast<uint8_t>(0x90 | (i % 16)), rest));
            }
        }
    }
    // Each id from 0 to 15 with each length of the one-byte form, cut off at every byte.
    for (int id_and_length = 0; id_and_length < 256; ++id_and_length) {
        for (size_t there = 0; there < 18; ++there) {
            Bytes rest{0xbe, 0xde, 0, 4, static_cast<uint8_t>(id_and_length)};
            rest.resize(5 + there, 0x41);
            send_as_it_is(rtp(0x90, rest));
        }
    }
    world.run(Duration::millis(100));
    EXPECT_EQ(totals().participants, 3u);
}

TEST_F(HostileParticipantTest, M8_PayloadDescriptorsOfAnyShapeAreHarmless) {
    for (size_t i = 0; i < scaled(1'000'000, 20'000); ++i) {
        Bytes payload = noise(world.rng.u32() % 24);
        // Every combination of the optional parts of a VP8 descriptor (RFC 7741 4.2).
        if (payload.size() > 1) {
            payload[0] = static_cast<uint8_t>(i);
            payload[1] = static_cast<uint8_t>(i >> 8);
        }
        send_as_it_is(rtp(0x80, payload));
    }
    world.run(Duration::millis(100));
    EXPECT_EQ(totals().participants, 3u);
}

TEST_F(HostileParticipantTest, M9_AHundredThousandSsrcsOfOneSenderAreBounded) {
    world.show(mallory, "picture", true);
    world.run(Duration::millis(100));  // the genuine stream has its place
    bob.packets.clear();
    const dtls::KeyingMaterial& keys = *mallory.keys();
    const size_t before = mallinfo2().uordblks;
    std::optional<srtp::Session> session;
    for (uint32_t i = 0; i < 100'000; ++i) {
        // A session seals for so many SSRCs; under the same keys the next one goes on.
        if (i % 4096 == 0)
            session.emplace(srtp::Session::create(keys.profile, keys.receive, keys.send).value());
        Bytes packet = rtp(0x80, as_bytes("x"));
        store_be32(&packet[8], 0x10000 + i);
        Bytes sealed(packet.size() + srtp::Session::kOverheadMax);
        sealed.resize(session->protect_rtp(packet, sealed));
        ASSERT_FALSE(sealed.empty());
        world.inject(mallory.address(), sealed);
    }
    session.reset();
    EXPECT_LE(totals().peers.unknown_stream, srtp::Session::kReceiveSsrcMax);
    EXPECT_GE(dropped(srtp::Drop::TooManySsrcs), 100'000u - srtp::Session::kReceiveSsrcMax);
    EXPECT_LT(mallinfo2().uordblks, before + (size_t{1} << 20));
}

TEST_F(HostileParticipantTest, M9_AHundredThousandMidsAndRidsOfOneSenderAreBounded) {
    constexpr uint8_t kIds[] = {4, 10, 11};  // the MID, and ids that no offer named
    const size_t before = mallinfo2().uordblks;
    for (uint32_t i = 0; i < 100'000; ++i) {
        const string name = std::to_string(i);
        Bytes rest{0xbe, 0xde, 0, 2, static_cast<uint8_t>(kIds[i % 3] << 4 | (name.size() - 1))};
        rest.insert(rest.end(), name.begin(), name.end());
        rest.resize(12);
        Bytes packet = rtp(0x90, rest);
        store_be16(&packet[2], static_cast<uint16_t>(i / 8));
        store_be32(&packet[8], 0x20000 + i % 8);
        mallory.send_plain(packet, world.outbox(mallory));
        if (i % 1000 == 999) world.run(Duration::millis(1));
    }
    world.run(Duration::millis(100));
    EXPECT_EQ(totals().peers.unknown_stream, 100'000u);
    EXPECT_LT(mallinfo2().uordblks, before + (size_t{1} << 20));
}

// ---- M10: RTCP

// bob storms about mallory's camera; alice watches it too and is the one who must not notice.
class HostileFeedbackTest : public HostileParticipantTest {
 protected:
    HostileFeedbackTest() {
        world.show(mallory, "key", true);
        world.run(Duration::millis(600));
        ssrc = bob.ssrc_of(bob.participant("mallory")->tracks(1).sid());
        EXPECT_NE(ssrc, 0u);
    }
    void send(const std::function<bool(ByteWriter&)>& write) {
        std::array<uint8_t, 1200> buffer;
        ByteWriter out(buffer);
        ASSERT_TRUE(write(out));
        bob.send_rtcp(out.written(), world.outbox(bob));
    }
    size_t heard_pictures() const {
        size_t pictures = 0;
        for (const ReceivedPacket& packet : alice.packets) pictures += packet.payload.size() >= 1000;
        return pictures;
    }
    size_t asked() { return mallory.track(pb::CAMERA).keyframes_asked; }

    uint32_t ssrc = 0;
};

TEST_F(HostileFeedbackTest, M10_KeyFrameStormsReachThePublisherOnceAnInterval) {
    const size_t before = asked();
    for (uint8_t i = 0; i < 200; ++i) {
        for (int k = 0; k < 10; ++k) {  // 1,000 PLI and as many FIR a second
            const wire::FirEntry entry{ssrc, static_cast<uint8_t>(i * 10 + k)};
            send([&](ByteWriter& out) { return wire::write_pli(out, 1, ssrc); });
            send([&](ByteWriter& out) { return wire::write_fir(out, 1, {&entry, 1}); });
        }
        world.run(Duration::millis(10));
    }
    const auto intervals = static_cast<size_t>(Duration::seconds(2).us / sfu::Router::kKeyframeInterval.us);
    EXPECT_LE(asked() - before, intervals + 1);
    EXPECT_GE(asked() - before, 1u);
}

TEST_F(HostileFeedbackTest, M10_NackStormsAreAnsweredWithAQuarterOfTheRateAtMost) {
    size_t bytes_before = 0;
    for (const auto& packet : bob.retransmissions) bytes_before += packet.payload.size();
    const string picture(1000, 'p');
    size_t media_bytes = 0;
    for (int i = 0; i < 200; ++i) {
        world.show(mallory, picture, false);
        media_bytes += picture.size();
        std::vector<SeqNo> lost;
        const uint16_t newest = bob.packets.back().sequence;
        for (uint16_t k = 64; k-- > 0;) lost.push_back({static_cast<uint16_t>(newest - k)});
        for (int k = 0; k < 50; ++k) {  // 10,000 a second with 64 numbers each
            send([&](ByteWriter& out) { return wire::write_nack(out, 1, ssrc, lost) > 0; });
        }
        world.run(Duration::millis(5));
    }
    world.run(Duration::millis(200));
    size_t bytes = 0;
    for (const auto& packet : bob.retransmissions) bytes += packet.payload.size();
    EXPECT_GT(bytes, bytes_before);
    // And what a stream may have before it has sent anything (src/rtp/egress_stream.cc).
    EXPECT_LE(bytes - bytes_before, media_bytes / 4 + 20'000);
    EXPECT_EQ(heard_pictures(), 200u);
}

TEST_F(HostileFeedbackTest, M10_ForgedFeedbackOfEveryKindChangesNothingForOthers) {
    const uint32_t of_alice = bob.ssrc_of(bob.participant("alice")->tracks(0).sid());
    for (const uint32_t about : {ssrc, of_alice, alice.track(pb::MICROPHONE).ssrc, 0u, 0xffffffffu}) {
        send([&](ByteWriter& out) { return wire::write_goodbye(out, {&about, 1}); });
        send([&](ByteWriter& out) { return wire::write_remb(out, 1, UINT64_MAX >> 1, {&about, 1}); });
        send([&](ByteWriter& out) { return wire::write_remb(out, 1, 0, {&about, 1}); });
        const wire::ReportBlock block{about, 255, -8'388'608, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};
        send([&](ByteWriter& out) { return wire::write_receiver_report(out, 1, {&block, 1}); });
        // A transport-wide report of 65,535 packets, far away in time, with and without the bytes for it.
        for (const size_t chunks : {0, 1, 8, 200}) {
            send([&](ByteWriter& out) {
                out.u8(0x8f);
                out.u8(205);
                out.u16(static_cast<uint16_t>(4 + (chunks + 1) / 2));
                out.u32(1);
                out.u32(about);
                out.u16(0);
                out.u16(65'535);
                out.u24(0x800000);
                out.u8(255);
                for (size_t i = 0; i < chunks; ++i) out.u16(0x3fff);
                if (chunks % 2 == 1) out.u16(0);
                return out.ok();
            });
        }
    }
    for (size_t i = 0; i < scaled(1'000'000, 5'000); ++i) {
        Bytes rtcp = noise(8 + 4 * (world.rng.u32() % 20));
        rtcp[0] = static_cast<uint8_t>(0x80 | (i & 0x3f));
        rtcp[1] = static_cast<uint8_t>(200 + i % 9);
        if (i % 2 == 0) store_be16(&rtcp[2], static_cast<uint16_t>(rtcp.size() / 4 - 1));
        if (rtcp.size() > 12) store_be32(&rtcp[8], ssrc);
        bob.send_rtcp(rtcp, world.outbox(bob));
        if (i % 500 == 0) world.run(Duration::millis(1));
    }
    world.run(Duration::millis(600));
    EXPECT_EQ(totals().participants, 3u);
    alice.packets.clear();
    for (int i = 0; i < 50; ++i) {
        world.show(mallory, "picture", i == 0);
        world.run(Duration::millis(20));
    }
    world.run(Duration::millis(100));
    EXPECT_EQ(alice.packets.size(), 50u);
}

// ---- M11: data channels; the association itself is tried in src/sctp/hostile_test.cc

class HostileDataTest : public HostileTest {
 protected:
    string packet(size_t size) {
        pb::DataPacket data;
        data.mutable_user()->set_payload(string(size, 'd'));
        return data.SerializeAsString();
    }
};

// After LiveKit's TestDataPublishSlowSubscriber: one who does not read delays nobody and costs a bounded
// buffer.
TEST_F(HostileDataTest, M11_WhoDoesNotReadDataHoldsUpNobody) {
    Client& slow = world.enter("slow");
    slow.reads_data = false;
    const size_t before = mallinfo2().uordblks;
    constexpr size_t kMessages = 200;  // 6 MB
    for (size_t i = 0; i < kMessages; ++i) {
        while (!alice.send_data(world.now, "_reliable", packet(30'000), world.outbox(alice)))
            world.run(Duration::millis(5));
        world.run(Duration::millis(5));
    }
    ASSERT_TRUE(world.run_until([&] { return bob.data.size() == kMessages; }));
    EXPECT_LT(mallinfo2().uordblks,
              before + sctp::kSendBufferMax + (size_t{14} << 20));  // bob keeps his 6 MB
    world.run(Duration::seconds(30));
    EXPECT_FALSE(alice.participant("slow")) << "a reliable channel that cannot deliver ends";
}

TEST_F(HostileDataTest, M11_LossyDataForWhoDoesNotReadIsDropped) {
    Client& slow = world.enter("slow");
    slow.reads_data = false;
    for (size_t i = 0; i < 300; ++i) {
        (void)alice.send_data(world.now, "_lossy", packet(1000), world.outbox(alice));
        world.run(Duration::millis(10));
    }
    world.run(Duration::millis(200));
    EXPECT_EQ(bob.data.size(), 300u);
    EXPECT_TRUE(alice.participant("slow"));
}

}  // namespace
}  // namespace conclave::sim
