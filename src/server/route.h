// What the routes of the REST API have in common.
#pragma once

#include <functional>
#include <utility>

#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

// 503, counted and in the log.
net::HttpResponse store_failed(Front&, const Error&);
// 429, counted.
net::HttpResponse limited(Front&);
// 405
net::HttpResponse method_not_allowed(const char* allowed);

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
