// Outbound HTTP, for webhooks alone: POST a body, learn the status. libcurl on a thread of its own.
//
// Only http and https, TLS verified, no redirects followed, no proxy from the environment, no cookies; the
// answer's body is not kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace conclave::net {

class HttpClient {
 public:
    struct Options {
        std::string ca_file;  // PEM; empty: the system's authorities
        Duration connect_timeout = Duration::seconds(5);
        Duration timeout = Duration::seconds(10);  // of the whole exchange
    };
    struct Request {
        std::string url;
        std::vector<std::pair<std::string, std::string>> headers;
        std::string body;
    };
    struct Outcome {
        unsigned status = 0;  // 0: no answer, `error` says why
        std::string error;
    };
    // Runs a function on the front thread, soon; callable from any thread.
    using Post = std::function<void(std::function<void()>)>;

    // Exchanges at one time; a further one fails.
    static constexpr size_t kExchangesMax = 256;

    static Result<std::unique_ptr<HttpClient>> create(Options options, Post post);
    // What is under way is given up, without an outcome.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Front thread; `then` runs there too, later, once.
    void send(Request request, std::function<void(const Outcome&)> then);

 private:
    class Thread;
    explicit HttpClient(std::unique_ptr<Thread> thread);
    std::unique_ptr<Thread> thread_;
    std::shared_ptr<size_t> open_ = std::make_shared<size_t>(0);  // outlives us in outcomes on their way
};

}  // namespace conclave::net
