// The TURN server at the front thread's edge, with a real connection and invented workers.
#include "server/turn_door.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/clock.h"
#include "net/test_certificate.h"
#include "net/test_server.h"
#include "server/config.h"
#include "turn/client_for_test.h"

namespace conclave::server {
namespace {

const SocketAddress kFirst = SocketAddress::v4(192, 0, 2, 1, 7882);
const SocketAddress kSecond = SocketAddress::v4(192, 0, 2, 1, 7883);

Config named_config() {
    Config config;
    config.http.public_url = "https://visio.example.org";
    return config;
}

class TurnDoorTest : public testing::Test {
 protected:
    TurnDoorTest() : server_({}, [](const net::HttpRequest&, const net::Respond&) {}) {
        const net::Pem pem = net::self_signed("doors");
        EXPECT_TRUE(server_->set_certificate(pem.chain, pem.key));
        address_ = *server_->listen_tls(SocketAddress::v4(127, 0, 0, 1, 0));
        server_->take_datagram_streams([this](const net::DatagramStreamInfo& info, auto stream) {
            return door_.open(info.peer, std::move(stream));
        });
        server_.start();
    }
    ~TurnDoorTest() override { server_.stop({}); }

    livekit::pb::ICEServer admit(const std::string& identity, const std::string& room = "room") {
        return server_.on_front([&] { return door_.admit(net::monotonic_now(), room, identity).at(0); });
    }
    template <class Fn>
    void on_front(Fn fn) {
        server_.on_front([&] { return fn(), 0; });
    }

    // Speaks through a connection, with what a ClientForTest writes.
    struct Client {
        Client(const SocketAddress& server, const livekit::pb::ICEServer& from)
            : connection(server), writer(none, {}, from.username(), from.credential()) {}

        wire::StunMessage ask(uint16_t method, const turn::ClientForTest::Fill& fill, bool is_signed = true) {
            const auto message = writer.message(wire::StunClass::Request, method, fill, is_signed);
            connection.send(as_text(message));
            return read();
        }
        wire::StunMessage read() {
            bytes = connection.read(20);
            if (bytes.size() < 20) return {};
            bytes += connection.read(load_be16(as_bytes(bytes).data() + 2));
            return *wire::parse_stun(as_bytes(bytes));
        }
        // Its error code, 0 for none.
        uint16_t allocate() {
            const auto challenge =
                ask(wire::kTurnAllocate, turn::ClientForTest::requested_transport(), false);
            writer.nonce = challenge.turn->nonce.value_or("");
            const auto answer = ask(wire::kTurnAllocate, turn::ClientForTest::requested_transport());
            relayed = answer.turn->relayed_address.value_or(SocketAddress{});
            return answer.error_code.value_or(0);
        }

        SeededRng rng{1};
        turn::Server none{{}, rng};
        net::TestClient connection;
        turn::ClientForTest writer;
        std::string bytes;
        SocketAddress relayed;
    };

    struct Got {
        WorkerIndex worker = 0;
        Path path;
        std::string bytes;
    };
    Config config_ = named_config();
    std::vector<Got> got_;
    std::vector<std::pair<WorkerIndex, Path>> closed_;
    TurnDoor door_{config_,
                   {{kFirst, 0}, {kSecond, 1}},
                   {[this](WorkerIndex worker, const TunnelBatch& batch) {
                        batch.for_each([&](const Path& path, ByteView bytes) {
                            got_.push_back({worker, path, std::string(as_text(bytes))});
                        });
                        return true;
                    },
                    [this](WorkerIndex worker, const TunnelClosed& closed) {
                        closed_.emplace_back(worker, closed.path);
                    }}};
    net::TestServer server_;
    SocketAddress address_;
};

TEST_F(TurnDoorTest, TellsWhereItIsAndGivesEveryPersonCredentialsOfTheirOwn) {
    const auto anna = admit("anna");
    EXPECT_EQ(anna.urls_size(), 1);
    EXPECT_EQ(anna.urls(0), "turns:visio.example.org:443?transport=tcp");
    EXPECT_EQ(admit("anna").credential(), anna.credential()) << "for as long as they are there";
    EXPECT_NE(admit("bruno").username(), anna.username());
    EXPECT_NE(admit("anna", "other").username(), anna.username());
    on_front([&] { door_.dismiss("room", "anna"); });
    EXPECT_NE(admit("anna").credential(), anna.credential());
}

TEST_F(TurnDoorTest, WithoutANameNobodyIsTold) {
    Config config;
    TurnDoor door(config, {{kFirst, 0}}, {});
    EXPECT_TRUE(door.admit({}, "room", "anna").empty());
}

TEST_F(TurnDoorTest, CarriesDatagramsToTheWorkerAndBack) {
    Client anna(address_, admit("anna"));
    ASSERT_EQ(anna.allocate(), 0);
    const auto to_second = [](wire::StunWriter& out) {
        out.xor_address(wire::StunAttribute::XorPeerAddress, kSecond);
    };
    EXPECT_FALSE(anna.ask(wire::kTurnCreatePermission, to_second).error_code);
    anna.connection.send(as_text(anna.writer.message(
        wire::StunClass::Indication, wire::kTurnSend,
        [&](wire::StunWriter& out) {
            to_second(out);
            out.attribute(wire::StunAttribute::Data, as_bytes("hello"));
        },
        false)));
    for (bool is_there = false; !is_there;) on_front([&] { is_there = !got_.empty(); });
    EXPECT_EQ(got_[0].worker, 1);
    EXPECT_EQ(got_[0].bytes, "hello");
    EXPECT_EQ(got_[0].path, (Path{Path::kRelayed + 1, anna.relayed}));
    EXPECT_TRUE(got_[0].path.is_tunnel());
    on_front([&] {
        door_.deliver(net::monotonic_now(), got_[0].path, as_bytes("there"));
        door_.flush();
    });
    const auto data = anna.read();
    EXPECT_EQ(data.turn->peers[0], kSecond);
    EXPECT_EQ(as_text(*data.turn->data), "there");

    on_front([&] { door_.dismiss("room", "anna"); });
    EXPECT_EQ(closed_, (std::vector<std::pair<WorkerIndex, Path>>{{1, got_[0].path}}));
    on_front([&] { door_.handle_timeout(net::monotonic_now()); });
    EXPECT_TRUE(anna.connection.is_closed()) << "a connection without an allocation";
}

TEST_F(TurnDoorTest, WhoIsGoneGetsNothing) {
    const auto anna = admit("anna");
    const auto bruno = admit("bruno");
    on_front([&] { door_.dismiss("room", "anna"); });
    EXPECT_EQ(Client(address_, anna).allocate(), 401);
    EXPECT_EQ(Client(address_, bruno).allocate(), 0);
    on_front([&] { door_.dismiss_all("room"); });
    EXPECT_EQ(Client(address_, bruno).allocate(), 401);
}

TEST_F(TurnDoorTest, BeforeAnAllocationLittleIsTaken) {
    Client stranger(address_, admit("anna"));
    const auto large = stranger.writer.message(
        wire::StunClass::Request, wire::kTurnAllocate,
        [](wire::StunWriter& out) { out.attribute(wire::StunAttribute::Data, std::vector<uint8_t>(1400)); },
        false);
    for (size_t sent = 0; sent <= TurnDoor::kUnprovenBytesMax; sent += large.size())
        stranger.connection.send(as_text(large));
    (void)stranger.connection.read_to_end();
    on_front([] {});
    EXPECT_NE(door_.metrics().find("conclave_turn_allocations 0\n"), std::string::npos);
}

TEST_F(TurnDoorTest, APortThatIsTakenIsSaidInPlainWords) {
    const auto taken = net::UdpSocket::bind(SocketAddress{}, {});
    ASSERT_TRUE(taken);
    Config config;
    config.turn.udp_port = taken->local().port;
    TurnDoor door(config, {{kFirst, 0}}, {});
    const Status listening = door.listen(*server_);
    ASSERT_FALSE(listening);
    EXPECT_TRUE(listening.error().what.starts_with("turn.udp_port "));
}

}  // namespace
}  // namespace conclave::server
