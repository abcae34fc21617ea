#include "server/web_rules.h"

#include <algorithm>

namespace conclave::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

bool equal_without_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

// Host, if it can be repeated in a header: a name or address, and a port.
std::optional<std::string_view> sane_host(const HttpRequest& request) {
    const std::string_view host = request.headers.get("Host");
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    constexpr size_t kHostMax = 255 + 6;  // RFC 1035 2.3.4, and a port
    if (host.empty() || host.size() > kHostMax || request.headers.count("Host") != 1) return std::nullopt;
    if (host.find_first_not_of(kAllowed) != std::string_view::npos) return std::nullopt;
    return host;
}

// Without its port and brackets.
std::string_view host_name(std::string_view host) {
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

bool is_loopback_name(std::string_view host) {
    const std::string_view name = host_name(host);
    if (equal_without_case(name, "localhost")) return true;
    const auto address = SocketAddress::parse(name, 0);
    return address && address->is_loopback();
}

}  // namespace

std::string own_path(std::string_view next) {
    constexpr std::string_view kMeeting = "/m/";
    constexpr size_t kIdMax = 64;
    if (!next.starts_with(kMeeting)) return "/";
    const std::string_view id = next.substr(kMeeting.size());
    const bool is_id = !id.empty() && id.size() <= kIdMax && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
    return is_id ? std::string(next) : "/";
}

std::string_view cookie(const HttpRequest& request, std::string_view name) {
    std::string_view rest = request.headers.get("Cookie");
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view pair = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            return pair.substr(equals + 1);
    }
    return {};
}

std::string_view session_cookie(const HttpRequest& request) {
    return cookie(request, kSessionCookie);
}

std::string set_cookie(std::string_view name, std::string_view value, Duration lifetime) {
    return std::string(name) + "=" + std::string(value) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime.us / 1'000'000);
}

std::string set_session_cookie(std::string_view secret, Duration lifetime) {
    return set_cookie(kSessionCookie, secret, lifetime);
}

std::string clear_session_cookie() {
    return set_session_cookie("", Duration{});
}

bool is_own_page(const HttpRequest& request) {
    const std::string_view origin = request.headers.get("Origin");
    const std::string_view host = request.headers.get("Host");
    if (request.headers.has("Origin")) {
        if (request.headers.count("Origin") != 1 || host.empty()) return false;
        const size_t scheme_end = origin.find("://");
        if (scheme_end == std::string_view::npos) return false;
        if (!equal_without_case(origin.substr(scheme_end + 3), host)) return false;
        const std::string_view scheme = origin.substr(0, scheme_end);
        // A page over plain HTTP may be anybody's on the way; on this machine it is a developer's.
        return scheme == "https" || (scheme == "http" && (!request.secure || is_loopback_name(host)));
    }
    const std::string_view site = request.headers.get("Sec-Fetch-Site");
    return site == "same-origin" || site == "none";
}

bool is_json(const HttpRequest& request) {
    const std::string_view type = request.headers.get("Content-Type");
    return equal_without_case(trimmed(type.substr(0, type.find(';'))), "application/json");
}

void add_security_headers(const HttpRequest& request, HttpResponse& response) {
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Referrer-Policy", "no-referrer");
    const std::string_view host = request.headers.get("Host");
    // Not for addresses (RFC 6797 8.3), nor for localhost, where it would hold for every other port too.
    const bool is_address = SocketAddress::parse(host_name(host), 0).has_value();
    if (request.secure && !host.empty() && !is_address && !is_loopback_name(host))
        response.headers.add("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
}

void add_page_headers(const HttpRequest& request, HttpResponse& response) {
    // 'self' covers the WebSocket in today's browsers; the explicit address serves older ones.
    std::string connect = "'self'";
    if (const auto host = sane_host(request))
        connect += (request.secure ? " wss://" : " ws://") + std::string(*host);
    response.headers.add(
        "Content-Security-Policy",
        // The filters for background and noise are WebAssembly; no text is run as script for that.
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src " + connect +
            "; img-src 'self' blob:; media-src 'self' blob:; worker-src 'self' blob:; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    response.headers.add(
        "Permissions-Policy",
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), "
        "screen-wake-lock=(self), speaker-selection=(self), autoplay=(self), geolocation=(), usb=(), "
        "payment=(), browsing-topics=()");
    response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.add("X-Frame-Options", "DENY");
}

HttpResponse problem(unsigned status, std::string_view code) {
    const auto title = [status]() -> std::string_view {
        switch (status) {
            case 400:
                return "Bad request";
            case 401:
                return "Unauthorized";
            case 403:
                return "Forbidden";
            case 404:
                return "Not found";
            case 405:
                return "Method not allowed";
            case 409:
                return "Conflict";
            case 415:
                return "Unsupported media type";
            case 429:
                return "Too many requests";
            case 503:
                return "Service unavailable";
            default:
                return "Error";
        }
    };
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/problem+json");
    // Constant text only: nothing here needs escaping.
    response.body = R"({"type":"about:blank","title":")" + std::string(title()) + R"(","status":)" +
                    std::to_string(status) + R"(,"code":")" + std::string(code) + "\"}";
    return response;
}

}  // namespace conclave::server
