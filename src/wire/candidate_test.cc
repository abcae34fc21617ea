#include "wire/candidate.h"

#include <gtest/gtest.h>

namespace conclave::wire {
namespace {

TEST(Candidate, ReadsAHostCandidateOfChromium) {
    const auto c = parse_candidate(
        "a=candidate:2983628616 1 udp 2122194687 192.0.2.2 47307 typ host generation 0 network-id 1");
    ASSERT_TRUE(c);
    EXPECT_EQ(c->foundation, "2983628616");
    EXPECT_EQ(c->component, 1);
    EXPECT_EQ(c->transport, CandidateTransport::Udp);
    EXPECT_EQ(c->priority, 2122194687u);
    EXPECT_EQ(c->address, "192.0.2.2");
    EXPECT_EQ(c->port, 47307);
    EXPECT_EQ(c->type, CandidateType::Host);
    EXPECT_EQ(c->tcp_type, TcpType::None);
}

TEST(Candidate, ReadsRelatedAddressTcpTypeAndUfrag_Rfc8839_5_1_Rfc6544_4_5) {
    const auto c = parse_candidate(
        "candidate:1 1 TCP 1518285567 fd00::2 9 typ srflx raddr 10.0.0.1 rport 5000 tcptype active "
        "generation 0 ufrag +Q6g network-cost 999");
    ASSERT_TRUE(c);
    EXPECT_EQ(c->transport, CandidateTransport::Tcp);
    EXPECT_EQ(c->type, CandidateType::Srflx);
    EXPECT_EQ(c->related_address, "10.0.0.1");
    EXPECT_EQ(c->related_port, 5000);
    EXPECT_EQ(c->tcp_type, TcpType::Active);
    EXPECT_EQ(c->ufrag, "+Q6g");
}

TEST(Candidate, WritesWhatTrickleMessagesCarry) {
    const Candidate c{.foundation = "4",
                      .component = 1,
                      .transport = CandidateTransport::Tcp,
                      .priority = 2113929471,
                      .address = "2001:db8::1",
                      .port = 7881,
                      .type = CandidateType::Host,
                      .related_address = {},
                      .related_port = 0,
                      .tcp_type = TcpType::Passive,
                      .ufrag = "abcd"};
    EXPECT_EQ(to_string(c),
              "candidate:4 1 tcp 2113929471 2001:db8::1 7881 typ host tcptype passive ufrag abcd");
    EXPECT_EQ(parse_candidate(to_string(c)), c);
}

TEST(Candidate, IgnoresWhatItDoesNotUnderstand_Rfc8839_5_1) {
    EXPECT_FALSE(parse_candidate("candidate:1 1 sctp 1 192.0.2.1 9 typ host"));
    EXPECT_FALSE(parse_candidate("candidate:1 1 udp 1 192.0.2.1 9 typ future"));
}

TEST(Candidate, RefusesMalformedText) {
    const char* bad[] = {"",
                         "candidate:",
                         "candidate:1 0 udp 1 192.0.2.1 9 typ host",
                         "candidate:1 257 udp 1 192.0.2.1 9 typ host",
                         "candidate:1 1 udp 4294967296 192.0.2.1 9 typ host",
                         "candidate:1 1 udp -1 192.0.2.1 9 typ host",
                         "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
                         "candidate:1 1 udp 1 192.0.2.1 9 host",
                         "candidate:1 1 udp 1 192.0.2.1 9",
                         "candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=setup:active",
                         "candidate:123456789012345678901234567890123 1 udp 1 192.0.2.1 9 typ host"};
    for (const char* text : bad) EXPECT_FALSE(parse_candidate(text)) << text;
    EXPECT_FALSE(parse_candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host x " +
                                 std::string(kCandidateBytesMax, 'y')));
}

}  // namespace
}  // namespace conclave::wire
