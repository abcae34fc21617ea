#include "server/api_json.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "crypto/hash.h"
#include "live/json_object.h"
#include "meeting/json_fields.h"

namespace conclave::server {
namespace {

using meeting::JsonReader;
using nlohmann::json;

// Our deepest body has one level.
constexpr int kDepthMax = 4;
constexpr size_t kSessionIdBytes = 16;  // of a hash: no two alike
// Purpose of the token: nothing else that we sign says this.
constexpr const char* kRejoinType = "conclave-rejoin";
constexpr const char* kFlowType = "conclave-sso";

json parse_object(std::string_view text) {
    return live::parse_json_object(text, kDepthMax);
}

// False when the member is there and is no string; null counts as absent.
bool read(const json& object, const char* name, std::optional<std::string>& target) {
    const auto member = object.find(name);
    if (member == object.end() || member->is_null()) return true;
    if (!member->is_string()) return false;
    target = member->get<std::string>();
    return true;
}

std::optional<std::string> parse_one(std::string_view body, const char* name) {
    const json object = parse_object(body);
    std::optional<std::string> value;
    if (!object.is_object() || !read(object, name, value)) return std::nullopt;
    return value;
}

// Without a time of expiry too.
bool is_past(const json& claims, WallTime now) {
    const auto expires = claims.find("exp");
    return expires == claims.end() || !expires->is_number_integer() ||
           expires->get<int64_t>() <= now.unix_seconds();
}

// Everything we write was checked as UTF-8 when it came in; should that ever fail, no exception leaves.
std::string write(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json plan_object(const meeting::PlannedTime& plan) {
    return {{"begins_at", plan.begin.unix_ms()},
            {"length", plan.length.ms()},
            {"utc_offset", plan.utc_offset.ms()},
            {"zone", plan.zone}};
}

json meeting_object(const meeting::State& meeting) {
    json object = {{"id", meeting.id}, {"title", meeting.title}, {"created_at", rfc3339(meeting.created_at)}};
    if (meeting.plan) object["plan"] = plan_object(*meeting.plan);
    return object;
}

}  // namespace

std::optional<std::string> parse_sign_in(std::string_view body) {
    return parse_one(body, "secret");
}

std::optional<CreateBody> parse_create_meeting(std::string_view body) {
    const json object = parse_object(body);
    if (!object.is_object()) return std::nullopt;
    CreateBody create;
    JsonReader f(object, JsonReader::Absent::IsDefault);
    if (!object.contains("title")) return std::nullopt;
    f("title", create.title), f("format", create.wish.format), f("guests", create.wish.guests);
    f("lobby", create.wish.lobby), f("floor_mode", create.wish.floor_mode);
    f("floor_order", create.wish.floor_order), f("length", create.wish.length);
    f("turn_limit", create.wish.turn_limit), f("history", create.wish.has_history);
    f("plan", create.plan);
    return f.is_ok() ? std::optional(std::move(create)) : std::nullopt;
}

std::optional<PlanBody> parse_plan(std::string_view body) {
    const json object = parse_object(body);
    if (!object.is_object()) return std::nullopt;
    PlanBody plan;
    JsonReader f(object, JsonReader::Absent::IsDefault);
    plan.fields(f);
    return f.is_ok() ? std::optional(std::move(plan)) : std::nullopt;
}

std::optional<MailInvitationsBody> parse_mail_invitations(std::string_view body) {
    const json object = parse_object(body);
    if (!object.is_object()) return std::nullopt;
    MailInvitationsBody mail;
    JsonReader f(object, JsonReader::Absent::IsDefault);
    f.required("emails", mail.emails), f("language", mail.language), f("insist", mail.insists);
    return f.is_ok() ? std::optional(std::move(mail)) : std::nullopt;
}

std::optional<InvitationBody> parse_invitation(std::string_view body) {
    const json object = parse_object(body);
    if (!object.is_object()) return std::nullopt;
    InvitationBody invitation;
    JsonReader f(object, JsonReader::Absent::IsDefault);
    f("name", invitation.name), f("role", invitation.role), f("valid", invitation.valid);
    return f.is_ok() ? std::optional(std::move(invitation)) : std::nullopt;
}

std::optional<JoinBody> parse_join(std::string_view body) {
    const json object = parse_object(body);
    if (!object.is_object()) return std::nullopt;
    JoinBody join;
    JsonReader f(object, JsonReader::Absent::IsDefault);
    f("name", join.name), f("rejoin", join.rejoin), f("invitation", join.invitation);
    f("insist", join.insists), f("emergency", join.emergency);
    return f.is_ok() ? std::optional(std::move(join)) : std::nullopt;
}

std::optional<PasswordBody> parse_password_sign_in(std::string_view body) {
    const json object = parse_object(body);
    std::optional<std::string> email, password;
    if (!object.is_object() || !read(object, "email", email) || !read(object, "password", password))
        return std::nullopt;
    if (!email || !password) return std::nullopt;
    return PasswordBody{std::move(*email), std::move(*password)};
}

std::optional<PasswordChangeBody> parse_password_change(std::string_view body) {
    const json object = parse_object(body);
    std::optional<std::string> current, password;
    if (!object.is_object() || !read(object, "current", current) || !read(object, "password", password))
        return std::nullopt;
    if (!password) return std::nullopt;
    return PasswordChangeBody{current.value_or(""), std::move(*password)};
}

std::optional<CodeRequestBody> parse_code_request(std::string_view body) {
    const json object = parse_object(body);
    std::optional<std::string> email, language;
    if (!object.is_object() || !read(object, "email", email) || !read(object, "language", language))
        return std::nullopt;
    if (!email) return std::nullopt;
    return CodeRequestBody{std::move(*email), std::move(language)};
}

std::optional<std::string> parse_code(std::string_view body) {
    return parse_one(body, "code");
}

std::string doors_json(const Doors& doors) {
    json body = {{"password", doors.password}, {"email_code", doors.email_code}, {"single_sign_on", nullptr}};
    if (!doors.single_sign_on.empty()) body["single_sign_on"] = {{"label", doors.single_sign_on}};
    return write(body);
}

std::string network_test_json(const std::string& sender, const std::string& receiver, Duration lasts) {
    return write({{"sender", sender}, {"receiver", receiver}, {"lasts", lasts.ms()}});
}

std::string session_json(const std::optional<account::Account>& account) {
    json body = {{"account", nullptr}};
    if (account)
        body["account"] = {{"id", account->id}, {"name", account->name}, {"role", text_of(account->role)}};
    return write(body);
}

std::string account_json(const AccountBody& body) {
    constexpr const char* kRights[] = {"none", "set", "change"};
    json object = {{"name", body.account.name},
                   {"email", nullptr},
                   {"role", text_of(body.account.role)},
                   {"password", kRights[static_cast<size_t>(body.password)]},
                   {"provider", nullptr}};
    if (!body.account.email.empty()) object["email"] = body.account.email;
    if (!body.provider.empty()) object["provider"] = {{"label", body.provider}};
    return write(object);
}

std::string session_id(const account::Session& session) {
    return crypto::hex_encode(ByteView(session.hash).first(kSessionIdBytes));
}

std::string session_list_json(const std::vector<account::Session>& all, const account::SecretHash& own) {
    json list = json::array();
    for (const account::Session& session : all) {
        list.push_back({{"id", session_id(session)},
                        {"current", session.hash == own},
                        {"created_at", rfc3339(session.created_at)},
                        {"seen_at", rfc3339(session.seen_at)},
                        {"door", text_of(session.door)},
                        {"browser", session.browser},
                        {"system", session.system}});
    }
    return write({{"sessions", list}});
}

std::string redirect_json(const std::string& url) {
    return write({{"url", url}});
}

std::string planned_json(const meeting::State& meeting, const policy::PlanVerdict& verdict) {
    json object = meeting_object(meeting);
    if (verdict.is_too_close) object["too_close"] = true;
    if (verdict.next) object["next_slot"] = verdict.next->unix_ms();
    return write(object);
}

std::string meeting_summary_json(const meeting::State& meeting) {
    return write({{"id", meeting.id}, {"title", meeting.title}});
}

std::string meeting_list_json(const std::vector<ListedMeeting>& meetings, const policy::Rules& rules) {
    json list = json::array();
    for (const ListedMeeting& listed : meetings) {
        json object = meeting_object(listed.meeting);
        object["own"] = listed.is_own;
        if (listed.people) object["people"] = *listed.people;
        list.push_back(std::move(object));
    }
    return write({{"meetings", list},
                  {"rules",
                   {{"length", rules.usual.length.ms()},
                    {"length_max", rules.length_max.ms()},
                    {"rest", rules.usual.rest.ms()},
                    {"rest_rule", meeting::name_of(rules.usual.rest_rule)}}}});
}

std::string slots_json(const std::vector<WallTime>& slots, Duration length) {
    json list = json::array();
    for (const WallTime slot : slots) list.push_back(slot.unix_ms());
    return write({{"slots", list}, {"length", length.ms()}});
}

std::string mail_outcomes_json(const std::vector<MailOutcome>& outcomes) {
    json list = json::array();
    for (const MailOutcome& one : outcomes) list.push_back({{"email", one.email}, {"outcome", one.outcome}});
    return write({{"outcomes", list}});
}

std::string admission_json(const AdmissionBody& admission) {
    json body = {{"identity", admission.identity}, {"name", admission.name}, {"rejoin", admission.rejoin}};
    if (!admission.token.empty()) body["token"] = admission.token;
    return write(body);
}

std::string rest_problem_json(Duration left, policy::RestRule rule) {
    return write({{"type", "about:blank"},
                  {"title", "Conflict"},
                  {"status", 409},
                  {"code", "rest_required"},
                  {"rest", left.ms()},
                  {"rest_rule", meeting::name_of(rule)}});
}

std::string plan_problem_json(const policy::PlanVerdict& verdict, policy::RestRule rule) {
    json problem = {{"type", "about:blank"},
                    {"title", "Conflict"},
                    {"status", 409},
                    {"code", policy::code(policy::PlanRefusal::TooClose)},
                    {"rest_rule", meeting::name_of(rule)}};
    if (verdict.next) problem["next_slot"] = verdict.next->unix_ms();
    return write(problem);
}

std::string invitations_json(const meeting::State& state, const std::string& of, WallTime now,
                             bool can_mail) {
    const auto state_of = [now](const meeting::Invitation& invitation) {
        if (invitation.is_revoked) return "revoked";
        if (!invitation.used_by.empty()) return "used";
        return invitation.expires_at <= now ? "expired" : "open";
    };
    json list = json::array();
    for (const auto& [id, invitation] : state.invitations) {
        if (!of.empty() && invitation.from != of) continue;
        const meeting::Person* guest = state.find(invitation.used_by);
        list.push_back({{"id", id},
                        {"name", invitation.name},
                        {"email", invitation.email},
                        {"agent", !invitation.account.empty()},
                        {"role", meeting::name_of(invitation.role)},
                        {"expires_at", rfc3339(invitation.expires_at)},
                        {"state", state_of(invitation)},
                        {"used_by", guest ? guest->name : ""}});
    }
    return write({{"invitations", list}, {"can_mail", can_mail}});
}

std::string invitation_json(const std::string& id, const std::string& secret) {
    return write({{"id", id}, {"secret", secret}});
}

std::string rfc3339(WallTime time) {
    const std::time_t seconds = time.unix_seconds();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[32];
    const size_t size = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    const std::string millis = std::to_string(1000 + time.unix_ms() % 1000).substr(1);
    return std::string(date, size) + "." + millis + "Z";
}

std::string flow_claims_json(const account::oidc::Flow& flow, WallTime expires) {
    return write({{"typ", kFlowType},
                  {"state", flow.state},
                  {"nonce", flow.nonce},
                  {"verifier", flow.verifier},
                  {"next", flow.next},
                  {"exp", expires.unix_seconds()}});
}

std::optional<account::oidc::Flow> parse_flow_claims(std::string_view text, WallTime now) {
    const json object = parse_object(text);
    if (!object.is_object()) return std::nullopt;
    std::optional<std::string> type, state, nonce, verifier, next;
    const bool ok = read(object, "typ", type) && read(object, "state", state) &&
                    read(object, "nonce", nonce) && read(object, "verifier", verifier) &&
                    read(object, "next", next);
    if (!ok || type != kFlowType || !state || !nonce || !verifier || !next) return std::nullopt;
    if (is_past(object, now)) return std::nullopt;
    return account::oidc::Flow{*state, *nonce, *verifier, *next};
}

std::string rejoin_claims_json(const account::Rejoin& rejoin, WallTime expires) {
    return write({{"typ", kRejoinType},
                  {"room", rejoin.meeting_id},
                  {"sub", rejoin.identity},
                  {"name", rejoin.name},
                  {"account", rejoin.account_id},
                  {"exp", expires.unix_seconds()}});
}

std::optional<account::Rejoin> parse_rejoin_claims(std::string_view text, WallTime now) {
    const json object = parse_object(text);
    if (!object.is_object()) return std::nullopt;
    std::optional<std::string> type, room, identity, name, account;
    const bool ok = read(object, "typ", type) && read(object, "room", room) &&
                    read(object, "sub", identity) && read(object, "name", name) &&
                    read(object, "account", account);
    if (!ok || type != kRejoinType || !room || !identity || !name || !account) return std::nullopt;
    if (is_past(object, now)) return std::nullopt;
    return account::Rejoin{*room, *identity, *name, *account};
}

}  // namespace conclave::server
