#include "server/meetings_api.h"

#include <utility>

#include "crypto/hash.h"
#include "meeting/authority.h"
#include "meeting/id.h"
#include "net/clock.h"
#include "server/log.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;
using store::Database;

constexpr size_t kInvitationIdSize = 12;

HttpResponse not_found() {
    return problem(404, code(account::Refusal::MeetingNotFound));
}

HttpResponse no_content() {
    HttpResponse response;
    response.status = 204;
    return response;
}

}  // namespace

HttpResponse refused(meeting::Refusal refusal) {
    using meeting::Refusal;
    if (refusal == Refusal::NotOpen) return not_found();
    if (refusal == Refusal::Full) return problem(503, code(refusal));
    const bool is_forbidden =
        refusal == Refusal::NotOwner || refusal == Refusal::NotAllowed || refusal == Refusal::NotInMeeting;
    return problem(is_forbidden ? 403 : 400, code(refusal));
}

void MeetingsApi::add_routes(RouteTable& table) {
    const std::string all = "/api/v1/meetings";
    const std::string one = all + "/{id}";
    const std::string invitations = one + "/invitations";
    const auto socket = [this](const Call& call, std::shared_ptr<net::Upgrade> upgrade) {
        front_.meetings->upgrade(call.items[0], call.request, std::move(upgrade));
    };
    table.add({"GET", all, Asker::Agent, on(this, &MeetingsApi::list)});
    table.add({"POST", all, Asker::Agent, on(this, &MeetingsApi::create)});
    table.add({"GET", one, Asker::Anybody, on(this, &MeetingsApi::get)});
    table.add({"DELETE", one, Asker::Agent, on(this, &MeetingsApi::end)});
    table.add({"POST", one + "/join", Asker::OwnPage, on(this, &MeetingsApi::join)});
    // Browsers let any site open a WebSocket here, with our cookie: only our own page may (RFC 6455 10.2).
    table.add({kWebSocket, one + "/live", Asker::OwnPage, socket});
    table.add({"GET", invitations, Asker::Agent, on(this, &MeetingsApi::list_invitations)});
    table.add({"POST", invitations, Asker::Agent, on(this, &MeetingsApi::invite)});
    table.add(
        {"DELETE", invitations + "/{invitation}", Asker::Agent, on(this, &MeetingsApi::revoke_invitation)});
}

void MeetingsApi::list(const Call& /*call*/, const Account& owner, Respond respond) {
    const auto find = [id = owner.id](Database& database) { return database.meetings_of(id); };
    ask<std::vector<meeting::State>>(front_, std::move(respond), find,
                                     [](const std::vector<meeting::State>& found) {
                                         return HttpResponse::json(200, meeting_list_json(found));
                                     });
}

void MeetingsApi::create(const Call& call, const Account& owner, Respond respond) {
    const std::optional<CreateBody> body = parse_create_meeting(call.request.body);
    if (!body) return respond(problem(400, "bad_request"));
    const auto terms = policy::terms_for(front_.policy, body->wish);
    if (const auto* refusal = std::get_if<policy::Refusal>(&terms))
        return respond(problem(400, policy::code(*refusal)));
    const meeting::Create create{meeting::make_id(front_.rng), body->title, owner.id,
                                 std::get<policy::Terms>(terms)};
    const meeting::Decision events = meeting::decide({}, {owner.id, create}, net::wall_now());
    if (!events) return respond(refused(events.error()));
    meeting::State created;
    for (const meeting::Event& event : *events) evolve(created, event);
    const auto record = [id = create.id, recorded = *events](Database& database) {
        return database.append(id, recorded);
    };
    ask<Ok>(front_, std::move(respond), record, [this, created](Ok) {
        ++front_.counters.meetings_created;
        log_info("api", "meeting_created");
        return HttpResponse::json(201, meeting_json(created));
    });
}

// Unknown, ended and malformed ids take the same way and get the same answer.
void MeetingsApi::get(const Call& call, Respond respond) {
    const auto find = [id = call.items[0]](Database& database) { return database.meeting(id); };
    ask<std::optional<meeting::State>>(front_, std::move(respond), find,
                                       [](const std::optional<meeting::State>& meeting) {
                                           if (!meeting || meeting->phase != meeting::State::Phase::Open)
                                               return not_found();
                                           return HttpResponse::json(200, meeting_summary_json(*meeting));
                                       });
}

void MeetingsApi::carry_out(const std::string& id, Result<live::Output, meeting::Refusal> output,
                            Respond respond, std::function<HttpResponse()> answer) {
    if (!output) return respond(refused(output.error()));
    const auto recorded = [this, respond = std::move(respond),
                           answer = std::move(answer)](const Status& status) {
        respond(status ? answer() : store_failed(front_, status.error()));
    };
    front_.meetings->commit(id, std::move(*output), recorded);
}

// Over for all: once that is on the disk the link opens nothing any more, and those who are in it are sent
// away. Whoever is told that this failed ends it once more.
void MeetingsApi::end(const Call& call, const Account& account, Respond respond) {
    const std::string& id = call.items[0];
    front_.meetings->with(id, [this, respond, id, by = account.id](Result<live::Hall*> hall) {
        if (!hall) return respond(store_failed(front_, hall.error()));
        if (!*hall) return respond(not_found());
        carry_out(id, (*hall)->command({by, meeting::End{}}, net::wall_now()), respond, [] {
            log_info("api", "meeting_ended");
            return no_content();
        });
    });
}

// The owner at any time, other agents while they are in it.
void MeetingsApi::as_host(const std::string& id, const Account& host, Respond respond, AsHost then) {
    front_.meetings->with(
        id, [this, respond, account = host.id, then = std::move(then)](Result<live::Hall*> hall) {
            if (!hall) return respond(store_failed(front_, hall.error()));
            if (!*hall || (*hall)->state().phase != meeting::State::Phase::Open) return respond(not_found());
            const meeting::State& state = (*hall)->state();
            if (account == state.owner) return then(**hall, account);
            const meeting::Person* person = state.find_account(account);
            if (!person || !person->is_in()) return respond(problem(403, "not_in_meeting"));
            then(**hall, person->id);
        });
}

void MeetingsApi::list_invitations(const Call& call, const Account& account, Respond respond) {
    as_host(call.items[0], account, respond, [respond](const live::Hall& hall, const std::string& by) {
        const meeting::Person* person = hall.state().find(by);
        const bool sees_all = !person || meeting::leads(hall.state(), *person);
        respond(HttpResponse::json(
            200, invitations_json(hall.state(), sees_all ? std::string() : by, net::wall_now())));
    });
}

void MeetingsApi::invite(const Call& call, const Account& account, Respond respond) {
    const std::string& id = call.items[0];
    const std::optional<InvitationBody> body = parse_invitation(call.request.body);
    as_host(id, account, respond, [this, respond, id, body](live::Hall& hall, const std::string& by) {
        if (!body) return respond(problem(400, "bad_request"));
        const account::Secret secret = account::make_secret(front_.rng);
        const meeting::Invite invite{.id = random_id(front_.rng, kInvitationIdSize),
                                     .secret_hash = crypto::hex_encode(secret.hash),
                                     .name = body->name,
                                     .role = body->role,
                                     .valid = body->valid};
        carry_out(id, hall.command({by, invite}, net::wall_now()), respond,
                  [number = invite.id, text = secret.text] {
                      return HttpResponse::json(201, invitation_json(number, text));
                  });
    });
}

void MeetingsApi::revoke_invitation(const Call& call, const Account& account, Respond respond) {
    const std::string& id = call.items[0];
    as_host(id, account, respond,
            [this, respond, id, invitation = call.items[1]](live::Hall& hall, const std::string& by) {
                carry_out(id, hall.command({by, meeting::RevokeInvitation{invitation}}, net::wall_now()),
                          respond, [] { return no_content(); });
            });
}

}  // namespace conclave::server
