// Against libsrtp2, both ways and both profiles: the same bytes out, the same packets accepted.
#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <vector>

#include "srtp/session.h"
#include "srtp/test_packets.h"
#include "wire/rtp.h"

namespace conclave::srtp {
namespace {

using crypto::SrtpProfile;

class Oracle {
 public:
    Oracle(SrtpProfile profile, const Keys& keys, bool is_sender) {
        static const bool kReady = srtp_init() == srtp_err_status_ok;
        EXPECT_TRUE(kReady);
        srtp_policy_t policy{};
        const srtp_profile_t id = profile == SrtpProfile::AeadAes128Gcm ? srtp_profile_aead_aes_128_gcm
                                                                        : srtp_profile_aes128_cm_sha1_80;
        EXPECT_EQ(srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, id), srtp_err_status_ok);
        EXPECT_EQ(srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, id), srtp_err_status_ok);
        Bytes master(keys.key.begin(), keys.key.end());
        master.insert(master.end(), keys.salt.begin(), keys.salt.begin() + crypto::salt_size(profile));
        policy.ssrc.type = is_sender ? ssrc_any_outbound : ssrc_any_inbound;
        policy.key = master.data();
        policy.window_size = Session::kReplayWindow;
        EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
    }
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;
    ~Oracle() { srtp_dealloc(session_); }

    // Empty when refused.
    Bytes protect(Bytes packet) { return run(srtp_protect, packet, SRTP_MAX_TRAILER_LEN); }
    Bytes protect_rtcp(Bytes packet) { return run(srtp_protect_rtcp, packet, SRTP_MAX_TRAILER_LEN + 4); }
    Bytes unprotect(Bytes packet) { return run(srtp_unprotect, packet, 0); }
    Bytes unprotect_rtcp(Bytes packet) { return run(srtp_unprotect_rtcp, packet, 0); }

 private:
    template <class Call>
    Bytes run(Call call, Bytes& packet, size_t room) {
        int size = static_cast<int>(packet.size());
        packet.resize(packet.size() + room);
        if (call(session_, packet.data(), &size) != srtp_err_status_ok) return {};
        packet.resize(static_cast<size_t>(size));
        return packet;
    }
    srtp_t session_ = nullptr;
};

class SessionDiff : public testing::TestWithParam<SrtpProfile> {
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
    Bytes unprotect(Bytes packet) {
        packet.resize(receiver_.unprotect_rtp(packet).value_or(0));
        return packet;
    }
    Bytes unprotect_rtcp(Bytes packet) {
        packet.resize(receiver_.unprotect_rtcp(packet).value_or(0));
        return packet;
    }

    SeededRng rng_{99};
    Keys a_ = random_keys(rng_);
    Keys b_ = random_keys(rng_);
    Session sender_ = Session::create(GetParam(), b_, a_).value();
    Session receiver_ = Session::create(GetParam(), a_, b_).value();
    Oracle oracle_sender_{GetParam(), a_, true};
    Oracle oracle_receiver_{GetParam(), a_, false};
};

TEST_P(SessionDiff, WritesTheSameRtpPackets) {
    for (int i = 0; i < 3000; ++i) {
        const Bytes plain = rtp_packet(rng_, rng_.u32() % 5, static_cast<uint16_t>(i), rng_.u32() % 1300);
        const Bytes packet = protect(plain);
        ASSERT_EQ(packet, oracle_sender_.protect(plain)) << i;
        ASSERT_EQ(oracle_receiver_.unprotect(packet), plain) << i;
        ASSERT_EQ(unprotect(packet), plain) << i;
    }
}

// The header in one place, the payload cut anywhere into parts, some of them empty.
TEST_P(SessionDiff, GathersTheSameRtpPackets) {
    for (int i = 0; i < 3000; ++i) {
        const Bytes plain = rtp_packet(rng_, 1, static_cast<uint16_t>(i), rng_.u32() % 1300);
        const auto header = wire::parse_rtp_header(plain);
        const size_t header_size = header->header_size;
        const ByteView payload = ByteView{plain}.subspan(header_size);
        std::vector<size_t> cuts{0, payload.size()};
        for (uint32_t cut = rng_.u32() % 5; cut > 0; --cut) {
            // The first bytes are where descriptors end.
            const size_t reach = cut % 2 == 0 ? payload.size() + 1 : std::min<size_t>(payload.size() + 1, 20);
            cuts.push_back(rng_.u32() % reach);
        }
        std::sort(cuts.begin(), cuts.end());
        std::vector<ByteView> parts;
        for (size_t c = 1; c < cuts.size(); ++c)
            parts.push_back(payload.subspan(cuts[c - 1], cuts[c] - cuts[c - 1]));
        Bytes packet(plain.size() + Session::kOverheadMax);
        packet.resize(sender_.protect_rtp(*sender_.send_stream(header->ssrc), header->sequence_number,
                                          ByteView{plain}.first(header_size), parts, packet));
        ASSERT_EQ(packet, oracle_sender_.protect(plain)) << i;
        ASSERT_EQ(oracle_receiver_.unprotect(packet), plain) << i;
    }
}

TEST_P(SessionDiff, WritesTheSameRtpPacketsOverFourRollovers) {
    for (uint32_t i = 0; i < 4 * 65'536 + 100; i += 1 + rng_.u32() % 400) {
        const Bytes plain = rtp_packet(rng_, 1, static_cast<uint16_t>(i), rng_.u32() % 100);
        ASSERT_EQ(protect(plain), oracle_sender_.protect(plain)) << i;
    }
}

TEST_P(SessionDiff, RtcpIsUnderstoodBothWays) {
    for (int i = 0; i < 500; ++i) {
        const Bytes plain = rtcp_packet(rng_, rng_.u32() % 4, rng_.u32() % 200);
        ASSERT_EQ(oracle_receiver_.unprotect_rtcp(protect_rtcp(plain)), plain) << i;
        ASSERT_EQ(unprotect_rtcp(oracle_sender_.protect_rtcp(plain)), plain) << i;
    }
}

// Reordered, repeated, damaged and lost, over several roll-overs and several streams: every decision and
// every accepted byte is the oracle's.
TEST_P(SessionDiff, AcceptsTheSameRtpPackets) {
    std::vector<Bytes> packets;
    uint32_t sequence[3] = {0, 40'000, 65'000};
    for (int i = 0; i < 20'000; ++i) {
        const uint32_t ssrc = rng_.u32() % 3;
        const uint32_t step = rng_.u32() % 50 == 0 ? rng_.u32() % 2000 : 1;
        sequence[ssrc] += step;
        packets.push_back(
            protect(rtp_packet(rng_, ssrc, static_cast<uint16_t>(sequence[ssrc]), rng_.u32() % 60)));
        ASSERT_FALSE(packets.back().empty());
    }
    for (int round = 0; round < 20'000; ++round) {
        const size_t i = rng_.u32() % (packets.size() - 1);
        const size_t reach = rng_.u32() % 20 == 0 ? 300 : 20;
        std::swap(packets[i], packets[std::min(packets.size() - 1, i + rng_.u32() % reach)]);
    }
    size_t accepted = 0;
    for (size_t i = 0; i < packets.size(); ++i) {
        const bool is_repeat = rng_.u32() % 10 == 0;
        Bytes packet = packets[is_repeat ? i - std::min<size_t>(i, rng_.u32() % 3000) : i];
        if (rng_.u32() % 10 == 0)
            packet[rng_.u32() % packet.size()] ^= static_cast<uint8_t>(1 + rng_.u32() % 255);
        if (rng_.u32() % 20 == 0) packet.resize(packet.size() - 1 - rng_.u32() % 5);
        const Bytes ours = unprotect(packet);
        ASSERT_EQ(ours, oracle_receiver_.unprotect(packet)) << i;
        accepted += !ours.empty();
    }
    EXPECT_GT(accepted, packets.size() / 3);  // the rest is repeated, damaged or behind the window
    EXPECT_LT(accepted, packets.size());
}

TEST_P(SessionDiff, AcceptsTheSameRtcpPackets) {
    std::vector<Bytes> packets;
    for (int i = 0; i < 5000; ++i)
        packets.push_back(oracle_sender_.protect_rtcp(rtcp_packet(rng_, 1, rng_.u32() % 30)));
    size_t accepted = 0;
    for (int i = 0; i < 10'000; ++i) {
        const size_t near = static_cast<size_t>(i) / 2 + rng_.u32() % 300;
        Bytes packet = packets[std::min(packets.size() - 1, near)];
        if (rng_.u32() % 10 == 0) packet[rng_.u32() % packet.size()] ^= 1;
        const Bytes ours = unprotect_rtcp(packet);
        ASSERT_EQ(ours, oracle_receiver_.unprotect_rtcp(packet)) << i;
        accepted += !ours.empty();
    }
    EXPECT_GT(accepted, 2000u);
}

INSTANTIATE_TEST_SUITE_P(Profiles, SessionDiff, testing::ValuesIn(kProfiles), [](const auto& param) {
    return param.param == SrtpProfile::AeadAes128Gcm ? "Gcm" : "Cm";
});

}  // namespace
}  // namespace conclave::srtp
