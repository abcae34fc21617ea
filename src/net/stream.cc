#include "net/stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <cstring>
#include <optional>

namespace conclave::net {
namespace {

constexpr Duration kFinishMax = Duration::seconds(1);
// What a client may still have on the way; more than this is not worth waiting for.
constexpr size_t kFinishBytesMax = 16 << 20;

}  // namespace

struct Stream::State {
    std::shared_ptr<asio::ssl::context> context;  // a reload must not pull it away
    std::optional<beast::tcp_stream> plain;
    std::optional<beast::ssl_stream<beast::tcp_stream>> tls;
    uint64_t bytes_read = 0;

    beast::tcp_stream& tcp() { return tls ? tls->next_layer() : *plain; }
};

Stream::Stream(asio::ip::tcp::socket socket) : state_(std::make_unique<State>()) {
    state_->plain.emplace(std::move(socket));
}

Stream::Stream(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls)
    : state_(std::make_unique<State>()) {
    state_->context = std::move(tls);
    state_->tls.emplace(std::move(socket), *state_->context);
}

Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

Stream::executor_type Stream::get_executor() {
    return state_->tcp().get_executor();
}

bool Stream::is_tls() const {
    return state_->tls.has_value();
}

uint64_t Stream::bytes_read() const {
    return state_->bytes_read;
}

void Stream::expires_after(Duration duration) {
    state_->tcp().expires_after(std::chrono::microseconds(duration.us));
}

void Stream::expires_never() {
    state_->tcp().expires_never();
}

void Stream::limit_unsent(int bytes) {
    setsockopt(state_->tcp().socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

void Stream::close() {
    state_->tcp().close();
}

void Stream::read(asio::mutable_buffer buffer, IoHandler handler) {
    auto counted = [state = state_.get(), h = std::move(handler)](beast::error_code error,
                                                                  size_t size) mutable {
        state->bytes_read += size;
        h(error, size);
    };
    if (state_->tls) {
        state_->tls->async_read_some(buffer, std::move(counted));
    } else {
        state_->plain->async_read_some(buffer, std::move(counted));
    }
}

void Stream::write(const Gather& buffers, IoHandler handler) {
    if (state_->tls) {
        state_->tls->async_write_some(buffers, std::move(handler));
    } else {
        state_->plain->async_write_some(buffers, std::move(handler));
    }
}

asio::awaitable<beast::error_code> Stream::connect(const SocketAddress& address) {
    auto [error] = co_await state_->tcp().async_connect(to_endpoint(address), kAsTuple);
    co_return error;
}

asio::awaitable<beast::error_code> Stream::handshake_as_client(const std::string& host) {
    // RFC 6066 3: server_name is a DNS name, never an address.
    if (!SocketAddress::parse(host, 0)) SSL_set_tlsext_host_name(state_->tls->native_handle(), host.c_str());
    state_->tls->set_verify_callback(asio::ssl::host_name_verification(host));
    auto [error] = co_await state_->tls->async_handshake(asio::ssl::stream_base::client, kAsTuple);
    co_return error;
}

asio::awaitable<beast::error_code> Stream::start_tls(std::shared_ptr<asio::ssl::context> tls,
                                                     ByteView begun) {
    state_->context = std::move(tls);
    state_->tls.emplace(std::move(*state_->plain), *state_->context);
    state_->plain.reset();
    auto [error, used] = co_await state_->tls->async_handshake(
        asio::ssl::stream_base::server, asio::buffer(begun.data(), begun.size()), kAsTuple);
    co_return error;
}

asio::awaitable<void> Stream::finish() {
    if (state_->tls) {
        expires_after(kFinishMax);
        // Fails when the peer goes on sending or never says goodbye: ours is written either way.
        co_await state_->tls->async_shutdown(kAsTuple);
    }
    beast::error_code ignored;
    state_->tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    expires_after(kFinishMax);
    std::array<uint8_t, 16 << 10> discarded;
    for (size_t total = 0; total < kFinishBytesMax;) {
        auto [error, size] = co_await state_->tcp().async_read_some(asio::buffer(discarded), kAsTuple);
        if (error) break;
        total += size;
    }
    close();
}

void beast_close_socket(Stream& stream) {
    stream.close();
}

void finish_then(Stream& stream, std::unique_ptr<IoHandler> handler) {
    asio::co_spawn(stream.get_executor(), stream.finish(),
                   [h = std::move(handler)](const std::exception_ptr&) { (*h)({}, 0); });
}

SocketAddress from_endpoint(const asio::ip::tcp::endpoint& endpoint) {
    if (endpoint.address().is_v4()) {
        const auto ip = endpoint.address().to_v4().to_bytes();
        return SocketAddress::v4(ip[0], ip[1], ip[2], ip[3], endpoint.port());
    }
    return {endpoint.address().to_v6().to_bytes(), endpoint.port()};
}

asio::ip::tcp::endpoint to_endpoint(const SocketAddress& address) {
    if (address.is_v4()) {
        asio::ip::address_v4::bytes_type ip;
        std::memcpy(ip.data(), address.ip.data() + 12, ip.size());
        return {asio::ip::address_v4(ip), address.port};
    }
    return {asio::ip::address_v6(address.ip), address.port};
}

}  // namespace conclave::net
