// Reading one request with Beast's parser: the only file that compiles it.
#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/forwarded.h"
#include "net/http_rules.h"
#include "net/http_session.h"

namespace conclave::net {

namespace http = beast::http;

namespace {

using Parser = http::request_parser<http::string_body>;

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

Headers headers_of(const http::request_header<>& header) {
    Headers headers;
    for (const auto& field : header) {
        headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
    }
    return headers;
}

// A request's claim to a body larger than usual, while it is read. Without a length (chunked) there is none.
class LargeBody {
 public:
    LargeBody(HttpCore& core, std::string_view path, uint64_t length) : core_(core) {
        const HttpOptions& options = core.options;
        if (length <= options.body_bytes_max) return;
        const bool may = !options.large_body_prefix.empty() && path.starts_with(options.large_body_prefix);
        if (!may || length > options.large_body_bytes_max) {
            status_ = 413;
        } else if (core.counters.large_bodies >= options.large_bodies_max) {
            status_ = 503;
        } else {
            is_large_ = true;
            ++core.counters.large_bodies;
        }
    }
    ~LargeBody() {
        if (is_large_) --core_.counters.large_bodies;
    }
    LargeBody(const LargeBody&) = delete;
    LargeBody& operator=(const LargeBody&) = delete;

    unsigned status() const { return status_; }
    uint64_t limit() const {
        return is_large_ ? core_.options.large_body_bytes_max : core_.options.body_bytes_max;
    }

 private:
    HttpCore& core_;
    unsigned status_ = 0;
    bool is_large_ = false;
};

}  // namespace

// The refusal's status, or 0 when the connection itself is broken and cannot carry one.
unsigned HttpSession::judge(beast::error_code error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
    if (error == http::error::body_limit) return 413;
    if (error == http::error::end_of_stream) return 0;
    if (error == beast::error::timeout) {
        ++core_->counters.timeouts;
        return 0;
    }
    const bool is_syntax = error.category() == make_error_code(http::error::bad_method).category() &&
                           error != http::error::partial_message;
    if (!is_syntax) ++core_->counters.io_errors;
    return is_syntax ? 400 : 0;
}

asio::awaitable<HttpSession::Incoming> HttpSession::read_request() {
    const HttpOptions& options = core_->options;
    Incoming incoming;
    Parser parser;
    parser.header_limit(static_cast<uint32_t>(options.header_bytes_max));
    parser.body_limit(std::max(options.body_bytes_max, options.large_body_bytes_max));
    stream_.expires_after(options.header_timeout);
    auto [header_error, header_size] = co_await http::async_read_header(stream_, buffer_, parser, kAsTuple);
    if (header_error) {
        incoming.status = judge(header_error);
        incoming.is_broken = incoming.status == 0;
        co_return incoming;
    }

    const auto& header = parser.get();
    HttpRequest& request = incoming.request;
    request.method = std::string(view(header.method_string()));
    // Before the body: trailer fields must not pass for header fields (RFC 9110 6.5.1).
    request.headers = headers_of(header);
    const RequestLine line{view(header.target()), header.version(), parser.chunked(),
                           parser.content_length().has_value()};
    incoming.is_head = request.method == "HEAD";
    incoming.is_upgrade = asks_for_websocket(request.method, line.version, request.headers);
    incoming.status = judge_request(options, line, request.headers);
    if (incoming.status == 0 && incoming.is_upgrade) {
        incoming.status = judge_upgrade(line, request.headers);
        // RFC 6455 4.1: the client waits for our handshake before it sends.
        if (buffer_.size() > 0) incoming.status = 400;
    }
    if (incoming.status != 0) co_return incoming;

    const std::string target(line.target);
    const LargeBody large(*core_, *normalize_path(target), parser.content_length().value_or(0));
    incoming.status = large.status();
    if (incoming.status != 0) co_return incoming;
    parser.body_limit(large.limit());
    if (!parser.is_done()) {
        stream_.expires_after(options.body_timeout);
        if (request.headers.has_token("Expect", "100-continue") && line.version == 11) {
            const bool is_written = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
            incoming.is_broken = !is_written;
            if (!is_written) co_return incoming;
            stream_.expires_after(options.body_timeout);
        }
        auto [body_error, body_size] = co_await http::async_read(stream_, buffer_, parser, kAsTuple);
        if (body_error) {
            incoming.status = judge(body_error);
            incoming.is_broken = incoming.status == 0;
            co_return incoming;
        }
    }
    // An HTTP/1.0 client would have to be told that we keep it; none that matters asks (RFC 9112 9.3).
    incoming.keep_alive = line.version == 11 && parser.keep_alive();
    request.body = std::move(parser.get().body());
    if (incoming.is_head) request.method = "GET";
    request.path = *normalize_path(target);
    const size_t question = target.find('?');
    if (question != std::string::npos) {
        request.query = Query::parse(std::string_view(target).substr(question + 1));
    }
    const bool is_direct = stream_.is_tls();
    const Client client =
        is_direct ? Client{peer_, true} : resolve_client(options.trusted_proxies, peer_, request.headers);
    request.remote = client.address;
    request.secure = client.secure;
    co_return incoming;
}

}  // namespace conclave::net
