#include "turn/server.h"

#include <gtest/gtest.h>

#include "turn/client_for_test.h"

namespace conclave::turn {
namespace {

using wire::StunAttribute;
using wire::StunClass;
using wire::StunWriter;

const SocketAddress kWorker = SocketAddress::v4(192, 0, 2, 1, 7882);
const SocketAddress kOtherWorker = SocketAddress::v4(192, 0, 2, 1, 7883);
const SocketAddress kWorkerV6 = *SocketAddress::parse("2001:db8::1", 7882);
const Path kTcpClient{Path::kTcp, SocketAddress::v4(198, 51, 100, 7, 40000)};
const Path kUdpClient{0, SocketAddress::v4(198, 51, 100, 7, 40000)};
constexpr Instant kStart = Instant::from_ms(100'000);

class ServerTest : public testing::Test {
 protected:
    ServerTest() { server_.admit("anna", "secret", kStart + Duration::minutes(60)); }

    ClientForTest client(const Path& path = kTcpClient, const std::string& user = "anna",
                         const std::string& password = "secret") {
        ClientForTest made(server_, path, user, password);
        EXPECT_TRUE(made.be_challenged(now_));
        return made;
    }
    ClientForTest allocated(const Path& path = kTcpClient, const std::string& user = "anna") {
        ClientForTest made = client(path, user);
        EXPECT_EQ(made.allocate(now_), 0);
        return made;
    }
    static Path stream(uint16_t number) { return {Path::kTcp, SocketAddress::v4(198, 51, 100, 8, number)}; }

    Instant now_ = kStart;
    SeededRng rng_{1};
    Config config_{.peers = {kWorker, kOtherWorker, kWorkerV6}};
    Server server_{config_, rng_};
};

TEST_F(ServerTest, Allocates_RFC8656_7) {
    ClientForTest anna = allocated();
    EXPECT_EQ(anna.answer->turn->lifetime, 600u);
    EXPECT_EQ(anna.answer->xor_mapped_address, kTcpClient.remote);
    EXPECT_EQ(anna.relayed().ip, kWorker.ip) << "an address of ours";
    EXPECT_NE(anna.relayed().port, kWorker.port);
    EXPECT_TRUE(server_.has_allocation(kTcpClient));
    const auto key = crypto::md5(as_bytes("anna:conclave:secret"));
    const auto mac = crypto::hmac_sha1(key, anna.answer->integrity_header, anna.answer->integrity_body);
    EXPECT_TRUE(crypto::equal_constant_time(mac, anna.answer->integrity));
}

TEST_F(ServerTest, CarriesDatagramsBothWays_RFC8656_11) {
    ClientForTest anna = allocated();
    const SocketAddress relayed = anna.relayed();
    ASSERT_EQ(anna.permit(now_, kWorker), 0);
    const auto sent = anna.send_to(now_, kWorker, as_bytes("hello"));
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->relayed, relayed);
    EXPECT_EQ(sent->peer, kWorker);
    EXPECT_EQ(as_text(sent->payload), "hello");

    TransmitQueue tx(4, 8192);
    server_.handle_peer(now_, relayed, kWorker, as_bytes("there"), tx);
    ASSERT_EQ(tx.datagrams().size(), 1u);
    EXPECT_EQ(tx.datagrams()[0].path, kTcpClient);
    const auto data = wire::parse_stun(tx.bytes(tx.datagrams()[0]));
    ASSERT_TRUE(data && data->turn->data);
    EXPECT_EQ(data->message_class, StunClass::Indication);
    EXPECT_EQ(data->method, wire::kTurnData);
    EXPECT_EQ(data->turn->peers[0], kWorker);
    EXPECT_EQ(as_text(*data->turn->data), "there");
    EXPECT_EQ(server_.counters().relayed, 1u);
    EXPECT_EQ(server_.counters().returned, 1u);
}

TEST_F(ServerTest, CarriesChannelData_RFC8656_12) {
    for (const Path& path : {kTcpClient, kUdpClient}) {
        ClientForTest anna = allocated(path);
        const SocketAddress relayed = anna.relayed();
        ASSERT_EQ(anna.bind(now_, 0x4001, kWorker), 0);
        const std::vector<uint8_t> message{0x40, 0x01, 0, 2, 'h', 'i', 0, 0};
        TransmitQueue tx(4, 8192);
        const auto sent = server_.handle_datagram(now_, path, message, tx).to_peer;
        ASSERT_TRUE(sent);
        EXPECT_EQ(sent->peer, kWorker);
        EXPECT_EQ(as_text(sent->payload), "hi");
        server_.handle_peer(now_, relayed, kWorker, as_bytes("hi"), tx);
        const ByteView returned = tx.bytes(tx.datagrams().at(0));
        EXPECT_EQ(returned.size(), path == kTcpClient ? 8u : 6u) << "padded in a stream";
        EXPECT_TRUE(std::equal(returned.begin(), returned.end(), message.begin()));
    }
}

TEST_F(ServerTest, RefusesWrongCredentials_RFC8489_9_2_4) {
    EXPECT_EQ(client(kTcpClient, "anna", "wrong").allocate(now_), 401);
    EXPECT_EQ(client(kTcpClient, "nobody").allocate(now_), 401);
    EXPECT_EQ(client(kTcpClient, "nobody", "").allocate(now_), 401);
    ClientForTest anna = client();
    const auto half = anna.message(
        StunClass::Request, wire::kTurnAllocate,
        [](StunWriter& out) {
            out.username("anna");
            out.append_integrity({});
        },
        false);
    EXPECT_EQ(anna.send(now_, half), 400) << "RFC 8489 9.2.4: realm and nonce are missing";
    EXPECT_EQ(server_.allocations(), 0u);
}

TEST_F(ServerTest, TheNonceIsOfOneClientAndOfOneHour_RFC8489_9_2) {
    ClientForTest anna = client();
    ClientForTest other(server_, stream(1), "anna", "secret");
    other.nonce = anna.nonce;
    EXPECT_EQ(other.allocate(now_), 438);
    EXPECT_EQ(other.allocate(now_), 0) << "with the nonce that came with 438";
    anna.nonce[3] ^= 1;
    EXPECT_EQ(anna.allocate(now_), 438);
    server_.admit("anna", "secret", now_ + Duration::minutes(600));
    now_ = now_ + Duration::minutes(59);
    EXPECT_EQ(anna.allocate(now_), 0);
    now_ = now_ + Duration::minutes(61);
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh), 438);
    anna.nonce = "x";
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh), 438);
}

TEST_F(ServerTest, RefusesWhatItDoesNotHave_RFC8656_7_2) {
    const auto refused = [&](std::initializer_list<std::pair<StunAttribute, std::vector<uint8_t>>> wishes) {
        return client().request(now_, wire::kTurnAllocate, [&](StunWriter& out) {
            for (const auto& [type, value] : wishes) out.attribute(type, value);
        });
    };
    const std::vector<uint8_t> udp = ClientForTest::udp();
    EXPECT_EQ(refused({}), 400);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, {6, 0, 0, 0}}}), 442);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, udp}, {StunAttribute::EvenPort, {0x80}}}), 508);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, udp},
                       {StunAttribute::ReservationToken, std::vector<uint8_t>(8)}}),
              508);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, udp},
                       {StunAttribute::EvenPort, {0}},
                       {StunAttribute::ReservationToken, std::vector<uint8_t>(8)}}),
              400);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, udp},
                       {StunAttribute::RequestedAddressFamily, {7, 0, 0, 0}}}),
              440);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, udp}, {static_cast<StunAttribute>(0x7abc), {}}}),
              420);
    EXPECT_EQ(server_.allocations(), 0u);
    EXPECT_EQ(refused({{StunAttribute::RequestedTransport, udp}, {StunAttribute::DontFragment, {}}}), 0)
        << "nothing is fragmented here";
}

TEST_F(ServerTest, AnEvenPortIsOneWithoutReserve_RFC8656_7_2) {
    for (uint16_t i = 1; i < 20; ++i) {
        ClientForTest anna = client(stream(i));
        EXPECT_EQ(anna.request(now_, wire::kTurnAllocate,
                               [](StunWriter& out) {
                                   out.attribute(StunAttribute::RequestedTransport, ClientForTest::udp());
                                   out.attribute(StunAttribute::EvenPort, std::vector<uint8_t>{0});
                               }),
                  0);
        EXPECT_EQ(anna.relayed().port % 2, 0);
    }
}

TEST_F(ServerTest, RelaysEitherFamily_RFC8656_7_2) {
    ClientForTest anna = client();
    EXPECT_EQ(anna.request(now_, wire::kTurnAllocate,
                           [](StunWriter& out) {
                               out.attribute(StunAttribute::RequestedTransport, ClientForTest::udp());
                               out.attribute(StunAttribute::RequestedAddressFamily,
                                             std::vector<uint8_t>{wire::kFamilyV6, 0, 0, 0});
                           }),
              0);
    EXPECT_EQ(anna.relayed().ip, kWorkerV6.ip);
}

TEST_F(ServerTest, OneAllocationForEachClient_RFC8656_7_2) {
    ClientForTest anna = allocated();
    const SocketAddress relayed = anna.relayed();
    EXPECT_EQ(anna.send(now_, anna.message(StunClass::Request, wire::kTurnAllocate,
                                           ClientForTest::requested_transport(), true)),
              0)
        << "the same request again";
    EXPECT_EQ(anna.relayed(), relayed);
    EXPECT_EQ(anna.allocate(now_), 437);
    server_.admit("bruno", "secret", kStart + Duration::minutes(60));
    ClientForTest bruno(server_, kTcpClient, "bruno", "secret");
    bruno.nonce = anna.nonce;
    EXPECT_EQ(bruno.permit(now_, kWorker), 441) << "another user's";
    EXPECT_EQ(server_.allocations(), 1u);
}

TEST_F(ServerTest, AllocationsLastAsLongAsTheyAreRefreshed_RFC8656_8) {
    ClientForTest anna = allocated();
    now_ = now_ + Duration::seconds(599);
    const auto lifetime = [](uint32_t seconds) {
        return [seconds](StunWriter& out) {
            std::vector<uint8_t> value(4);
            store_be32(value.data(), seconds);
            out.attribute(StunAttribute::Lifetime, value);
        };
    };
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh, lifetime(1'000'000)), 0);
    EXPECT_EQ(anna.answer->turn->lifetime, 3600u) << "the most that there is";
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh, lifetime(1)), 0);
    EXPECT_EQ(anna.answer->turn->lifetime, 600u) << "the least that there is";
    EXPECT_EQ(server_.next_timeout(), now_ + Duration::seconds(600));
    now_ = now_ + Duration::seconds(600);
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh), 437);
    EXPECT_EQ(server_.handle_timeout(now_).size(), 1u);
    EXPECT_EQ(server_.allocations(), 0u);

    ClientForTest again = allocated();
    EXPECT_EQ(again.request(now_, wire::kTurnRefresh, lifetime(0)), 0);
    EXPECT_EQ(again.answer->turn->lifetime, 0u);
    EXPECT_TRUE(again.last.ended);
    EXPECT_EQ(server_.allocations(), 0u);
    EXPECT_EQ(again.allocate(now_), 0);
}

TEST_F(ServerTest, PermissionsAndChannelsExpire_RFC8656_9_12) {
    ClientForTest anna = allocated();
    const SocketAddress relayed = anna.relayed();
    EXPECT_EQ(anna.permit(now_, kWorker), 0);
    now_ = now_ + Duration::seconds(299);
    EXPECT_TRUE(anna.send_to(now_, kOtherWorker, as_bytes("x"))) << "the port does not matter";
    EXPECT_FALSE(anna.send_to(now_, kWorkerV6, as_bytes("x")));
    EXPECT_EQ(anna.bind(now_, 0x4000, kWorkerV6), 0);
    now_ = now_ + Duration::seconds(1);
    EXPECT_FALSE(anna.send_to(now_, kWorker, as_bytes("x")));
    TransmitQueue tx(4, 8192);
    server_.handle_peer(now_, relayed, kWorker, as_bytes("x"), tx);
    EXPECT_TRUE(tx.empty());

    EXPECT_EQ(anna.bind(now_, 0x4000, kWorker), 400) << "the number is another peer's";
    EXPECT_EQ(anna.bind(now_, 0x4001, kWorkerV6), 400) << "the peer has another one";
    EXPECT_EQ(anna.bind(now_, 0x4000, kWorkerV6), 0);
    EXPECT_EQ(anna.bind(now_, 0x3fff, kWorker), 400);
    EXPECT_EQ(anna.bind(now_, 0x5000, kWorker), 400);
    EXPECT_EQ(anna.bind(now_, 0x4fff, kWorker), 0);
    EXPECT_EQ(anna.request(now_, wire::kTurnCreatePermission), 400);
    EXPECT_EQ(anna.request(now_, wire::kTurnChannelBind), 400);
}

TEST_F(ServerTest, WhoIsDismissedHasNothingLeft) {
    ClientForTest anna = allocated();
    const SocketAddress relayed = anna.relayed();
    EXPECT_EQ(server_.dismiss("anna"), std::vector{relayed});
    EXPECT_EQ(server_.allocations(), 0u);
    EXPECT_EQ(anna.allocate(now_), 401);
    EXPECT_FALSE(anna.send_to(now_, kWorker, as_bytes("x")));
    EXPECT_TRUE(server_.dismiss("anna").empty());
}

TEST_F(ServerTest, CredentialsEndWithTheirTime) {
    ClientForTest anna = allocated();
    server_.admit("anna", "secret", now_ + Duration::seconds(1));
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh), 0);
    now_ = now_ + Duration::seconds(1);
    EXPECT_EQ(anna.request(now_, wire::kTurnRefresh), 401);
    EXPECT_EQ(server_.users(), 1u);
    now_ = now_ + Duration::seconds(600);
    EXPECT_EQ(server_.handle_timeout(now_).size(), 1u);
    EXPECT_EQ(server_.users(), 0u);
}

TEST_F(ServerTest, AStreamTakesItsAllocationAlong_RFC8656_3_1) {
    ClientForTest anna = allocated();
    EXPECT_EQ(server_.handle_closed(kTcpClient), anna.relayed());
    EXPECT_EQ(server_.handle_closed(kTcpClient), std::nullopt);
    EXPECT_EQ(server_.allocations(), 0u);
}

TEST_F(ServerTest, AFloodEndsAtTheQuotaAndHurtsNobodyElse_M15) {
    size_t granted = 0;
    size_t refused = 0;
    for (uint16_t i = 0; i < 10'000; ++i) {
        ClientForTest flood = client(stream(static_cast<uint16_t>(i + 1)));
        const auto answer = flood.allocate(now_);
        granted += answer == 0 ? 1 : 0;
        refused += answer == 486 ? 1 : 0;
    }
    EXPECT_EQ(granted, config_.allocations_per_user_max);
    EXPECT_EQ(refused, 10'000 - granted);
    server_.admit("bruno", "secret", kStart + Duration::minutes(60));
    EXPECT_EQ(client(stream(20'000), "bruno").allocate(now_), 0);
}

TEST_F(ServerTest, QuotasOfAnAddressAndOfTheServer) {
    config_.allocations_per_address_max = 2;
    config_.allocations_max = 3;
    Server server(config_, rng_);
    server.admit("anna", "secret", kStart + Duration::minutes(60));
    const auto answer = [&](uint8_t host, uint16_t port) {
        ClientForTest anna(server, {Path::kTcp, SocketAddress::v4(203, 0, 113, host, port)}, "anna",
                           "secret");
        EXPECT_TRUE(anna.be_challenged(now_));
        return anna.allocate(now_);
    };
    EXPECT_EQ(answer(1, 1), 0);
    EXPECT_EQ(answer(1, 2), 0);
    EXPECT_EQ(answer(1, 3), 486);
    EXPECT_EQ(answer(2, 1), 0);
    EXPECT_EQ(answer(3, 1), 508);
}

// M13: over UDP, where addresses are forged.
TEST_F(ServerTest, TheUnauthenticatedGetNoMoreBytesThanTheyBring_M13) {
    size_t in = 0;
    size_t out = 0;
    for (uint32_t i = 0; i < 100'000; ++i) {
        const Path victim{0, SocketAddress::v4(203, 0, 113, static_cast<uint8_t>(i), 53)};
        ClientForTest forged(server_, victim, "anna", i % 3 == 0 ? "guess" : "x");
        forged.nonce = std::string(i % 100, 'n');
        const auto message =
            forged.message(StunClass::Request, i % 2 == 0 ? wire::kTurnAllocate : wire::kTurnRefresh,
                           ClientForTest::requested_transport(), i % 5 == 0);
        in += message.size();
        if (forged.send(now_, message)) out += forged.reply_size();
        ASSERT_LE(out, in) << i;
    }
    EXPECT_GT(server_.counters().unanswered, 0u);
}

TEST_F(ServerTest, AloneOverUdpAClientIsChallengedAtItsThirdRequest) {
    ClientForTest anna(server_, kUdpClient, "anna", "secret");
    const auto first =
        anna.message(StunClass::Request, wire::kTurnAllocate, ClientForTest::requested_transport(), false);
    EXPECT_FALSE(anna.send(now_, first));
    EXPECT_FALSE(anna.send(now_, first));
    EXPECT_EQ(anna.send(now_, first), 401);
    EXPECT_EQ(anna.allocate(now_), 0);
}

TEST_F(ServerTest, NothingElseIsAnswered_M13) {
    ClientForTest anna(server_, kUdpClient, "anna", "secret");
    const auto binding = anna.message(StunClass::Request, wire::kStunBinding, {}, false);
    const auto connect = anna.message(StunClass::Request, 0x00a, {}, false);
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(anna.send(now_, binding));
        EXPECT_FALSE(anna.send(now_, connect)) << "RFC 6062";
    }
    for (const auto message_class : {StunClass::Success, StunClass::Error, StunClass::Indication})
        EXPECT_FALSE(anna.send(now_, anna.message(message_class, wire::kTurnAllocate, {}, false)));
    for (size_t size = 0; size < 2 * Server::kMessageMax; size += 7)
        EXPECT_FALSE(anna.send(now_, std::vector<uint8_t>(size, 0x41)));
    EXPECT_EQ(server_.counters().unexpected, 203u);
}

}  // namespace
}  // namespace conclave::turn
