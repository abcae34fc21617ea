// One TCP connection of the HTTP server: requests one after the other, perhaps a WebSocket at the end; or
// datagrams from the beginning.
// Internal; front thread only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <string>
#include <variant>

#include "net/datagram_session.h"
#include "net/http_core.h"
#include "net/stream.h"

namespace conclave::net {

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
    // `tls` is empty for a plain listener.
    HttpSession(std::shared_ptr<HttpCore> core, Stream stream, const SocketAddress& peer,
                std::shared_ptr<asio::ssl::context> tls);
    ~HttpSession();
    HttpSession(const HttpSession&) = delete;
    HttpSession& operator=(const HttpSession&) = delete;

    // Whether one more connection of this peer is within the limits.
    static bool admits(const HttpCore& core, const SocketAddress& peer);
    // Serves until the connection ends.
    void start();

    // The owner's decision about exchange number `exchange`; without effect when it is not the current one or
    // already decided.
    void answer(uint64_t exchange, HttpResponse response);
    void accept(uint64_t exchange, std::shared_ptr<WebSocketSession> websocket);

    void close_if_idle();
    // Ends a WebSocket politely and anything else at once.
    void end();
    void drop();

    const std::shared_ptr<HttpCore>& core() const { return core_; }
    asio::any_io_executor executor() { return decided_.get_executor(); }

 private:
    using Decision = std::variant<std::monostate, HttpResponse, std::shared_ptr<WebSocketSession>>;
    // What the wire said about one request; `status` is the refusal, 0 for none.
    struct Incoming {
        HttpRequest request;
        unsigned status = 0;
        bool is_head = false;
        bool keep_alive = false;
        bool is_upgrade = false;
        bool is_broken = false;  // the connection ended instead
    };

    asio::awaitable<void> serve();
    asio::awaitable<bool> start_tls();
    asio::awaitable<bool> serve_datagrams();
    asio::awaitable<bool> read_more(size_t size);
    void release_address();
    asio::awaitable<bool> serve_one();
    asio::awaitable<bool> wait_for_input();
    asio::awaitable<Incoming> read_request();
    asio::awaitable<Decision> ask_owner(HttpRequest request, bool is_upgrade);
    asio::awaitable<bool> write(HttpResponse response, bool is_head, bool keep_alive);
    asio::awaitable<bool> write_all(std::string_view head, std::string_view body);
    void call_owner(HttpRequest request, bool is_upgrade);
    void decide(uint64_t exchange, Decision decision);
    unsigned judge(beast::error_code error);

    std::shared_ptr<HttpCore> core_;
    Stream stream_;
    SocketAddress peer_;
    std::shared_ptr<asio::ssl::context> tls_;
    bool is_counted_ = true;  // for its address
    beast::flat_buffer buffer_;
    uint64_t exchange_ = 0;
    Decision decision_;
    asio::steady_timer decided_;  // cancelled when the decision has come
    std::shared_ptr<WebSocketSession> websocket_;
    std::shared_ptr<DatagramSession> datagrams_;
    bool is_idle_ = false;
    bool is_dropped_ = false;
};

}  // namespace conclave::net
