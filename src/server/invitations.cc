// Invitations to a meeting: handed over as links, or mailed.
#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "account/email.h"
#include "crypto/hash.h"
#include "meeting/authority.h"
#include "net/clock.h"
#include "server/letters.h"
#include "server/log.h"
#include "server/meetings_api.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using net::HttpResponse;
using net::Respond;
using store::Database;

constexpr size_t kInvitationIdSize = 12;
constexpr size_t kMailedAtOnceMax = 50;

bool is_mailed(const meeting::State& state, const std::string& email, WallTime now) {
    return std::any_of(state.invitations.begin(), state.invitations.end(), [&](const auto& entry) {
        return entry.second.email == email && !entry.second.is_revoked && entry.second.expires_at > now;
    });
}

}  // namespace

// One request to invite several people by mail, from its first look-up to its answer.
struct MeetingsApi::Mailing {
    std::string meeting;
    std::string by;
    MailInvitationsBody body;
    struct Guest {
        std::string email;         // clean; empty: it is no address
        std::string account = {};  // of an agent
        bool is_busy = false;
    };
    std::vector<Guest> guests = {};  // as body.emails
    Addressees letters = {};
    std::vector<MailOutcome> outcomes = {};
    size_t unrecorded = 0;
    Respond respond = {};
};

void MeetingsApi::list_invitations(const Call& call, const account::Account& account, Respond respond) {
    const std::string& id = call.items[0];
    as_host(id, account, respond, [this, respond](const live::Hall& hall, const std::string& by) {
        const meeting::Person* person = hall.state().find(by);
        const bool sees_all = !person || meeting::leads(hall.state(), *person);
        respond(HttpResponse::json(200, invitations_json(hall.state(), sees_all ? std::string() : by,
                                                         net::wall_now(), front_.mailer != nullptr)));
    });
}

void MeetingsApi::invite(const Call& call, const account::Account& account, Respond respond) {
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

// Whoever was written to is told, so that their calendar forgets it.
void MeetingsApi::revoke_invitation(const Call& call, const account::Account& account, Respond respond) {
    const std::string& id = call.items[0];
    as_host(id, account, respond,
            [this, respond, id, invitation = call.items[1]](live::Hall& hall, const std::string& by) {
                const Addressees written = invited_to(hall.state(), net::wall_now(), invitation);
                carry_out(id, hall.command({by, meeting::RevokeInvitation{invitation}}, net::wall_now()),
                          respond, [this, written] {
                              send_letters(front_, Letter::Kind::Cancellation, written);
                              return no_content();
                          });
            });
}

void MeetingsApi::invite_by_mail(const Call& call, const account::Account& account, Respond respond) {
    const std::string& id = call.items[0];
    const std::optional<MailInvitationsBody> body = parse_mail_invitations(call.request.body);
    as_host(id, account, respond, [this, respond, id, body](const live::Hall& hall, const std::string& by) {
        if (!body || body->emails.empty()) return respond(problem(400, "bad_request"));
        if (body->emails.size() > kMailedAtOnceMax) return respond(problem(400, "too_much"));
        if (!front_.mailer) return respond(problem(409, "no_mail"));
        auto mailing = std::make_shared<Mailing>(Mailing{.meeting = id, .by = by, .body = *body});
        mailing->respond = respond;
        RateLimiter::Key key{};
        const crypto::Sha256Digest who = crypto::sha256(as_bytes(by));
        std::copy_n(who.begin(), key.size(), key.begin());
        for (const std::string& typed : body->emails) {
            mailing->guests.push_back({account::clean_email(typed).value_or("")});
            if (!front_.mails.allow(net::monotonic_now(), key)) return respond(limited(front_));
        }
        find_guests(mailing, hall.state());
    });
}

// Who of them has an account, and something else at that time.
void MeetingsApi::find_guests(const std::shared_ptr<Mailing>& mailing, const meeting::State& state) {
    using Guests = std::vector<Mailing::Guest>;
    const auto find = [guests = mailing->guests, plan = state.plan, id = mailing->meeting,
                       rest = front_.policy.usual.rest](Database& database) -> Result<Guests> {
        Guests found = guests;
        for (Mailing::Guest& guest : found) {
            const auto account = TRY(database.account_by_email(guest.email));
            if (!account) continue;
            guest.account = account->id;
            if (!plan) continue;
            const auto busy = TRY(database.busy({account->id, "", id}, WallTime{plan->begin.us - rest.us}));
            guest.is_busy = !has_rest({plan->begin, plan->end()}, busy, rest);
        }
        return found;
    };
    front_.store.run<Guests>(find, [this, mailing](Result<Guests> found) {
        if (!found) return mailing->respond(store_failed(front_, found.error()));
        mailing->guests = std::move(*found);
        front_.meetings->with(mailing->meeting, [this, mailing](Result<live::Hall*> hall) {
            if (!hall) return mailing->respond(store_failed(front_, hall.error()));
            if (!*hall) return mailing->respond(problem(404, "meeting_not_found"));
            invite_guests(mailing, **hall);
        });
    });
}

void MeetingsApi::invite_guests(const std::shared_ptr<Mailing>& mailing, live::Hall& hall) {
    mailing->letters = addressees_of(hall.state());
    mailing->unrecorded = 1;  // until all are asked
    const policy::RestRule rule = front_.policy.usual.rest_rule;
    const bool busy_are_left_out =
        rule == policy::RestRule::Block || (rule == policy::RestRule::Discourage && !mailing->body.insists);
    for (size_t i = 0; i < mailing->guests.size(); ++i) {
        const Mailing::Guest& guest = mailing->guests[i];
        std::string_view outcome = "sent";
        if (guest.email.empty()) {
            outcome = "bad_address";
        } else if (guest.account == hall.state().owner ||
                   is_mailed(hall.state(), guest.email, net::wall_now())) {
            outcome = "already";
        } else if (guest.is_busy && busy_are_left_out) {
            outcome = "busy";
        } else {
            outcome = invite_one(mailing, guest.email, guest.account, hall);
        }
        mailing->outcomes.push_back({mailing->body.emails[i], outcome});
    }
    recorded(*mailing);
}

std::string_view MeetingsApi::invite_one(const std::shared_ptr<Mailing>& mailing, const std::string& email,
                                         const std::string& account, live::Hall& hall) {
    meeting::Invite invite{.id = random_id(front_.rng, kInvitationIdSize), .secret_hash = {}, .name = {}};
    if (account.empty())
        invite.secret_hash =
            crypto::hex_encode(front_.keys.invitation_secret(mailing->meeting, invite.id).hash);
    invite.email = email;
    invite.account = account;
    invite.language = mailing->body.language == "en" ? "en" : "fr";
    Result<live::Output, meeting::Refusal> output = hall.command({mailing->by, invite}, net::wall_now());
    if (!output) return code(output.error());
    ++mailing->unrecorded;
    const Addressees::One one{invite.id, email, account, invite.language};
    front_.meetings->commit(mailing->meeting, std::move(*output), [this, mailing, one](const Status& status) {
        if (status) mailing->letters.all.push_back(one);
        recorded(*mailing);
    });
    return "sent";
}

// Written to is only whose invitation is on the disk.
void MeetingsApi::recorded(Mailing& mailing) {
    if (--mailing.unrecorded > 0) return;
    const auto asked = static_cast<size_t>(
        std::count_if(mailing.outcomes.begin(), mailing.outcomes.end(),
                      [](const MailOutcome& outcome) { return outcome.outcome == "sent"; }));
    const bool is_recorded = mailing.letters.all.size() == asked;
    log_info("api", "invited_by_mail", {{"people", std::to_string(mailing.letters.all.size())}});
    send_letters(front_, Letter::Kind::Invitation, std::move(mailing.letters));
    if (!is_recorded) return mailing.respond(problem(503, "server_full"));
    mailing.respond(HttpResponse::json(200, mail_outcomes_json(mailing.outcomes)));
}

}  // namespace conclave::server
