// What a request may be, and how responses are written: RFC 9112 without a socket. Internal.
#pragma once

#include <string>

#include "net/http_server.h"

namespace conclave::net {

// What the parser found, beside the fields.
struct RequestLine {
    std::string_view target;
    unsigned version = 11;  // 10 or 11: the parser refuses others
    bool is_chunked = false;
    bool has_content_length = false;
};

// 0, or the status of the refusal; the connection is closed after it, because where the next request would
// begin is no longer certain.
unsigned judge_request(const HttpOptions& options, const RequestLine& line, const Headers& headers);
// The same for a request that asks for a WebSocket (RFC 6455 4.2.1).
unsigned judge_upgrade(const RequestLine& line, const Headers& headers);
bool asks_for_websocket(std::string_view method, unsigned version, const Headers& headers);

HttpResponse refusal_response(unsigned status);
// Whether a response of this status has content (RFC 9110 6.4.1).
bool has_content(unsigned status);
// Status line and fields, with the empty line. Fields that would break out of their line are left out.
std::string response_head(const HttpResponse& response, size_t body_bytes, bool keep_alive);

}  // namespace conclave::net
