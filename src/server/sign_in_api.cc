#include "server/sign_in_api.h"

#include <memory>

#include "account/email.h"
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
using store::Credentials;
using store::Database;

constexpr std::string_view kWrongCredentials = "wrong_credentials";

HttpResponse wait_first(Front& front, Duration wait) {
    ++front.counters.lockouts;
    HttpResponse response = problem(429, "too_many_attempts");
    response.headers.add("Retry-After", std::to_string((wait.us + 999'999) / 1'000'000));
    return response;
}

}  // namespace

bool SignInApi::is_mine(std::string_view path) {
    return path == kPath || (path.starts_with(kPath) && path[kPath.size()] == '/');
}

void SignInApi::handle(const HttpRequest& request, Respond respond) {
    const std::string_view path = std::string_view(request.path).substr(kPath.size());
    if (path.empty()) {
        if (request.method == "GET") return list_doors(std::move(respond));
        return respond(method_not_allowed("GET"));
    }
    if (path == "/password" && front_.config.sign_in.passwords) {
        if (request.method == "POST") return by_password(request, std::move(respond));
        return respond(method_not_allowed("POST"));
    }
    respond(problem(404, "bad_request"));
}

void SignInApi::list_doors(Respond respond) {
    respond(HttpResponse::json(200, doors_json({.password = front_.config.sign_in.passwords})));
}

// Whether there is such an account shows nowhere: not in the answers, and not in how long they take, since a
// password is hashed in any case.
void SignInApi::by_password(const HttpRequest& request, Respond respond) {
    if (!front_.sign_ins.allow(net::monotonic_now(), request.remote)) return respond(limited(front_));
    std::optional<PasswordBody> body = parse_password_sign_in(request.body);
    if (!body || body->password.size() > crypto::kPasswordBytesMax)
        return respond(problem(400, "bad_request"));
    const std::string email = account::clean_email(body->email).value_or("");
    const account::Lockout::Key key = crypto::sha256(as_bytes(email));
    const Duration wait = lockout_.wait(net::monotonic_now(), key);
    if (wait > Duration{}) return respond(wait_first(front_, wait));
    lockout_.begin(net::monotonic_now(), key);

    // Filled in on the way, from thread to thread, one after the other.
    struct Attempt {
        NewSession fresh;
        std::string client;
        std::string password;
        std::optional<Credentials> known;
        bool is_right = false;
    };
    const auto attempt =
        std::make_shared<Attempt>(Attempt{make_session(front_, request, account::DoorKind::Password),
                                          front_.client(request.remote),
                                          std::move(body->password),
                                          {}});

    const auto finish = [this, attempt, key, respond] {
        if (!attempt->is_right)
            return respond(signed_in(front_, attempt->fresh, {}, kWrongCredentials, attempt->client));
        lockout_.succeeded(key);
        ask<std::optional<Account>>(
            front_, respond,
            [attempt](Database& database) {
                return start_session(database, attempt->fresh, attempt->known->account);
            },
            [this, attempt](const std::optional<Account>& account) {
                return signed_in(front_, attempt->fresh, account, kWrongCredentials, attempt->client);
            });
    };
    const auto verify = [attempt, decoy = crypto::decoy_password_hash(front_.password_cost)] {
        const std::string& hash = attempt->known ? attempt->known->password : decoy;
        attempt->is_right = crypto::verify_password(hash, attempt->password) && attempt->known;
    };
    front_.store.run<std::optional<Credentials>>(
        [email](Database& database) { return database.credentials(email); },
        [this, attempt, key, respond, verify, finish](Result<std::optional<Credentials>> found) {
            if (!found) lockout_.withdraw(key);
            if (!found) return respond(store_failed(front_, found.error()));
            attempt->known = std::move(*found);
            if (front_.hashing->run(verify, finish)) return;
            lockout_.withdraw(key);
            respond(problem(503, "server_full"));
        });
}

}  // namespace conclave::server
