#include "net/port_probe.h"

#include <gtest/gtest.h>

#include "net/test_server.h"
#include "net/udp_socket.h"

namespace conclave::net {
namespace {

const SocketAddress kAny = SocketAddress::v4(127, 0, 0, 1, 0);

TEST(PortProbe, TellsWhoIsThere) {
    const HttpHandler nobody = [](const HttpRequest&, const Respond&) {};
    const TestServer server({}, nobody);
    EXPECT_EQ(probe_tcp(server.plain()), PortState::Taken);
    EXPECT_EQ(probe_tcp(kAny), PortState::Free);
    const UdpSocket socket = *UdpSocket::bind(kAny, {});
    EXPECT_EQ(probe_udp(socket.local()), PortState::Taken);
    // Every address includes this one.
    EXPECT_EQ(probe_udp({{}, socket.local().port}), PortState::Taken);
    EXPECT_EQ(probe_udp(kAny), PortState::Free);
    EXPECT_EQ(probe_udp(SocketAddress::v4(203, 0, 113, 99, 0)), PortState::NoAddress);
}

TEST(PortProbe, LetsThePortGo) {
    uint16_t port = UdpSocket::bind(kAny, {})->local().port;
    for (int i = 0; i < 2; ++i) EXPECT_EQ(probe_udp(SocketAddress::v4(127, 0, 0, 1, port)), PortState::Free);
}

TEST(PortProbe, SourceTowardsSomebodyIsOurOwnAddress) {
    const Result<SocketAddress> source = source_towards(SocketAddress::v4(127, 0, 0, 1, 9));
    ASSERT_TRUE(source);
    EXPECT_EQ(*source, kAny);
}

TEST(PortProbe, AsksWhoListensAndTakesNoAnswerForAFailure) {
    EXPECT_FALSE(ask_https(SocketAddress::v4(127, 0, 0, 1, 1), "/healthz"));
    // What speaks no TLS is not ours.
    TestServer server(
        {}, [](const HttpRequest&, const Respond& respond) { respond(HttpResponse::text(200, "ok")); });
    server.start();
    EXPECT_FALSE(ask_https(server.plain(), "/healthz"));
}

}  // namespace
}  // namespace conclave::net
