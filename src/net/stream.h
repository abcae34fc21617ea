// A TCP connection with or without TLS behind one type, so that everything above is compiled once. Internal.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace boost::asio::ssl {
class context;
}

namespace conclave::net {

namespace asio = boost::asio;
namespace beast = boost::beast;

// Awaited operations return their error beside the value instead of throwing it.
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// A move-only completion handler of any type: below it, each operation is compiled once.
class IoHandler {
 public:
    template <class Handler>
    explicit IoHandler(Handler handler) : held_(std::make_unique<Held<Handler>>(std::move(handler))) {}

    void operator()(beast::error_code error, size_t size) {
        // The handler may end the operation that owns this object.
        const std::unique_ptr<Base> held = std::move(held_);
        held->call(error, size);
    }

 private:
    struct Base {
        virtual ~Base() = default;
        virtual void call(beast::error_code error, size_t size) = 0;
    };
    template <class Handler>
    struct Held final : Base {
        explicit Held(Handler h) : handler(std::move(h)) {}
        void call(beast::error_code error, size_t size) override {
            Handler moved = std::move(handler);
            moved(error, size);
        }
        Handler handler;
    };
    std::unique_ptr<Base> held_;
};

// Beast's AsyncStream concept, plus a deadline: when it passes, the connection is closed and all operations
// fail with beast::error::timeout.
class Stream {
 public:
    using executor_type = asio::any_io_executor;
    using Signature = void(beast::error_code, size_t);

    explicit Stream(asio::ip::tcp::socket socket);
    Stream(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls);
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    ~Stream();

    executor_type get_executor();
    bool is_tls() const;
    // Bytes that have arrived, frames of all kinds: the sign of life.
    uint64_t bytes_read() const;

    void expires_after(Duration duration);
    void expires_never();
    // What the kernel takes without having sent it (TCP_NOTSENT_LOWAT).
    void limit_unsent(int bytes);
    // At once, without goodbye; pending operations fail.
    void close();

    // As a client: TCP, within expires_after(); then TLS, which names `host` and, when the context verifies,
    // wants a certificate for it.
    asio::awaitable<beast::error_code> connect(const SocketAddress& address);
    asio::awaitable<beast::error_code> handshake_as_client(const std::string& host);
    // As a server: a plain connection becomes one with TLS: `begun` is what was read of the client's first
    // record.
    asio::awaitable<beast::error_code> start_tls(std::shared_ptr<asio::ssl::context> tls, ByteView begun);
    // Says goodbye (TLS close_notify, then FIN) and discards what still arrives, for up to a second each:
    // closing with unread input would reset the connection and could destroy our last answer on its way.
    asio::awaitable<void> finish();

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, Signature>(
            [this](auto handler, asio::mutable_buffer first) { read(first, IoHandler(std::move(handler))); },
            token, first_of(buffers));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, Signature>(
            [this](auto handler, const Gather& gather) { write(gather, IoHandler(std::move(handler))); },
            token, gather(buffers));
    }

 private:
    // Head and payload of a WebSocket frame or a response, and room to spare; what does not fit is written by
    // the next call.
    using Gather = std::array<asio::const_buffer, 4>;
    struct State;

    template <class Buffers>
    static asio::mutable_buffer first_of(const Buffers& buffers) {
        for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i) {
            const asio::mutable_buffer buffer(*i);
            if (buffer.size() > 0) return buffer;
        }
        return {};
    }
    template <class Buffers>
    static Gather gather(const Buffers& buffers) {
        Gather out;
        size_t count = 0;
        for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i) {
            const asio::const_buffer buffer(*i);
            if (buffer.size() == 0) continue;
            if (count == out.size()) break;
            out[count++] = buffer;
        }
        return out;
    }
    void read(asio::mutable_buffer buffer, IoHandler handler);
    void write(const Gather& buffers, IoHandler handler);

    std::unique_ptr<State> state_;
};

// Customization points of beast::websocket::stream.
void beast_close_socket(Stream& stream);
void finish_then(Stream& stream, std::unique_ptr<IoHandler> handler);
template <class Handler>
void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {
    finish_then(stream,
                std::make_unique<IoHandler>([h = std::forward<Handler>(handler)](
                                                beast::error_code error, size_t) mutable { h(error); }));
}

SocketAddress from_endpoint(const asio::ip::tcp::endpoint& endpoint);
asio::ip::tcp::endpoint to_endpoint(const SocketAddress& address);

}  // namespace conclave::net
