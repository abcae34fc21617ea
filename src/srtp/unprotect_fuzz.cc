// Packets against a receiving session of either profile. First byte: profile, RTP or RTCP, and whether the
// rest is a packet as it is (never authentic, so never accepted) or damage to packets that are: then each 3
// bytes are a step of the sequence number, a place and a change, and only unchanged, first-time packets may
// pass.
#include <vector>

#include "base/check.h"
#include "srtp/session.h"
#include "srtp/test_packets.h"

using namespace conclave;
using namespace conclave::srtp;

namespace {

void attack(Session& receiver, bool is_control, ByteView bytes) {
    Bytes packet(bytes.begin(), bytes.end());
    const auto result = is_control ? receiver.unprotect_rtcp(packet) : receiver.unprotect_rtp(packet);
    CHECK(!result && result.error() != Drop::TooManySsrcs && result.error() != Drop::Replayed);
}

void damage(Session& sender, Session& receiver, bool is_control, ByteReader& in) {
    SeededRng rng{1};
    uint16_t sequence = 100;
    while (in.remaining() >= 3) {
        sequence = static_cast<uint16_t>(sequence + static_cast<int8_t>(in.u8()));
        const uint8_t place = in.u8();
        const uint8_t change = in.u8();
        const Bytes plain =
            is_control ? rtcp_packet(rng, 1, place % 8u) : rtp_packet(rng, 1, sequence, place % 50u);
        Bytes packet(plain.size() + Session::kOverheadMax);
        packet.resize(is_control ? sender.protect_rtcp(plain, packet) : sender.protect_rtp(plain, packet));
        if (packet.empty()) continue;  // the index was used before
        packet[place % packet.size()] ^= change;
        for (int repeat = 0; repeat < 2; ++repeat) {
            Bytes copy = packet;
            const auto size = is_control ? receiver.unprotect_rtcp(copy) : receiver.unprotect_rtp(copy);
            if (!size) continue;
            copy.resize(*size);
            CHECK(change == 0 && repeat == 0 && copy == plain);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Keys kA = [] {
        SeededRng rng{1};
        return random_keys(rng);
    }();
    static const Keys kB = [] {
        SeededRng rng{2};
        return random_keys(rng);
    }();
    ByteReader in{ByteView{data, size}};
    const uint8_t mode = in.u8();
    const auto profile = kProfiles[mode & 1];
    const bool is_control = (mode & 2) != 0;
    Session receiver = Session::create(profile, kA, kB).value();
    if ((mode & 4) == 0) {
        attack(receiver, is_control, in.rest());
    } else {
        Session sender = Session::create(profile, kB, kA).value();
        damage(sender, receiver, is_control, in);
    }
    return 0;
}
