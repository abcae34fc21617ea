#include "server/meetings_api.h"

#include <utility>

#include "meeting/id.h"
#include "net/clock.h"
#include "server/letters.h"
#include "server/log.h"
#include "server/plan_check.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using account::Account;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;
using store::Database;

HttpResponse not_found() {
    return problem(404, code(account::Refusal::MeetingNotFound));
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
    table.add({"PUT", one + "/plan", Asker::Agent, on(this, &MeetingsApi::plan)});
    table.add({"GET", one + "/calendar.ics", Asker::Anybody, on(this, &MeetingsApi::calendar_file)});
    table.add({"GET", "/api/v1/slots", Asker::Agent, on(this, &MeetingsApi::slots)});
    table.add({"GET", invitations, Asker::Agent, on(this, &MeetingsApi::list_invitations)});
    table.add({"POST", invitations, Asker::Agent, on(this, &MeetingsApi::invite)});
    table.add({"POST", one + "/invitation-mails", Asker::Agent, on(this, &MeetingsApi::invite_by_mail)});
    table.add(
        {"DELETE", invitations + "/{invitation}", Asker::Agent, on(this, &MeetingsApi::revoke_invitation)});
}

void MeetingsApi::list(const Call& /*call*/, const Account& owner, Respond respond) {
    const auto find = [id = owner.id](Database& database) { return database.meetings_of(id); };
    ask<std::vector<meeting::State>>(
        front_, std::move(respond), find, [this, id = owner.id](std::vector<meeting::State> found) {
            std::vector<ListedMeeting> list;
            for (meeting::State& state : found) {
                const std::optional<size_t> people = front_.meetings->people_in(state.id);
                const bool is_own = state.owner == id;
                list.push_back({std::move(state), is_own, people});
            }
            return HttpResponse::json(200, meeting_list_json(list, front_.policy));
        });
}

void MeetingsApi::create(const Call& call, const Account& owner, Respond respond) {
    const std::optional<CreateBody> body = parse_create_meeting(call.request.body);
    if (!body) return respond(problem(400, "bad_request"));
    policy::Wish wish = body->wish;
    if (body->plan && body->plan->length) wish.length = body->plan->length;
    const auto terms = policy::terms_for(front_.policy, wish);
    if (const auto* refusal = std::get_if<policy::Refusal>(&terms))
        return respond(problem(400, policy::code(*refusal)));
    const meeting::Create create{meeting::make_id(front_.rng), body->title, owner.id,
                                 std::get<policy::Terms>(terms)};
    std::vector<meeting::Command> commands{{owner.id, create}};
    if (const auto& plan = body->plan)
        commands.push_back(
            {owner.id, meeting::Plan{plan->begin, create.terms.length, plan->utc_offset, plan->zone}});
    meeting::State created;
    meeting::Events events;
    for (const meeting::Command& command : commands) {
        const meeting::Decision decided = meeting::decide(created, command, net::wall_now());
        if (!decided) return respond(refused(decided.error()));
        for (const meeting::Event& event : *decided) {
            evolve(created, event);
            events.push_back(event);
        }
    }
    record(created, events, body->plan, std::move(respond));
}

// The plan is judged and recorded in one transaction.
void MeetingsApi::record(const meeting::State& created, const meeting::Events& events,
                         const std::optional<PlanBody>& plan, Respond respond) {
    std::optional<PlanCheck> check;
    if (plan)
        check = PlanCheck{.usual = front_.policy.usual,
                          .wish = wish_of(*plan, created.terms.length),
                          .concerned = {created.owner},
                          .now = net::wall_now()};
    const auto work = [check, id = created.id, events](Database& database) -> Result<policy::PlanVerdict> {
        policy::PlanVerdict verdict;
        if (check) verdict = TRY(check_plan(database, *check));
        if (!verdict.refusal) TRY(database.append(id, events));
        return verdict;
    };
    ask<policy::PlanVerdict>(front_, std::move(respond), work, [this, created](policy::PlanVerdict verdict) {
        if (verdict.refusal) return server::refused(verdict, front_.policy.usual.rest_rule);
        ++front_.counters.meetings_created;
        log_info("api", "meeting_created");
        return HttpResponse::json(201, planned_json(created, verdict));
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
        if (!*hall) return end_again(id, by, respond);
        const WallTime now = net::wall_now();
        const std::optional<meeting::PlannedTime>& plan = (*hall)->state().plan;
        // What was to come is cancelled for whoever was written to; what is past ends silently.
        const bool is_to_come = plan && plan->end() > now;
        const Addressees invited =
            is_to_come ? invited_to((*hall)->state(), now) : addressees_of((*hall)->state());
        carry_out(id, (*hall)->command({by, meeting::End{}}, now), respond, [this, invited] {
            log_info("api", "meeting_ended");
            send_letters(front_, Letter::Kind::Cancellation, invited);
            return no_content();
        });
    });
}

void MeetingsApi::end_again(const std::string& id, const std::string& by, Respond respond) {
    const auto find = [id](Database& database) { return database.meeting(id); };
    ask<std::optional<meeting::State>>(front_, std::move(respond), find,
                                       [by](const std::optional<meeting::State>& ended) {
                                           return ended && ended->owner == by ? no_content() : not_found();
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

}  // namespace conclave::server
