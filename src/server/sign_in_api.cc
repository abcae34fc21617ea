#include "server/sign_in_api.h"

#include <algorithm>
#include <memory>

#include "account/email.h"
#include "net/clock.h"
#include "server/api_json.h"
#include "server/mailer.h"
#include "server/new_session.h"
#include "server/oidc_provider.h"
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

// Five messages an hour to one mailbox, whoever asks for them: enough for who mistypes, too few to annoy
// anybody.
constexpr int64_t kMailsPerMailbox = 5;
constexpr int64_t kMails = 100'000;
constexpr Duration kMailboxPeriod = Duration::minutes(60);

}  // namespace

SignInApi::SignInApi(Front& front)
    : front_(front), mailboxes_(kMailsPerMailbox, kMails, kMailboxPeriod), oidc_(front) {}

void SignInApi::add_routes(RouteTable& table) {
    const Config& config = front_.config;
    table.add({"GET", "/api/v1/sign-in", Asker::Anybody, on(this, &SignInApi::list_doors)});
    if (config.sign_in.passwords)
        table.add({"POST", "/api/v1/sign-in/password", Asker::OwnPage, on(this, &SignInApi::by_password)});
    if (config.sign_in.email_codes) {
        table.add({"POST", "/api/v1/sign-in/code", Asker::OwnPage, on(this, &SignInApi::ask_for_code)});
        table.add({"POST", "/api/v1/sign-in/code/verify", Asker::OwnPage, on(this, &SignInApi::by_code)});
    }
    if (!config.oidc.issuer.empty()) oidc_.add_routes(table);
}

void SignInApi::list_doors(const Call& /*call*/, Respond respond) {
    Doors doors{.password = front_.config.sign_in.passwords, .email_code = front_.mailer != nullptr};
    if (front_.oidc) doors.single_sign_on = front_.oidc->label();
    respond(HttpResponse::json(200, doors_json(doors)));
}

// Whether there is such an account shows nowhere: not in the answers, and not in how long they take, since a
// password is hashed in any case.
void SignInApi::by_password(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    if (!front_.sign_ins.allow(net::monotonic_now(), request.remote)) return respond(limited(front_));
    std::optional<PasswordBody> body = parse_password_sign_in(request.body);
    if (!body || body->password.size() > crypto::kPasswordBytesMax)
        return respond(problem(400, "bad_request"));
    const std::string email = account::clean_email(body->email).value_or("");
    const account::Lockout::Key key = crypto::sha256(as_bytes(email));
    const Duration wait = front_.lockout.wait(net::monotonic_now(), key);
    if (wait > Duration{}) return respond(wait_first(front_, wait));
    front_.lockout.begin(net::monotonic_now(), key);

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
        front_.lockout.succeeded(key);
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
            if (!found) front_.lockout.withdraw(key);
            if (!found) return respond(store_failed(front_, found.error()));
            attempt->known = std::move(*found);
            if (front_.hashing->run(verify, finish)) return;
            front_.lockout.withdraw(key);
            respond(busy(front_));
        });
}

// Every address gets the same answer, before anything is known about it.
void SignInApi::ask_for_code(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    const Instant now = net::monotonic_now();
    if (!front_.sign_ins.allow(now, request.remote)) return respond(limited(front_));
    const std::optional<CodeRequestBody> body = parse_code_request(request.body);
    const std::optional<std::string> email = body ? account::clean_email(body->email) : std::nullopt;
    if (!email) return respond(problem(400, "bad_request"));
    RateLimiter::Key mailbox;
    const crypto::Sha256Digest hash = crypto::sha256(as_bytes(*email));
    std::copy_n(hash.begin(), mailbox.size(), mailbox.begin());
    if (!mailboxes_.allow(now, mailbox)) return respond(limited(front_));
    const auto asked = codes_.ask(now, *email, front_.rng);
    if (!asked) return respond(problem(503, "server_full"));
    HttpResponse response;
    response.status = 202;
    response.headers.add("Set-Cookie",
                         set_cookie(kCodeCookie, asked->browser.text, account::SignInCodes::kLifetime));
    respond(std::move(response));
    mail_code(*email, asked->code, language_of(body->language.value_or(""), request));
}

void SignInApi::mail_code(const std::string& email, const std::string& code, Language language) {
    const Config::SignIn& rules = front_.config.sign_in;
    if (!account::is_of_domain(email, rules.email_domains)) return;
    using Known = std::optional<store::AccountEntry>;
    front_.store.run<Known>(
        [email](Database& database) -> Result<Known> {
            const std::optional<Account> account = TRY(database.account_by_email(email));
            if (!account) return Known();
            return database.account_entry(account->id);
        },
        [this, email, code, language, &rules](const Result<Known>& known) {
            if (!known) return (void)store_failed(front_, known.error());
            if (*known ? (*known)->disabled_at.has_value() : !rules.create_accounts) return;
            const std::string url = front_.config.url();
            front_.mailer->send(email, language, code_mail(language, code, url.substr(url.find("//") + 2)));
        });
}

void SignInApi::by_code(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    const Instant now = net::monotonic_now();
    if (!front_.sign_ins.allow(now, request.remote)) return respond(limited(front_));
    const std::optional<std::string> typed = parse_code(request.body);
    if (!typed) return respond(problem(400, "bad_request"));
    const auto browser = account::hash_of_secret(cookie(request, kCodeCookie));
    account::SignInCodes::Verdict verdict;
    if (browser) verdict = codes_.check(now, *browser, *typed);
    const std::string client = front_.client(request.remote);
    const NewSession fresh = make_session(front_, request, account::DoorKind::Code);
    const bool may_try_again = verdict.outcome == account::SignInCodes::Outcome::Wrong;
    const std::string_view refusal = may_try_again ? "wrong_code" : "code_expired";
    const Config::SignIn& rules = front_.config.sign_in;
    // A code for an address that may not sign in was sent to nobody, and is right by chance at most.
    if (verdict.outcome != account::SignInCodes::Outcome::Right ||
        !account::is_of_domain(verdict.email, rules.email_domains))
        return respond(signed_in(front_, fresh, {}, refusal, client));
    const Account newcomer{random_id(front_.rng, account::kIdSize), account::name_of_email(verdict.email),
                           account::Role::Agent, verdict.email};
    ask<std::optional<Account>>(
        front_, std::move(respond),
        [fresh, newcomer,
         creates = rules.create_accounts](Database& database) -> Result<std::optional<Account>> {
            std::optional<Account> account = TRY(database.account_by_email(newcomer.email));
            if (!account && !creates) return account;
            if (!account) TRY(database.insert_account(newcomer, fresh.session.created_at));
            return start_session(database, fresh, account ? *account : newcomer);
        },
        [this, fresh, client, refusal](const std::optional<Account>& account) {
            HttpResponse response = signed_in(front_, fresh, account, refusal, client);
            response.headers.add("Set-Cookie", set_cookie(kCodeCookie, "", Duration{}));
            return response;
        });
}

}  // namespace conclave::server
