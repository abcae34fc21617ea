// Somebody comes to the door of a meeting: who they are, what the meeting knows of them, and what admission
// says to it.
#include <utility>

#include "crypto/hash.h"
#include "net/clock.h"
#include "server/log.h"
#include "server/meetings_api.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using meeting::State;
using net::HttpRequest;
using net::HttpResponse;
using net::Respond;

account::GuestsBy guests_by(const State& state) {
    switch (state.terms.guests) {
        case policy::Guests::None:
            return account::GuestsBy::Nothing;
        case policy::Guests::Invited:
            return account::GuestsBy::Invitation;
        case policy::Guests::Link:
            break;
    }
    return account::GuestsBy::Link;
}

account::Request::Lobby lobby(const State& state) {
    using Lobby = account::Request::Lobby;
    switch (state.terms.lobby) {
        case policy::Lobby::Nobody:
            return Lobby::Nobody;
        case policy::Lobby::Guests:
            return Lobby::Guests;
        case policy::Lobby::Everyone:
            break;
    }
    return Lobby::Everyone;
}

account::Rest::Rule rest_rule(const State& state) {
    switch (state.terms.rest_rule) {
        case policy::RestRule::Inform:
            return account::Rest::Rule::Inform;
        case policy::RestRule::Discourage:
            return account::Rest::Rule::Discourage;
        case policy::RestRule::Block:
            break;
    }
    return account::Rest::Rule::Block;
}

// Of the secret that was shown: which invitation it is, and whether it is this person's.
std::pair<std::string, account::Invitation> invitation_of(const State& state,
                                                          const std::optional<std::string>& secret,
                                                          const meeting::PersonId& person, WallTime now) {
    if (!secret) return {"", account::Invitation::None};
    const std::optional<account::SecretHash> hash = account::hash_of_secret(*secret);
    const std::string text = hash ? crypto::hex_encode(*hash) : std::string();
    for (const auto& [id, invitation] : state.invitations) {
        if (text.empty() || invitation.secret_hash != text) continue;
        const bool is_spent = !invitation.used_by.empty() && invitation.used_by != person;
        const bool is_good = !invitation.is_revoked && invitation.expires_at > now && !is_spent;
        return {id, is_good ? account::Invitation::Good : account::Invitation::Bad};
    }
    return {"", account::Invitation::Bad};
}

}  // namespace

struct MeetingsApi::Visitor {
    std::string meeting;
    JoinBody body;
    std::string client;  // for the log
    std::optional<account::Account> account = {};
    std::optional<store::Database::Rest> rest = {};
    std::string invitation = {};  // its id
};

void MeetingsApi::join(const Call& call, Respond respond) {
    const HttpRequest& request = call.request;
    if (!front_.joins.allow(net::monotonic_now(), request.remote)) return respond(limited(front_));
    std::optional<JoinBody> body = parse_join(request.body);
    if (!body) return respond(problem(400, "bad_request"));
    using Found = std::pair<std::optional<account::Account>, std::optional<store::Database::Rest>>;
    const auto find = [who = caller_of(front_, request)](store::Database& database) -> Result<Found> {
        Found found{TRY(who(database)), {}};
        if (found.first) found.second = TRY(database.rest(found.first->id));
        return found;
    };
    Visitor visitor{
        .meeting = call.items[0], .body = std::move(*body), .client = front_.client(request.remote)};
    front_.store.run<Found>(find, [this, visitor, respond](Result<Found> found) {
        if (!found) return respond(store_failed(front_, found.error()));
        Visitor known = visitor;
        known.account = std::move(found->first);
        known.rest = std::move(found->second);
        front_.meetings->with(known.meeting, [this, known, respond](Result<live::Hall*> hall) {
            judge(known, std::move(hall), respond);
        });
    });
}

void MeetingsApi::judge(Visitor visitor, Result<live::Hall*> hall, const Respond& respond) {
    if (!hall) return respond(store_failed(front_, hall.error()));
    const WallTime now = net::wall_now();
    account::Request wish{.way = account::Way::PageJoin, .room = visitor.meeting};
    wish.capacity = front_.capacity(visitor.meeting, "");
    wish.account = visitor.account;
    wish.name = visitor.body.name;
    if (visitor.body.rejoin) wish.rejoin = front_.keys.verify_rejoin(*visitor.body.rejoin, now);
    if (*hall) {
        const State& state = (*hall)->state();
        if (state.phase == State::Phase::Open) wish.meeting = account::MeetingState::Open;
        if (visitor.account) {
            const meeting::Person* person = state.find_account(visitor.account->id);
            if (person) wish.known_as = person->id;
            wish.leads =
                visitor.account->id == state.owner || (person && person->role >= meeting::Role::Deputy);
        }
        const bool is_own_rejoin = wish.rejoin && wish.rejoin->meeting_id == visitor.meeting &&
                                   wish.rejoin->account_id == (visitor.account ? visitor.account->id : "");
        const std::string person = !wish.known_as.empty() ? wish.known_as
                                   : is_own_rejoin        ? wish.rejoin->identity
                                                          : std::string();
        wish.place = place_of(state, person);
        wish.guests_by = guests_by(state);
        wish.lobby = lobby(state);
        std::tie(visitor.invitation, wish.invitation) =
            invitation_of(state, visitor.body.invitation, person, now);
        wish.rest.rule = rest_rule(state);
        wish.rest.insists = visitor.body.insists;
        wish.rest.is_emergency = visitor.body.emergency.has_value();
        if (state.rests(now)) wish.rest.left = *state.closed_at + state.terms.rest - now;
        const bool is_of_another = visitor.rest && visitor.rest->meeting_id != visitor.meeting;
        if (is_of_another) wish.rest.left = std::max(wish.rest.left, visitor.rest->until - now);
    }
    const account::Admission admission = account::admit(wish, front_.rng);
    if (const auto* refusal = std::get_if<account::Refusal>(&admission)) {
        HttpResponse response = refused(front_, *refusal, visitor.client);
        if (*refusal == account::Refusal::RestRequired)
            response.body = rest_problem_json(wish.rest.left, (*hall)->state().terms.rest_rule);
        return respond(std::move(response));
    }
    let_in(visitor, std::get<account::Allowed>(admission), **hall, respond);
}

// The answer waits until the arrival is on the disk.
void MeetingsApi::let_in(const Visitor& visitor, const account::Allowed& allowed, live::Hall& hall,
                         Respond respond) {
    const WallTime now = net::wall_now();
    if (allowed.overrides_rest) {
        const meeting::OverrideRest override{allowed.account_id, visitor.body.emergency.value_or("insisted")};
        Result<live::Output, meeting::Refusal> output = hall.command({{}, override}, now);
        if (!output) return respond(refused(output.error()));
        front_.meetings->commit(visitor.meeting, std::move(*output));
    }
    const meeting::Arrive arrive{
        .person = allowed.identity,
        .kind = allowed.kind == account::Kind::Agent ? meeting::Kind::Agent : meeting::Kind::Guest,
        .account = allowed.account_id,
        .name = allowed.name,
        .invitation = visitor.invitation,
        .needs_admission = allowed.needs_admission};
    Result<live::Output, meeting::Refusal> output = hall.command({{}, arrive}, now);
    if (!output) return respond(refused(output.error()));
    AdmissionBody admitted;
    if (place_of(hall.state(), allowed.identity) == account::Place::Inside)
        admitted.token = front_.keys.join_token(allowed, visitor.meeting, now);
    admitted.identity = allowed.identity;
    admitted.name = allowed.name;
    admitted.rejoin =
        front_.keys.sign_rejoin({visitor.meeting, allowed.identity, allowed.name, allowed.account_id}, now);
    carry_out(visitor.meeting, std::move(output), std::move(respond),
              [this, admitted, kind = allowed.kind, client = visitor.client] {
                  ++front_.counters.admissions;
                  log_info("api", "admitted", {{"kind", std::string(text_of(kind))}, {"client", client}});
                  return HttpResponse::json(200, admission_json(admitted));
              });
}

}  // namespace conclave::server
