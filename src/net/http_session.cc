// A connection's life: handshake, then exchanges. Parsing is Beast's; what a request may be is decided here
// and in http_rules.cc.
#include "net/http_session.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>

#include "net/forwarded.h"
#include "net/http_exchange.h"
#include "net/http_rules.h"
#include "net/websocket_session.h"

namespace conclave::net {
namespace {

// One read of a request's beginning; a typical one fits.
constexpr size_t kReadChunk = 4 << 10;
// Progress that a slow reader must make within write_timeout.
constexpr size_t kWriteChunk = 64 << 10;

// What counts as one client: an IPv4 address, an IPv6 /64 (RFC 6177: one site or less).
std::array<uint8_t, 16> client_key(const SocketAddress& peer) {
    std::array<uint8_t, 16> key = peer.ip;
    if (!peer.is_v4()) std::fill(key.begin() + 8, key.end(), uint8_t{0});
    return key;
}

}  // namespace

bool HttpSession::admits(const HttpCore& core, const SocketAddress& peer) {
    if (core.sessions.size() >= core.options.connections_max) return false;
    if (peer.is_loopback() || is_trusted(core.options.trusted_proxies, peer)) return true;
    const auto found = core.connections_by_address.find(client_key(peer));
    return found == core.connections_by_address.end() ||
           found->second < core.options.connections_per_address_max;
}

HttpSession::HttpSession(std::shared_ptr<HttpCore> core, Stream stream, const SocketAddress& peer,
                         std::shared_ptr<asio::ssl::context> tls)
    : core_(std::move(core)),
      stream_(std::move(stream)),
      peer_(peer),
      tls_(std::move(tls)),
      decided_(stream_.get_executor()) {
    core_->sessions.insert(this);
    ++core_->connections_by_address[client_key(peer_)];
    core_->counters.connections = core_->sessions.size();
}

HttpSession::~HttpSession() {
    core_->sessions.erase(this);
    release_address();
    core_->counters.connections = core_->sessions.size();
    if (core_->sessions.empty() && core_->on_empty) core_->on_empty();
}

void HttpSession::release_address() {
    if (!std::exchange(is_counted_, false)) return;
    const auto found = core_->connections_by_address.find(client_key(peer_));
    if (--found->second == 0) core_->connections_by_address.erase(found);
}

void HttpSession::start() {
    asio::co_spawn(stream_.get_executor(), serve(),
                   [self = shared_from_this()](const std::exception_ptr& error) {
                       if (error) ++self->core_->counters.io_errors;
                   });
}

void HttpSession::answer(uint64_t exchange, HttpResponse response) {
    decide(exchange, std::move(response));
}

void HttpSession::accept(uint64_t exchange, std::shared_ptr<WebSocketSession> websocket) {
    if (exchange == exchange_ && !is_dropped_ && decision_.index() == 0) {
        return decide(exchange, std::move(websocket));
    }
    if (core_->is_gone) return;
    // Answered by the server meanwhile. Not from inside accept(): the owner does not hold the handle yet.
    core_->post([websocket = std::move(websocket)] { websocket->finish(close_code::kAbnormal); });
}

void HttpSession::decide(uint64_t exchange, Decision decision) {
    if (core_->is_gone || exchange != exchange_ || decision_.index() != 0) return;
    decision_ = std::move(decision);
    decided_.cancel();
}

void HttpSession::close_if_idle() {
    if (is_idle_) drop();
}

void HttpSession::end() {
    if (websocket_) return websocket_->close(close_code::kGoingAway, {});
    drop();
}

void HttpSession::drop() {
    if (std::exchange(is_dropped_, true)) return;
    if (websocket_) return websocket_->drop(close_code::kGoingAway);
    if (datagrams_) return datagrams_->close();
    stream_.close();
    decided_.cancel();
}

asio::awaitable<void> HttpSession::serve() {
    bool keep = true;
    if (tls_) keep = co_await start_tls();
    while (keep && !is_dropped_) keep = co_await serve_one();
}

// One byte tells TLS from datagrams (RFC 8446 5.1: 22 is a handshake record), inside TLS the next ones tell
// datagrams from HTTP. False when the connection is over.
asio::awaitable<bool> HttpSession::start_tls() {
    constexpr uint8_t kHandshakeRecord = 22;
    stream_.expires_after(core_->options.tls_handshake_timeout);
    const bool has_begun = co_await read_more(1);
    if (!has_begun) co_return false;
    const auto first = *static_cast<const uint8_t*>(buffer_.data().data());
    if (first != kHandshakeRecord) {
        const bool was_datagrams = co_await serve_datagrams();
        if (!was_datagrams) ++core_->counters.tls_errors;
        co_return false;
    }
    buffer_.consume(1);
    const beast::error_code error = co_await stream_.start_tls(std::exchange(tls_, nullptr), {&first, 1});
    if (error == beast::error::timeout) ++core_->counters.timeouts;
    if (error) {
        ++core_->counters.tls_errors;
        co_return false;
    }
    const bool has_input = co_await wait_for_input();
    if (!has_input) co_return false;
    const bool was_datagrams = co_await serve_datagrams();
    co_return !was_datagrams;
}

// At most `size` bytes. False when the connection is over.
asio::awaitable<bool> HttpSession::read_more(size_t size) {
    auto [error, count] = co_await stream_.async_read_some(buffer_.prepare(size), kAsTuple);
    if (error == beast::error::timeout) ++core_->counters.timeouts;
    if (error) co_return false;
    buffer_.commit(count);
    co_return true;
}

// False when the connection has sent something else, which inside TLS is taken for HTTP.
asio::awaitable<bool> HttpSession::serve_datagrams() {
    const auto read = [this] {
        return ByteView(static_cast<const uint8_t*>(buffer_.data().data()), buffer_.size());
    };
    // The high byte of a length, or of a STUN message's type; no method of HTTP begins with one so low.
    constexpr uint8_t kFirstByteMax = kStreamDatagramMax >> 8;
    if (!core_->on_datagram_stream || read()[0] > kFirstByteMax) co_return false;
    stream_.expires_after(core_->options.header_timeout);
    std::optional<FirstBytes> kind;
    while (!(kind = judge_first_bytes(read()))) {
        const bool has_more = co_await read_more(kReadChunk);
        if (!has_more) co_return true;
    }
    if (*kind == FirstBytes::Unknown) {
        ++core_->counters.bad_datagram_streams;
        co_return true;
    }
    datagrams_ =
        std::make_shared<DatagramSession>(core_, *kind == FirstBytes::Stun ? Framing::Stun : Framing::Length,
                                          executor(), [this] { release_address(); });
    co_await datagrams_->run(std::move(stream_), peer_, std::move(buffer_));
    co_return true;
}

// One exchange; false when the connection is over.
asio::awaitable<bool> HttpSession::serve_one() {
    const bool has_input = co_await wait_for_input();
    if (!has_input) co_return false;
    Incoming incoming = co_await read_request();
    if (incoming.is_broken) co_return false;
    const bool is_head = incoming.is_head;
    if (incoming.status != 0) {
        ++core_->counters.bad_requests;
        HttpResponse refusal = refusal_response(incoming.status);
        co_await write(std::move(refusal), is_head, false);
        co_return false;
    }
    ++core_->counters.requests;
    const bool keep_alive = incoming.keep_alive && !core_->is_stopping;
    const std::string key(incoming.request.headers.get("Sec-WebSocket-Key"));
    Decision decision = co_await ask_owner(std::move(incoming.request), incoming.is_upgrade);
    if (is_dropped_) co_return false;
    if (auto* websocket = std::get_if<std::shared_ptr<WebSocketSession>>(&decision)) {
        websocket_ = std::move(*websocket);
        buffer_.shrink_to_fit();
        co_await websocket_->run(std::move(stream_), key);
        co_return false;
    }
    auto* response = std::get_if<HttpResponse>(&decision);
    if (!response) {
        ++core_->counters.handler_errors;
        decision = refusal_response(503);
        response = std::get_if<HttpResponse>(&decision);
    }
    const bool is_kept = co_await write(std::move(*response), is_head, keep_alive && !core_->is_stopping);
    co_return is_kept;
}

asio::awaitable<bool> HttpSession::wait_for_input() {
    if (buffer_.size() > 0) co_return true;  // pipelined
    buffer_.shrink_to_fit();
    if (core_->is_stopping) co_return false;
    is_idle_ = true;
    stream_.expires_after(core_->options.idle_timeout);
    auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kReadChunk), kAsTuple);
    is_idle_ = false;
    if (error == beast::error::timeout) ++core_->counters.timeouts;
    if (error) co_return false;
    buffer_.commit(size);
    co_return true;
}

asio::awaitable<HttpSession::Decision> HttpSession::ask_owner(HttpRequest request, bool is_upgrade) {
    ++exchange_;
    decision_ = {};
    call_owner(std::move(request), is_upgrade);
    if (decision_.index() == 0 && !is_dropped_) {
        decided_.expires_after(std::chrono::microseconds(core_->options.handler_timeout.us));
        co_await decided_.async_wait(kAsTuple);
    }
    ++exchange_;  // what comes now is too late
    co_return std::exchange(decision_, {});
}

void HttpSession::call_owner(HttpRequest request, bool is_upgrade) {
    try {
        if (is_upgrade) {
            core_->on_upgrade(std::move(request), make_upgrade(shared_from_this(), exchange_));
        } else {
            core_->on_request(std::move(request), make_respond(shared_from_this(), exchange_));
        }
    } catch (...) {
        // Mostly the answer object went with the stack and has answered already.
        if (decision_.index() != 0) return;
        ++core_->counters.handler_errors;
        answer(exchange_, refusal_response(500));
    }
}

// False when the connection is over.
asio::awaitable<bool> HttpSession::write(HttpResponse response, bool is_head, bool keep_alive) {
    const std::string_view body =
        response.static_body.empty() ? std::string_view(response.body) : response.static_body;
    const bool has_body = !is_head && has_content(response.status);
    const std::string head = response_head(response, body.size(), keep_alive);
    const bool is_written = co_await write_all(head, has_body ? body : std::string_view{});
    if (!is_written) co_return false;
    if (!keep_alive) co_await stream_.finish();
    co_return keep_alive;
}

asio::awaitable<bool> HttpSession::write_all(std::string_view head, std::string_view body) {
    while (!head.empty() || !body.empty()) {
        const std::string_view piece = body.substr(0, kWriteChunk);
        const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head), asio::buffer(piece)};
        stream_.expires_after(core_->options.write_timeout);
        auto [error, size] = co_await stream_.async_write_some(buffers, kAsTuple);
        if (error) {
            ++(error == beast::error::timeout ? core_->counters.timeouts : core_->counters.io_errors);
            co_return false;
        }
        const size_t from_head = std::min(size, head.size());
        head.remove_prefix(from_head);
        body.remove_prefix(size - from_head);
    }
    co_return true;
}

}  // namespace conclave::net
