// WebSockets to other servers (RFC 6455), many on one thread: the owner calls poll() in its own loop, and
// everything, callbacks included, happens inside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"

namespace conclave::net {

// The addresses of a host name or of an address as text. Blocks while the system's resolver asks.
Result<std::vector<SocketAddress>> resolve_host(const std::string& host, uint16_t port);

struct WebSocketTarget {
    SocketAddress address;
    std::string host;         // name or address, for TLS
    std::string origin;       // the Host field: "name" or "name:port"
    std::string path;         // with the query
    std::string bearer;       // of the Authorization field; empty: none
    std::string subprotocol;  // asked for; empty: none
    bool is_tls = false;
};

struct WebSocketClientCallbacks {
    std::function<void()> on_open;
    // One whole message; the bytes are valid during the call.
    std::function<void(ByteView bytes, bool is_text)> on_message;
    // Exactly once, last of all callbacks. Why, in words: "503 room full", "closed by the server (1001)".
    std::function<void(const std::string& why)> on_closed;
};

class WebSocketClientSession;  // internal

// A handle: it may outlive the connection, its calls then do nothing. Dropping it changes nothing.
class WebSocketClient {
 public:
    explicit WebSocketClient(std::weak_ptr<WebSocketClientSession> session) : session_(std::move(session)) {}

    // Queues one binary message. False when the socket is not open or kQueueMax messages wait.
    bool send(std::string message);
    // Says goodbye after everything queued has been written; at once when it is not open yet.
    void close();

    static constexpr size_t kQueueMax = 1024;

 private:
    std::weak_ptr<WebSocketClientSession> session_;
};

class WebSocketConnector {
 public:
    // `accepts_any_certificate`: for servers with a self-signed one. Else the system's authorities decide.
    static Result<std::unique_ptr<WebSocketConnector>> create(bool accepts_any_certificate);
    ~WebSocketConnector();
    WebSocketConnector(const WebSocketConnector&) = delete;
    WebSocketConnector& operator=(const WebSocketConnector&) = delete;

    // Connects within kConnectMax, TLS and upgrade included, or on_closed says what went wrong.
    WebSocketClient connect(WebSocketTarget target, WebSocketClientCallbacks callbacks);
    // Does what can be done without waiting.
    void poll();

 private:
    struct Impl;
    explicit WebSocketConnector(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::net
