// When lost packets are asked for again.
#include <gtest/gtest.h>

#include "sim/world.h"
#include "wire/rtcp.h"

namespace conclave::sim {
namespace {

void send_sender_report(World& world, Client& client, const LocalTrack& track) {
    std::array<uint8_t, 64> buffer;
    ByteWriter out(buffer);
    const NtpTime ntp = NtpTime::from_wall(WallTime{world.now.us});
    ASSERT_TRUE(wire::write_sender_report(out, track.ssrc, {ntp, track.timestamp, 1, 1}, {}));
    client.send_rtcp(out.written(), world.outbox(client));
}

// RFC 3550 6.4.1, without delay: the server may take the round trip from it.
void answer_sender_report(World& world, Client& client, uint32_t ssrc) {
    wire::ReportBlock block;
    block.ssrc = ssrc;
    block.last_sr = client.sender_reports.back().ntp.compact();
    std::array<uint8_t, 64> buffer;
    ByteWriter out(buffer);
    ASSERT_TRUE(wire::write_receiver_report(out, 1, std::span(&block, 1)));
    client.send_rtcp(out.written(), world.outbox(client));
}

TEST(Repair, FollowsTheMeasuredRoundTripThoughOtherTracksHaveSentNothingYet) {
    World world(30, {.delay = Duration::millis(4)});
    Client& alice = world.enter("alice");
    Client& bob = world.enter("bob");
    world.publish(alice, pb::VIDEO, pb::CAMERA);
    world.publish(bob, pb::AUDIO, pb::MICROPHONE);
    world.publish(bob, pb::VIDEO, pb::CAMERA);  // shows nothing
    world.run(Duration::millis(300));
    for (int i = 0; i < 300 && alice.sender_reports.empty(); ++i) {
        world.say(bob, "x");
        if (i % 50 == 0) send_sender_report(world, bob, bob.track(pb::MICROPHONE));
        world.run(Duration::millis(20));
        if (alice.packets.empty()) continue;
        if (!alice.sender_reports.empty()) answer_sender_report(world, alice, alice.packets.back().ssrc);
    }
    ASSERT_FALSE(alice.sender_reports.empty());
    world.run(Duration::millis(50));

    alice.answers_nacks = false;
    world.show(alice, "first", true);
    ++alice.track(pb::CAMERA).sequence;  // lost
    world.show(alice, "third", false);
    world.run(Duration::millis(250));
    // About 10, 45, 97 and 167 ms after the loss; an assumed round trip of 100 ms would allow two.
    EXPECT_GE(alice.track(pb::CAMERA).packets_asked, 4u);
}

}  // namespace
}  // namespace conclave::sim
