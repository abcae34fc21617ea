#include "net/http_server.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

#include "net/http_core.h"
#include "net/http_session.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace conclave::net {
namespace {

using asio::ip::tcp;

// Out of descriptors or memory: accepting at once would only spin.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
// After the grace: flush and closing handshakes of the remaining WebSockets.
constexpr Duration kLastFlush = Duration::seconds(1);

std::chrono::microseconds chrono(Duration duration) {
    return std::chrono::microseconds(duration.us);
}

}  // namespace

class HttpServer::Impl {
 public:
    Impl(HttpOptions options, HttpHandler on_request, UpgradeHandler on_upgrade)
        : core_(std::make_shared<HttpCore>()) {
        io_.emplace(1);
        work_.emplace(asio::make_work_guard(*io_));
        core_->options = std::move(options);
        core_->on_request = std::move(on_request);
        core_->on_upgrade = std::move(on_upgrade);
        core_->post = [this](std::function<void()> fn) { post(std::move(fn)); };
    }

    // Handlers that still wait hold connections, and those hold the core: first the loop with all of them,
    // then the rest.
    ~Impl() {
        core_->is_gone = true;
        core_->on_empty = nullptr;
        acceptors_.clear();
        work_.reset();
        io_.reset();
        core_->post = nullptr;
    }

    Status set_certificate(std::string_view chain_pem, std::string_view key_pem) {
        SslContext context = TRY(create_tls_context(chain_pem, key_pem));
        tls_ = std::make_shared<asio::ssl::context>(context.release());
        return Ok{};
    }

    Result<SocketAddress> listen(const SocketAddress& local, bool is_tls) {
        if (is_tls && !tls_) return failure("TLS listener without a certificate");
        beast::error_code error;
        auto acceptor = std::make_shared<tcp::acceptor>(*io_);
        open(*acceptor, local, error);
        if (error) return failure("listen on " + local.text() + ": " + error.message());
        const SocketAddress bound = from_endpoint(acceptor->local_endpoint(error));
        acceptors_.push_back(acceptor);
        asio::co_spawn(*io_, accept(acceptor, is_tls), [this](const std::exception_ptr& thrown) {
            if (thrown) ++core_->counters.accept_errors;
        });
        return bound;
    }

    void take_datagram_streams(DatagramStreamHandler on_stream) {
        core_->on_datagram_stream = std::move(on_stream);
    }

    void run() {
        for (;;) {
            try {
                io_->run();
                return;
            } catch (...) {
                ++core_->counters.handler_errors;
            }
        }
    }

    void post(std::function<void()> fn) {
        asio::post(*io_, [this, f = std::move(fn)] { call(f); });
    }

    void run_after(Duration delay, std::function<void()> fn) {
        auto timer = std::make_shared<asio::steady_timer>(*io_, chrono(delay));
        asio::steady_timer& waiting = *timer;
        waiting.async_wait([this, kept = std::move(timer), f = std::move(fn)](beast::error_code error) {
            if (!error) call(f);
        });
    }

    void watch(int fd, std::function<void()> on_readable) {
        const int own = dup(fd);
        CHECK(own >= 0);
        watch_again(std::make_shared<asio::posix::stream_descriptor>(*io_, own),
                    std::make_shared<const std::function<void()>>(std::move(on_readable)));
    }

    void stop(Duration grace) {
        post([this, grace] { begin_stop(grace); });
    }

    const HttpCounters& counters() const { return core_->counters; }

 private:
    static void open(tcp::acceptor& acceptor, const SocketAddress& local, beast::error_code& error) {
        const tcp::endpoint endpoint = to_endpoint(local);
        acceptor.open(endpoint.protocol(), error);
        if (error) return;
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (error) return;
        if (!local.is_v4()) {
            acceptor.set_option(asio::ip::v6_only(!local.is_unspecified()), error);
            if (error) return;
        }
        acceptor.bind(endpoint, error);
        if (error) return;
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }

    asio::awaitable<void> accept(std::shared_ptr<tcp::acceptor> acceptor, bool is_tls) {
        asio::steady_timer pause(*io_);
        while (acceptor->is_open()) {
            auto [error, socket] = co_await acceptor->async_accept(kAsTuple);
            if (error == asio::error::operation_aborted) break;
            if (error) {
                ++core_->counters.accept_errors;
                pause.expires_after(kAcceptPause);
                co_await pause.async_wait(kAsTuple);
                continue;
            }
            begin(std::move(socket), is_tls);
        }
    }

    void begin(tcp::socket socket, bool is_tls) {
        beast::error_code error;
        const auto endpoint = socket.remote_endpoint(error);
        if (error) return;
        const SocketAddress peer = from_endpoint(endpoint);
        if (core_->is_stopping || !HttpSession::admits(*core_, peer)) {
            ++core_->counters.refused_connections;
            return;
        }
        ++core_->counters.accepted;
        socket.set_option(tcp::no_delay(true), error);
        std::make_shared<HttpSession>(core_, Stream(std::move(socket)), peer, is_tls ? tls_ : nullptr)
            ->start();
    }

    void watch_again(std::shared_ptr<asio::posix::stream_descriptor> descriptor,
                     std::shared_ptr<const std::function<void()>> on_readable) {
        asio::posix::stream_descriptor& waiting = *descriptor;
        waiting.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this, descriptor, on_readable](beast::error_code error) {
                               if (error) return;
                               call(*on_readable);
                               watch_again(descriptor, on_readable);
                           });
    }

    void call(const std::function<void()>& fn) {
        try {
            fn();
        } catch (...) {
            ++core_->counters.handler_errors;
        }
    }

    void begin_stop(Duration grace) {
        if (std::exchange(core_->is_stopping, true)) return;
        for (const auto& acceptor : acceptors_) {
            beast::error_code ignored;
            acceptor->close(ignored);
        }
        core_->on_empty = [this] { io_->stop(); };
        for_each([](HttpSession& session) { session.close_if_idle(); });
        if (core_->sessions.empty()) return io_->stop();
        run_after(grace, [this] { for_each([](HttpSession& session) { session.end(); }); });
        run_after(grace + kLastFlush, [this] {
            for_each([](HttpSession& session) { session.drop(); });
            // Whatever still does not end is destroyed with the loop; on_closed has had its turn.
            run_after(kLastFlush, [this] { io_->stop(); });
        });
    }

    void for_each(void (*visit)(HttpSession&)) {
        // Ending one connection may run an owner's code, which may end another.
        std::vector<std::weak_ptr<HttpSession>> all;
        for (HttpSession* session : core_->sessions) all.push_back(session->weak_from_this());
        for (const auto& weak : all) {
            if (const auto session = weak.lock()) visit(*session);
        }
    }

    std::shared_ptr<HttpCore> core_;
    std::optional<asio::io_context> io_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::shared_ptr<asio::ssl::context> tls_;
    std::vector<std::shared_ptr<tcp::acceptor>> acceptors_;
};

HttpServer::HttpServer(HttpOptions options, HttpHandler on_request, UpgradeHandler on_upgrade)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(on_request), std::move(on_upgrade))) {}
HttpServer::~HttpServer() = default;

Status HttpServer::set_certificate(std::string_view chain_pem, std::string_view key_pem) {
    return impl_->set_certificate(chain_pem, key_pem);
}
Result<SocketAddress> HttpServer::listen_plain(const SocketAddress& local) {
    return impl_->listen(local, false);
}
Result<SocketAddress> HttpServer::listen_tls(const SocketAddress& local) {
    return impl_->listen(local, true);
}
void HttpServer::take_datagram_streams(DatagramStreamHandler on_stream) {
    impl_->take_datagram_streams(std::move(on_stream));
}
void HttpServer::run() {
    impl_->run();
}
void HttpServer::post(std::function<void()> fn) {
    impl_->post(std::move(fn));
}
void HttpServer::run_after(Duration delay, std::function<void()> fn) {
    impl_->run_after(delay, std::move(fn));
}
void HttpServer::stop(Duration grace) {
    impl_->stop(grace);
}
void HttpServer::watch_mailbox(int fd, std::function<void()> on_readable) {
    impl_->watch(fd, std::move(on_readable));
}
const HttpCounters& HttpServer::counters() const {
    return impl_->counters();
}

}  // namespace conclave::net
