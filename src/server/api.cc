#include "server/api.h"

#include <utility>

#include "net/clock.h"
#include "server/api_json.h"
#include "server/new_session.h"
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

}  // namespace

void Api::add_routes(RouteTable& table) {
    table.add({"GET", std::string(kSessionPath), Asker::Anybody, on(this, &Api::get_session)});
    table.add({"POST", std::string(kSessionPath), Asker::OwnPage, on(this, &Api::sign_in)});
    table.add({"DELETE", std::string(kSessionPath), Asker::OwnPage, on(this, &Api::sign_out)});
    sign_in_.add_routes(table);
    account_.add_routes(table);
    meetings_.add_routes(table);
    table.add({kAnyMethod, std::string(kPrefix) + "*", Asker::Anybody,
               [](const Call&, const Respond& respond) { respond(problem(404, "bad_request")); }});
}

void Api::get_session(const Call& call, Respond respond) {
    ask<std::optional<Account>>(
        front_, std::move(respond), caller_of(front_, call.request),
        [](std::optional<Account> account) { return HttpResponse::json(200, session_json(account)); });
}

void Api::sign_in(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    if (!front_.sign_ins.allow(net::monotonic_now(), request.remote)) return respond(limited(front_));
    const std::optional<std::string> secret = parse_sign_in(request.body);
    if (!secret) return respond(bad_request());

    const std::string client = front_.client(request.remote);
    const NewSession fresh = make_session(front_, request, account::DoorKind::Link);
    const auto redeem = [link = account::hash_of_secret(*secret),
                         fresh](Database& database) -> Result<std::optional<Account>> {
        if (!link) return std::optional<Account>();
        std::optional<Account> account =
            TRY(database.redeem_sign_in_link(*link, fresh.session, fresh.session.created_at));
        if (account) TRY(end_previous(database, fresh));
        return account;
    };
    const auto answer = [this, client, fresh](const std::optional<Account>& account) {
        return signed_in(front_, fresh, account, "sign_in_refused", client);
    };
    ask<std::optional<Account>>(front_, std::move(respond), redeem, answer);
}

void Api::sign_out(const Call& call, Respond respond) {
    const std::optional<account::SecretHash> cookie = account::hash_of_secret(session_cookie(call.request));
    const auto forget = [cookie](Database& database) -> Status {
        return cookie ? database.delete_session(*cookie) : Status(Ok{});
    };
    ask<Ok>(front_, std::move(respond), forget, [](Ok) {
        HttpResponse response = no_content();
        response.headers.add("Set-Cookie", clear_session_cookie());
        return response;
    });
}

}  // namespace conclave::server
