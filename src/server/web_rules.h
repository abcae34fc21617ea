// What holds for every answer and every request of a browser: security headers, cookies, protection against
// requests that other sites make in a person's name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/http_message.h"

namespace conclave::server {

// The __Host- prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2).
inline constexpr std::string_view kSessionCookie = "__Host-conclave";

// A browser that asked for a code by e-mail.
inline constexpr std::string_view kCodeCookie = "__Host-conclave-code";

// A browser that is on its way to the identity provider and back.
inline constexpr std::string_view kFlowCookie = "__Host-conclave-sso";

// A page of ours to go to: a meeting, or else the front page. `next` may have been written by anybody, so
// nothing that could lead elsewhere is followed (row A11 of docs/security.md).
std::string own_path(std::string_view next);

// The cookie's value; empty when there is none. With several of that name the first counts.
std::string_view cookie(const net::HttpRequest&, std::string_view name);
std::string_view session_cookie(const net::HttpRequest&);
std::string set_cookie(std::string_view name, std::string_view value, Duration lifetime);
std::string set_session_cookie(std::string_view secret, Duration lifetime);
std::string clear_session_cookie();

// Whether a request that changes something comes from our own page: its Origin is this host, or, where the
// browser sent none, Sec-Fetch-Site says so. Nothing else is believed, a missing Origin neither (CSRF).
bool is_own_page(const net::HttpRequest&);

// Content-Type: application/json, with any parameters. No form of another site can send it unasked.
bool is_json(const net::HttpRequest&);

// For every answer.
void add_security_headers(const net::HttpRequest&, net::HttpResponse&);
// For pages: Content-Security-Policy, Permissions-Policy and so on.
void add_page_headers(const net::HttpRequest&, net::HttpResponse&);

// RFC 9457 problem details with our stable code.
net::HttpResponse problem(unsigned status, std::string_view code);

}  // namespace conclave::server
