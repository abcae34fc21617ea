// The doors by which agents sign in (/api/v1/sign-in), except for the one-time link.
#pragma once

#include "account/sign_in_code.h"
#include "net/http_server.h"
#include "server/front.h"
#include "server/oidc_api.h"
#include "server/route_table.h"
#include "server/sign_in_mail.h"

namespace conclave::server {

class SignInApi {
 public:
    explicit SignInApi(Front& front);
    // A door that is not configured has no route.
    void add_routes(RouteTable&);

 private:
    void list_doors(const Call&, net::Respond);
    void by_password(const Call&, net::Respond);
    void ask_for_code(const Call&, net::Respond);
    void mail_code(const std::string& email, const std::string& code, Language);
    void by_code(const Call&, net::Respond);

    Front& front_;
    account::SignInCodes codes_;
    RateLimiter mailboxes_;
    OidcApi oidc_;
};

}  // namespace conclave::server
