#include "net/websocket_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <optional>

#include "net/stream.h"

namespace conclave::net {

namespace websocket = beast::websocket;
namespace http = beast::http;

namespace {

constexpr Duration kConnectMax = Duration::seconds(15);
// Participant lists of large rooms are cut into messages of 128 KiB; nothing comes near this.
constexpr size_t kMessageMax = 8 << 20;
// Of a refusal's body, in what is said about it.
constexpr size_t kReasonMax = 120;

std::string refusal(const websocket::response_type& response) {
    std::string body = response.body().substr(0, kReasonMax);
    while (!body.empty() && (body.back() == '\n' || body.back() == ' ')) body.pop_back();
    return std::to_string(response.result_int()) + (body.empty() ? "" : " " + body);
}

}  // namespace

class WebSocketClientSession : public std::enable_shared_from_this<WebSocketClientSession> {
 public:
    WebSocketClientSession(asio::any_io_executor executor, std::shared_ptr<asio::ssl::context> tls,
                           WebSocketTarget target, WebSocketClientCallbacks callbacks)
        : executor_(std::move(executor)),
          tls_(std::move(tls)),
          target_(std::move(target)),
          callbacks_(std::move(callbacks)) {}

    void start() {
        asio::co_spawn(
            executor_, [self = shared_from_this()]() { return self->run(); },
            [self = shared_from_this()](const std::exception_ptr& error) {
                if (error) self->finish("the connection broke");
            });
    }

    bool send(std::string message) {
        if (!is_open_ || is_closing_ || queue_.size() == WebSocketClient::kQueueMax) return false;
        queue_.push_back(std::move(message));
        write_next();
        return true;
    }

    void close() {
        if (is_closing_) return;
        is_closing_ = true;
        if (is_open_) return write_next();
        if (socket_) socket_->next_layer().close();
    }

 private:
    asio::awaitable<void> run() {
        const std::string failed = co_await open();
        if (!failed.empty()) co_return finish(failed);
        is_open_ = true;
        if (callbacks_.on_open) callbacks_.on_open();
        beast::flat_buffer buffer;
        for (;;) {
            auto [error, size] = co_await socket_->async_read(buffer, kAsTuple);
            if (error == websocket::error::closed) {
                const std::string code = std::to_string(socket_->reason().code);
                co_return finish(is_closing_ ? "closed" : "closed by the server (" + code + ")");
            }
            if (error) co_return finish(is_closing_ ? "closed" : error.message());
            const auto data = buffer.cdata();
            if (callbacks_.on_message && !is_closing_) {
                callbacks_.on_message({static_cast<const uint8_t*>(data.data()), data.size()},
                                      socket_->got_text());
            }
            buffer.consume(size);
        }
    }

    // What went wrong; empty when the socket is open.
    asio::awaitable<std::string> open() {
        asio::ip::tcp::socket tcp(executor_);
        beast::error_code ignored;
        const asio::ip::tcp::endpoint endpoint = to_endpoint(target_.address);
        tcp.open(endpoint.protocol(), ignored);
        tcp.set_option(asio::ip::tcp::no_delay(true), ignored);
        socket_.emplace(target_.is_tls ? Stream(std::move(tcp), tls_) : Stream(std::move(tcp)));
        Stream& stream = socket_->next_layer();
        stream.expires_after(kConnectMax);
        if (auto error = co_await stream.connect(target_.address)) co_return "TCP: " + error.message();
        if (target_.is_tls) {
            if (auto error = co_await stream.handshake_as_client(target_.host))
                co_return "TLS: " + error.message();
        }
        socket_->read_message_max(kMessageMax);
        socket_->set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
            request.set(http::field::user_agent, "conclave");
            if (!target_.bearer.empty()) request.set(http::field::authorization, "Bearer " + target_.bearer);
            if (!target_.subprotocol.empty())
                request.set(http::field::sec_websocket_protocol, target_.subprotocol);
        }));
        websocket::response_type response;
        auto [error] = co_await socket_->async_handshake(response, target_.origin, target_.path, kAsTuple);
        if (error == websocket::error::upgrade_declined) co_return refusal(response);
        if (error) co_return "upgrade: " + error.message();
        stream.expires_never();
        co_return is_closing_ ? "closed" : "";
    }

    void write_next() {
        if (is_writing_ || is_finished_) return;
        if (queue_.empty()) {
            if (!is_closing_) return;
            is_writing_ = true;
            socket_->async_close(websocket::close_code::normal,
                                 [self = shared_from_this()](beast::error_code) {});
            return;
        }
        is_writing_ = true;
        socket_->binary(true);
        socket_->async_write(asio::buffer(queue_.front()),
                             [self = shared_from_this()](beast::error_code error, size_t) {
                                 // A broken connection ends the reading too, which says so.
                                 if (error) return;
                                 self->is_writing_ = false;
                                 self->queue_.pop_front();
                                 self->write_next();
                             });
    }

    void finish(const std::string& why) {
        if (is_finished_) return;
        is_finished_ = true;
        is_open_ = false;
        if (socket_) socket_->next_layer().close();
        const WebSocketClientCallbacks callbacks = std::exchange(callbacks_, {});
        if (callbacks.on_closed) callbacks.on_closed(why);
    }

    asio::any_io_executor executor_;
    std::shared_ptr<asio::ssl::context> tls_;
    WebSocketTarget target_;
    WebSocketClientCallbacks callbacks_;
    std::optional<websocket::stream<Stream>> socket_;
    std::deque<std::string> queue_;
    bool is_open_ = false;
    bool is_writing_ = false;
    bool is_closing_ = false;
    bool is_finished_ = false;
};

bool WebSocketClient::send(std::string message) {
    const auto session = session_.lock();
    return session && session->send(std::move(message));
}

void WebSocketClient::close() {
    if (const auto session = session_.lock()) session->close();
}

struct WebSocketConnector::Impl {
    asio::io_context context{1};
    std::shared_ptr<asio::ssl::context> tls =
        std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
};

WebSocketConnector::WebSocketConnector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketConnector::~WebSocketConnector() = default;

Result<std::unique_ptr<WebSocketConnector>> WebSocketConnector::create(bool accepts_any_certificate) {
    auto impl = std::make_unique<Impl>();
    beast::error_code error;
    if (accepts_any_certificate) {
        impl->tls->set_verify_mode(asio::ssl::verify_none, error);
    } else {
        impl->tls->set_verify_mode(asio::ssl::verify_peer, error);
        if (!error) impl->tls->set_default_verify_paths(error);
    }
    if (error) return failure("TLS: " + error.message());
    return std::unique_ptr<WebSocketConnector>(new WebSocketConnector(std::move(impl)));
}

WebSocketClient WebSocketConnector::connect(WebSocketTarget target, WebSocketClientCallbacks callbacks) {
    auto session = std::make_shared<WebSocketClientSession>(impl_->context.get_executor(), impl_->tls,
                                                            std::move(target), std::move(callbacks));
    session->start();
    return WebSocketClient(session);
}

void WebSocketConnector::poll() {
    // An io_context that ran out of work stays stopped until it is told otherwise.
    if (impl_->context.stopped()) impl_->context.restart();
    impl_->context.poll();
}

Result<std::vector<SocketAddress>> resolve_host(const std::string& host, uint16_t port) {
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    beast::error_code error;
    const auto found = resolver.resolve(host, std::to_string(port), error);
    if (error) return failure(host + ": " + error.message());
    std::vector<SocketAddress> addresses;
    for (const auto& entry : found) addresses.push_back(from_endpoint(entry.endpoint()));
    return addresses;
}

}  // namespace conclave::net
