#include "server/new_session.h"

#include "account/secret.h"
#include "livekit/client_info.h"
#include "net/clock.h"
#include "server/api_json.h"
#include "server/log.h"
#include "server/web_rules.h"

namespace conclave::server {

NewSession make_session(Front& front, const net::HttpRequest& request, account::DoorKind door) {
    const WallTime now = net::wall_now();
    NewSession fresh{account::make_secret(front.rng),
                     {},
                     account::hash_of_secret(session_cookie(request)),
                     request.remote};
    livekit::pb::ClientInfo client;
    livekit::apply_user_agent(client, request.headers.get("User-Agent"));
    fresh.session = {.hash = fresh.secret.hash,
                     .account_id = {},
                     .created_at = now,
                     .seen_at = now,
                     .door = door,
                     .browser = client.browser(),
                     .system = client.os()};
    return fresh;
}

Result<std::optional<account::Account>> start_session(store::Database& database, const NewSession& fresh,
                                                      const account::Account& account) {
    account::Session session = fresh.session;
    session.account_id = account.id;
    if (!TRY(database.start_session(session))) return std::optional<account::Account>();
    TRY(end_previous(database, fresh));
    return std::optional(account);
}

Status end_previous(store::Database& database, const NewSession& fresh) {
    return fresh.previous ? database.delete_session(*fresh.previous) : Status(Ok{});
}

net::HttpResponse signed_in(Front& front, const NewSession& fresh,
                            const std::optional<account::Account>& account, std::string_view refusal,
                            std::string_view client) {
    log_info("api", "sign_in",
             {{"result", account ? "ok" : "refused"},
              {"door", std::string(text_of(fresh.session.door))},
              {"client", std::string(client)}});
    if (!account) {
        ++front.counters.sign_ins_refused;
        return problem(401, refusal);
    }
    ++front.counters.sign_ins;
    // Many people behind one address sign in at nine o'clock; those who guess are not among them.
    front.sign_ins.give_back(fresh.remote);
    net::HttpResponse response = net::HttpResponse::json(200, session_json(account));
    response.headers.add("Set-Cookie", set_session_cookie(fresh.secret.text, front.session_rules.age_max));
    return response;
}

}  // namespace conclave::server
