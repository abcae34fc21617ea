// RFC 6455 WebSockets as the owner of a session sees them. Everything happens on the front thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/shared_bytes.h"
#include "net/http_message.h"

namespace conclave::net {

// RFC 6455 7.4.1 and 11.7.
namespace close_code {
constexpr uint16_t kNormal = 1000;
constexpr uint16_t kGoingAway = 1001;
constexpr uint16_t kProtocolError = 1002;
constexpr uint16_t kNoStatus = 1005;    // never on the wire: the peer closed without a code
constexpr uint16_t kAbnormal = 1006;    // never on the wire: the connection broke
constexpr uint16_t kBadPayload = 1007;  // text that is not UTF-8
constexpr uint16_t kPolicy = 1008;      // also: outbound queue full
constexpr uint16_t kTooBig = 1009;
constexpr uint16_t kInternal = 1011;
}  // namespace close_code

struct WebSocketCallbacks {
    // One whole message; the bytes are valid during the call.
    std::function<void(ByteView bytes, bool is_text)> on_message;
    // Exactly once, last of all callbacks, never from inside send() or close(). `code` is the peer's close
    // code, ours when we closed, or kAbnormal.
    std::function<void(uint16_t code)> on_closed;
};

class WebSocketSession;  // internal

// A handle: it may outlive the connection and the server, its calls then do nothing.
class WebSocket {
 public:
    explicit WebSocket(std::weak_ptr<WebSocketSession> session) : session_(std::move(session)) {}

    // Queues one message. False when the socket is closing, or when the queue is full: then the connection is
    // dropped at once and on_closed(kPolicy) follows.
    bool send(SharedBytes message, bool is_binary);
    // Closes after everything queued has been written. Only the first call counts.
    void close(uint16_t code, std::string reason = {});

 private:
    std::weak_ptr<WebSocketSession> session_;
};

// An upgrade request waiting for its owner's decision, which may come later: a refusal must be a plain HTTP
// answer, so the owner admits the client first and accepts then. Exactly one of the two; dropping it
// without answers 500.
class Upgrade {
 public:
    virtual ~Upgrade() = default;
    // Messages may be sent at once; they follow the handshake. If the client is already gone, on_closed
    // follows.
    virtual std::shared_ptr<WebSocket> accept(WebSocketCallbacks callbacks) = 0;
    virtual void refuse(HttpResponse response) = 0;
};

}  // namespace conclave::net
