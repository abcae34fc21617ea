// Which peers can be reached: our media addresses, and nobody (M14: CVE-2020-26262, CVE-2026-27624).
#include <gtest/gtest.h>

#include "turn/client_for_test.h"

namespace conclave::turn {
namespace {

const SocketAddress kWorker = SocketAddress::v4(192, 0, 2, 1, 7882);
const SocketAddress kWorkerV6 = *SocketAddress::parse("2001:db8::1", 7882);

// Each of them at its edges and inside.
constexpr const char* kForbidden[] = {"0.0.0.0",
                                      "0.0.0.1",
                                      "0.255.255.255",
                                      "10.0.0.0",
                                      "10.0.0.1",
                                      "10.128.3.4",
                                      "10.255.255.255",
                                      "100.64.0.0",
                                      "100.64.0.1",
                                      "100.100.100.200",
                                      "100.127.255.255",
                                      "127.0.0.0",
                                      "127.0.0.1",
                                      "127.0.0.53",
                                      "127.0.1.1",
                                      "127.127.127.127",
                                      "127.255.255.255",
                                      "169.254.0.0",
                                      "169.254.0.1",
                                      "169.254.169.253",
                                      "169.254.169.254",
                                      "169.254.170.2",
                                      "169.254.255.255",
                                      "172.16.0.0",
                                      "172.16.0.1",
                                      "172.17.0.1",
                                      "172.24.1.2",
                                      "172.31.255.255",
                                      "192.0.0.0",
                                      "192.0.0.1",
                                      "192.0.0.8",
                                      "192.0.0.170",
                                      "192.0.0.192",
                                      "192.0.0.255",
                                      "192.0.2.0",
                                      "192.0.2.2",
                                      "192.0.2.254",
                                      "192.0.2.255",
                                      "192.31.196.1",
                                      "192.52.193.1",
                                      "192.88.99.0",
                                      "192.88.99.1",
                                      "192.168.0.0",
                                      "192.168.0.1",
                                      "192.168.1.254",
                                      "192.168.255.255",
                                      "192.175.48.1",
                                      "198.18.0.0",
                                      "198.18.0.1",
                                      "198.19.255.255",
                                      "198.51.100.0",
                                      "198.51.100.1",
                                      "203.0.113.0",
                                      "203.0.113.5",
                                      "224.0.0.0",
                                      "224.0.0.1",
                                      "224.0.0.251",
                                      "239.255.255.250",
                                      "239.255.255.255",
                                      "240.0.0.0",
                                      "240.0.0.1",
                                      "248.1.2.3",
                                      "255.255.255.254",
                                      "255.255.255.255",
                                      "1.1.1.1",
                                      "8.8.8.8",
                                      "9.9.9.9",
                                      "193.0.14.129",
                                      "25.1.2.3",
                                      "44.0.0.1",
                                      "::",
                                      "::1",
                                      "::2",
                                      "::ffff:0.0.0.0",
                                      "::ffff:10.0.0.1",
                                      "::ffff:100.64.0.1",
                                      "::ffff:127.0.0.1",
                                      "::ffff:169.254.169.254",
                                      "::ffff:172.16.0.1",
                                      "::ffff:192.168.0.1",
                                      "::ffff:224.0.0.1",
                                      "::ffff:255.255.255.255",
                                      "::127.0.0.1",
                                      "::10.0.0.1",
                                      "::ffff:0:127.0.0.1",
                                      "64:ff9b::",
                                      "64:ff9b::7f00:1",
                                      "64:ff9b::a00:1",
                                      "64:ff9b::a9fe:a9fe",
                                      "64:ff9b::c0a8:1",
                                      "64:ff9b::c000:201",
                                      "64:ff9b:1::1",
                                      "64:ff9b:1::7f00:1",
                                      "100::",
                                      "100::1",
                                      "2001::",
                                      "2001::1",
                                      "2001:0:7f00:1::",
                                      "2001:2::1",
                                      "2001:3::1",
                                      "2001:4:112::1",
                                      "2001:10::1",
                                      "2001:20::1",
                                      "2001:db8::",
                                      "2001:db8::2",
                                      "2001:db8::1:1",
                                      "2001:db8:ffff::1",
                                      "2002::",
                                      "2002:7f00:1::1",
                                      "2002:a00:1::1",
                                      "2002:a9fe:a9fe::1",
                                      "2002:c0a8:1::1",
                                      "2002:c000:201::1",
                                      "2620:4f:8000::1",
                                      "3fff::1",
                                      "5f00::1",
                                      "fc00::",
                                      "fc00::1",
                                      "fd00::1",
                                      "fd00:ec2::254",
                                      "fd12:3456:789a::1",
                                      "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                      "fe80::",
                                      "fe80::1",
                                      "fe80::a9fe:a9fe",
                                      "febf:ffff::1",
                                      "fec0::1",
                                      "feff::1",
                                      "ff00::",
                                      "ff01::1",
                                      "ff02::1",
                                      "ff02::2",
                                      "ff02::fb",
                                      "ff02::1:2",
                                      "ff05::1",
                                      "ff05::2",
                                      "ff08::1",
                                      "ff0e::1",
                                      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                      "2606:4700:4700::1111",
                                      "2a00:1450:4007::1"};

// What listens where on a server: SSH, mail, names, HTTP, databases, caches, and what is next to media.
constexpr uint16_t kOwnPorts[] = {0,    1,    22,   25,    53,    80,    111,   389,  443,  636,
                                  1433, 2375, 2379, 3306,  3389,  3478,  5349,  5432, 5671, 5672,
                                  6379, 6443, 7880, 7881,  7883,  8080,  8443,  8500, 9000, 9090,
                                  9092, 9100, 9200, 10250, 11211, 27017, 49152, 65535};

std::vector<SocketAddress> forbidden() {
    std::vector<SocketAddress> all;
    for (const char* text : kForbidden) {
        // Even with the port of media.
        const auto address = SocketAddress::parse(text, kWorker.port);
        if (address) all.push_back(*address);
    }
    for (const uint16_t port : kOwnPorts) {
        for (const SocketAddress& own : {kWorker, kWorkerV6}) all.push_back({own.ip, port});
    }
    return all;
}

TEST(Peers, AreOurMediaAddressesAlone_M14) {
    const std::vector<SocketAddress> peers = forbidden();
    ASSERT_GE(peers.size(), 200u);
    ASSERT_EQ(peers.size(), std::size(kForbidden) + 2 * std::size(kOwnPorts)) << "each address is legal text";
    constexpr Instant kNow = Instant::from_ms(1'000'000);
    SeededRng rng(1);
    Server server({.peers = {kWorker, kWorkerV6}}, rng);
    server.admit("anna", "secret", Instant::never());
    ClientForTest anna(server, {Path::kTcp, SocketAddress::v4(203, 0, 113, 9, 1)}, "anna", "secret");
    ASSERT_TRUE(anna.be_challenged(kNow));
    ASSERT_EQ(anna.allocate(kNow), 0);
    const SocketAddress relayed = anna.relayed();
    // Permissions are by address: with them, what is left is what Send itself refuses.
    ASSERT_EQ(anna.permit(kNow, kWorker), 0);
    ASSERT_EQ(anna.permit(kNow, kWorkerV6), 0);
    uint16_t channel = kChannelMin;
    for (const SocketAddress& peer : peers) {
        EXPECT_EQ(anna.permit(kNow, peer), 403) << peer.text();
        EXPECT_EQ(anna.bind(kNow, channel++, peer), 403) << peer.text();
        EXPECT_FALSE(anna.send_to(kNow, peer, as_bytes("x"))) << peer.text();
        EXPECT_TRUE(anna.sent().empty()) << peer.text();
    }
    EXPECT_EQ(server.counters().forbidden_peer, peers.size());
    EXPECT_EQ(server.counters().relayed, 0u);
    // One forbidden address spoils the whole request (RFC 8656 10.2).
    EXPECT_EQ(anna.request(kNow, wire::kTurnCreatePermission,
                           [](wire::StunWriter& out) {
                               out.xor_address(wire::StunAttribute::XorPeerAddress, kWorker);
                               out.xor_address(wire::StunAttribute::XorPeerAddress,
                                               SocketAddress::v4(127, 0, 0, 1, 7882));
                           }),
              403);
    EXPECT_EQ(anna.permit(kNow, relayed), 403) << "nor another client's relayed address";
    EXPECT_TRUE(anna.send_to(kNow, kWorker, as_bytes("x"))) << "the allocation still works";
    EXPECT_TRUE(anna.send_to(kNow, kWorkerV6, as_bytes("x")));
}

}  // namespace
}  // namespace conclave::turn
