#include "server/oidc_api.h"

#include "account/email.h"
#include "net/clock.h"
#include "server/api_json.h"
#include "server/log.h"
#include "server/new_session.h"
#include "server/oidc_provider.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using account::oidc::Fault;
using account::oidc::Person;
using account::oidc::Provider;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;
using store::Database;

HttpResponse see_other(std::string_view location) {
    HttpResponse response;
    response.status = 303;
    response.headers.add("Location", std::string(location));
    return response;
}

// A provider ends the sessions of a whole house in the evening; a signature costs it more than us.
constexpr int64_t kLogoutsPerMinute = 1200;

// Who may come in as whom; nothing for who may not.
struct Entrance {
    Person person;
    std::string issuer;
    Config::Oidc rules;
    Account newcomer;
    NewSession fresh;
};

// On the store thread. A person is (issuer, subject). Their address makes them an account's owner only when
// the operator said that this provider lets nobody choose an address.
Result<std::optional<Account>> account_of(Database& database, const Entrance& entrance) {
    const Person& person = entrance.person;
    std::optional<Account> known = TRY(database.account_of_subject(entrance.issuer, person.subject));
    if (known) return known;
    std::optional<Account> namesake;
    if (!person.email.empty()) namesake = TRY(database.account_by_email(person.email));
    if (namesake) {
        const auto entry = TRY(database.account_entry(namesake->id));
        const bool is_free = entry && !entry->has_single_sign_on;
        if (!entrance.rules.link_by_email || !is_free) return std::optional<Account>();
        TRY(database.set_subject(namesake->id, entrance.issuer, person.subject));
        return namesake;
    }
    if (!entrance.rules.create_accounts) return std::optional<Account>();
    TRY(database.insert_account(entrance.newcomer, entrance.fresh.session.created_at));
    TRY(database.set_subject(entrance.newcomer.id, entrance.issuer, person.subject));
    return std::optional(entrance.newcomer);
}

std::string name_of(const Person& person) {
    if (!person.name.empty()) return person.name;
    if (!person.email.empty()) return account::name_of_email(person.email);
    return "Agent";
}

HttpResponse logout_refused(const char* why) {
    // Back-Channel Logout 2.8: as an error of OAuth.
    return HttpResponse::json(
        400, std::string(R"({"error":"invalid_request","error_description":")") + why + "\"}");
}

}  // namespace

OidcApi::OidcApi(Front& front) : front_(front), logouts_(kLogoutsPerMinute, kLogoutsPerMinute) {}

// Filled in step by step.
struct OidcApi::Return {
    Respond respond;
    account::oidc::Flow flow;
    account::oidc::Callback callback;
    NewSession fresh;
    std::string client;
    Provider provider = {};
    std::string access_token = {};
    Person person = {};
};

void OidcApi::add_routes(RouteTable& table) {
    table.add({"GET", "/api/v1/sign-in/oidc", Asker::Anybody, on(this, &OidcApi::leave)});
    table.add({"GET", "/api/v1/sign-in/oidc/callback", Asker::Anybody, on(this, &OidcApi::come_back)});
    table.add({"POST", "/api/v1/sign-in/oidc/sign-out", Asker::Agent, on(this, &OidcApi::sign_out_there)});
    table.add(
        {"POST", "/api/v1/sign-in/oidc/logout", Asker::Provider, on(this, &OidcApi::back_channel_logout)});
}

account::oidc::Expected OidcApi::expected(std::string_view nonce) const {
    const Config::Oidc& rules = front_.config.oidc;
    return {.issuer = rules.issuer,
            .client_id = rules.client_id,
            .nonce = nonce,
            .trusts_email = rules.trust_email,
            .now = net::wall_now()};
}

HttpResponse OidcApi::refused(Fault fault, std::string_view next, std::string_view why,
                              std::string_view client) {
    const std::string_view code = account::oidc::code(fault);
    ++front_.counters.sign_ins_refused;
    ++front_.counters.sso_refused[code];
    log_info("oidc", "refused",
             {{"code", std::string(code)}, {"why", std::string(why)}, {"client", std::string(client)}});
    std::string location = "/sign-in?problem=" + std::string(code);
    if (next != "/") location += "&next=" + account::oidc::form_escape(next);
    HttpResponse response = see_other(location);
    response.headers.add("Set-Cookie", set_cookie(kFlowCookie, "", Duration{}));
    return response;
}

void OidcApi::refuse(const Coming& coming, Fault fault, std::string_view why) {
    coming->respond(refused(fault, coming->flow.next, why, coming->client));
}

void OidcApi::leave(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    const std::string next = own_path(request.query.get("next"));
    const std::string client = front_.client(request.remote);
    front_.oidc->discover(
        [this, next, client, respond = std::move(respond)](const Result<Provider>& provider) {
            if (!provider) return respond(refused(Fault::Unreachable, next, provider.error().what, client));
            const account::oidc::Flow flow = account::oidc::make_flow(front_.rng, next);
            HttpResponse response = see_other(authorization_url(*provider, front_.oidc->client(), flow));
            const std::string kept = front_.keys.sign_flow(flow, net::wall_now());
            response.headers.add("Set-Cookie", set_cookie(kFlowCookie, kept, account::oidc::kFlowLifetime));
            respond(std::move(response));
        });
}

void OidcApi::come_back(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    const std::string client = front_.client(request.remote);
    if (!front_.sign_ins.allow(net::monotonic_now(), request.remote)) {
        ++front_.counters.rate_limited;
        return respond(see_other("/sign-in?problem=too_many_requests"));
    }
    const auto flow = front_.keys.verify_flow(cookie(request, kFlowCookie), net::wall_now());
    if (!flow) return respond(refused(Fault::Expired, "/", "this browser did not leave from here", client));
    account::oidc::Callback callback{.state = std::string(request.query.get("state")),
                                     .code = std::string(request.query.get("code")),
                                     .error = std::string(request.query.get("error")),
                                     .issuer = {}};
    if (request.query.has("iss")) callback.issuer = request.query.get("iss");
    redeem(std::make_shared<Return>(Return{std::move(respond), *flow, std::move(callback),
                                           make_session(front_, request, account::DoorKind::SingleSignOn),
                                           client}));
}

void OidcApi::redeem(const Coming& coming) {
    front_.oidc->discover([this, coming](const Result<Provider>& provider) {
        if (!provider) return refuse(coming, Fault::Unreachable, provider.error().what);
        coming->provider = *provider;
        if (const auto fault = fault_of(coming->callback, coming->flow, *provider))
            return refuse(coming, *fault, "the way back is not the one that was taken");
        front_.oidc->redeem(*provider, coming->callback.code, coming->flow.verifier,
                            [this, coming](const Result<account::oidc::Tokens>& tokens) {
                                if (!tokens) return refuse(coming, Fault::Refused, tokens.error().what);
                                coming->access_token = tokens->access_token;
                                identify(coming, tokens->id_token);
                            });
    });
}

void OidcApi::identify(const Coming& coming, const std::string& id_token) {
    front_.oidc->verify(id_token, "JWT", [this, coming, id_token](const Result<std::string>& payload) {
        if (!payload) return refuse(coming, Fault::Refused, payload.error().what);
        Result<Person> person = check_id_token(*payload, expected(coming->flow.nonce));
        if (!person) return refuse(coming, Fault::Refused, person.error().what);
        coming->person = std::move(*person);
        coming->fresh.session.id_token = id_token;
        learn_more(coming);
    });
}

// Providers that put names and addresses elsewhere than into the ID token.
void OidcApi::learn_more(const Coming& coming) {
    const bool knows_all = !coming->person.name.empty() && !coming->person.email.empty();
    if (knows_all || coming->provider.userinfo_endpoint.empty() || coming->access_token.empty())
        return enter(coming);
    front_.oidc->userinfo(
        coming->provider, coming->access_token, [this, coming](const Result<OidcProvider::Userinfo>& info) {
            if (!info) return refuse(coming, Fault::Refused, info.error().what);
            const Status status =
                add_userinfo(coming->person, info->json, info->was_signed, expected(coming->flow.nonce));
            if (!status) return refuse(coming, Fault::Refused, status.error().what);
            enter(coming);
        });
}

void OidcApi::enter(const Coming& coming) {
    const Config::Oidc& rules = front_.config.oidc;
    const Person& person = coming->person;
    if (!rules.email_domains.empty() && !account::is_of_domain(person.email, rules.email_domains))
        return refuse(coming, Fault::NotAllowed,
                      "the address is of none of oidc.email_domains, or not verified");
    coming->fresh.session.sid = person.sid;
    const Account newcomer{random_id(front_.rng, account::kIdSize), name_of(person), account::Role::Agent,
                           person.email};
    front_.store.run<std::optional<Account>>(
        [entrance = Entrance{person, rules.issuer, rules, newcomer, coming->fresh}](
            Database& database) -> Result<std::optional<Account>> {
            const std::optional<Account> account = TRY(account_of(database, entrance));
            if (!account) return account;
            return start_session(database, entrance.fresh, *account);
        },
        [this, coming](const Result<std::optional<Account>>& account) {
            if (!account) return coming->respond(store_failed(front_, account.error()));
            if (!*account) return refuse(coming, Fault::NotAllowed, "no account, or a disabled one");
            HttpResponse response = signed_in(front_, coming->fresh, *account, {}, coming->client);
            HttpResponse there = see_other(coming->flow.next);
            there.headers.add("Set-Cookie", std::string(response.headers.get("Set-Cookie")));
            there.headers.add("Set-Cookie", set_cookie(kFlowCookie, "", Duration{}));
            coming->respond(std::move(there));
        });
}

// Ends the session here, and says where to go to end the provider's as well: the page goes there. When the
// provider cannot be asked nothing ends, so that nobody believes to be signed out there.
void OidcApi::sign_out_there(const Call& call, const Account& /*account*/, Respond respond) {
    const auto cookie = account::hash_of_secret(session_cookie(call.request)).value_or(account::SecretHash{});
    front_.oidc->discover([this, respond = std::move(respond), cookie](const Result<Provider>& provider) {
        if (!provider || provider->end_session_endpoint.empty())
            return respond(problem(503, code(Fault::Unreachable)));
        using Ended = std::optional<account::Session>;
        ask<Ended>(
            front_, respond,
            [cookie](Database& database) -> Result<Ended> {
                Ended session = TRY(database.session(cookie));
                const bool is_theirs = session && session->door == account::DoorKind::SingleSignOn;
                if (is_theirs) TRY(database.delete_session(cookie));
                return is_theirs ? std::move(session) : Ended();
            },
            [this, provider = *provider](const Ended& session) {
                if (!session) return problem(409, "bad_request");
                HttpResponse response = HttpResponse::json(
                    200, redirect_json(end_session_url(front_.rng, provider, front_.oidc->client(),
                                                       session->id_token)));
                response.headers.add("Set-Cookie", clear_session_cookie());
                return response;
            });
    });
}

// Back-Channel Logout 1.0 2.5: a form with a token that says whose session is over.
void OidcApi::back_channel_logout(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    const auto refuse_logout = [this, respond](const char* why) {
        ++front_.counters.sso_logouts_refused;
        log_info("oidc", "logout_refused", {{"why", why}});
        respond(logout_refused(why));
    };
    if (!logouts_.allow(net::monotonic_now(), request.remote)) return respond(limited(front_));
    const std::string_view type = request.headers.get("Content-Type");
    if (!type.starts_with("application/x-www-form-urlencoded")) return refuse_logout("not a form");
    const std::string token(net::Query::parse(request.body).get("logout_token"));
    front_.oidc->verify(
        token, "logout+jwt", [this, respond, refuse_logout](const Result<std::string>& payload) {
            if (!payload) return refuse_logout("the token is not signed by the provider");
            const auto logout = check_logout_token(*payload, expected({}));
            if (!logout) return refuse_logout("the token is no logout token for us");
            if (!seen_.is_first(*logout, net::wall_now())) return refuse_logout("the token was used before");
            ask<int>(
                front_, respond,
                [issuer = front_.config.oidc.issuer, logout = *logout](Database& database) {
                    return database.delete_sessions_of_subject(issuer, logout.subject, logout.sid);
                },
                [this](int ended) {
                    ++front_.counters.sso_logouts;
                    log_info("oidc", "logout", {{"sessions", std::to_string(ended)}});
                    return HttpResponse();
                });
        });
}

}  // namespace conclave::server
