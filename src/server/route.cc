#include "server/route.h"

#include "server/log.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

// Half a minute refills half of a bucket: enough for whoever is no machine.
constexpr const char* kRetryAfterSeconds = "30";

}  // namespace

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

net::HttpResponse method_not_allowed(const char* allowed) {
    net::HttpResponse response = problem(405, "bad_request");
    response.headers.add("Allow", allowed);
    return response;
}

}  // namespace conclave::server
