// What the routes of the REST API have in common.
#pragma once

#include <functional>
#include <utility>

#include "account/admission.h"
#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

// 204
net::HttpResponse no_content();
// 503, counted and in the log.
net::HttpResponse store_failed(Front&, const Error&);
// 429, counted.
net::HttpResponse limited(Front&);
// 429 for a password, after failures: in `wait` one may try again. Counted.
net::HttpResponse wait_first(Front&, Duration wait);
// 503, counted: more passwords are being checked than have their turn in time.
net::HttpResponse busy(Front&);

// An admission's refusal, counted and in the log.
net::HttpResponse refused(Front&, account::Refusal, std::string_view client);

// The account behind the request's cookie, for use on the store thread.
using Caller = std::function<Result<std::optional<account::Account>>(store::Database&)>;
Caller caller_of(const Front&, const net::HttpRequest&);
// For what only agents may do: goes on with the caller's account, or answers why not.
void as_agent(Front&, const net::HttpRequest&, net::Respond,
              std::function<void(const account::Account&)> then);

// `work` runs on the store thread, `answer` makes the response of its outcome; 503 when the database fails.
template <class T>
void ask(Front& front, net::Respond respond, std::function<Result<T>(store::Database&)> work,
         std::function<net::HttpResponse(T)> answer) {
    front.store.run<T>(std::move(work),
                       [&front, respond = std::move(respond), answer = std::move(answer)](Result<T> outcome) {
                           if (outcome) return respond(answer(std::move(*outcome)));
                           respond(store_failed(front, outcome.error()));
                       });
}

}  // namespace conclave::server
