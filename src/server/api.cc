#include "server/api.h"

#include <utility>

#include "net/clock.h"
#include "server/api_json.h"
#include "server/log.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;
using store::Database;

constexpr std::string_view kSessionPath = "/api/v1/session";

HttpResponse bad_request() {
    return problem(400, "bad_request");
}

bool changes_something(const HttpRequest& request) {
    return request.method != "GET";
}

}  // namespace

void Api::handle(HttpRequest request, Respond respond) {
    // The identity provider asks for a logout, and no page: what it sends is signed.
    if (changes_something(request) && request.path != OidcApi::kLogoutPath) {
        if (!is_own_page(request)) {
            ++front_.counters.cross_site_refused;
            return respond(problem(403, "bad_request"));
        }
        // A request without a body is told by its method and Origin alone.
        if ((request.method == "POST" || !request.body.empty()) && !is_json(request))
            return respond(problem(415, "bad_request"));
    }
    const std::string_view path = request.path;
    if (SignInApi::is_mine(path)) return sign_in_.handle(request, std::move(respond));
    if (path == kSessionPath) {
        if (request.method == "GET") return get_session(request, std::move(respond));
        if (request.method == "POST") return sign_in(request, std::move(respond));
        if (request.method == "DELETE") return sign_out(request, std::move(respond));
        return respond(method_not_allowed("GET, POST, DELETE"));
    }
    if (MeetingsApi::is_mine(path)) return meetings_.handle(std::move(request), std::move(respond));
    respond(problem(404, "bad_request"));
}

void Api::get_session(const HttpRequest& request, Respond respond) {
    ask<std::optional<Account>>(
        front_, std::move(respond), caller_of(front_, request),
        [](std::optional<Account> account) { return HttpResponse::json(200, session_json(account)); });
}

void Api::sign_in(const HttpRequest& request, Respond respond) {
    if (!front_.sign_ins.allow(net::monotonic_now(), request.remote)) return respond(limited(front_));
    const std::optional<std::string> secret = parse_sign_in(request.body);
    if (!secret) return respond(bad_request());

    const std::string client = front_.client(request.remote);
    const std::optional<account::SecretHash> link = account::hash_of_secret(*secret);
    const std::optional<account::SecretHash> previous = account::hash_of_secret(session_cookie(request));
    const account::Secret session = account::make_secret(front_.rng);
    const WallTime now = net::wall_now();
    const auto redeem = [link, previous, hash = session.hash,
                         now](Database& database) -> Result<std::optional<Account>> {
        if (!link) return std::optional<Account>();
        std::optional<Account> account = TRY(database.redeem_sign_in_link(*link, hash, now));
        // One browser, one session: the one it had before ends.
        if (account && previous) TRY(database.delete_session(*previous));
        return account;
    };
    const auto answer = [this, client, cookie = session.text](const std::optional<Account>& account) {
        log_info("api", "sign_in", {{"result", account ? "ok" : "refused"}, {"client", client}});
        if (!account) {
            ++front_.counters.sign_ins_refused;
            return problem(401, "sign_in_refused");
        }
        ++front_.counters.sign_ins;
        HttpResponse response = HttpResponse::json(200, session_json(account));
        response.headers.add("Set-Cookie", set_session_cookie(cookie, front_.session_rules.age_max));
        return response;
    };
    ask<std::optional<Account>>(front_, std::move(respond), redeem, answer);
}

void Api::sign_out(const HttpRequest& request, Respond respond) {
    const std::optional<account::SecretHash> cookie = account::hash_of_secret(session_cookie(request));
    const auto forget = [cookie](Database& database) -> Status {
        return cookie ? database.delete_session(*cookie) : Status(Ok{});
    };
    ask<Ok>(front_, std::move(respond), forget, [](Ok) {
        HttpResponse response;
        response.status = 204;
        response.headers.add("Set-Cookie", clear_session_cookie());
        return response;
    });
}

}  // namespace conclave::server
