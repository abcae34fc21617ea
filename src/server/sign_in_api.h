// The doors by which agents sign in (/api/v1/sign-in), except for the one-time link.
#pragma once

#include "account/password.h"
#include "account/sign_in.h"
#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

class SignInApi {
 public:
    static constexpr std::string_view kPath = "/api/v1/sign-in";
    static bool is_mine(std::string_view path);

    explicit SignInApi(Front& front) : front_(front) {}
    // Requests that change something come from our own page: the caller has seen to that.
    void handle(const net::HttpRequest& request, net::Respond respond);

 private:
    void list_doors(net::Respond);
    void by_password(const net::HttpRequest&, net::Respond);

    Front& front_;
    account::Lockout lockout_;
};

}  // namespace conclave::server
