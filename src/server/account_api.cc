#include "server/account_api.h"

#include <algorithm>

#include "crypto/hash.h"
#include "net/clock.h"
#include "net/system_rng.h"
#include "server/api_json.h"
#include "server/log.h"
#include "server/oidc_provider.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using account::DoorKind;
using account::Session;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;
using store::Database;

// A first password is a further door: whoever finds a browser open must not be able to make one for
// themselves.
constexpr Duration kFreshSignIn = Duration::minutes(10);

account::SecretHash session_of(const HttpRequest& request) {
    return account::hash_of_secret(session_cookie(request)).value_or(account::SecretHash{});
}

// The account with the session that asks; nothing when it ended meanwhile.
struct Self {
    store::AccountEntry entry;
    Session session;
};
Result<std::optional<Self>> find_self(Database& database, const std::string& account,
                                      const account::SecretHash& hash) {
    std::optional<store::AccountEntry> entry = TRY(database.account_entry(account));
    std::optional<Session> session = TRY(database.session(hash));
    if (!entry || !session || session->account_id != account) return std::optional<Self>();
    return std::optional(Self{std::move(*entry), std::move(*session)});
}

// Whose account a provider vouches for comes in through that provider alone, unless the operator said
// otherwise: a password would still open when the provider closes.
PasswordRight right_of(const Config& config, const store::AccountEntry& entry) {
    if (!config.sign_in.passwords || entry.account.email.empty()) return PasswordRight::None;
    if (entry.has_password) return PasswordRight::Change;
    return entry.has_single_sign_on ? PasswordRight::None : PasswordRight::Set;
}

HttpResponse signed_out() {
    return problem(401, code(account::Refusal::SignInRequired));
}

std::string_view code_of(account::PasswordFault fault) {
    switch (fault) {
        case account::PasswordFault::TooWeak:
            return "password_too_weak";
        case account::PasswordFault::TooLong:
            return "password_too_long";
        case account::PasswordFault::NotText:
            return "password_not_text";
        case account::PasswordFault::Personal:
            break;
    }
    return "password_personal";
}

}  // namespace

void AccountApi::add_routes(RouteTable& table) {
    const std::string own = "/api/v1/account";
    const std::string sessions = own + "/sessions";
    table.add({"GET", own, Asker::Agent, on(this, &AccountApi::show)});
    table.add({"GET", sessions, Asker::Agent, on(this, &AccountApi::list_sessions)});
    table.add({"DELETE", sessions, Asker::Agent, on(this, &AccountApi::end_other_sessions)});
    table.add({"DELETE", sessions + "/{session}", Asker::Agent, on(this, &AccountApi::end_session)});
    if (front_.config.sign_in.passwords)
        table.add({"PUT", own + "/password", Asker::Agent, on(this, &AccountApi::change_password)});
}

void AccountApi::show(const Call& call, const Account& account, Respond respond) {
    front_.store.run<std::optional<Self>>(
        [id = account.id, hash = session_of(call.request)](Database& database) {
            return find_self(database, id, hash);
        },
        [this, respond = std::move(respond)](const Result<std::optional<Self>>& self) {
            if (!self) return respond(store_failed(front_, self.error()));
            if (!*self) return respond(signed_out());
            const Self& found = **self;
            AccountBody body{.account = found.entry.account,
                             .password = right_of(front_.config, found.entry),
                             .provider = {}};
            if (!front_.oidc || found.session.door != DoorKind::SingleSignOn)
                return respond(HttpResponse::json(200, account_json(body)));
            // A provider that is away, or ends no sessions, is not offered.
            front_.oidc->discover(
                [this, respond, body](const Result<account::oidc::Provider>& provider) mutable {
                    if (provider && !provider->end_session_endpoint.empty())
                        body.provider = front_.oidc->label();
                    respond(HttpResponse::json(200, account_json(body)));
                });
        });
}

void AccountApi::list_sessions(const Call& call, const Account& account, Respond respond) {
    const auto find = [id = account.id, rules = front_.session_rules,
                       now = net::wall_now()](Database& database) -> Result<std::vector<Session>> {
        std::vector<Session> all = TRY(database.sessions_of(id));
        std::erase_if(all, [&](const Session& session) { return !is_alive(session, rules, now); });
        return all;
    };
    ask<std::vector<Session>>(front_, std::move(respond), find,
                              [own = session_of(call.request)](const std::vector<Session>& all) {
                                  return HttpResponse::json(200, session_list_json(all, own));
                              });
}

void AccountApi::end_session(const Call& call, const Account& account, Respond respond) {
    const auto end = [id = account.id, wanted = call.items[0]](Database& database) -> Result<bool> {
        for (const Session& session : TRY(database.sessions_of(id))) {
            if (session_id(session) != wanted) continue;
            TRY(database.delete_session(session.hash));
            return true;
        }
        return false;
    };
    ask<bool>(front_, std::move(respond), end, [](bool was_there) {
        if (!was_there) return problem(404, "bad_request");
        log_info("api", "session_ended");
        return no_content();
    });
}

void AccountApi::end_other_sessions(const Call& call, const Account& account, Respond respond) {
    const auto end = [id = account.id, own = session_of(call.request)](Database& database) {
        return database.delete_other_sessions(id, own);
    };
    ask<int>(front_, std::move(respond), end, [](int ended) {
        log_info("api", "other_sessions_ended", {{"sessions", std::to_string(ended)}});
        return no_content();
    });
}

// A change of password on its way; filled in from thread to thread, one after the other.
struct AccountApi::Change {
    Respond respond;
    PasswordChangeBody body;
    std::string account_id;
    account::SecretHash session;
    account::Lockout::Key lockout_key = {};
    std::optional<std::string> known = {};  // the hash of the password there is
    bool is_right = false;
    std::optional<std::string> hashed = {};
};

void AccountApi::change_password(const Call& call, const Account& account, Respond respond) {
    if (!front_.sign_ins.allow(net::monotonic_now(), call.request.remote)) return respond(limited(front_));
    std::optional<PasswordChangeBody> body = parse_password_change(call.request.body);
    if (!body || body->current.size() > crypto::kPasswordBytesMax)
        return respond(problem(400, "bad_request"));
    const auto change = std::make_shared<Change>(
        Change{std::move(respond), std::move(*body), account.id, session_of(call.request)});
    struct Found {
        std::optional<Self> self;
        std::optional<store::Credentials> credentials;
    };
    const auto find = [change](Database& database) -> Result<std::optional<Found>> {
        Found found{TRY(find_self(database, change->account_id, change->session)), {}};
        if (found.self) found.credentials = TRY(database.credentials(found.self->entry.account.email));
        return std::optional(std::move(found));
    };
    front_.store.run<std::optional<Found>>(find, [this, change](const Result<std::optional<Found>>& found) {
        if (!found) return change->respond(store_failed(front_, found.error()));
        if (!(*found)->self) return change->respond(signed_out());
        const Self& self = *(*found)->self;
        const PasswordRight right = right_of(front_.config, self.entry);
        if (right == PasswordRight::None) return change->respond(problem(403, "password_not_allowed"));
        if (right == PasswordRight::Set && net::wall_now() - self.session.created_at > kFreshSignIn)
            return change->respond(problem(403, "fresh_sign_in_required"));
        const Account& owner = self.entry.account;
        if (const auto fault = account::fault_of_password(change->body.password, owner.name, owner.email))
            return change->respond(problem(400, code_of(*fault)));
        if (right == PasswordRight::Change && !(*found)->credentials) return change->respond(signed_out());
        if ((*found)->credentials) change->known = (*found)->credentials->password;
        // Shared with the sign-in: guessing goes no faster here.
        change->lockout_key = crypto::sha256(as_bytes(owner.email));
        const Duration wait = front_.lockout.wait(net::monotonic_now(), change->lockout_key);
        if (wait > Duration{}) return change->respond(wait_first(front_, wait));
        front_.lockout.begin(net::monotonic_now(), change->lockout_key);
        hash(change);
    });
}

void AccountApi::hash(const Changing& change) {
    const auto work = [change, cost = front_.password_cost] {
        change->is_right = !change->known || crypto::verify_password(*change->known, change->body.current);
        if (!change->is_right) return;
        net::SystemRng rng;
        Result<std::string> hashed = crypto::hash_password(change->body.password, cost, rng);
        if (hashed) change->hashed = std::move(*hashed);
    };
    const auto then = [this, change] {
        if (!change->is_right) return change->respond(problem(403, "wrong_password"));
        front_.lockout.succeeded(change->lockout_key);
        if (!change->hashed) return change->respond(busy(front_));
        keep(change);
    };
    if (front_.hashing->run(work, then)) return;
    front_.lockout.withdraw(change->lockout_key);
    change->respond(busy(front_));
}

// Whoever knew the old one may be signed in with it, on any other browser.
void AccountApi::keep(const Changing& change) {
    const auto set = [change](Database& database) -> Result<bool> {
        if (!TRY(find_self(database, change->account_id, change->session))) return false;
        TRY(database.set_password(change->account_id, *change->hashed));
        TRY(database.delete_other_sessions(change->account_id, change->session));
        return true;
    };
    ask<bool>(front_, change->respond, set, [](bool is_set) {
        if (!is_set) return signed_out();
        log_info("api", "password_changed");
        return no_content();
    });
}

}  // namespace conclave::server
