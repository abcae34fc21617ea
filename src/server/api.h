// The REST API under /api/v1, exactly as proto/openapi.yaml has it.
#pragma once

#include "net/http_server.h"
#include "server/front.h"
#include "server/meetings_api.h"
#include "server/sign_in_api.h"

namespace conclave::server {

class Api {
 public:
    static constexpr std::string_view kPrefix = "/api/";

    explicit Api(Front& front) : front_(front), sign_in_(front), meetings_(front) {}
    // Paths that start with kPrefix.
    void handle(net::HttpRequest request, net::Respond respond);

 private:
    void get_session(const net::HttpRequest&, net::Respond);
    void sign_in(const net::HttpRequest&, net::Respond);
    void sign_out(const net::HttpRequest&, net::Respond);

    Front& front_;
    SignInApi sign_in_;
    MeetingsApi meetings_;
};

}  // namespace conclave::server
