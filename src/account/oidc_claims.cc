// What a provider's answers say: the file of this module that knows a JSON library.
#include <nlohmann/json.hpp>
#include <set>

#include "account/account.h"
#include "account/email.h"
#include "account/oidc.h"
#include "base/text.h"

namespace conclave::account {
namespace oidc {
namespace {

using nlohmann::json;

constexpr size_t kSubjectMax = 255;  // Core 2, sub
constexpr size_t kSidMax = 255;
constexpr size_t kTokenMax = 16 << 10;
// How long after it was issued a token is still used, however long it says it may be.
constexpr Duration kTokenAgeMax = Duration::minutes(10);
constexpr const char* kLogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

// An object, or null. Members given twice would mean different things to different readers.
json parse_object(std::string_view text) {
    std::vector<std::set<std::string>> seen;
    bool ok = !text.starts_with("\xef\xbb\xbf");
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) seen.emplace_back();
        if (event == json::parse_event_t::object_end && !seen.empty()) seen.pop_back();
        if (event == json::parse_event_t::key && !seen.empty()) {
            const auto* key = parsed.get_ptr<const std::string*>();
            ok = ok && key && seen.back().insert(*key).second;
        }
        return true;
    };
    json object = json::parse(text, watch, /*allow_exceptions=*/false);
    return ok && object.is_object() ? object : json();
}

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_true(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && *found == true;
}

bool lists(const json& object, const char* name, std::string_view value) {
    const auto found = object.find(name);
    return found != object.end() && found->is_array() &&
           std::find(found->begin(), found->end(), value) != found->end();
}

// NumericDate (RFC 7519 2); fractions are cut off. Beyond every sensible time there is none.
std::optional<WallTime> time_of(const json& object, const char* name) {
    constexpr double kLatest = 4e10;
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const double seconds = found->get<double>();
    if (!(seconds >= 0 && seconds < kLatest)) return std::nullopt;
    return WallTime::from_unix_seconds(static_cast<int64_t>(seconds));
}

// Core 3.1.3.7 (3) to (5): we are among the audience, and when there are others, the one it was issued to.
bool is_for(const json& claims, std::string_view client_id) {
    const auto audience = claims.find("aud");
    if (audience == claims.end()) return false;
    const bool is_list = audience->is_array();
    if (!is_list && *audience != client_id) return false;
    if (is_list && !lists(claims, "aud", client_id)) return false;
    const bool has_party = claims.contains("azp");
    if (has_party && text_of(claims, "azp") != client_id) return false;
    return has_party || !is_list || audience->size() == 1;
}

bool is_identifier(std::string_view text, size_t size_max) {
    return !text.empty() && text.size() <= size_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// What an ID token and a logout token have in common. Nothing is wrong: an empty text.
std::string fault_of(const json& claims, const Expected& expected) {
    if (!claims.is_object()) return "it is no object";
    if (text_of(claims, "iss") != expected.issuer) return "it is of another issuer";
    if (!is_for(claims, expected.client_id)) return "it is for somebody else";
    const auto expires_at = time_of(claims, "exp");
    const auto issued_at = time_of(claims, "iat");
    if (!expires_at || !issued_at) return "it does not say when it was issued and expires";
    if (expected.now >= *expires_at + kClockSkew) return "it has expired";
    if (*issued_at >= expected.now + kClockSkew) return "it is of the future";
    if (expected.now - *issued_at > kTokenAgeMax) return "it is too old";
    const auto not_before = time_of(claims, "nbf");
    if (not_before && *not_before >= expected.now + kClockSkew) return "it is not valid yet";
    return {};
}

std::string name_in(const json& claims) {
    std::string full = text_of(claims, "given_name");
    // ProConnect's name of the family name.
    const std::string usual = text_of(claims, "usual_name");
    full.append(" ").append(usual.empty() ? text_of(claims, "family_name") : usual);
    for (const std::string& name : {text_of(claims, "name"), full}) {
        if (auto clean = clean_line(name, kNameCharactersMax)) return *clean;
    }
    return {};
}

std::string email_in(const json& claims, bool trusts_email) {
    const bool is_vouched =
        is_true(claims, "email_verified") || (trusts_email && !claims.contains("email_verified"));
    return is_vouched ? clean_email(text_of(claims, "email")).value_or("") : std::string();
}

}  // namespace

Result<Provider> parse_discovery(std::string_view text, std::string_view issuer) {
    const json document = parse_object(text);
    if (!document.is_object()) return failure("the discovery document is no JSON object");
    if (text_of(document, "issuer") != issuer) return failure("the discovery document is another issuer's");
    Provider provider{.issuer = std::string(issuer),
                      .authorization_endpoint = text_of(document, "authorization_endpoint"),
                      .token_endpoint = text_of(document, "token_endpoint"),
                      .jwks_uri = text_of(document, "jwks_uri"),
                      .userinfo_endpoint = text_of(document, "userinfo_endpoint"),
                      .end_session_endpoint = text_of(document, "end_session_endpoint")};
    for (const std::string* url :
         {&provider.authorization_endpoint, &provider.token_endpoint, &provider.jwks_uri}) {
        if (!is_safe_url(*url)) return failure("the discovery document lacks an endpoint");
    }
    for (const std::string* url : {&provider.userinfo_endpoint, &provider.end_session_endpoint}) {
        if (!url->empty() && !is_safe_url(*url)) return failure("the discovery document lacks an endpoint");
    }
    // From https nothing leads back to http.
    if (issuer.starts_with("https://")) {
        for (const std::string* url :
             {&provider.authorization_endpoint, &provider.token_endpoint, &provider.jwks_uri,
              &provider.userinfo_endpoint, &provider.end_session_endpoint}) {
            if (url->starts_with("http://")) return failure("the discovery document leads out of https");
        }
    }
    provider.names_itself = is_true(document, "authorization_response_iss_parameter_supported");
    const char* methods = "token_endpoint_auth_methods_supported";
    provider.takes_basic = !document.contains(methods) || lists(document, methods, "client_secret_basic");
    return provider;
}

Result<Tokens> parse_tokens(std::string_view text) {
    const json answer = parse_object(text);
    Tokens tokens{answer.is_object() ? text_of(answer, "id_token") : "",
                  answer.is_object() ? text_of(answer, "access_token") : ""};
    if (tokens.id_token.empty()) return failure("the answer has no ID token");
    // It goes into a header (RFC 6750 2.1).
    if (!tokens.access_token.empty() && !is_identifier(tokens.access_token, kTokenMax))
        return failure("the access token is no token");
    return tokens;
}

Result<Person> check_id_token(std::string_view payload, const Expected& expected) {
    const json claims = parse_object(payload);
    if (std::string fault = fault_of(claims, expected); !fault.empty()) return failure("ID token: " + fault);
    if (expected.nonce.empty() || text_of(claims, "nonce") != expected.nonce)
        return failure("ID token: it is not the answer to this question");
    Person person{.subject = text_of(claims, "sub"), .sid = text_of(claims, "sid")};
    if (!is_identifier(person.subject, kSubjectMax)) return failure("ID token: it has no subject");
    if (!person.sid.empty() && !is_identifier(person.sid, kSidMax))
        return failure("ID token: its sid is none");
    person.name = name_in(claims);
    person.email = email_in(claims, expected.trusts_email);
    return person;
}

Status add_userinfo(Person& person, std::string_view text, bool was_signed, const Expected& expected) {
    const json claims = parse_object(text);
    if (!claims.is_object()) return failure("userinfo: it is no object");
    if (text_of(claims, "sub") != person.subject) return failure("userinfo: it is about somebody else");
    if (was_signed && (text_of(claims, "iss") != expected.issuer || !is_for(claims, expected.client_id)))
        return failure("userinfo: it is of or for somebody else");
    if (person.name.empty()) person.name = name_in(claims);
    if (person.email.empty()) person.email = email_in(claims, expected.trusts_email);
    return Ok{};
}

Result<Logout> check_logout_token(std::string_view payload, const Expected& expected) {
    const json claims = parse_object(payload);
    if (std::string fault = fault_of(claims, expected); !fault.empty())
        return failure("logout token: " + fault);
    const auto events = claims.find("events");
    if (events == claims.end() || !events->is_object() || !events->contains(kLogoutEvent) ||
        !(*events)[kLogoutEvent].is_object())
        return failure("logout token: it is about no logout");
    // An ID token must not pass for one.
    if (claims.contains("nonce")) return failure("logout token: it has a nonce");
    Logout logout{text_of(claims, "jti"), text_of(claims, "sub"), text_of(claims, "sid"),
                  *time_of(claims, "exp")};
    // Tokens are remembered until they expire, which cannot be long.
    logout.expires_at = std::min(logout.expires_at, *time_of(claims, "iat") + kTokenAgeMax);
    if (!is_identifier(logout.id, kSidMax)) return failure("logout token: it has no jti");
    if (logout.subject.empty() && logout.sid.empty()) return failure("logout token: it is about nobody");
    if (logout.subject.size() > kSubjectMax || logout.sid.size() > kSidMax)
        return failure("logout token: it is about nobody");
    return logout;
}

}  // namespace oidc
}  // namespace conclave::account
