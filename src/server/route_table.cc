#include "server/route_table.h"

#include <algorithm>

#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;

// Up to the next slash, which goes as well.
std::string_view take_segment(std::string_view& path) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return segment;
}

void append_method(std::string& list, std::string_view method) {
    if (!list.empty()) list += ", ";
    list += method;
    // HEAD arrives as GET.
    if (method == "GET") list += ", HEAD";
}

}  // namespace

std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::string_view path) {
    std::vector<std::string> items;
    const bool takes_rest = pattern.ends_with("/*");
    if (takes_rest) {
        pattern.remove_suffix(1);
        if (!path.starts_with(pattern)) return std::nullopt;
        return items;
    }
    if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
        return std::nullopt;
    while (!pattern.empty() || !path.empty()) {
        const std::string_view expected = take_segment(pattern);
        const std::string_view segment = take_segment(path);
        const bool is_item = expected.starts_with('{');
        if (is_item ? segment.empty() : segment != expected) return std::nullopt;
        if (is_item) items.emplace_back(segment);
    }
    return items;
}

// First those of the very path; only when there is none, those that take whatever is left.
RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
    Match match;
    for (const bool takes_rest : {false, true}) {
        for (const Route& route : routes_) {
            if (route.takes_rest() != takes_rest) continue;
            std::optional<std::vector<std::string>> items = match_path(route.pattern, path);
            if (!items) continue;
            if (route.method == method || (route.method == kAnyMethod && method != kWebSocket))
                return {&route, std::move(*items)};
            if (route.method != kWebSocket) append_method(match.allowed, route.method);
        }
        if (!match.allowed.empty()) return match;
    }
    return match;
}

std::optional<HttpResponse> RouteTable::refused(const Route& route, const HttpRequest& request) const {
    const bool is_socket = route.method == kWebSocket;
    const bool is_for_agents = route.asker == Asker::Agent && request.method != "GET";
    if (route.asker != Asker::OwnPage && !is_for_agents) return std::nullopt;
    if (!is_own_page(request)) {
        ++front_.counters.cross_site_refused;
        return problem(403, "bad_request");
    }
    // A request without a body is told by its method and Origin alone.
    const bool has_body = request.method == "POST" || !request.body.empty();
    if (!is_socket && has_body && !is_json(request)) return problem(415, "bad_request");
    return std::nullopt;
}

void RouteTable::handle(HttpRequest request, Respond respond) const {
    Match match = find(request.method, request.path);
    if (!match.route) {
        HttpResponse response = problem(match.allowed.empty() ? 404 : 405, "bad_request");
        if (!match.allowed.empty()) response.headers.add("Allow", std::move(match.allowed));
        return respond(std::move(response));
    }
    const Route& route = *match.route;
    if (auto refusal = refused(route, request)) return respond(std::move(*refusal));
    Call call{std::move(request), std::move(match.items)};
    if (const auto* handler = std::get_if<Route::Handler>(&route.handler))
        return (*handler)(std::move(call), std::move(respond));
    const auto shared = std::make_shared<Call>(std::move(call));
    as_agent(front_, shared->request, respond,
             [shared, respond, &handler = std::get<Route::ForAgent>(route.handler)](const Account& account) {
                 handler(std::move(*shared), account, respond);
             });
}

void RouteTable::upgrade(HttpRequest request, std::shared_ptr<net::Upgrade> upgrade) const {
    Match match = find(kWebSocket, request.path);
    if (!match.route) return upgrade->refuse(HttpResponse::text(404, ""));
    if (auto refusal = refused(*match.route, request)) return upgrade->refuse(std::move(*refusal));
    std::get<Route::Socket>(match.route->handler)({std::move(request), std::move(match.items)},
                                                  std::move(upgrade));
}

}  // namespace conclave::server
