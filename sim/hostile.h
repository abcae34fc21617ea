// A call of two that goes on while somebody attacks it, for the hostile_*_test.cc files: every test ends with
// the check that nothing of the call was missed.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "sim/world.h"
#include "wire/rtp.h"

namespace conclave::sim {

// How often a test repeats its attack: `fast` in every build, `full` (the number of the row in
// docs/security.md) with HOSTILE_FULL=1 in the environment.
inline size_t scaled(size_t full, size_t fast) {
    return std::getenv("HOSTILE_FULL") ? full : fast;
}

inline const SocketAddress kAttacker = SocketAddress::v4(203, 0, 113, 66, 666);

class HostileTest : public ::testing::Test {
 protected:
    explicit HostileTest(Link link = {})
        : world(100, link), alice(world.enter("alice")), bob(world.enter("bob")) {
        world.publish(alice, pb::AUDIO, pb::MICROPHONE);
        world.run(Duration::millis(300));
    }
    void talk(int words = 20) {
        for (int i = 0; i < words; ++i) {
            world.say(alice, "word");
            ++said;
            world.run(Duration::millis(20));
        }
        world.run(Duration::millis(100));
    }
    void TearDown() override {
        talk();
        EXPECT_EQ(heard(bob), said);
        EXPECT_TRUE(world.has_signalling(alice));
        EXPECT_TRUE(world.has_signalling(bob));
    }
    static size_t heard(const Client& client) {
        size_t words = 0;
        for (const ReceivedPacket& packet : client.packets) words += as_text(packet.payload) == "word";
        return words;
    }

    // Sent to the media port from alice's own address, without the network between; bytes that nobody of the
    // conference was sent.
    size_t from_alice(ByteView bytes) { return world.inject(alice.address(), bytes); }
    conference::Conference::Totals totals() { return world.directory().totals(); }
    uint64_t dropped(srtp::Drop reason) { return totals().peers.srtp_dropped[static_cast<size_t>(reason)]; }

    // The next packet of the track with this payload, not sealed; the track's numbers stay.
    static std::vector<uint8_t> rtp_of(const LocalTrack& track, ByteView payload) {
        std::vector<uint8_t> packet(wire::kRtpHeaderSize);
        const wire::RtpHeader header{false,
                                     track.type == pb::AUDIO ? kOpusType : kVp8Type,
                                     {track.sequence},
                                     track.timestamp,
                                     track.ssrc,
                                     false};
        EXPECT_EQ(wire::write_rtp_header(packet, header, {}), wire::kRtpHeaderSize);
        packet.insert(packet.end(), payload.begin(), payload.end());
        return packet;
    }
    // A word of alice, sealed with her keys and not sent.
    std::vector<uint8_t> sealed_word() {
        LocalTrack& track = alice.track(pb::MICROPHONE);
        track.timestamp += 960;
        auto packet = alice.protected_packet(rtp_of(track, as_bytes("word")));
        ++track.sequence;
        EXPECT_TRUE(packet);
        return packet.value_or(std::vector<uint8_t>{});
    }

    World world;
    Client& alice;
    Client& bob;
    size_t said = 0;  // words that bob has to hear
};

}  // namespace conclave::sim
