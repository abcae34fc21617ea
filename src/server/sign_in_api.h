// The doors by which agents sign in (/api/v1/sign-in), except for the one-time link.
#pragma once

#include "account/password.h"
#include "account/sign_in_code.h"
#include "net/http_server.h"
#include "server/front.h"
#include "server/oidc_api.h"
#include "server/sign_in_mail.h"

namespace conclave::server {

class SignInApi {
 public:
    static constexpr std::string_view kPath = "/api/v1/sign-in";
    static bool is_mine(std::string_view path);

    explicit SignInApi(Front& front);
    // Requests that change something come from our own page: the caller has seen to that.
    void handle(const net::HttpRequest& request, net::Respond respond);

 private:
    void list_doors(net::Respond);
    void by_password(const net::HttpRequest&, net::Respond);
    void ask_for_code(const net::HttpRequest&, net::Respond);
    void mail_code(const std::string& email, const std::string& code, Language);
    void by_code(const net::HttpRequest&, net::Respond);

    Front& front_;
    account::Lockout lockout_;
    account::SignInCodes codes_;
    RateLimiter mailboxes_;
    OidcApi oidc_;
};

}  // namespace conclave::server
