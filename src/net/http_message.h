// HTTP requests and responses as values: what a route sees, without a library's types.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"

namespace conclave::net {

// Header fields in order; names compare without case (RFC 9110 5.1).
class Headers {
 public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // The first field's value; empty when there is none.
    std::string_view get(std::string_view name) const;
    size_t count(std::string_view name) const;
    // All fields of that name as one comma-separated list (RFC 9110 5.3).
    std::string joined(std::string_view name) const;
    // Whether a comma-separated list field names `token`, without case (RFC 9110 5.6.1).
    bool has_token(std::string_view name, std::string_view token) const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

 private:
    const Field* find(std::string_view name) const;
    std::vector<Field> fields_;
};

// Decoded application/x-www-form-urlencoded pairs, in order; names may repeat.
class Query {
 public:
    // More pairs than any of our routes knows; the rest is ignored.
    static constexpr size_t kPairsMax = 256;

    // Total: a malformed escape stays as it is written.
    static Query parse(std::string_view text);

    bool has(std::string_view name) const { return find(name) != nullptr; }
    // The first pair's value; empty when there is none.
    std::string_view get(std::string_view name) const;

    auto begin() const { return pairs_.begin(); }
    auto end() const { return pairs_.end(); }

 private:
    const std::pair<std::string, std::string>* find(std::string_view name) const;
    std::vector<std::pair<std::string, std::string>> pairs_;
};

struct HttpRequest {
    std::string method;  // as sent; HEAD arrives as GET, and its answer loses the body
    std::string path;    // decoded, starts with exactly one slash, without dot segments
    Query query;
    Headers headers;
    std::string body;
    SocketAddress remote;  // the client: behind a trusted proxy the forwarded address (port 0 then)
    bool secure = false;   // TLS here, or at the trusted proxy
};

struct HttpResponse {
    unsigned status = 200;
    Headers headers;  // without Content-Length, Connection and Date: the server writes them
    std::string body;
    // Sent instead of `body` when not empty; must live as long as the server (embedded files).
    std::string_view static_body = {};

    static HttpResponse text(unsigned status, std::string body);
    static HttpResponse json(unsigned status, std::string body);
};

// The request target's path as routes see it: query cut off, escapes decoded, leading slashes collapsed.
// Nothing for a path that hides something: a malformed escape, an escaped slash, backslash or control, or a
// dot segment (RFC 3986 5.2.4).
std::optional<std::string> normalize_path(std::string_view target);

}  // namespace conclave::net
