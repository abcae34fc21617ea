#include "server/site.h"

#include <utility>

#include "crypto/hmac.h"
#include "net/clock.h"
#include "server/log.h"
#include "server/meeting_plane.h"
#include "server/static_files.h"
#include "server/web_rules.h"
#include "server/webhooks.h"

namespace conclave::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// Prometheus text format 0.0.4.
void sample(std::string& text, std::string_view name, std::string_view type, uint64_t value,
            std::string_view help) {
    const std::string n(name);
    text += "# HELP " + n + " " + std::string(help) + "\n# TYPE " + n + " " + std::string(type) + "\n" + n +
            " " + std::to_string(value) + "\n";
}

std::string sign_in_metrics(const Front& shared) {
    const FrontCounters& front = shared.counters;
    std::string text;
    sample(text, "conclave_sign_ins_total", "counter", front.sign_ins, "Sign-ins, whatever the door.");
    sample(text, "conclave_sign_ins_refused_total", "counter", front.sign_ins_refused, "Refused sign-ins.");
    sample(text, "conclave_sign_ins_delayed_total", "counter", front.lockouts,
           "Sign-ins that had to wait because of failures before them.");
    const net::WorkPool::Load hashing = shared.hashing->load();
    sample(text, "conclave_passwords_hashing", "gauge", hashing.running, "Passwords being hashed now.");
    sample(text, "conclave_passwords_hashing_peak", "gauge", hashing.running_peak,
           "The most that were hashed at one time.");
    sample(text, "conclave_passwords_waiting", "gauge", hashing.waiting, "Passwords waiting to be hashed.");
    sample(text, "conclave_passwords_refused_total", "counter", front.hashing_refused,
           "Passwords that found the queue full.");
    sample(text, "conclave_mails_sent_total", "counter", front.mails_sent,
           "Messages that the mail server took over.");
    sample(text, "conclave_mails_failed_total", "counter", front.mails_failed, "Messages that it did not.");
    return text;
}

}  // namespace

Site::Site(Front& front, std::string metrics_token)
    : front_(front),
      api_(front),
      network_tests_(front),
      door_(front),
      room_service_(front),
      table_(front),
      metrics_token_(std::move(metrics_token)) {
    front.network_tests = &network_tests_;
    api_.add_routes(table_);
    network_tests_.add_routes(table_);
    door_.add_routes(table_);
    room_service_.add_routes(table_);
    table_.add({"GET", "/healthz", Asker::Anybody, on(this, &Site::health)});
    table_.add({"GET", "/metrics", Asker::Operator, on(this, &Site::metrics)});
    table_.add({"GET", "/*", Asker::Anybody,
                [](const Call& call, const net::Respond& respond) { respond(static_file(call.request)); }});
}

void Site::handle(HttpRequest request, net::Respond respond) {
    // What the answer needs of the request, which the route consumes.
    net::HttpRequest facts;
    facts.headers = request.headers;
    facts.secure = request.secure;
    const bool is_api = request.path.starts_with(Api::kPrefix);
    table_.handle(std::move(request),
                  [facts = std::move(facts), is_api, respond = std::move(respond)](HttpResponse response) {
                      add_security_headers(facts, response);
                      if (is_api) {
                          response.headers.add("Cache-Control", "no-store");
                          response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
                      }
                      respond(std::move(response));
                  });
}

void Site::upgrade(HttpRequest request, std::shared_ptr<net::Upgrade> upgrade) {
    table_.upgrade(std::move(request), std::move(upgrade));
}

// Healthy is who can still admit people: the database answers and nobody asked us to stop.
void Site::health(const Call& /*call*/, net::Respond respond) {
    if (front_.is_stopping) return respond(HttpResponse::text(503, "stopping\n"));
    const char* text =
        front_.config.dev ? "ok\ndevelopment mode: everybody knows the API key devkey\n" : "ok\n";
    front_.store.run<Ok>([](store::Database&) -> Status { return Ok{}; },
                         [respond = std::move(respond), text](const Status& status) {
                             HttpResponse response =
                                 status ? HttpResponse::text(200, text)
                                        : HttpResponse::text(503, "the database does not answer\n");
                             response.headers.add("Cache-Control", "no-store");
                             respond(std::move(response));
                         });
}

void Site::metrics(const Call& call, const net::Respond& respond) {
    const HttpRequest& request = call.request;
    // A proxy that is not in trusted_proxies makes everybody look like loopback.
    const bool is_local = request.remote.is_loopback() && !request.headers.has("X-Forwarded-For") &&
                          !request.headers.has("Forwarded");
    const std::string expected = "Bearer " + metrics_token_;
    const bool has_token =
        !metrics_token_.empty() &&
        crypto::equal_constant_time(as_bytes(expected), as_bytes(request.headers.get("Authorization")));
    if (!is_local && !has_token)
        return respond(HttpResponse::text(403, "metrics are for loopback or a bearer token\n"));
    HttpResponse response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.headers.add("Cache-Control", "no-store");
    response.body = metrics_text();
    respond(std::move(response));
}

std::string Site::metrics_text() const {
    const FrontCounters& front = front_.counters;
    const net::HttpCounters& http = http_->counters();
    const store::Store::Counters store = front_.store.counters();
    std::string text;
    sample(text, "conclave_http_connections", "gauge", http.connections, "TCP connections open now.");
    sample(text, "conclave_http_accepted_total", "counter", http.accepted, "TCP connections accepted.");
    sample(text, "conclave_http_refused_connections_total", "counter", http.refused_connections,
           "TCP connections over a limit.");
    sample(text, "conclave_http_requests_total", "counter", http.requests, "Requests that reached a route.");
    sample(text, "conclave_http_bad_requests_total", "counter", http.bad_requests, "Malformed requests.");
    sample(text, "conclave_http_tls_errors_total", "counter", http.tls_errors, "Failed TLS handshakes.");
    sample(text, "conclave_http_timeouts_total", "counter", http.timeouts,
           "Connections closed by a timeout.");
    sample(text, "conclave_http_handler_errors_total", "counter", http.handler_errors,
           "Requests answered 500.");
    sample(text, "conclave_websockets", "gauge", http.websockets, "Signalling sockets open now.");
    sample(text, "conclave_websockets_overflowed_total", "counter", http.websockets_overflowed,
           "Signalling sockets dropped because the client did not read.");
    text += sign_in_metrics(front_);
    sample(text, "conclave_meetings_created_total", "counter", front.meetings_created, "Meetings created.");
    sample(text, "conclave_meetings_open", "gauge", front_.meetings->meetings(), "Meetings that go on.");
    sample(text, "conclave_meeting_sockets", "gauge", front_.meetings->connections(),
           "Meeting sockets open now.");
    sample(text, "conclave_network_tests_total", "counter", front.network_tests, "Connection tests begun.");
    sample(text, "conclave_admissions_total", "counter", front.admissions, "Admissions by page or token.");
    sample(text, "conclave_turned_away_total", "counter", front.tokens_refused,
           "Signalling requests refused.");
    sample(text, "conclave_rate_limited_total", "counter", front.rate_limited, "Requests answered 429.");
    sample(text, "conclave_cross_site_refused_total", "counter", front.cross_site_refused,
           "Requests that another site made.");
    sample(text, "conclave_api_calls_total", "counter", front.api_calls, "Calls of the server API.");
    sample(text, "conclave_api_refused_total", "counter", front.api_refused,
           "Calls of the server API without a key or the right to it.");
    sample(text, "conclave_api_errors_total", "counter", front.api_errors,
           "Calls of the server API answered with an error.");
    sample(text, "conclave_dev_mode", "gauge", front_.config.dev ? 1 : 0,
           "1: everybody knows an API key of this server.");
    sample(text, "conclave_store_requests_total", "counter", store.requests,
           "Requests to the database thread.");
    sample(text, "conclave_store_commits_total", "counter", store.commits,
           "Transactions, each one fsync at most.");
    sample(text, "conclave_store_failures_total", "counter", store.failures,
           "Database requests that failed.");
    sample(text, "conclave_store_queued", "gauge", store.queued, "Database requests waiting.");
    sample(text, "conclave_sso_logouts_total", "counter", front.sso_logouts,
           "Logouts that the identity provider asked for.");
    sample(text, "conclave_sso_logouts_refused_total", "counter", front.sso_logouts_refused,
           "Logout tokens that were not accepted.");
    text +=
        "# HELP conclave_sso_refused_total Single sign-ons that failed.\n"
        "# TYPE conclave_sso_refused_total counter\n";
    for (const auto& [code, count] : front.sso_refused)
        text +=
            "conclave_sso_refused_total{code=\"" + std::string(code) + "\"} " + std::to_string(count) + "\n";
    text += "# HELP conclave_refusals_total Refused admissions.\n# TYPE conclave_refusals_total counter\n";
    for (const auto& [code, count] : front.refusals)
        text += "conclave_refusals_total{code=\"" + std::string(code) + "\"} " + std::to_string(count) + "\n";
    if (front_.webhooks) text += front_.webhooks->metrics();
    return text + front_.media->metrics();
}

}  // namespace conclave::server
