// The REST API under /api/v1, exactly as proto/openapi.yaml has it.
#pragma once

#include "net/http_server.h"
#include "server/account_api.h"
#include "server/front.h"
#include "server/meetings_api.h"
#include "server/route_table.h"
#include "server/sign_in_api.h"

namespace conclave::server {

class Api {
 public:
    static constexpr std::string_view kPrefix = "/api/";

    explicit Api(Front& front) : front_(front), sign_in_(front), account_(front), meetings_(front) {}
    // All that starts with kPrefix.
    void add_routes(RouteTable&);

 private:
    void get_session(const Call&, net::Respond);
    void sign_in(const Call&, net::Respond);
    void sign_out(const Call&, net::Respond);

    Front& front_;
    SignInApi sign_in_;
    AccountApi account_;
    MeetingsApi meetings_;
};

}  // namespace conclave::server
