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

constexpr std::string_view kPath = "/api/v1/meetings";
constexpr size_t kInvitationIdSize = 12;

HttpResponse not_found() {
    return problem(404, code(account::Refusal::MeetingNotFound));
}

HttpResponse no_content() {
    HttpResponse response;
    response.status = 204;
    return response;
}

// "<id>", "<id>/join", "<id>/invitations", "<id>/invitations/<invitation>".
struct Target {
    std::string id;
    std::string part;
    std::string item;
    bool is_valid = false;
};

Target target_of(std::string_view path) {
    Target target;
    std::string* const parts[] = {&target.id, &target.part, &target.item};
    path.remove_prefix(kPath.size() + 1);
    for (std::string* part : parts) {
        const size_t end = std::min(path.find('/'), path.size());
        *part = path.substr(0, end);
        if (part->empty()) return target;
        if (end == path.size()) {
            target.is_valid = true;
            return target;
        }
        path.remove_prefix(end + 1);
    }
    return target;
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

bool MeetingsApi::is_mine(std::string_view path) {
    return path == kPath || (path.starts_with(kPath) && path[kPath.size()] == '/');
}

void MeetingsApi::handle(HttpRequest request, Respond respond) {
    const std::string& method = request.method;
    if (request.path == kPath) {
        if (method == "GET") return list(request, std::move(respond));
        if (method == "POST") return create(request, std::move(respond));
        return respond(method_not_allowed("GET, POST"));
    }
    const Target target = target_of(request.path);
    if (target.is_valid && target.part.empty()) {
        if (method == "GET") return get(target.id, std::move(respond));
        if (method == "DELETE") return end(target.id, request, std::move(respond));
        return respond(method_not_allowed("GET, DELETE"));
    }
    if (target.is_valid && target.part == "join" && target.item.empty()) {
        if (method == "POST") return join(target.id, request, std::move(respond));
        return respond(method_not_allowed("POST"));
    }
    if (target.is_valid && target.part == "invitations") {
        if (!target.item.empty()) {
            if (method != "DELETE") return respond(method_not_allowed("DELETE"));
            return revoke_invitation(target.id, target.item, request, std::move(respond));
        }
        if (method == "GET") return list_invitations(target.id, request, std::move(respond));
        if (method == "POST") return invite(target.id, request, std::move(respond));
        return respond(method_not_allowed("GET, POST"));
    }
    respond(problem(404, "bad_request"));
}

void MeetingsApi::list(const HttpRequest& request, Respond respond) {
    as_agent(front_, request, respond, [this, respond](const Account& owner) {
        const auto find = [id = owner.id](Database& database) { return database.meetings_of(id); };
        ask<std::vector<meeting::State>>(front_, respond, find, [](const std::vector<meeting::State>& found) {
            return HttpResponse::json(200, meeting_list_json(found));
        });
    });
}

void MeetingsApi::create(const HttpRequest& request, Respond respond) {
    const std::optional<CreateBody> body = parse_create_meeting(request.body);
    as_agent(front_, request, respond, [this, respond, body](const Account& owner) {
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
        ask<Ok>(front_, respond, record, [this, created](Ok) {
            ++front_.counters.meetings_created;
            log_info("api", "meeting_created");
            return HttpResponse::json(201, meeting_json(created));
        });
    });
}

// Unknown, ended and malformed ids take the same way and get the same answer.
void MeetingsApi::get(const std::string& id, Respond respond) {
    const auto find = [id](Database& database) { return database.meeting(id); };
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
void MeetingsApi::end(const std::string& id, const HttpRequest& request, Respond respond) {
    as_agent(front_, request, respond, [this, respond, id](const Account& account) {
        front_.meetings->with(id, [this, respond, id, by = account.id](Result<live::Hall*> hall) {
            if (!hall) return respond(store_failed(front_, hall.error()));
            if (!*hall) return respond(not_found());
            carry_out(id, (*hall)->command({by, meeting::End{}}, net::wall_now()), respond, [] {
                log_info("api", "meeting_ended");
                return no_content();
            });
        });
    });
}

// The owner at any time, other agents while they are in it.
void MeetingsApi::as_host(const std::string& id, const HttpRequest& request, Respond respond, AsHost then) {
    as_agent(front_, request, respond, [this, respond, id, then = std::move(then)](const Account& account) {
        front_.meetings->with(id, [this, respond, account = account.id, then](Result<live::Hall*> hall) {
            if (!hall) return respond(store_failed(front_, hall.error()));
            if (!*hall || (*hall)->state().phase != meeting::State::Phase::Open) return respond(not_found());
            const meeting::State& state = (*hall)->state();
            if (account == state.owner) return then(**hall, account);
            const meeting::Person* person = state.find_account(account);
            if (!person || !person->is_in()) return respond(problem(403, "not_in_meeting"));
            then(**hall, person->id);
        });
    });
}

void MeetingsApi::list_invitations(const std::string& id, const HttpRequest& request, Respond respond) {
    as_host(id, request, respond, [respond](const live::Hall& hall, const std::string& by) {
        const meeting::Person* person = hall.state().find(by);
        const bool sees_all = !person || meeting::leads(hall.state(), *person);
        respond(HttpResponse::json(
            200, invitations_json(hall.state(), sees_all ? std::string() : by, net::wall_now())));
    });
}

void MeetingsApi::invite(const std::string& id, const HttpRequest& request, Respond respond) {
    const std::optional<InvitationBody> body = parse_invitation(request.body);
    as_host(id, request, respond, [this, respond, id, body](live::Hall& hall, const std::string& by) {
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

void MeetingsApi::revoke_invitation(const std::string& id, const std::string& invitation,
                                    const HttpRequest& request, Respond respond) {
    as_host(id, request, respond, [this, respond, id, invitation](live::Hall& hall, const std::string& by) {
        carry_out(id, hall.command({by, meeting::RevokeInvitation{invitation}}, net::wall_now()), respond,
                  [] { return no_content(); });
    });
}

}  // namespace conclave::server
