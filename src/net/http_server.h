// HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455) server: TLS and plain listeners, all on one thread, the front
// thread, which is whichever calls run(). A TLS listener also takes connections that carry datagrams
// (datagram_stream.h), which their first bytes tell apart, before or inside TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/datagram_stream.h"
#include "net/http_message.h"
#include "net/ip_prefix.h"
#include "net/websocket.h"

namespace conclave::net {

struct HttpOptions {
    // Request line and fields. LiveKit clients put a compressed join request of 2 to 20 KB into the URL.
    size_t header_bytes_max = 32 << 10;
    size_t target_bytes_max = 24 << 10;
    size_t body_bytes_max = 1 << 20;
    // Paths that begin so may have larger bodies, of which so many are read at one time (then 503). Empty:
    // none.
    std::string large_body_prefix;
    size_t large_body_bytes_max = 0;
    size_t large_bodies_max = 0;
    size_t connections_max = 4096;  // descriptors and memory: about 100 KB for a busy TLS connection
    // One office behind one address; an IPv6 /64 counts as one. Loopback and trusted proxies are exempt.
    size_t connections_per_address_max = 256;

    Duration tls_handshake_timeout = Duration::seconds(10);
    Duration header_timeout = Duration::seconds(10);  // from its first byte
    Duration body_timeout = Duration::seconds(60);
    Duration idle_timeout = Duration::seconds(60);     // between requests
    Duration handler_timeout = Duration::seconds(60);  // then 503
    Duration write_timeout = Duration::seconds(30);    // per 64 KiB: bounds slow readers

    size_t websocket_message_bytes_max = 2 << 20;  // inbound; larger closes with 1009
    size_t websocket_queue_bytes_max = 1 << 20;    // outbound; fuller closes with 1008
    Duration websocket_ping_interval = Duration::seconds(10);
    Duration websocket_pong_timeout = Duration::seconds(30);  // without any bytes from the client
    Duration websocket_close_timeout = Duration::seconds(5);  // flush and closing handshake together

    // X-Forwarded-For and X-Forwarded-Proto are believed from these peers, on plain listeners only.
    std::vector<IpPrefix> trusted_proxies;
};

// Plain numbers of the front thread.
struct HttpCounters {
    uint64_t connections = 0;  // open now
    uint64_t accepted = 0;
    uint64_t refused_connections = 0;  // over a limit, closed at once
    uint64_t accept_errors = 0;
    uint64_t tls_errors = 0;
    uint64_t requests = 0;
    uint64_t bad_requests = 0;  // answered 4xx by the server itself
    uint64_t timeouts = 0;
    uint64_t large_bodies = 0;    // being read now
    uint64_t handler_errors = 0;  // handlers that threw, dropped their answer or never gave one
    uint64_t io_errors = 0;
    uint64_t websockets = 0;  // open now
    uint64_t websockets_accepted = 0;
    uint64_t websockets_overflowed = 0;  // dropped because their outbound queue was full
    uint64_t datagram_streams = 0;       // open now
    uint64_t bad_datagram_streams = 0;   // ended for a frame that is too large or none
    uint64_t datagrams_dropped = 0;      // to streams that were too far behind
};

// Answers a request: on the front thread, later if need be, exactly once (further calls do nothing). Dropping
// every copy answers 500.
using Respond = std::function<void(HttpResponse)>;
using HttpHandler = std::function<void(HttpRequest, Respond)>;
using UpgradeHandler = std::function<void(HttpRequest, std::shared_ptr<Upgrade>)>;

class HttpServer {
 public:
    HttpServer(HttpOptions options, HttpHandler on_request, UpgradeHandler on_upgrade);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Chain (leaf first) and key as PEM text; may be repeated while running, then new connections use it.
    // TLS 1.3, and 1.2 with AEAD suites only; ALPN http/1.1.
    Status set_certificate(std::string_view chain_pem, std::string_view key_pem);

    // Before run(). Without it, a TLS listener takes nothing but TLS with HTTP inside.
    void take_datagram_streams(DatagramStreamHandler on_stream);

    // Both return the bound address (port 0 lets the kernel choose). TLS needs a certificate first.
    Result<SocketAddress> listen_plain(const SocketAddress& local);
    Result<SocketAddress> listen_tls(const SocketAddress& local);

    // Serves until stop() has finished. No exception leaves; what a handler throws is counted and answered
    // 500.
    void run();

    // Any thread.
    void post(std::function<void()> fn);
    void run_after(Duration delay, std::function<void()> fn);
    // Stops accepting and closes idle connections; open exchanges and WebSockets go on until they end or
    // `grace` is over, so that owners can say goodbye. Then the remaining WebSockets are closed with 1001,
    // the rest is dropped, and run() returns.
    void stop(Duration grace);

    // Front thread, or before run(). Calls `on_readable` whenever fd (a Mailbox's) is readable; the
    // callback drains. The server watches a duplicate: fd may be closed after the server is gone or before.
    void watch_mailbox(int fd, std::function<void()> on_readable);

    // Front thread, or when run() is not running.
    const HttpCounters& counters() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::net
