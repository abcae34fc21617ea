// Single sign-on (/api/v1/sign-in/oidc): to the identity provider, back with a code, and the provider's own
// word that a session is over.
#pragma once

#include <memory>

#include "account/oidc.h"
#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

class OidcApi {
 public:
    static constexpr std::string_view kPath = "/api/v1/sign-in/oidc";
    static constexpr std::string_view kLogoutPath = "/api/v1/sign-in/oidc/logout";
    static bool is_mine(std::string_view path);

    explicit OidcApi(Front& front);
    // Only when front.oidc is there.
    void handle(const net::HttpRequest& request, net::Respond respond);

 private:
    struct Return;  // one browser that came back
    using Coming = std::shared_ptr<Return>;

    void leave(const net::HttpRequest&, net::Respond);
    void come_back(const net::HttpRequest&, net::Respond);
    void redeem(const Coming&);
    void identify(const Coming&, const std::string& id_token);
    void learn_more(const Coming&);
    void enter(const Coming&);
    void back_channel_logout(const net::HttpRequest&, net::Respond);

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
