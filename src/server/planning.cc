// Meetings are planned: free slots, changes, the file for a calendar.
#include <charconv>
#include <cstdlib>
#include <utility>

#include "net/clock.h"
#include "server/letters.h"
#include "server/log.h"
#include "server/meetings_api.h"
#include "server/plan_check.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using net::HttpResponse;
using net::Respond;
using store::Database;

// Milliseconds in a query; as far as times can be from 1970 in a JSON number.
std::optional<int64_t> number_of(std::string_view text) {
    constexpr int64_t kMax = int64_t{1} << 52;
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number >= -kMax && number <= kMax ? std::optional(number) : std::nullopt;
}

}  // namespace

policy::PlanWish wish_of(const PlanBody& body, Duration length) {
    return {.begin = body.begin, .length = length, .utc_offset = body.utc_offset, .insists = body.insists};
}

Result<policy::PlanVerdict> check_plan(Database& database, const PlanCheck& check) {
    const Duration rest = check.usual.rest;
    std::vector<policy::Span> busy =
        TRY(database.busy(check.concerned, WallTime{check.wish.begin.us - rest.us}));
    if (check.rests_since) busy.insert(busy.begin(), policy::Span{*check.rests_since, *check.rests_since});
    const size_t planned =
        check.is_new ? TRY(database.plans_of(check.concerned.account_id, check.now)) : size_t{0};
    return judge_plan(check.usual, check.wish, busy, planned, check.now);
}

HttpResponse refused(const policy::PlanVerdict& verdict, policy::RestRule rule) {
    const unsigned status = verdict.refusal == policy::PlanRefusal::TooClose ? 409 : 400;
    HttpResponse response = problem(status, policy::code(*verdict.refusal));
    if (status == 409) response.body = plan_problem_json(verdict, rule);
    return response;
}

// Which slots are free for the caller, and for all who are invited to a meeting of theirs.
void MeetingsApi::slots(const Call& call, const account::Account& account, Respond respond) {
    const net::Query& query = call.request.query;
    const std::optional<int64_t> from = number_of(query.get("from"));
    const std::optional<int64_t> until = number_of(query.get("until"));
    const std::optional<int64_t> length = number_of(query.get("length"));
    const std::optional<int64_t> offset = number_of(query.get("utc_offset"));
    const std::string meeting(query.get("meeting"));
    const WallTime now = net::wall_now();
    policy::Wish asked;
    if (length) asked.length = Duration::millis(*length);
    const auto terms = policy::terms_for(front_.policy, asked);
    if (const auto* refusal = std::get_if<policy::Refusal>(&terms))
        return respond(problem(400, policy::code(*refusal)));
    const bool is_place = offset && std::abs(*offset) <= policy::kUtcOffsetMax.ms();
    if (!from || !until || !is_place) return respond(problem(400, "bad_request"));
    const policy::PlanWish wish{.begin = {std::max(*from * 1000, now.us)},
                                .length = std::get<policy::Terms>(terms).length,
                                .utc_offset = Duration::millis(*offset)};
    if (wish.begin > now + policy::kPlanAheadMax)
        return respond(problem(400, code(policy::PlanRefusal::TooFarAhead)));
    const Duration rest = front_.policy.usual.rest;
    const auto find = [=, id = account.id](Database& database) -> Result<std::vector<policy::Span>> {
        // Of a meeting of somebody else the caller learns nothing.
        const auto state = TRY(database.meeting(meeting));
        const std::string own = state && state->owner == id ? meeting : std::string();
        return database.busy({id, own, own}, WallTime{wish.begin.us - rest.us});
    };
    ask<std::vector<policy::Span>>(
        front_, std::move(respond), find, [=](const std::vector<policy::Span>& busy) {
            const auto free = slots_until(wish, busy, rest, WallTime{*until * 1000});
            return HttpResponse::json(200, slots_json(free, wish.length));
        });
}

void MeetingsApi::plan(const Call& call, const account::Account& account, Respond respond) {
    const std::optional<PlanBody> body = parse_plan(call.request.body);
    if (!body) return respond(problem(400, "bad_request"));
    const std::string& id = call.items[0];
    front_.meetings->with(id, [this, respond, id, body, by = account.id](Result<live::Hall*> hall) {
        if (!hall) return respond(store_failed(front_, hall.error()));
        if (!*hall || (*hall)->state().phase != meeting::State::Phase::Open)
            return respond(problem(404, "meeting_not_found"));
        const meeting::State& state = (*hall)->state();
        if (state.owner != by) return respond(problem(403, "not_owner"));
        const Duration length = body->length.value_or(state.terms.length);
        const auto terms = policy::terms_for(front_.policy, {.length = length});
        if (const auto* refusal = std::get_if<policy::Refusal>(&terms))
            return respond(problem(400, policy::code(*refusal)));
        const PlanCheck check{.usual = front_.policy.usual,
                              .wish = wish_of(*body, length),
                              .concerned = {by, id, id},
                              .rests_since = state.closed_at,
                              .is_new = !state.plan,
                              .now = net::wall_now()};
        const auto judge = [check](Database& database) { return check_plan(database, check); };
        const meeting::Plan wish{body->begin, length, body->utc_offset, body->zone};
        front_.store.run<policy::PlanVerdict>(
            judge, [this, respond, id, by, wish](Result<policy::PlanVerdict> verdict) {
                if (!verdict) return respond(store_failed(front_, verdict.error()));
                if (verdict->refusal)
                    return respond(server::refused(*verdict, front_.policy.usual.rest_rule));
                move(id, {by, wish}, *verdict, respond);
            });
    });
}

// What was said to be free a moment ago may be taken now: two plans of one person at the same instant are
// told apart by nobody, and the break is asked for again at the door.
void MeetingsApi::move(const std::string& id, const meeting::Command& plan,
                       const policy::PlanVerdict& verdict, Respond respond) {
    front_.meetings->with(id, [this, id, plan, verdict, respond](Result<live::Hall*> hall) {
        if (!hall) return respond(store_failed(front_, hall.error()));
        if (!*hall) return respond(problem(404, "meeting_not_found"));
        Result<live::Output, meeting::Refusal> output = (*hall)->command(plan, net::wall_now());
        const Addressees invited = invited_to((*hall)->state(), net::wall_now());
        carry_out(id, std::move(output), respond, [this, invited, verdict, state = (*hall)->state()] {
            log_info("api", "meeting_planned");
            send_letters(front_, Letter::Kind::Change, invited);
            return HttpResponse::json(200, planned_json(state, verdict));
        });
    });
}

// For whoever has the link, and with nothing that they do not know by it.
void MeetingsApi::calendar_file(const Call& call, Respond respond) {
    if (!front_.joins.allow(net::monotonic_now(), call.request.remote)) return respond(limited(front_));
    const std::string& id = call.items[0];
    front_.meetings->with(id, [this, id, respond](Result<live::Hall*> hall) {
        if (!hall) return respond(store_failed(front_, hall.error()));
        if (!*hall || (*hall)->state().phase != meeting::State::Phase::Open)
            return respond(problem(404, "meeting_not_found"));
        const meeting::State& state = (*hall)->state();
        if (!state.plan) return respond(problem(404, "no_such_thing"));
        const std::string url = meeting_url(front_.config, id);
        const std::optional<std::string> text =
            calendar::compose(calendar::Method::Publish, {.uid = calendar_uid(front_.config, id),
                                                          .sequence = state.plan->sequence,
                                                          .stamp = net::wall_now(),
                                                          .begin = state.plan->begin,
                                                          .length = state.plan->length,
                                                          .summary = state.title,
                                                          .description = url + "\n",
                                                          .url = url});
        if (!text) return respond(problem(404, "no_such_thing"));
        HttpResponse response;
        response.headers.add("Content-Type", "text/calendar; charset=utf-8; method=PUBLISH");
        response.headers.add("Content-Disposition", "attachment; filename=\"conclave.ics\"");
        response.body = *text;
        respond(std::move(response));
    });
}

}  // namespace conclave::server
