#include "net/websocket_session.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <chrono>

namespace conclave::net {

namespace http = beast::http;
namespace websocket = beast::websocket;

namespace {

// What a queued message costs beside its bytes: many empty ones must not be free.
constexpr size_t kMessageOverhead = 64;
// A receive buffer that one large message has grown is given back.
constexpr size_t kBufferKeptMax = 64 << 10;

std::chrono::microseconds chrono(Duration duration) {
    return std::chrono::microseconds(duration.us);
}

}  // namespace

bool WebSocket::send(SharedBytes message, bool is_binary) {
    const auto session = session_.lock();
    return session && session->send(std::move(message), is_binary);
}

void WebSocket::close(uint16_t code, std::string reason) {
    if (const auto session = session_.lock()) session->close(code, reason);
}

WebSocketSession::WebSocketSession(std::shared_ptr<HttpCore> core, asio::any_io_executor executor,
                                   WebSocketCallbacks callbacks)
    : core_(std::move(core)),
      callbacks_(std::move(callbacks)),
      tick_timer_(executor),
      close_timer_(executor) {}

bool WebSocketSession::send(SharedBytes message, bool is_binary) {
    if (is_closing_ || is_dropped_ || is_finished_ || core_->is_gone) return false;
    const size_t cost = message.size() + kMessageOverhead;
    if (queued_bytes_ + cost > core_->options.websocket_queue_bytes_max) {
        ++core_->counters.websockets_overflowed;
        drop(close_code::kPolicy);
        return false;
    }
    queued_bytes_ += cost;
    queue_.push_back({std::move(message), is_binary});
    write_next();
    return true;
}

void WebSocketSession::close(uint16_t code, const std::string& reason) {
    if (is_closing_ || is_dropped_ || is_finished_ || core_->is_gone) return;
    is_closing_ = true;
    if (!code_) code_ = code;
    close_reason_.code = code;
    close_reason_.reason.assign(reason.substr(0, close_reason_.reason.max_size()));
    close_timer_.expires_after(chrono(core_->options.websocket_close_timeout));
    close_timer_.async_wait([self = shared_from_this()](beast::error_code error) {
        if (!error) self->drop(close_code::kAbnormal);
    });
    write_next();
}

void WebSocketSession::drop(uint16_t code) {
    if (is_dropped_ || is_finished_ || core_->is_gone) return;
    is_dropped_ = true;
    if (!code_) code_ = code;
    if (socket_) socket_->next_layer().close();
}

asio::awaitable<void> WebSocketSession::run(Stream stream, std::string key) {
    socket_.emplace(std::move(stream));
    socket_->read_message_max(core_->options.websocket_message_bytes_max);
    socket_->auto_fragment(false);
    // Otherwise Beast names its own version.
    socket_->set_option(websocket::stream_base::decorator(
        [](websocket::response_type& response) { response.set(http::field::server, "conclave"); }));
    // Beast answers from the request; the server has already judged the original.
    http::request<http::empty_body> upgrade(http::verb::get, "/", 11);
    upgrade.set(http::field::host, "localhost");
    upgrade.set(http::field::connection, "upgrade");
    upgrade.set(http::field::upgrade, "websocket");
    upgrade.set(http::field::sec_websocket_version, "13");
    upgrade.set(http::field::sec_websocket_key, key);
    socket_->next_layer().expires_after(core_->options.write_timeout);
    auto [error] = co_await socket_->async_accept(upgrade, kAsTuple);
    if (error || is_dropped_) co_return finish(close_code::kAbnormal);

    socket_->next_layer().expires_never();
    ++core_->counters.websockets;
    ++core_->counters.websockets_accepted;
    is_open_ = true;
    arm_tick();
    write_next();
    co_await read_messages();
    co_await wait_for_close();
    --core_->counters.websockets;
    finish(close_code::kAbnormal);
}

asio::awaitable<void> WebSocketSession::read_messages() {
    beast::flat_buffer buffer;
    for (;;) {
        auto [error, size] = co_await socket_->async_read(buffer, kAsTuple);
        if (error) {
            if (!code_) code_ = code_of(error);
            co_return;
        }
        deliver(buffer);
        buffer.consume(size);
        if (buffer.capacity() > kBufferKeptMax) buffer = {};
    }
}

void WebSocketSession::deliver(beast::flat_buffer& buffer) {
    if (is_closing_ || is_dropped_ || !callbacks_.on_message) return;
    const auto data = buffer.cdata();
    try {
        callbacks_.on_message({static_cast<const uint8_t*>(data.data()), data.size()}, socket_->got_text());
    } catch (...) {
        ++core_->counters.handler_errors;
        close(close_code::kInternal, {});
    }
}

uint16_t WebSocketSession::code_of(beast::error_code error) const {
    if (error == websocket::error::closed) {
        const uint16_t code = socket_->reason().code;
        return code == 0 ? close_code::kNoStatus : code;
    }
    if (error == websocket::error::message_too_big) return close_code::kTooBig;
    if (error == websocket::error::bad_frame_payload) return close_code::kBadPayload;
    // Beast has answered a violation with 1002 (RFC 6455 7.1.7).
    if (error == websocket::condition::protocol_violation) return close_code::kProtocolError;
    ++core_->counters.io_errors;
    return close_code::kAbnormal;
}

// Reading ends before the closing handshake does.
asio::awaitable<void> WebSocketSession::wait_for_close() {
    if (is_closing_ && !is_close_done_ && !is_dropped_) co_await close_timer_.async_wait(kAsTuple);
}

void WebSocketSession::write_next() {
    if (!is_open_ || is_writing_ || is_dropped_) return;
    if (queue_.empty()) {
        if (is_closing_) start_close();
        return;
    }
    is_writing_ = true;
    const Message& message = queue_.front();
    socket_->binary(message.is_binary);
    socket_->async_write(asio::buffer(message.bytes.str()),
                         [self = shared_from_this()](beast::error_code error, size_t) {
                             // A broken connection also ends the reading, which ends everything.
                             if (error) return self->note_close_done();
                             self->is_writing_ = false;
                             self->queued_bytes_ -= self->queue_.front().bytes.size() + kMessageOverhead;
                             self->queue_.pop_front();
                             self->write_next();
                         });
}

void WebSocketSession::start_close() {
    is_writing_ = true;  // the close frame is the last
    socket_->async_close(close_reason_,
                         [self = shared_from_this()](beast::error_code) { self->note_close_done(); });
}

void WebSocketSession::note_close_done() {
    is_close_done_ = true;
    close_timer_.cancel();
}

void WebSocketSession::arm_tick() {
    tick_timer_.expires_after(chrono(core_->options.websocket_ping_interval));
    tick_timer_.async_wait([self = shared_from_this()](beast::error_code error) {
        if (!error && !self->is_finished_) self->tick();
    });
}

void WebSocketSession::tick() {
    const uint64_t heard = socket_->next_layer().bytes_read();
    silence_ = heard == heard_bytes_ ? silence_ + core_->options.websocket_ping_interval : Duration{};
    heard_bytes_ = heard;
    if (silence_ >= core_->options.websocket_pong_timeout) {
        ++core_->counters.timeouts;
        return drop(close_code::kAbnormal);
    }
    if (!is_pinging_ && !is_closing_) {
        is_pinging_ = true;
        socket_->async_ping({},
                            [self = shared_from_this()](beast::error_code) { self->is_pinging_ = false; });
    }
    arm_tick();
}

void WebSocketSession::finish(uint16_t code) {
    if (is_finished_) return;
    is_finished_ = true;
    tick_timer_.cancel();
    close_timer_.cancel();
    if (socket_) socket_->next_layer().close();
    // The owner's objects go with the connection, not with the last handle.
    const WebSocketCallbacks callbacks = std::exchange(callbacks_, {});
    if (!callbacks.on_closed) return;
    try {
        callbacks.on_closed(code_.value_or(code));
    } catch (...) {
        ++core_->counters.handler_errors;
    }
}

}  // namespace conclave::net
