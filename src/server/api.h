// The REST API under /api/v1, exactly as proto/openapi.yaml has it.
#pragma once

#include "net/http_server.h"
#include "server/front.h"
#include "server/sign_in_api.h"

namespace conclave::server {

class Api {
 public:
    static constexpr std::string_view kPrefix = "/api/";

    explicit Api(Front& front) : front_(front), sign_in_(front) {}
    // Paths that start with kPrefix.
    void handle(net::HttpRequest request, net::Respond respond);

 private:
    void get_session(const net::HttpRequest&, net::Respond);
    void sign_in(const net::HttpRequest&, net::Respond);
    void sign_out(const net::HttpRequest&, net::Respond);
    void list_meetings(const net::HttpRequest&, net::Respond);
    void create_meeting(const net::HttpRequest&, net::Respond);
    void get_meeting(std::string id, net::Respond);
    void end_meeting(std::string id, const net::HttpRequest&, net::Respond);
    void join_meeting(std::string id, const net::HttpRequest&, net::Respond);

    // Runs on the store thread, then answers; 503 when the database fails.
    template <class T>
    void ask(net::Respond respond, std::function<Result<T>(store::Database&)> work,
             std::function<net::HttpResponse(T)> answer);
    // For what only agents may do: goes on with the caller's account, or answers why not.
    void as_agent(const net::HttpRequest&, net::Respond,
                  std::function<void(const std::string& account)> then);
    // The account behind the request's cookie, for use inside `work`.
    std::function<Result<std::optional<account::Account>>(store::Database&)> caller(
        const net::HttpRequest&) const;

    net::HttpResponse refused(account::Refusal, std::string_view client);
    net::HttpResponse limited();
    net::HttpResponse store_failed(const Error&);

    Front& front_;
    SignInApi sign_in_;
};

}  // namespace conclave::server
