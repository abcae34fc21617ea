// The WebSocket client against our own server over loopback.
#include "net/websocket_client.h"

#include <gtest/gtest.h>

#include "net/test_server.h"

namespace conclave::net {
namespace {

class WebSocketClientTest : public testing::Test {
 protected:
    WebSocketClientTest()
        : server_(
              HttpOptions{},
              [](const HttpRequest&, const Respond& respond) { respond(HttpResponse::text(404, "no")); },
              [this](const HttpRequest& request, const std::shared_ptr<Upgrade>& upgrade) {
                  if (request.path == "/refused")
                      return upgrade->refuse(HttpResponse::text(503, "room full\n"));
                  authorization_ = std::string(request.headers.get("Authorization"));
                  auto socket = std::make_shared<std::shared_ptr<WebSocket>>();
                  *socket = upgrade->accept({[socket](ByteView bytes, bool) {
                                                 if (as_text(bytes) == "bye")
                                                     return (*socket)->close(close_code::kGoingAway);
                                                 (*socket)->send("echo " + std::string(as_text(bytes)), true);
                                             },
                                             [socket](uint16_t) { socket->reset(); }});
              }) {
        auto connector = WebSocketConnector::create(true);
        EXPECT_TRUE(connector);
        connector_ = std::move(*connector);
        server_.start();
    }

    WebSocketClient connect(const std::string& path, SocketAddress address) {
        WebSocketTarget target;
        target.address = address;
        target.host = target.origin = "localhost";
        target.path = path;
        target.bearer = "token";
        return connector_->connect(target,
                                   {[this] { is_open_ = true; },
                                    [this](ByteView bytes, bool) { messages_.emplace_back(as_text(bytes)); },
                                    [this](const std::string& why) { closed_ = why; }});
    }
    template <class Condition>
    void until(Condition condition) {
        while (!condition()) connector_->poll();
    }

    TestServer server_;
    std::string authorization_;  // written by the front thread before anything is answered
    std::unique_ptr<WebSocketConnector> connector_;
    bool is_open_ = false;
    std::vector<std::string> messages_;
    std::string closed_;
};

TEST_F(WebSocketClientTest, SendsAndReceivesWholeMessages) {
    WebSocketClient client = connect("/ws", server_.plain());
    EXPECT_FALSE(client.send("too early"));
    until([&] { return is_open_; });
    const std::string large(100'000, 'x');
    EXPECT_TRUE(client.send("one"));
    EXPECT_TRUE(client.send(large));
    until([&] { return messages_.size() == 2; });
    EXPECT_EQ(messages_[0], "echo one");
    EXPECT_EQ(messages_[1], "echo " + large);
    EXPECT_EQ(authorization_, "Bearer token");
    client.close();
    until([&] { return !closed_.empty(); });
    EXPECT_EQ(closed_, "closed");
    EXPECT_FALSE(client.send("too late"));
}

TEST_F(WebSocketClientTest, SaysWhyTheServerClosed) {
    WebSocketClient client = connect("/ws", server_.plain());
    until([&] { return is_open_; });
    client.send("bye");
    until([&] { return !closed_.empty(); });
    EXPECT_EQ(closed_, "closed by the server (1001)");
}

TEST_F(WebSocketClientTest, SaysWhyTheUpgradeWasRefused) {
    connect("/refused", server_.plain());
    until([&] { return !closed_.empty(); });
    EXPECT_EQ(closed_, "503 room full");
    EXPECT_FALSE(is_open_);
}

TEST_F(WebSocketClientTest, SaysThatNobodyListens) {
    connect("/ws", SocketAddress::v4(127, 0, 0, 1, 1));
    until([&] { return !closed_.empty(); });
    EXPECT_EQ(closed_.rfind("TCP: ", 0), 0u) << closed_;
}

TEST_F(WebSocketClientTest, ClosesBeforeItIsOpen) {
    WebSocketClient client = connect("/ws", server_.plain());
    client.close();
    until([&] { return !closed_.empty(); });
    EXPECT_FALSE(is_open_);
}

TEST_F(WebSocketClientTest, LimitsWhatWaits) {
    WebSocketClient client = connect("/ws", server_.plain());
    until([&] { return is_open_; });
    for (size_t i = 0; i < WebSocketClient::kQueueMax; ++i) ASSERT_TRUE(client.send("x"));
    EXPECT_FALSE(client.send("x"));
}

TEST(ResolveHost, TakesAddressesAsTheyAre) {
    const auto found = resolve_host("127.0.0.1", 80);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->front(), SocketAddress::v4(127, 0, 0, 1, 80));
}

}  // namespace
}  // namespace conclave::net
