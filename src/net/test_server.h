// An HttpServer on its own thread, for tests. Handlers run on that thread.
#pragma once

#include <future>
#include <mutex>
#include <thread>

#include "net/http_server.h"
#include "net/test_client.h"

namespace conclave::net {

class TestServer {
 public:
    TestServer(HttpOptions options, HttpHandler on_request, UpgradeHandler on_upgrade = nullptr)
        : server_(std::move(options), std::move(on_request), std::move(on_upgrade)),
          plain_(*server_.listen_plain(SocketAddress::v4(127, 0, 0, 1, 0))) {}
    ~TestServer() { stop(Duration{}); }

    HttpServer& operator*() { return server_; }
    HttpServer* operator->() { return &server_; }
    const SocketAddress& plain() const { return plain_; }

    void start() {
        thread_ = std::thread([this] { server_.run(); });
    }
    void stop(Duration grace) {
        if (!thread_.joinable()) return;
        server_.stop(grace);
        thread_.join();
    }
    // Runs `fn` on the front thread and returns its value.
    template <class Fn>
    auto on_front(Fn fn) {
        std::promise<decltype(fn())> done;
        server_.post([&done, &fn] { done.set_value(fn()); });
        return done.get_future().get();
    }
    HttpCounters counters() {
        return on_front([this] { return server_.counters(); });
    }
    // Waits for what the server does after a client could have noticed.
    template <class Condition>
    void until(Condition condition) {
        while (!condition(counters())) std::this_thread::yield();
    }

 private:
    HttpServer server_;
    SocketAddress plain_;
    std::thread thread_;
};

}  // namespace conclave::net
