// Rows M of docs/security.md as far as a whole call is needed to try them: what can be sent to the media
// port, by strangers and by those who are in the call.
#include <malloc.h>

#include <map>
#include <set>

#include "base/seq.h"
#include "sim/hostile.h"
#include "wire/rtcp.h"
#include "wire/stun.h"

namespace conclave::sim {
namespace {

using std::string;
using Bytes = std::vector<uint8_t>;

// ---- M1, M13: strangers

TEST_F(HostileTest, M13_AStunCheckWithAWrongPasswordGetsNoAnswer) {
    Client& mallory = world.make("mallory");
    mallory.wrong_ice_password = true;
    world.join(mallory);
    world.run(Duration::seconds(5));
    EXPECT_FALSE(mallory.is_connected());
    EXPECT_EQ(mallory.datagrams, 0u);
}

TEST_F(HostileTest, M13_UnauthenticatedDatagramsGetNoByteBack) {
    std::array<uint8_t, 256> buffer;
    wire::StunWriter bare(buffer, wire::StunClass::Request, wire::kStunBinding, {});
    bare.append_fingerprint();
    EXPECT_EQ(world.inject(kAttacker, bare.written()), 0u);
    for (size_t i = 0; i < scaled(1'000'000, 20'000); ++i) {
        Bytes noise(world.rng.u32() % 200 + 1);
        world.rng.fill(noise);
        // Every kind of first byte (RFC 7983), DTLS ClientHellos and RTP among them.
        noise[0] = static_cast<uint8_t>(i);
        ASSERT_EQ(world.inject(kAttacker, noise), 0u);
    }
}

TEST_F(HostileTest, M1_DtlsBeforeAnIceCheckIsNotAnswered) {
    Client& mallory = world.make("mallory");
    world.join(mallory);  // never runs: no check is sent
    TransmitQueue tx(16, 65536);
    auto certificate = crypto::Certificate::create_for_dtls({{}, WallTime::from_unix_seconds(4'000'000'000)});
    auto context = crypto::DtlsContext::create(*certificate);
    auto transport = dtls::Transport::create(*context, dtls::Role::Client);
    transport->start(world.now, {}, tx);
    ASSERT_FALSE(tx.empty());
    for (const auto& datagram : tx.datagrams()) EXPECT_EQ(world.inject(kAttacker, tx.bytes(datagram)), 0u);
    pb::SignalRequest leave;
    leave.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
    world.request(mallory, leave.SerializeAsString());
}

// ---- M3, M4: DTLS; the state machine itself is tried in src/dtls/hostile_test.cc

Bytes dtls_record(uint8_t type, uint16_t epoch, uint64_t number, ByteView body) {
    Bytes record(13 + body.size());
    ByteWriter out(record);
    out.u8(type);
    out.u16(0xfefd);
    out.u16(epoch);
    out.u16(0);
    out.u32(static_cast<uint32_t>(number));
    out.u16(static_cast<uint16_t>(body.size()));
    out.bytes(body);
    return record;
}

TEST_F(HostileTest, M3_HandshakeFragmentsDuringTheCallAreDroppedWithoutEffect) {
    const size_t before = mallinfo2().uordblks;
    for (uint32_t i = 0; i < scaled(1'000'000, 20'000); ++i) {
        // A fragment of a message that never ends; every third is of length zero.
        Bytes fragment(12 + (i % 3 == 0 ? 0 : 64));
        ByteWriter out(fragment);
        out.u8(1);
        out.u24(0xffffff);
        out.u16(static_cast<uint16_t>(i));
        out.u24(i % 0xffff00);
        out.u24(i % 3 == 0 ? 0 : 64);
        EXPECT_EQ(from_alice(dtls_record(22, static_cast<uint16_t>(i % 2), i, fragment)), 0u);
    }
    world.run(Duration::seconds(1));
    EXPECT_LT(mallinfo2().uordblks, before + (size_t{1} << 20));
}

TEST_F(HostileTest, M4_ACertificateThatDoesNotMatchTheFingerprintEndsTheSession) {
    Client& mallory = world.make("mallory");
    string wrong;
    for (int i = 0; i < 32; ++i) wrong += i == 0 ? "AB" : ":AB";
    mallory.fingerprint_in_offer = wrong;
    world.join(mallory);
    for (int i = 0; i < 50; ++i) {
        talk(1);
        ASSERT_FALSE(alice.participant("mallory") &&
                     alice.participant("mallory")->state() == pb::ParticipantInfo::ACTIVE);
    }
    EXPECT_FALSE(alice.participant("mallory")) << "removed";
    EXPECT_TRUE(mallory.packets.empty());
}

TEST_F(HostileTest, M4_PlaintextDataAfterTheHandshakeIsNotDelivered) {
    // As it would stand inside the association: an SCTP packet with a data chunk.
    const Bytes sctp(64, 0x13);
    for (uint32_t i = 0; i < 1000; ++i) {
        EXPECT_EQ(from_alice(dtls_record(23, 0, i, sctp)), 0u);
        EXPECT_EQ(from_alice(dtls_record(23, 1, 1000 + i, sctp)), 0u);
    }
    world.run(Duration::seconds(1));
    EXPECT_TRUE(bob.data.empty());
}

TEST_F(HostileTest, M4_AnotherFingerprintWithoutAnIceRestartEndsTheAssociation) {
    Client& mallory = world.enter("mallory");
    world.publish(mallory, pb::AUDIO, pb::MICROPHONE);
    string other;
    for (int i = 0; i < 32; ++i) other += i == 0 ? "CD" : ":CD";
    mallory.fingerprint_in_offer = other;
    world.request(mallory, mallory.offer_request());
    const size_t received = mallory.packets.size();
    for (int i = 0; i < 20; ++i) {
        world.say(mallory, "unproven");
        talk(1);
    }
    EXPECT_EQ(mallory.packets.size(), received);
    for (const ReceivedPacket& packet : bob.packets) EXPECT_NE(as_text(packet.payload), "unproven");
}

// ---- M6, M7: SRTP that is forged, recorded, or from elsewhere

TEST_F(HostileTest, M6_ForgedSrtpIsCountedAndNotForwarded) {
    talk();
    auto forged = rtp_of(alice.track(pb::MICROPHONE), as_bytes("forged voice of alice"));
    forged.resize(forged.size() + 16);  // where the tag would be
    const size_t count = scaled(1'000'000, 20'000);
    for (size_t i = 0; i < count; ++i) {
        world.rng.fill(MutableBytes{forged}.subspan(forged.size() - 16));
        // In front of the genuine ones, whose numbers they would use up.
        store_be16(&forged[2], static_cast<uint16_t>(alice.track(pb::MICROPHONE).sequence + i % 1000));
        from_alice(forged);
    }
    EXPECT_EQ(dropped(srtp::Drop::AuthenticationFailed), count);
}

TEST_F(HostileTest, M6_ReplayedTruncatedAndForeignSrtpAndSrtcpLeaveTheCallAlone) {
    Bytes rtcp;
    world.tap = [&](bool to_server, const SocketAddress& client, ByteView bytes) {
        if (to_server && client == alice.address() && bytes[1] == 201)
            rtcp.assign(bytes.begin(), bytes.end());
    };
    const Bytes rtp = sealed_word();
    alice.send_raw(rtp, world.outbox(alice));
    ++said;
    std::array<uint8_t, 32> buffer;
    ByteWriter report(buffer);
    ASSERT_TRUE(wire::write_receiver_report(report, 1, {}));
    alice.send_rtcp(report.written(), world.outbox(alice));
    world.run(Duration::millis(100));
    ASSERT_FALSE(rtcp.empty());
    for (size_t i = 0; i < scaled(1'000'000, 10'000); ++i) {
        const Bytes& genuine = i % 2 == 0 ? rtp : rtcp;
        Bytes bytes = genuine;
        if (i % 3 == 1) bytes.resize(i % bytes.size());
        if (i % 3 == 2) bytes[2 + i % (bytes.size() - 2)] ^= static_cast<uint8_t>(1 + i % 255);
        ASSERT_EQ(world.inject(kAttacker, bytes), 0u);
        from_alice(bytes);
    }
    EXPECT_EQ(totals().participants, 2u);
    EXPECT_GT(dropped(srtp::Drop::Replayed), 0u);
    EXPECT_GT(world.directory().strangers(), 0u);
}

TEST_F(HostileTest, M7_SrtpFromAnotherAddressMovesNothing) {
    const Bytes stolen = sealed_word();
    const size_t asked = world.inject(kAttacker, stolen);
    EXPECT_GT(asked, 0u) << "alice may be there: a check, which nobody else can answer";
    EXPECT_LE(asked, 128u);
    ++said;  // it is hers, wherever it comes from
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(world.inject(kAttacker, stolen), 0u) << "it counts once";
        talk(1);
        EXPECT_EQ(world.bytes_to(kAttacker), 0u) << "nothing follows";
    }
}

// bob receives alice; the attacker has recorded what bob sent and wants his media.
TEST_F(HostileTest, M7_RecordedChecksAndPacketsFromAnotherAddressGetNoMedia) {
    std::vector<Bytes> recorded;
    world.tap = [&](bool to_server, const SocketAddress& client, ByteView bytes) {
        if (to_server && client == bob.address()) recorded.emplace_back(bytes.begin(), bytes.end());
    };
    std::array<uint8_t, 32> buffer;
    ByteWriter report(buffer);
    ASSERT_TRUE(wire::write_receiver_report(report, 1, {}));
    bob.send_rtcp(report.written(), world.outbox(bob));
    talk(60);  // a second: checks among the rest
    world.tap = nullptr;
    ASSERT_GT(recorded.size(), 2u);
    for (int round = 0; round < 20; ++round) {
        size_t answer = 0;
        for (const Bytes& bytes : recorded) {
            // The answer to a check is no larger than the check; nothing else is answered.
            answer = world.inject(kAttacker, bytes);
            EXPECT_LE(answer, bytes[0] < 4 ? bytes.size() : 0u);
        }
        talk(5);
        EXPECT_EQ(world.bytes_to(kAttacker), answer) << "media went to the attacker";
    }
}

// Whoever is in the call and forges alice's source address in checks of its own must not take her path away.
TEST_F(HostileTest, M7_AChecksForgedSourceDoesNotTakeThePathOfAnother) {
    Client& mallory = world.enter("mallory");
    Bytes check;
    world.tap = [&](bool to_server, const SocketAddress& client, ByteView bytes) {
        if (to_server && client == mallory.address() && bytes[0] < 4)
            check.assign(bytes.begin(), bytes.end());
    };
    world.run(Duration::seconds(1));
    world.tap = nullptr;
    ASSERT_FALSE(check.empty());
    for (int i = 0; i < 100; ++i) {
        from_alice(check);
        talk(1);
    }
}

// ---- M5: no nonce twice

// Every SRTP and SRTCP packet that the server sends, by key, SSRC and index. With AES-GCM the nonce is made
// of just these (RFC 7714 8.1, 9.1).
class Seals {
 public:
    explicit Seals(World& world) : world_(world) {
        world.tap = [this](bool to_server, const SocketAddress& client, ByteView bytes) {
            if (!to_server && bytes.size() > 16 && bytes[0] >> 6 == 2) note(client, bytes);
        };
    }
    ~Seals() { world_.tap = nullptr; }
    void follow(const Client& client) { clients_.push_back(&client); }
    size_t packets() const { return seen_.size(); }
    size_t repeated() const { return repeated_; }
    int64_t highest_rollover() const { return highest_; }

 private:
    void note(const SocketAddress& to, ByteView bytes) {
        for (const Client* client : clients_) {
            if (client->address() != to || !client->keys()) continue;
            string id(as_text(client->keys()->receive.key));
            const bool is_rtcp = bytes[1] >= 192 && bytes[1] <= 223;
            id += is_rtcp ? "c" : "r";
            const size_t ssrc_at = is_rtcp ? 4 : 8;
            id += as_text(bytes.subspan(ssrc_at, 4));
            const int64_t index = is_rtcp ? load_be32(bytes.data() + bytes.size() - 4)
                                          : sequences_[id].extend(load_be16(bytes.data() + 2));
            if (!is_rtcp) highest_ = std::max(highest_, index >> 16);
            id += std::to_string(index);
            if (!seen_.insert(std::move(id)).second) ++repeated_;
        }
    }

    World& world_;
    std::vector<const Client*> clients_;
    std::map<string, SeqUnwrapper> sequences_;
    std::set<string> seen_;
    size_t repeated_ = 0;
    int64_t highest_ = 0;
};

// One in 1,000 of the row's 10^8 packets: loss and repairs, a resume, an ICE restart, tracks that end and
// begin with the same SSRC, a second session of the same client, two roll-overs.
TEST(HostileSealTest, M5_NoNonceIsUsedTwice) {
    World world(7, {.loss = 0.02});
    Seals seals(world);
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    seals.follow(alice);
    seals.follow(bob);
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.publish(bob, pb::AUDIO, pb::MICROPHONE);
    world.run(Duration::millis(300));
    const auto stream = [&](size_t packets) {
        for (size_t i = 0; i < packets; ++i) {
            world.show(alice, "pixels", i % 100 == 0);
            if (i % 20 == 0) world.say(bob, "word");
            if (i % 20 == 0) world.run(Duration::millis(1));
        }
    };
    alice.track(pb::CAMERA).sequence = 65'000;
    stream(2'000);

    world.close_signalling(bob);
    world.join(bob, true);
    stream(1'000);
    bob.restart_ice();
    world.request(bob, bob.offer_request());
    stream(1'000);

    // The track ends and comes again under the same SSRC and numbers: bob gets it in the same section.
    const LocalTrack camera = alice.track(pb::CAMERA);
    world.unpublish(alice, camera.cid);
    std::vector<string> requests;
    alice.publish(pb::VIDEO, pb::CAMERA, requests);
    alice.track(pb::CAMERA).ssrc = camera.ssrc;
    alice.track(pb::CAMERA).sequence = camera.sequence;
    world.request(alice, requests[0]);
    world.request(alice, alice.offer_request());
    world.run(Duration::millis(300));
    stream(2'000);

    // The same person in a second session, which ends the first.
    Client& again = world.make("bob");
    seals.follow(again);
    world.join(again);
    ASSERT_TRUE(world.run_until([&] { return again.is_connected(); }));
    world.run(Duration::millis(300));
    stream(scaled(1'000'000, 140'000));

    // At the pace of a camera, so that what is lost is still there to be sent again.
    const uint32_t ssrc = again.ssrc_of(again.participant("alice")->tracks(0).sid());
    for (int i = 0; i < 300; ++i) {
        world.show(alice, "pixels", false);
        world.run(Duration::millis(3));
        if (i % 3 == 0) again.nack(ssrc, again.packets.back().sequence, world.outbox(again));
    }

    EXPECT_GT(seals.packets(), size_t{140'000});
    EXPECT_GE(seals.highest_rollover(), 2);
    EXPECT_FALSE(again.retransmissions.empty());
    EXPECT_EQ(seals.repeated(), 0u);
    EXPECT_EQ(world.directory().totals().participants, 2u);
}

}  // namespace
}  // namespace conclave::sim
