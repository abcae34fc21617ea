// Outbound HTTP: webhooks and identity providers. libcurl on a thread of its own.
//
// Only http and https, TLS verified, no redirects followed, no proxy from the environment, no cookies.
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

class Transfers;

class HttpClient {
 public:
    struct Options {
        std::string ca_file = {};  // PEM; empty: the system's authorities
        Duration connect_timeout = Duration::seconds(5);
        Duration timeout = Duration::seconds(10);  // of the whole exchange
    };
    struct Request {
        std::string url;
        std::vector<std::pair<std::string, std::string>> headers = {};
        std::string body = {};
        bool is_get = false;  // otherwise a POST of the body
        // Bytes of the answer that are kept; a longer one is a failure. 0: none are kept, and what is
        // longer than anybody's word of thanks is cut off.
        size_t answer_max = 0;
    };
    struct Outcome {
        unsigned status = 0;  // 0: no answer, `error` says why
        std::string error = {};
        std::string body = {};
        std::string content_type = {};
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
    HttpClient(Options options, std::unique_ptr<Transfers> transfers);
    const Options options_;
    std::unique_ptr<Transfers> transfers_;
};

}  // namespace conclave::net
