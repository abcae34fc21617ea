#include "account/oidc.h"

#include <algorithm>

#include "base/base64.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"

namespace conclave::account {
namespace oidc {
namespace {

constexpr size_t kUrlMax = 2048;
constexpr size_t kRandomBytes = 32;
// In a URL, of which servers take 8 KiB in a line.
constexpr size_t kIdTokenHintMax = 4 << 10;

std::string random_text(Rng& rng) {
    std::array<uint8_t, kRandomBytes> random;
    rng.fill(random);
    return base64url_encode(random);
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// "https://host/path" without user, fragment and anything that is no plain URL.
std::string_view host_of(std::string_view url) {
    const size_t begin = url.find("//") + 2;
    return url.substr(begin, url.find_first_of("/?", begin) - begin);
}

bool is_this_machine(std::string_view host) {
    host = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

std::string with_query(const std::string& endpoint, const std::string& query) {
    const bool has_query = endpoint.find('?') != std::string::npos;
    return endpoint + (has_query ? "&" : "?") + query;
}

void add(std::string& form, std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    form += std::string(name) + "=" + form_escape(value);
}

}  // namespace

bool is_safe_url(std::string_view url) {
    const bool has_tls = url.starts_with("https://");
    if (!has_tls && !url.starts_with("http://")) return false;
    const bool is_plain = std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; }) &&
                          url.find_first_of("\"'<>\\^`{|}#@") == std::string_view::npos;
    if (!is_plain || url.size() > kUrlMax || host_of(url).empty()) return false;
    return has_tls || is_this_machine(host_of(url));
}

std::string form_escape(std::string_view text) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        if (is_unreserved(c)) {
            escaped += c;
            continue;
        }
        escaped += '%';
        escaped += kDigits[static_cast<uint8_t>(c) >> 4];
        escaped += kDigits[static_cast<uint8_t>(c) & 15];
    }
    return escaped;
}

std::string discovery_url(std::string_view issuer) {
    while (issuer.ends_with('/')) issuer.remove_suffix(1);
    return std::string(issuer) + "/.well-known/openid-configuration";
}

Flow make_flow(Rng& rng, std::string_view next) {
    return {random_text(rng), random_text(rng), random_text(rng), std::string(next)};
}

std::string authorization_url(const Provider& provider, const Client& client, const Flow& flow) {
    std::string query;
    add(query, "response_type", "code");
    add(query, "client_id", client.id);
    add(query, "redirect_uri", client.redirect_uri);
    add(query, "scope", client.scope);
    add(query, "state", flow.state);
    add(query, "nonce", flow.nonce);
    add(query, "code_challenge", base64url_encode(crypto::sha256(as_bytes(flow.verifier))));
    add(query, "code_challenge_method", "S256");
    return with_query(provider.authorization_endpoint, query);
}

std::string end_session_url(Rng& rng, const Provider& provider, const Client& client,
                            std::string_view id_token) {
    std::string query;
    add(query, "client_id", client.id);
    add(query, "post_logout_redirect_uri", client.signed_out_uri);
    add(query, "state", random_text(rng));
    if (!id_token.empty() && id_token.size() <= kIdTokenHintMax) add(query, "id_token_hint", id_token);
    return with_query(provider.end_session_endpoint, query);
}

std::string_view code(Fault fault) {
    switch (fault) {
        case Fault::Expired:
            return "sso_expired";
        case Fault::Cancelled:
            return "sso_cancelled";
        case Fault::Refused:
            return "sso_refused";
        case Fault::Unreachable:
            return "sso_unreachable";
        case Fault::NotAllowed:
            return "sso_not_allowed";
    }
    return "sso_refused";
}

std::optional<Fault> fault_of(const Callback& callback, const Flow& flow, const Provider& provider) {
    if (!crypto::equal_constant_time(as_bytes(callback.state), as_bytes(flow.state))) return Fault::Expired;
    // RFC 9207 2.4: before anything else of the answer is believed.
    if (callback.issuer ? *callback.issuer != provider.issuer : provider.names_itself) return Fault::Refused;
    if (callback.error == "access_denied" || callback.error == "login_required") return Fault::Cancelled;
    if (!callback.error.empty() || callback.code.empty() || callback.code.size() > kUrlMax)
        return Fault::Refused;
    return std::nullopt;
}

TokenRequest token_request(const Provider& provider, const Client& client, std::string_view code,
                           std::string_view verifier) {
    TokenRequest request;
    add(request.body, "grant_type", "authorization_code");
    add(request.body, "code", code);
    add(request.body, "redirect_uri", client.redirect_uri);
    add(request.body, "code_verifier", verifier);
    if (!client.secret.empty() && provider.takes_basic) {
        // RFC 6749 2.3.1: both escaped, then joined.
        const std::string pair = form_escape(client.id) + ":" + form_escape(client.secret);
        request.authorization = "Basic " + base64_encode(as_bytes(pair));
        return request;
    }
    add(request.body, "client_id", client.id);
    if (!client.secret.empty()) add(request.body, "client_secret", client.secret);
    return request;
}

bool SeenTokens::is_first(const Logout& logout, WallTime now) {
    if (seen_.size() >= kMax)
        std::erase_if(seen_, [now](const auto& entry) { return entry.second + kClockSkew < now; });
    if (seen_.size() >= kMax) return false;
    return seen_.emplace(logout.id, logout.expires_at).second;
}

}  // namespace oidc
}  // namespace conclave::account
