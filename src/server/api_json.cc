#include "server/api_json.h"

#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

namespace conclave::server {
namespace {

using nlohmann::json;

// Our deepest body has one level.
constexpr int kDepthMax = 4;
// Purpose of the token: nothing else that we sign says this.
constexpr const char* kRejoinType = "conclave-rejoin";
constexpr const char* kFlowType = "conclave-sso";

// An object, or null. A member that is given twice means different things to different parsers: refused.
json parse_object(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) return {};  // a byte order mark (RFC 8259 8.1)
    bool ok = true;
    std::vector<std::set<std::string>> seen;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > kDepthMax) ok = false;
        if (event == json::parse_event_t::object_start) seen.emplace_back();
        if (event == json::parse_event_t::object_end && !seen.empty()) seen.pop_back();
        if (event == json::parse_event_t::key && !seen.empty())
            ok = seen.back().insert(parsed.get<std::string>()).second && ok;
        return ok;
    };
    json object = json::parse(text, watch, /*allow_exceptions=*/false);
    return ok && object.is_object() ? object : json();
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

json meeting_object(const meeting::State& meeting) {
    return {{"id", meeting.id}, {"title", meeting.title}, {"created_at", rfc3339(meeting.created_at)}};
}

}  // namespace

std::optional<std::string> parse_sign_in(std::string_view body) {
    return parse_one(body, "secret");
}

std::optional<std::string> parse_create_meeting(std::string_view body) {
    return parse_one(body, "title");
}

std::optional<JoinBody> parse_join(std::string_view body) {
    const json object = parse_object(body);
    JoinBody join;
    if (!object.is_object() || !read(object, "name", join.name) || !read(object, "rejoin", join.rejoin))
        return std::nullopt;
    return join;
}

std::optional<PasswordBody> parse_password_sign_in(std::string_view body) {
    const json object = parse_object(body);
    std::optional<std::string> email, password;
    if (!object.is_object() || !read(object, "email", email) || !read(object, "password", password))
        return std::nullopt;
    if (!email || !password) return std::nullopt;
    return PasswordBody{std::move(*email), std::move(*password)};
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

std::string session_json(const std::optional<account::Account>& account) {
    json body = {{"account", nullptr}};
    if (account)
        body["account"] = {{"id", account->id}, {"name", account->name}, {"role", text_of(account->role)}};
    return write(body);
}

std::string meeting_json(const meeting::State& meeting) {
    return write(meeting_object(meeting));
}

std::string meeting_summary_json(const meeting::State& meeting) {
    return write({{"id", meeting.id}, {"title", meeting.title}});
}

std::string meeting_list_json(const std::vector<meeting::State>& meetings) {
    json list = json::array();
    for (const meeting::State& meeting : meetings) list.push_back(meeting_object(meeting));
    return write({{"meetings", list}});
}

std::string admission_json(const AdmissionBody& admission) {
    return write({{"token", admission.token},
                  {"identity", admission.identity},
                  {"name", admission.name},
                  {"rejoin", admission.rejoin}});
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
