// The REST API of meetings (/api/v1/meetings): to make and plan them, to invite, to
// come in, to end them.
#pragma once

#include <memory>

#include "net/http_server.h"
#include "server/api_json.h"
#include "server/front.h"
#include "server/meeting_plane.h"
#include "server/route_table.h"

namespace conclave::server {

class MeetingsApi {
 public:
    explicit MeetingsApi(Front& front) : front_(front) {}
    void add_routes(RouteTable&);

 private:
    void list(const Call&, const account::Account&, net::Respond);
    void create(const Call&, const account::Account&, net::Respond);
    void record(const meeting::State& created, const meeting::Events&, const std::optional<PlanBody>&,
                net::Respond);
    void get(const Call&, net::Respond);
    void end(const Call&, const account::Account&, net::Respond);
    void end_again(const std::string& id, const std::string& by, net::Respond);

    // join.cc
    struct Visitor;
    void join(const Call&, net::Respond);
    void judge(Visitor, Result<live::Hall*>, const net::Respond&);
    void let_in(const Visitor&, const account::Allowed&, live::Hall&, net::Respond);

    // planning.cc
    void slots(const Call&, const account::Account&, net::Respond);
    void plan(const Call&, const account::Account&, net::Respond);
    void move(const std::string& id, const meeting::Command& plan, const policy::PlanVerdict&, net::Respond);
    void calendar_file(const Call&, net::Respond);

    // invitations.cc
    struct Mailing;
    void invite_by_mail(const Call&, const account::Account&, net::Respond);
    void find_guests(const std::shared_ptr<Mailing>&, const meeting::State&);
    void invite_guests(const std::shared_ptr<Mailing>&, live::Hall&);
    std::string_view invite_one(const std::shared_ptr<Mailing>&, const std::string& email,
                                const std::string& account, live::Hall&);
    void recorded(Mailing&);
    void list_invitations(const Call&, const account::Account&, net::Respond);
    void invite(const Call&, const account::Account&, net::Respond);
    void revoke_invitation(const Call&, const account::Account&, net::Respond);
    // For whoever may invite: the hall and the name under which they ask it.
    using AsHost = std::function<void(live::Hall&, const std::string& by)>;
    void as_host(const std::string& id, const account::Account&, net::Respond, AsHost then);
    void carry_out(const std::string& id, Result<live::Output, meeting::Refusal> output, net::Respond,
                   std::function<net::HttpResponse()> answer);

    Front& front_;
};

// A meeting's refusal as an answer of the REST API.
net::HttpResponse refused(meeting::Refusal);

}  // namespace conclave::server
