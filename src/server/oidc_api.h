// Single sign-on (/api/v1/sign-in/oidc): to the identity provider, back with a code, and the provider's own
// word that a session is over.
#pragma once

#include <memory>

#include "account/oidc.h"
#include "net/http_server.h"
#include "server/front.h"
#include "server/route_table.h"

namespace conclave::server {

class OidcApi {
 public:
    explicit OidcApi(Front& front);
    // Only when there will be a front.oidc.
    void add_routes(RouteTable&);

 private:
    struct Return;  // one browser that came back
    using Coming = std::shared_ptr<Return>;

    void leave(const Call&, net::Respond);
    void come_back(const Call&, net::Respond);
    void redeem(const Coming&);
    void identify(const Coming&, const std::string& id_token);
    void learn_more(const Coming&);
    void enter(const Coming&);
    void sign_out_there(const Call&, const account::Account&, net::Respond);
    void back_channel_logout(const Call&, net::Respond);

    // To the sign-in page, which says it in words; counted and in the log.
    net::HttpResponse refused(account::oidc::Fault, std::string_view next, std::string_view why,
                              std::string_view client);
    void refuse(const Coming&, account::oidc::Fault, std::string_view why);
    account::oidc::Expected expected(std::string_view nonce) const;

    Front& front_;
    account::oidc::SeenTokens seen_;
    RateLimiter logouts_;
};

}  // namespace conclave::server
