// The REST API of meetings (/api/v1/meetings): to make them, to invite, to come in, to end them.
#pragma once

#include "net/http_server.h"
#include "server/api_json.h"
#include "server/front.h"
#include "server/meeting_plane.h"

namespace conclave::server {

class MeetingsApi {
 public:
    static bool is_mine(std::string_view path);

    explicit MeetingsApi(Front& front) : front_(front) {}
    // Requests that change something come from our own page: the caller has seen to that.
    void handle(net::HttpRequest request, net::Respond respond);

 private:
    void list(const net::HttpRequest&, net::Respond);
    void create(const net::HttpRequest&, net::Respond);
    void get(const std::string& id, net::Respond);
    void end(const std::string& id, const net::HttpRequest&, net::Respond);

    // join.cc
    struct Visitor;
    void join(const std::string& id, const net::HttpRequest&, net::Respond);
    void judge(Visitor, Result<live::Hall*>, const net::Respond&);
    void let_in(const Visitor&, const account::Allowed&, live::Hall&, net::Respond);

    void list_invitations(const std::string& id, const net::HttpRequest&, net::Respond);
    void invite(const std::string& id, const net::HttpRequest&, net::Respond);
    void revoke_invitation(const std::string& id, const std::string& invitation, const net::HttpRequest&,
                           net::Respond);
    // For whoever may invite: the hall and the name under which they ask it.
    using AsHost = std::function<void(live::Hall&, const std::string& by)>;
    void as_host(const std::string& id, const net::HttpRequest&, net::Respond, AsHost then);
    void carry_out(const std::string& id, Result<live::Output, meeting::Refusal> output, net::Respond,
                   std::function<net::HttpResponse()> answer);

    Front& front_;
};

// A meeting's refusal as an answer of the REST API.
net::HttpResponse refused(meeting::Refusal);

}  // namespace conclave::server
