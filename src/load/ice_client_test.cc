#include "load/ice_client.h"

#include <gtest/gtest.h>

#include "crypto/hmac.h"

namespace conclave::load {
namespace {

const SocketAddress kServer = SocketAddress::v4(10, 0, 0, 1, 7000);
const std::string kServerPwd = "server-password-of-24-chars";

wire::Candidate candidate(const std::string& address, uint16_t port) {
    wire::Candidate out;
    out.foundation = "1";
    out.address = address;
    out.port = port;
    return out;
}

class IceClientTest : public testing::Test {
 protected:
    IceClientTest() { client_.set_remote("server", kServerPwd); }

    // What was sent to `to` since the last look.
    std::vector<wire::StunMessage> sent_to(const SocketAddress& to) {
        std::vector<wire::StunMessage> found;
        kept_.clear();
        for (const auto& datagram : tx_.datagrams()) {
            if (datagram.path.remote != to) continue;
            const ByteView bytes = tx_.bytes(datagram);
            kept_.emplace_back(bytes.begin(), bytes.end());
            found.push_back(*wire::parse_stun(kept_.back()));
        }
        tx_.clear();
        return found;
    }
    void answer(const wire::StunMessage& request, const SocketAddress& from, const std::string& pwd) {
        std::array<uint8_t, 256> buffer;
        wire::StunWriter writer(buffer, wire::StunClass::Success, wire::kStunBinding, request.transaction_id);
        writer.xor_mapped_address(SocketAddress::v4(10, 0, 0, 9, 9));
        writer.append_integrity(crypto::hmac_sha1(as_bytes(pwd), writer.integrity_input()));
        writer.append_fingerprint();
        client_.handle_datagram(now_, from, writer.written(), tx_);
    }
    void check(const SocketAddress& from, const std::string& pwd, bool nominates) {
        std::array<uint8_t, 256> buffer;
        wire::StunWriter writer(buffer, wire::StunClass::Request, wire::kStunBinding, {1, 2, 3});
        writer.username(client_.ufrag() + ":server");
        writer.priority(1);
        writer.ice_controlling(1);
        if (nominates) writer.use_candidate();
        writer.append_integrity(crypto::hmac_sha1(as_bytes(pwd), writer.integrity_input()));
        writer.append_fingerprint();
        client_.handle_datagram(now_, from, writer.written(), tx_);
    }

    SeededRng rng_{1};
    IceClient client_{0, true, rng_};
    TransmitQueue tx_{64, 16'384};
    std::vector<std::vector<uint8_t>> kept_;
    Instant now_ = Instant::from_ms(1000);
};

TEST_F(IceClientTest, NominatesTheFirstCandidateThatAnswers) {
    client_.add_candidate(candidate("10.0.0.2", 7000));
    client_.add_candidate(candidate("10.0.0.1", 7000));
    client_.handle_timeout(now_, tx_);
    EXPECT_FALSE(client_.selected());
    const auto checks = sent_to(kServer);
    ASSERT_EQ(checks.size(), 1u);
    EXPECT_EQ(checks[0].username, "server:" + client_.ufrag());
    EXPECT_TRUE(checks[0].ice_controlling);
    EXPECT_FALSE(checks[0].use_candidate);
    answer(checks[0], kServer, kServerPwd);
    EXPECT_EQ(client_.selected(), kServer);
    const auto nomination = sent_to(kServer);
    ASSERT_EQ(nomination.size(), 1u);
    EXPECT_TRUE(nomination[0].use_candidate);
    EXPECT_TRUE(nomination[0].fingerprint_ok);
}

TEST_F(IceClientTest, BelievesOnlyAuthenticAnswersToItsOwnChecks) {
    client_.add_candidate(candidate("10.0.0.1", 7000));
    client_.handle_timeout(now_, tx_);
    auto checks = sent_to(kServer);
    ASSERT_EQ(checks.size(), 1u);
    answer(checks[0], kServer, "another-password");
    EXPECT_FALSE(client_.selected());
    checks[0].transaction_id = {9, 9, 9, 9};
    answer(checks[0], kServer, kServerPwd);
    EXPECT_FALSE(client_.selected());
}

TEST_F(IceClientTest, GoesOnCheckingForConsent) {
    client_.add_candidate(candidate("10.0.0.1", 7000));
    client_.handle_timeout(now_, tx_);
    answer(sent_to(kServer)[0], kServer, kServerPwd);
    (void)sent_to(kServer);
    client_.handle_timeout(now_ + Duration::seconds(1), tx_);
    EXPECT_TRUE(sent_to(kServer).empty());
    client_.handle_timeout(now_ + Duration::seconds(3), tx_);
    EXPECT_EQ(sent_to(kServer).size(), 1u);
}

TEST_F(IceClientTest, AnswersTheChecksOfAFullAgent) {
    check(kServer, client_.pwd(), false);
    const auto answers = sent_to(kServer);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].message_class, wire::StunClass::Success);
    EXPECT_EQ(answers[0].xor_mapped_address, kServer);
    // The address that it came from is a candidate of its own now.
    client_.handle_timeout(now_, tx_);
    EXPECT_EQ(sent_to(kServer).size(), 1u);
    check(kServer, "wrong", false);
    EXPECT_TRUE(sent_to(kServer).empty());
}

TEST_F(IceClientTest, LetsAControllingServerNominate) {
    client_.set_controlling(false);
    check(kServer, client_.pwd(), false);
    EXPECT_FALSE(client_.selected());
    check(kServer, client_.pwd(), true);
    EXPECT_EQ(client_.selected(), kServer);
}

TEST_F(IceClientTest, LimitsCandidatesAndPassesOverTcp) {
    wire::Candidate tcp = candidate("10.0.0.1", 7000);
    tcp.transport = wire::CandidateTransport::Tcp;
    client_.add_candidate(tcp);
    for (uint16_t i = 0; i <= IceClient::kCandidatesMax; ++i)
        client_.add_candidate(candidate("10.0.0.1", static_cast<uint16_t>(8000 + i)));
    client_.handle_timeout(now_, tx_);
    EXPECT_EQ(tx_.datagrams().size(), IceClient::kCandidatesMax);
}

}  // namespace
}  // namespace conclave::load
