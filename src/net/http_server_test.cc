#include "net/http_server.h"

#include <gtest/gtest.h>

#include "net/mailbox.h"
#include "net/test_server.h"

namespace conclave::net {
namespace {

// Tells what arrived.
void echo(HttpRequest request, const Respond& respond) {
    if (request.path == "/throw") throw 7;
    if (request.path == "/drop") return;
    HttpResponse response = HttpResponse::text(
        200, request.method + " " + request.path + " q=" + std::string(request.query.get("q")) + " " +
                 request.remote.ip_text() + (request.secure ? " secure" : " clear") +
                 " body=" + request.body);
    response.headers.add("X-Bad", "a\r\nSet-Cookie: b");
    respond(std::move(response));
}

std::string get(std::string_view target, std::string_view more = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

unsigned status(const std::string& response) {
    return response.size() < 12 ? 0 : static_cast<unsigned>(std::stoul(response.substr(9, 3)));
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

HttpOptions short_timeouts() {
    HttpOptions options;
    options.header_timeout = options.body_timeout = options.idle_timeout = Duration::millis(50);
    options.tls_handshake_timeout = options.handler_timeout = Duration::millis(50);
    return options;
}

TEST(HttpServer, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder_Rfc9112_9_3) {
    TestServer server({}, echo);
    server.start();
    TestClient client(server.plain());
    for (int i = 0; i < 3; ++i) {
        const std::string response = client.request(get("//a%20b?q=1+2"));
        EXPECT_EQ(status(response), 200u);
        EXPECT_TRUE(has(response, "GET /a b q=1 2 127.0.0.1 clear body=")) << response;
        EXPECT_FALSE(has(response, "Set-Cookie"));
        EXPECT_TRUE(has(response, "\r\nDate: "));
    }
    std::string many;
    for (int i = 0; i < 50; ++i) many += get("/" + std::to_string(i));
    client.send(many);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(has(client.response(), "GET /" + std::to_string(i) + " "));
    EXPECT_TRUE(has(client.request(get("/", "Connection: close\r\n")), "Connection: close"));
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server.counters().requests, 54u);
}

TEST(HttpServer, HeadLosesTheBodyAndKeepsTheLength_Rfc9110_9_3_2) {
    TestServer server({}, echo);
    server.start();
    TestClient client(server.plain());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string head = client.response(false);
    EXPECT_TRUE(has(head, "Content-Length: 30")) << head;
    EXPECT_TRUE(has(client.request(get("/")), "GET / q= 127.0.0.1 clear body="));
}

TEST(HttpServer, ReadsBodiesByLengthAndByChunks) {
    TestServer server({}, echo);
    server.start();
    TestClient client(server.plain());
    EXPECT_TRUE(
        has(client.request("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"), "body=abc"));
    // A trailer field is not a header field.
    EXPECT_TRUE(has(client.request("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                                   "2\r\nab\r\n1;x=y\r\nc\r\n0\r\nHost: y\r\n\r\n"),
                    "PUT / q= 127.0.0.1 clear body=abc"));
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(has(client.read_until("\r\n\r\n"), "100 Continue"));
    EXPECT_TRUE(has(client.request("xyz"), "body=xyz"));
}

TEST(HttpServer, AcceptsLongTargetsUpToTheLimit) {
    TestServer server({}, echo);
    server.start();
    TestClient client(server.plain());
    const std::string long_value(23'000, 'a');
    EXPECT_TRUE(has(client.request(get("/rtc/v1?q=" + long_value)), "q=" + long_value));
    EXPECT_EQ(status(client.request(get("/" + std::string(25'000, 'a')))), 414u);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, RefusesTooMuch) {
    TestServer server({}, echo);
    server.start();
    TestClient header(server.plain());
    EXPECT_EQ(status(header.request(get("/", "X: " + std::string(33'000, 'a') + "\r\n"))), 431u);
    EXPECT_TRUE(header.is_closed());

    TestClient length(server.plain());
    EXPECT_EQ(status(length.request("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")), 413u);

    // The answer arrives although the client sends on.
    TestClient chunked(server.plain());
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 40; ++i) chunked.send("10000\r\n" + std::string(0x10000, 'a') + "\r\n");
    EXPECT_EQ(status(chunked.response()), 413u);
    EXPECT_EQ(server.counters().bad_requests, 3u);
}

TEST(HttpServer, A19_RefusesMalformedAndSmugglingRequests_Rfc9112_6) {
    TestServer server({}, echo);
    server.start();
    const std::pair<const char*, unsigned> bad[] = {
        {"\x16\x03\x01\x02 hello\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", 400},
        {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
         400},
        {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nabcd", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
    };
    for (const auto& [text, expected] : bad) {
        TestClient client(server.plain());
        EXPECT_EQ(status(client.request(text)), expected) << text;
        EXPECT_TRUE(client.is_closed()) << text;
    }
    EXPECT_EQ(server.counters().requests, 0u);
}

TEST(HttpServer, AnswersFor_OwnersThatThrowDropOrForget) {
    Respond kept;
    HttpOptions options;
    options.handler_timeout = Duration::millis(20);
    TestServer server(options, [&kept](HttpRequest request, Respond respond) {
        if (request.path == "/keep") {
            kept = std::move(respond);
        } else if (request.path == "/twice") {
            respond(HttpResponse::text(201, "first"));
            respond(HttpResponse::text(202, "second"));
        } else {
            echo(std::move(request), respond);
        }
    });
    server.start();
    TestClient client(server.plain());
    EXPECT_EQ(status(client.request(get("/throw"))), 500u);
    EXPECT_EQ(server.counters().handler_errors, 1u);
    EXPECT_EQ(status(client.request(get("/drop"))), 500u);
    EXPECT_EQ(server.counters().handler_errors, 2u);
    EXPECT_EQ(status(client.request(get("/twice"))), 201u);
    EXPECT_EQ(status(client.request(get("/keep"))), 503u);
    // Too late: must not become the answer to the next request.
    server.on_front([&kept] {
        kept(HttpResponse::text(202, "late"));
        return 0;
    });
    EXPECT_EQ(status(client.request(get("/"))), 200u);
    EXPECT_EQ(server.counters().handler_errors, 3u);
    server.stop(Duration{});
    kept(HttpResponse{});
}

TEST(HttpServer, LateAnswersCrossThreadsThroughAMailbox) {
    Mailbox<int> mailbox(8);
    std::vector<Respond> waiting;
    TestServer server(
        {}, [&waiting](const HttpRequest&, Respond respond) { waiting.push_back(std::move(respond)); });
    server->watch_mailbox(mailbox.fd(), [&mailbox, &waiting] {
        std::vector<int> values;
        mailbox.drain(values);
        for (const int value : values) {
            waiting.back()(HttpResponse::text(200, "value " + std::to_string(value)));
        }
    });
    server.start();
    TestClient client(server.plain());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/"));
        server.until([i](const HttpCounters& now) { return now.requests > static_cast<uint64_t>(i); });
        EXPECT_TRUE(mailbox.post(int{i}));
        EXPECT_TRUE(has(client.response(), "value " + std::to_string(i)));
    }
    server.stop(Duration{});
}

TEST(HttpServer, RunAfterAndPostRunOnTheFrontThreadAndSurviveExceptions) {
    TestServer server({}, echo);
    server.start();
    const auto front = server.on_front([] { return std::this_thread::get_id(); });
    server->post([] { throw 1; });
    std::promise<std::thread::id> ran;
    server->run_after(Duration::millis(1), [&ran] { ran.set_value(std::this_thread::get_id()); });
    EXPECT_EQ(ran.get_future().get(), front);
    EXPECT_EQ(server.counters().handler_errors, 1u);
}

TEST(HttpServer, A19_DropsSlowHeadersSlowBodiesAndIdleConnections) {
    TestServer server(short_timeouts(), echo);
    server.start();
    TestClient header(server.plain()), body(server.plain()), idle(server.plain()), kept(server.plain());
    header.send("GET / HTTP/1.1\r\nHo");
    body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
    EXPECT_EQ(status(kept.request(get("/"))), 200u);
    EXPECT_EQ(header.read_to_end(), "");
    EXPECT_EQ(body.read_to_end(), "");
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_EQ(kept.read_to_end(), "");
    server.until([](const HttpCounters& now) { return now.connections == 0; });
    EXPECT_EQ(server.counters().timeouts, 4u);
}

TEST(HttpServer, AReaderThatDoesNotReadIsDroppedAndDelaysNobody) {
    HttpOptions options;
    options.write_timeout = Duration::millis(100);
    const std::string large(16 << 20, 'x');
    TestServer server(options, [&large](const HttpRequest& request, const Respond& respond) {
        HttpResponse response = HttpResponse::text(200, "small");
        if (request.path == "/large") response.static_body = large;
        respond(std::move(response));
    });
    server.start();
    TestClient slow(server.plain(), false, 4096), quick(server.plain());
    slow.send(get("/large"));
    EXPECT_EQ(status(quick.request(get("/"))), 200u);
    // The slow one sees a torso.
    server.until([](const HttpCounters& now) { return now.connections == 1; });
    EXPECT_LT(slow.read_to_end().size(), large.size());
}

TEST(HttpServer, LimitsConnectionsInTotalButNotLoopbackPerAddress) {
    HttpOptions options;
    options.connections_max = 3;
    options.connections_per_address_max = 1;
    TestServer server(options, echo);
    server.start();
    TestClient a(server.plain()), b(server.plain()), c(server.plain());
    for (TestClient* client : {&a, &b, &c}) EXPECT_EQ(status(client->request(get("/"))), 200u);
    TestClient d(server.plain());
    EXPECT_TRUE(d.is_closed());
    EXPECT_EQ(server.counters().refused_connections, 1u);
    EXPECT_EQ(server.counters().connections, 3u);
}

TEST(HttpServer, BelievesForwardedAddressesOfTrustedProxiesOnly) {
    const std::string forwarded =
        get("/", "X-Forwarded-For: 9.9.9.9, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n");
    TestServer distrusting({}, echo);
    distrusting.start();
    TestClient a(distrusting.plain());
    EXPECT_TRUE(has(a.request(forwarded), " 127.0.0.1 clear"));

    HttpOptions options;
    options.trusted_proxies = {*IpPrefix::parse("127.0.0.0/8")};
    TestServer trusting(options, echo);
    trusting.start();
    TestClient b(trusting.plain());
    EXPECT_TRUE(has(b.request(forwarded), " 203.0.113.7 secure"));
}

TEST(HttpServer, StopEndsIdleConnectionsAndFinishesOpenExchanges) {
    Respond open;
    TestServer server({}, [&open](const HttpRequest& request, Respond respond) {
        if (request.path == "/open") {
            open = std::move(respond);
        } else {
            respond(HttpResponse::text(200, "done"));
        }
    });
    server.start();
    TestClient idle(server.plain()), busy(server.plain());
    EXPECT_EQ(status(idle.request(get("/"))), 200u);
    busy.send(get("/open"));
    server.until([](const HttpCounters& now) { return now.requests == 2; });
    server->stop(Duration::seconds(60));
    EXPECT_TRUE(idle.is_closed());
    server->post([&open] { open(HttpResponse::text(200, "bye")); });
    const std::string last = busy.response();
    EXPECT_TRUE(has(last, "bye"));
    EXPECT_TRUE(has(last, "Connection: close"));
    busy.read_to_end();
    shutdown(busy.fd(), SHUT_RDWR);
    // Returns long before the grace, because nothing is left.
    server.stop(Duration::seconds(60));
}

TEST(HttpServer, StopWithoutGraceDropsWhatIsOpen) {
    Respond open;
    TestServer server({}, [&open](const HttpRequest&, Respond respond) { open = std::move(respond); });
    server.start();
    TestClient busy(server.plain());
    busy.send(get("/open"));
    server.until([](const HttpCounters& now) { return now.requests == 1; });
    server.stop(Duration{});
    EXPECT_TRUE(busy.is_closed());
}

TEST(HttpServer, ListeningOnATakenPortOrWithoutCertificateIsAnError) {
    TestServer server({}, echo);
    EXPECT_FALSE(server->listen_plain(server.plain()));
    EXPECT_FALSE(server->listen_tls(SocketAddress::v4(127, 0, 0, 1, 0)));
}

// A path whose bodies may be larger, and as many of them at one time as there are places.
TEST(HttpServer, LargeBodiesHaveTheirPathAndTheirPlaces) {
    HttpOptions options;
    options.body_bytes_max = 100;
    options.large_body_prefix = "/large/";
    options.large_body_bytes_max = 1000;
    options.large_bodies_max = 1;
    TestServer server(options, [](HttpRequest request, Respond respond) {
        respond(HttpResponse::text(200, std::to_string(request.body.size())));
    });
    server.start();
    const auto head = [](const char* path, size_t size) {
        return std::string("POST ") + path +
               " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    const auto ask = [&](const char* path, size_t size) {
        TestClient client(server.plain());
        return status(client.request(head(path, size) + std::string(size, 'x')));
    };
    EXPECT_EQ(ask("/small", 100), 200u);
    EXPECT_EQ(ask("/small", 101), 413u);
    EXPECT_EQ(ask("/large/a", 1000), 200u);
    EXPECT_EQ(ask("/large/a", 1001), 413u);
    TestClient first(server.plain());
    first.send(head("/large/a", 101));
    server.until([](const HttpCounters& counters) { return counters.large_bodies == 1; });
    EXPECT_EQ(ask("/large/a", 101), 503u);
    EXPECT_EQ(ask("/large/a", 100), 200u);
    first.send(std::string(101, 'x'));
    EXPECT_EQ(status(first.response()), 200u);
    EXPECT_EQ(ask("/large/a", 101), 200u);
}

}  // namespace
}  // namespace conclave::net
