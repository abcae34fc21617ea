#include "net/websocket.h"

#include <gtest/gtest.h>

#include "net/test_server.h"

namespace conclave::net {
namespace {

using Code = std::promise<uint16_t>;

// Accepts and echoes; keeps the last socket, and tells how it ended.
struct Echo {
    std::shared_ptr<WebSocket> socket;
    std::shared_ptr<Code> closed = std::make_shared<Code>();

    UpgradeHandler handler() {
        return [this](const HttpRequest&, const std::shared_ptr<Upgrade>& upgrade) { accept(*upgrade); };
    }
    void accept(Upgrade& upgrade) {
        socket = upgrade.accept({.on_message =
                                     [this](ByteView bytes, bool is_text) {
                                         if (as_text(bytes) == "throw") throw 1;
                                         socket->send(std::string(as_text(bytes)), !is_text);
                                     },
                                 .on_closed = [end = closed](uint16_t code) { end->set_value(code); }});
    }
    uint16_t code() { return closed->get_future().get(); }
};

void not_found(const HttpRequest&, const Respond& respond) {
    respond(HttpResponse::text(404, "no"));
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr int kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

std::string close_frame(uint16_t code) {
    return TestClient::frame(kClose, std::string{static_cast<char>(code >> 8), static_cast<char>(code)});
}

TEST(WebSocket, EchoesTextBinaryAndFragments_Rfc6455_5_4) {
    Echo echo;
    TestServer server({}, not_found, echo.handler());
    server.start();
    TestClient client(server.plain());
    const std::string answer = client.upgrade();
    EXPECT_TRUE(has(answer, "101 Switching Protocols"));
    // The example key of RFC 6455 1.3.
    EXPECT_TRUE(has(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    EXPECT_FALSE(has(answer, "Beast"));
    EXPECT_FALSE(has(answer, "Extensions"));

    client.send(TestClient::frame(kText, "hello"));
    auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, kText);
    EXPECT_EQ(frame.payload, "hello");

    const std::string large(1'000'000, 'b');
    client.send(TestClient::frame(kBinary, large.substr(0, 400'000), false));
    client.send(TestClient::frame(kPing, "are you there"));
    client.send(TestClient::frame(0, large.substr(400'000)));
    frame = client.read_frame();
    EXPECT_EQ(frame.opcode, kPong);
    EXPECT_EQ(frame.payload, "are you there");
    frame = client.read_frame();
    EXPECT_EQ(frame.opcode, kBinary);
    EXPECT_EQ(frame.payload, large);

    client.send(close_frame(4001));
    EXPECT_EQ(client.read_frame().code(), 4001);
    EXPECT_TRUE(client.is_closed());
    shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(echo.code(), 4001);
}

TEST(WebSocket, ClosesTooLargeMessagesWith1009) {
    Echo echo;
    HttpOptions options;
    options.websocket_queue_bytes_max = 4 << 20;
    TestServer server(options, not_found, echo.handler());
    server.start();
    TestClient client(server.plain());
    client.upgrade();
    client.send(TestClient::frame(kBinary, std::string(2 << 20, 'x')));
    EXPECT_EQ(client.read_frame().payload.size(), 2u << 20);
    client.send(TestClient::frame(kBinary, std::string((2 << 20) + 1, 'x')));
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, kClose);
    EXPECT_EQ(frame.code(), close_code::kTooBig);
    shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(echo.code(), close_code::kTooBig);
}

TEST(WebSocket, ClosesViolationsWithTheirCodes_Rfc6455_7_4) {
    const std::string unmasked = "\x81\x02hi";
    const std::pair<std::string, uint16_t> bad[] = {
        {unmasked, close_code::kProtocolError},
        {TestClient::frame(3, "reserved opcode"), close_code::kProtocolError},
        {TestClient::frame(kPing, std::string(126, 'x')), close_code::kProtocolError},
        {TestClient::frame(kText, "\xff\xfe"), close_code::kBadPayload},
        {TestClient::frame(kText, "throw"), close_code::kInternal},
    };
    for (const auto& [bytes, code] : bad) {
        Echo echo;
        TestServer server({}, not_found, echo.handler());
        server.start();
        TestClient client(server.plain());
        client.upgrade();
        client.send(bytes);
        EXPECT_EQ(client.read_frame().code(), code);
        client.send(close_frame(code));
        shutdown(client.fd(), SHUT_WR);
        EXPECT_EQ(echo.code(), code);
    }
}

TEST(WebSocket, ReportsABrokenConnectionAs1006) {
    Echo echo;
    TestServer server({}, not_found, echo.handler());
    server.start();
    {
        TestClient client(server.plain());
        client.upgrade();
    }
    EXPECT_EQ(echo.code(), close_code::kAbnormal);
    EXPECT_FALSE(server.on_front([&echo] { return echo.socket->send("too late", false); }));
    EXPECT_EQ(server.counters().websockets, 0u);
}

TEST(WebSocket, RefusalsArePlainResponsesAndTheConnectionGoesOn) {
    TestServer server({}, not_found, [](const HttpRequest& request, const std::shared_ptr<Upgrade>& upgrade) {
        EXPECT_EQ(request.query.get("access_token"), "bad");
        upgrade->refuse(HttpResponse::text(401, "invalid token"));
    });
    server.start();
    TestClient client(server.plain());
    for (int i = 0; i < 2; ++i) {
        const std::string answer = client.upgrade("/rtc?access_token=bad");
        EXPECT_TRUE(has(answer, "HTTP/1.1 401 Unauthorized"));
        EXPECT_TRUE(has(answer, "invalid token"));
    }
    EXPECT_TRUE(has(client.request("GET /validate HTTP/1.1\r\nHost: x\r\n\r\n"), "404"));
}

TEST(WebSocket, MalformedHandshakesAreRefused_Rfc6455_4_2_1) {
    Echo echo;
    TestServer server({}, not_found, echo.handler());
    server.start();
    const std::string head = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const std::pair<std::string, const char*> bad[] = {
        {head + key + "Sec-WebSocket-Version: 8\r\n\r\n", "HTTP/1.1 426"},
        {head + key + "\r\n", "HTTP/1.1 426"},
        {head + "Sec-WebSocket-Version: 13\r\n\r\n", "HTTP/1.1 400"},
        {head + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n\r\n", "HTTP/1.1 400"},
        {head + key + "Sec-WebSocket-Version: 13\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 400"},
        {head + key + "Sec-WebSocket-Version: 13\r\n\r\n" + TestClient::frame(kText, "early"),
         "HTTP/1.1 400"},
    };
    for (const auto& [text, expected] : bad) {
        TestClient client(server.plain());
        EXPECT_TRUE(has(client.request(text), expected)) << text;
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_EQ(echo.socket, nullptr);
}

TEST(WebSocket, OwnersMayDecideLateAndSendBeforeTheHandshake) {
    Echo echo;
    std::shared_ptr<Upgrade> waiting;
    TestServer server({}, not_found, [&waiting](const HttpRequest&, std::shared_ptr<Upgrade> upgrade) {
        waiting = std::move(upgrade);
    });
    server.start();
    TestClient client(server.plain());
    std::thread owner([&] {
        while (!server.on_front([&] {
            if (!waiting) return false;
            echo.accept(*waiting);
            echo.socket->send("join", true);
            echo.socket->send("more", true);
            waiting.reset();
            return true;
        })) {
        }
    });
    EXPECT_TRUE(has(client.upgrade(), "101"));
    owner.join();
    EXPECT_EQ(client.read_frame().payload, "join");
    EXPECT_EQ(client.read_frame().payload, "more");
}

TEST(WebSocket, AnUpgradeThatNobodyDecidesIsAnswered) {
    Echo echo;
    std::shared_ptr<Upgrade> kept;
    HttpOptions options;
    options.handler_timeout = Duration::millis(20);
    TestServer server(options, not_found,
                      [&kept](const HttpRequest& request, std::shared_ptr<Upgrade> upgrade) {
                          if (request.path == "/keep") kept = std::move(upgrade);
                      });
    server.start();
    TestClient client(server.plain());
    EXPECT_TRUE(has(client.upgrade("/drop"), "HTTP/1.1 500"));
    EXPECT_TRUE(has(client.upgrade("/keep"), "HTTP/1.1 503"));
    server.on_front([&] {
        echo.accept(*kept);
        kept.reset();
        return 0;
    });
    EXPECT_EQ(echo.code(), close_code::kAbnormal);
}

TEST(WebSocket, CloseFlushesWhatWasSentBefore) {
    Echo echo;
    TestServer server({}, not_found, echo.handler());
    server.start();
    TestClient client(server.plain());
    client.upgrade();
    server.on_front([&echo] {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(echo.socket->send(std::string(10'000, 'x'), true));
        EXPECT_TRUE(echo.socket->send("leave", false));
        echo.socket->close(1000, "bye");
        EXPECT_FALSE(echo.socket->send("after", false));
        return 0;
    });
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.read_frame().payload.size(), 10'000u);
    EXPECT_EQ(client.read_frame().payload, "leave");
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, kClose);
    EXPECT_EQ(frame.code(), 1000);
    EXPECT_EQ(frame.payload.substr(2), "bye");
    client.send(close_frame(1000));
    EXPECT_TRUE(client.is_closed());
    shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(echo.code(), 1000);
}

TEST(WebSocket, ACloseThatTheClientIgnoresEndsAnyway) {
    Echo echo;
    HttpOptions options;
    options.websocket_close_timeout = Duration::millis(20);
    TestServer server(options, not_found, echo.handler());
    server.start();
    TestClient client(server.plain());
    client.upgrade();
    server.on_front([&echo] {
        echo.socket->close(4000);
        return 0;
    });
    EXPECT_EQ(echo.code(), 4000);
}

TEST(WebSocket, AClientThatDoesNotReadIsDroppedAtTheQueueLimitAndDelaysNobody) {
    Echo slow_echo, quick_echo;
    TestServer server({}, not_found,
                      [&](const HttpRequest& request, const std::shared_ptr<Upgrade>& upgrade) {
                          (request.path == "/slow" ? slow_echo : quick_echo).accept(*upgrade);
                      });
    server.start();
    TestClient slow(server.plain(), false, 4096), quick(server.plain());
    slow.upgrade("/slow");
    quick.upgrade("/quick");
    // More than any socket buffer: the queue must overflow.
    const bool overflowed = server.on_front([&slow_echo] {
        for (int i = 0; i < 1000; ++i) {
            if (!slow_echo.socket->send(std::string(100'000, 'x'), true)) return true;
        }
        return false;
    });
    EXPECT_TRUE(overflowed);
    quick.send(TestClient::frame(kText, "still here"));
    EXPECT_EQ(quick.read_frame().payload, "still here");
    EXPECT_EQ(slow_echo.code(), close_code::kPolicy);
    EXPECT_EQ(server.counters().websockets_overflowed, 1u);
}

TEST(WebSocket, SilentClientsArePingedAndThenDropped) {
    Echo echo;
    HttpOptions options;
    options.websocket_ping_interval = Duration::millis(10);
    options.websocket_pong_timeout = Duration::millis(50);
    TestServer server(options, not_found, echo.handler());
    server.start();
    TestClient client(server.plain());
    client.upgrade();
    EXPECT_EQ(client.read_frame().opcode, kPing);
    EXPECT_EQ(echo.code(), close_code::kAbnormal);
    EXPECT_EQ(server.counters().timeouts, 1u);
}

TEST(WebSocket, StopLetsOwnersSayGoodbyeThenCloses1001) {
    Echo echo;
    TestServer server({}, not_found, echo.handler());
    server.start();
    TestClient client(server.plain());
    client.upgrade();
    server->post([&echo] { echo.socket->send("restarting", false); });
    std::thread stopper([&server] { server.stop(Duration::millis(20)); });
    EXPECT_EQ(client.read_frame().payload, "restarting");
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, kClose);
    EXPECT_EQ(frame.code(), close_code::kGoingAway);
    client.send(close_frame(1001));
    shutdown(client.fd(), SHUT_WR);
    stopper.join();
    EXPECT_EQ(echo.code(), close_code::kGoingAway);
}

TEST(WebSocket, HandlesOutliveTheServer) {
    Echo echo;
    {
        TestServer server({}, not_found, echo.handler());
        server.start();
        TestClient client(server.plain());
        client.upgrade();
        server.stop(Duration{});
    }
    EXPECT_FALSE(echo.socket->send("nobody", false));
    echo.socket->close(1000);
    EXPECT_EQ(echo.code(), close_code::kGoingAway);
}

}  // namespace
}  // namespace conclave::net
