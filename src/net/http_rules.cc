#include "net/http_rules.h"

#include <ctime>

#include "base/base64.h"
#include "net/clock.h"

namespace conclave::net {
namespace {

constexpr size_t kWebSocketKeyBytes = 16;

struct Reason {
    unsigned status;
    std::string_view phrase;
};

// RFC 9110 15, and 429 and 431 of RFC 6585.
constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

std::string_view reason(unsigned status) {
    for (const Reason& known : kReasons)
        if (known.status == status) return known.phrase;
    return "Status";
}

bool is_field_safe(const Headers::Field& field) {
    const auto has_break = [](const std::string& text) {
        return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    };
    return !has_break(field.first) && !has_break(field.second);
}

// IMF-fixdate (RFC 9110 5.6.7), without the process's locale.
std::string http_date(WallTime now) {
    constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = now.unix_seconds();
    tm t{};
    gmtime_r(&seconds, &t);
    char text[64];
    const int size = snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[t.tm_wday],
                              t.tm_mday, kMonths[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    return {text, static_cast<size_t>(size)};
}

}  // namespace

unsigned judge_request(const HttpOptions& options, const RequestLine& line, const Headers& headers) {
    if (line.target.size() > options.target_bytes_max) return 414;
    if (!normalize_path(line.target)) return 400;
    // RFC 9112 3.2: exactly one Host.
    const size_t hosts = headers.count("Host");
    if (hosts > 1 || (hosts == 0 && line.version == 11)) return 400;
    // RFC 9112 6.1 and 6.3: a length that two readers could understand differently is how requests are
    // smuggled.
    const size_t encodings = headers.count("Transfer-Encoding");
    if (encodings > 0) {
        if (line.version == 10 || line.has_content_length || headers.has("Content-Length")) return 400;
        if (encodings > 1) return 400;
        if (!line.is_chunked ||
            headers.get("Transfer-Encoding").size() != std::string_view("chunked").size()) {
            return 501;
        }
    }
    if (headers.count("Content-Length") > 1) return 400;
    const std::string_view length = headers.get("Content-Length");
    if (length.find_first_not_of("0123456789") != std::string_view::npos) return 400;
    if (headers.has("Expect") && !headers.has_token("Expect", "100-continue")) return 417;
    return 0;
}

bool asks_for_websocket(std::string_view method, unsigned version, const Headers& headers) {
    return method == "GET" && version == 11 && headers.has_token("Connection", "upgrade") &&
           headers.has_token("Upgrade", "websocket");
}

unsigned judge_upgrade(const RequestLine& line, const Headers& headers) {
    if (line.is_chunked || line.has_content_length) return 400;
    if (headers.get("Sec-WebSocket-Version") != "13") return 426;
    const auto key = base64_decode(headers.get("Sec-WebSocket-Key"));
    if (headers.count("Sec-WebSocket-Key") != 1 || !key || key->size() != kWebSocketKeyBytes) return 400;
    return 0;
}

HttpResponse refusal_response(unsigned status) {
    HttpResponse response = HttpResponse::text(status, std::string(reason(status)) + "\n");
    // RFC 6455 4.4: which version we would have spoken.
    if (status == 426) {
        response.headers.add("Upgrade", "websocket");
        response.headers.add("Sec-WebSocket-Version", "13");
    }
    return response;
}

bool has_content(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const HttpResponse& response, size_t body_bytes, bool keep_alive) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head += reason(response.status);
    head += "\r\nDate: " + http_date(wall_now()) + "\r\n";
    for (const Headers::Field& field : response.headers) {
        if (is_field_safe(field)) head += field.first + ": " + field.second + "\r\n";
    }
    if (has_content(response.status)) head += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
    if (!keep_alive) head += "Connection: close\r\n";
    head += "\r\n";
    return head;
}

}  // namespace conclave::net
