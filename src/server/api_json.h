// The REST API's bodies (proto/openapi.yaml) as values and back: the only file that knows a JSON library.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/account.h"
#include "account/admission.h"
#include "account/oidc.h"
#include "account/sign_in.h"
#include "base/time.h"
#include "meeting/state.h"
#include "policy/planning.h"

namespace conclave::server {

struct JoinBody {
    std::optional<std::string> name;
    std::optional<std::string> rejoin;
    std::optional<std::string> invitation;
    bool insists = false;
    std::optional<std::string> emergency;
};

struct PlanBody {
    WallTime begin;
    Duration utc_offset;
    std::string zone;
    std::optional<Duration> length;  // absent: as it is, or as the wish of CreateBody says
    bool insists = false;
    template <class F>
    void fields(F& f) {
        f.required("begins_at", begin), f.required("zone", zone), f("utc_offset", utc_offset);
        f("length", length), f("insist", insists);
    }
};

struct CreateBody {
    std::string title;
    policy::Wish wish;
    std::optional<PlanBody> plan;
};

// Addresses as they were typed.
struct MailInvitationsBody {
    std::vector<std::string> emails;
    std::string language;
    bool insists = false;
};

struct InvitationBody {
    std::string name;
    meeting::Role role = meeting::Role::Participant;
    Duration valid = Duration::minutes(7 * 24 * 60);
};

struct PasswordBody {
    std::string email;
    std::string password;
};

struct PasswordChangeBody {
    std::string current;  // empty: there was none
    std::string password;
};

struct CodeRequestBody {
    std::string email;
    std::optional<std::string> language;
};

// Nothing for what is no such object. A member given twice, of another type, or nested too deep is refused;
// unknown ones are ignored.
std::optional<std::string> parse_sign_in(std::string_view body);  // secret
std::optional<CreateBody> parse_create_meeting(std::string_view body);
std::optional<PlanBody> parse_plan(std::string_view body);
std::optional<MailInvitationsBody> parse_mail_invitations(std::string_view body);
std::optional<InvitationBody> parse_invitation(std::string_view body);
std::optional<JoinBody> parse_join(std::string_view body);
std::optional<PasswordBody> parse_password_sign_in(std::string_view body);
std::optional<PasswordChangeBody> parse_password_change(std::string_view body);
std::optional<CodeRequestBody> parse_code_request(std::string_view body);
std::optional<std::string> parse_code(std::string_view body);  // code

// Which doors there are.
struct Doors {
    bool password = false;
    bool email_code = false;
    std::string single_sign_on = {};  // what is on its button; empty: there is none
};
std::string doors_json(const Doors&);
// Two LiveKit tokens, and how long they are worth something.
std::string network_test_json(const std::string& sender, const std::string& receiver, Duration lasts);
std::string session_json(const std::optional<account::Account>&);
// What may be done about an account's password by its owner.
enum class PasswordRight : uint8_t { None, Set, Change };
struct AccountBody {
    account::Account account;
    PasswordRight password = PasswordRight::None;
    std::string provider;  // that this session can be ended at as well; empty: none
};
std::string account_json(const AccountBody&);
// How the API calls a session: of its hash, which says nothing of its secret.
std::string session_id(const account::Session&);
std::string session_list_json(const std::vector<account::Session>&, const account::SecretHash& own);
std::string redirect_json(const std::string& url);
std::string meeting_summary_json(const meeting::State&);
// Told beside a meeting that was planned without its break, where the rule lets it: the next slot that has
// one.
std::string planned_json(const meeting::State&, const policy::PlanVerdict&);
struct ListedMeeting {
    meeting::State meeting;
    bool is_own = false;
    std::optional<size_t> people = {};  // while it goes on
};
// With what a form for a new one has to know.
std::string meeting_list_json(const std::vector<ListedMeeting>&, const policy::Rules&);
std::string slots_json(const std::vector<WallTime>&, Duration length);
// Those that `of` made; empty: all. `can_mail`: whether further ones can be mailed.
std::string invitations_json(const meeting::State&, const std::string& of, WallTime now, bool can_mail);
struct MailOutcome {
    std::string email;         // as it was typed
    std::string_view outcome;  // a code of proto/openapi.yaml
};
std::string mail_outcomes_json(const std::vector<MailOutcome>&);
// `secret` is told once.
std::string invitation_json(const std::string& id, const std::string& secret);
struct AdmissionBody {
    std::string token;  // empty for whoever waits
    std::string identity;
    std::string name;
    std::string rejoin;
};
std::string admission_json(const AdmissionBody&);
// The problem `rest_required`, with what is left of the break and how binding it is.
std::string rest_problem_json(Duration left, policy::RestRule);
// The problem `plan_too_close`, with the next slot and how binding the break is.
std::string plan_problem_json(const policy::PlanVerdict&, policy::RestRule);

// RFC 3339 with milliseconds, UTC.
std::string rfc3339(WallTime);

// The claims of a way to the identity provider and back.
std::string flow_claims_json(const account::oidc::Flow&, WallTime expires);
std::optional<account::oidc::Flow> parse_flow_claims(std::string_view json, WallTime now);

// The claims of a rejoin token.
std::string rejoin_claims_json(const account::Rejoin&, WallTime expires);
std::optional<account::Rejoin> parse_rejoin_claims(std::string_view json, WallTime now);

}  // namespace conclave::server
