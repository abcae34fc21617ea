#include "server/route.h"

#include "net/clock.h"
#include "server/log.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

// Half a minute refills half of a bucket: enough for whoever is no machine.
constexpr const char* kRetryAfterSeconds = "30";
// In which half of a full queue of passwords is done.
constexpr const char* kBusySeconds = "5";

}  // namespace

net::HttpResponse no_content() {
    net::HttpResponse response;
    response.status = 204;
    return response;
}

net::HttpResponse store_failed(Front& front, const Error& error) {
    ++front.counters.store_failures;
    log_error("api", "store_failed", {{"what", error.what}});
    return problem(503, "server_full");
}

net::HttpResponse limited(Front& front) {
    ++front.counters.rate_limited;
    net::HttpResponse response = problem(429, "too_many_requests");
    response.headers.add("Retry-After", kRetryAfterSeconds);
    return response;
}

net::HttpResponse wait_first(Front& front, Duration wait) {
    ++front.counters.lockouts;
    net::HttpResponse response = problem(429, "too_many_attempts");
    response.headers.add("Retry-After", std::to_string((wait.us + 999'999) / 1'000'000));
    return response;
}

net::HttpResponse busy(Front& front) {
    ++front.counters.hashing_refused;
    net::HttpResponse response = problem(503, "sign_in_busy");
    response.headers.add("Retry-After", kBusySeconds);
    return response;
}

net::HttpResponse refused(Front& front, account::Refusal refusal, std::string_view client) {
    ++front.counters.refusals[code(refusal)];
    log_info("api", "refused", {{"code", std::string(code(refusal))}, {"client", std::string(client)}});
    net::HttpResponse response = problem(static_cast<unsigned>(http_status(refusal)), code(refusal));
    if (refusal == account::Refusal::ServerOverloaded)
        response.headers.add("Retry-After", front.retry_after());
    return response;
}

Caller caller_of(const Front& front, const net::HttpRequest& request) {
    const std::optional<account::SecretHash> cookie = account::hash_of_secret(session_cookie(request));
    return [cookie, rules = front.session_rules,
            now = net::wall_now()](store::Database& database) -> Result<std::optional<account::Account>> {
        if (!cookie) return std::optional<account::Account>();
        return database.account_of_session(*cookie, rules, now);
    };
}

void as_agent(Front& front, const net::HttpRequest& request, net::Respond respond,
              std::function<void(const account::Account&)> then) {
    const auto with_account =
        [&front, respond = std::move(respond), then = std::move(then),
         client = front.client(request.remote)](Result<std::optional<account::Account>> found) {
            if (!found) return respond(store_failed(front, found.error()));
            const account::Admission admission =
                account::admit({.way = account::Way::Api, .account = *found}, front.rng);
            if (const auto* refusal = std::get_if<account::Refusal>(&admission))
                return respond(refused(front, *refusal, client));
            then(**found);
        };
    front.store.run<std::optional<account::Account>>(caller_of(front, request), with_account);
}

}  // namespace conclave::server
