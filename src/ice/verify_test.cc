// The agent's own checks: where somebody seems to be whom a NAT has moved.
#include <gtest/gtest.h>

#include "ice/agent.h"
#include "ice/check_for_test.h"

namespace conclave::ice {
namespace {

const Credentials kRemote{"remote", "a-password-of-the-client"};
const Path kHome{0, SocketAddress::v4(192, 0, 2, 1, 5000)};
const Path kMobile{0, SocketAddress::v4(198, 51, 100, 7, 6000)};
const Path kV6{1, *SocketAddress::parse("2001:db8::1", 7000)};

// What the client answers to a check of ours.
std::vector<uint8_t> answer_to(const wire::StunMessage& check, const std::string& pwd) {
    std::array<uint8_t, 128> buffer;
    wire::StunWriter out{buffer, wire::StunClass::Success, wire::kStunBinding, check.transaction_id};
    out.xor_mapped_address(kHome.remote);
    out.append_integrity(crypto::hmac_sha1(as_bytes(pwd), out.integrity_input()));
    out.append_fingerprint();
    return {out.written().begin(), out.written().end()};
}

class VerifyTest : public ::testing::Test {
 protected:
    VerifyTest() {
        agent_.set_remote_credentials(kRemote);
        nominate();
    }
    void nominate() {
        const Check check = check_for(agent_.local_credentials(), kRemote.ufrag, true);
        (void)agent_.handle_datagram(now_, kHome, check.bytes(), tx_);
    }
    // The check that is sent there, with whatever it is right to be sent; nothing when there is none.
    std::optional<wire::StunMessage> ask(const Path& path) {
        tx_.clear();
        agent_.verify(now_, path, tx_);
        if (tx_.datagrams().size() != 1) return {};
        EXPECT_EQ(tx_.datagrams()[0].path, path);
        return wire::parse_stun(tx_.bytes(tx_.datagrams()[0]));
    }
    Events answer(const Path& path, std::vector<uint8_t> bytes) {
        tx_.clear();
        return agent_.handle_datagram(now_, path, bytes, tx_);
    }

    SeededRng rng_{1};
    Instant now_ = Instant::from_ms(1'000'000);
    Agent agent_ = Agent::create({}, now_, rng_);
    TransmitQueue tx_{64, 1 << 16};
};

TEST_F(VerifyTest, AnAnsweredCheckOfOursSelectsThePath_RFC8445_7_2) {
    const auto check = ask(kMobile);
    ASSERT_TRUE(check);
    EXPECT_EQ(check->message_class, wire::StunClass::Request);
    EXPECT_EQ(check->username, kRemote.ufrag + ":" + agent_.local_credentials().ufrag);
    EXPECT_TRUE(check->ice_controlled);
    EXPECT_TRUE(check->priority);
    EXPECT_FALSE(check->use_candidate) << "we are controlled";
    EXPECT_TRUE(check->fingerprint_ok);
    EXPECT_TRUE(agent_.is_verifying(kMobile));
    EXPECT_FALSE(agent_.is_valid_path(kMobile));
    const Events events = answer(kMobile, answer_to(*check, kRemote.pwd));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0], (Event{Event::Kind::Selected, kMobile}));
    EXPECT_TRUE(tx_.empty());
    EXPECT_TRUE(agent_.is_valid_path(kMobile));
    EXPECT_EQ(agent_.selected_path(), kMobile);
    EXPECT_EQ(agent_.counters().verified, 1u);
    EXPECT_FALSE(agent_.is_verifying(kMobile));
}

TEST_F(VerifyTest, OnlyTheClientsOwnAnswerFromThereCounts_RFC8445_7_2_5_2) {
    const auto check = ask(kMobile);
    ASSERT_TRUE(check);
    EXPECT_TRUE(answer(kMobile, answer_to(*check, "another password of 24 b")).empty());
    EXPECT_TRUE(answer(kV6, answer_to(*check, kRemote.pwd)).empty()) << "from elsewhere";
    wire::StunMessage other = *check;
    other.transaction_id[11] ^= 1;
    EXPECT_TRUE(answer(kMobile, answer_to(other, kRemote.pwd)).empty());
    EXPECT_EQ(agent_.selected_path(), kHome);
    EXPECT_EQ(agent_.counters().unexpected, 3u);
    const auto right = answer_to(*check, kRemote.pwd);
    EXPECT_EQ(answer(kMobile, right).size(), 1u);
    EXPECT_TRUE(answer(kMobile, right).empty()) << "twice";
    EXPECT_EQ(agent_.counters().unexpected, 4u);
}

TEST_F(VerifyTest, AsksSeldomAndRepeatsWhatMayBeOnItsWay) {
    const auto first = ask(kMobile);
    ASSERT_TRUE(first);
    EXPECT_FALSE(ask(kMobile));
    EXPECT_FALSE(ask(kV6)) << "whatever path: nobody makes us flood another";
    now_ = now_ + kVerifyInterval;
    const auto again = ask(kMobile);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->transaction_id, first->transaction_id) << "the answer to the first may be on its way";
    now_ = now_ + kVerifyInterval;
    const auto elsewhere = ask(kV6);
    ASSERT_TRUE(elsewhere);
    EXPECT_NE(elsewhere->transaction_id, first->transaction_id);
    EXPECT_TRUE(answer(kMobile, answer_to(*first, kRemote.pwd)).empty());
}

TEST_F(VerifyTest, AsksNobodyWhoIsValidRestartsOrIsNotThere) {
    EXPECT_FALSE(ask(kHome));
    (void)agent_.restart(now_, rng_);
    EXPECT_FALSE(ask(kMobile));
    agent_ = Agent::create({}, now_, rng_);
    EXPECT_FALSE(ask(kMobile)) << "nothing selected";
    nominate();
    EXPECT_FALSE(ask(kMobile)) << "a client without a name";
}

}  // namespace
}  // namespace conclave::ice
