// OpenID Connect (Core 1.0) as a relying party, without the network: what is asked of a provider, and what
// its answers must say. Signatures are crypto::KeySet's; what comes here as a payload was verified.
//
// A person is (issuer, subject), never an address (ASVS 10.5.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"

namespace conclave::account {
namespace oidc {

// Clocks of servers differ by less.
inline constexpr Duration kClockSkew = Duration::seconds(60);
// From the moment the browser leaves for the provider.
inline constexpr Duration kFlowLifetime = Duration::minutes(15);

// https, or http to this machine itself; nothing hidden in it.
bool is_safe_url(std::string_view url);

// What the discovery document says (Discovery 1.0 3).
struct Provider {
    std::string issuer;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string jwks_uri;
    std::string userinfo_endpoint;     // empty: none
    std::string end_session_endpoint;  // empty: it ends no sessions (RP-Initiated Logout 1.0 2.1)
    bool names_itself = false;         // every answer comes with `iss` (RFC 9207)
    bool takes_basic = true;           // client_secret_basic; otherwise client_secret_post
};
// `issuer` is the configured one: the document has to name exactly that (Discovery 4.3).
Result<Provider> parse_discovery(std::string_view text, std::string_view issuer);
std::string discovery_url(std::string_view issuer);

// Who we are to the provider.
struct Client {
    std::string id;
    std::string secret;  // empty: a public client
    std::string redirect_uri;
    std::string scope;
    std::string signed_out_uri = {};  // where a browser comes back to after it was signed out there
};

// One way there and back, kept by the browser in a signed cookie.
struct Flow {
    std::string state;
    std::string nonce;
    std::string verifier;  // PKCE (RFC 7636 4.1)
    std::string next;      // own path
};
Flow make_flow(Rng&, std::string_view next);
std::string authorization_url(const Provider&, const Client&, const Flow&);

// Where a browser goes to be signed out at the provider as well (RP-Initiated Logout 1.0 2); a long ID token
// is left out. Comes back with a fresh `state`.
std::string end_session_url(Rng&, const Provider&, const Client&, std::string_view id_token);

// What came back to the redirect URI.
struct Callback {
    std::string state;
    std::string code;
    std::string error;
    std::optional<std::string> issuer;
};
enum class Fault : uint8_t {
    Expired,      // no flow of this browser
    Cancelled,    // the person or the provider said no
    Refused,      // the answer is not what it has to be
    Unreachable,  // the provider does not answer
    NotAllowed,   // known to the provider, not welcome here
};
std::string_view code(Fault);  // as in the REST API's ProblemCode
std::optional<Fault> fault_of(const Callback&, const Flow&, const Provider&);

// The request for tokens: a form body and header fields.
struct TokenRequest {
    std::string body;
    std::string authorization;  // empty: none
};
TokenRequest token_request(const Provider&, const Client&, std::string_view code, std::string_view verifier);
struct Tokens {
    std::string id_token;
    std::string access_token;
};
Result<Tokens> parse_tokens(std::string_view text);

// Who it is, as far as the provider says.
struct Person {
    std::string subject = {};
    std::string sid = {};    // the provider's name of its session; empty: none
    std::string name = {};   // a clean line; empty: none
    std::string email = {};  // a clean address; empty: none, or not verified
};
struct Expected {
    std::string_view issuer;
    std::string_view client_id;
    std::string_view nonce;
    bool trusts_email = false;  // also without `email_verified`
    WallTime now;
};
// Core 3.1.3.7. The error says which rule was broken, and nothing of the token.
Result<Person> check_id_token(std::string_view payload, const Expected&);
// Core 5.3.2: of the same subject, and when it was signed, by and for the right ones. Fills in what is
// missing.
Status add_userinfo(Person&, std::string_view text, bool was_signed, const Expected&);

struct Logout {
    std::string id;
    std::string subject;
    std::string sid;
    WallTime expires_at;
};
// Back-Channel Logout 1.0 2.6.
Result<Logout> check_logout_token(std::string_view payload, const Expected&);

// Logout tokens that were used, until they expire: each ends sessions once.
class SeenTokens {
 public:
    // Only tokens with a right signature come here.
    static constexpr size_t kMax = 10'000;
    // False for a second time, and when too many are remembered.
    bool is_first(const Logout&, WallTime now);

 private:
    std::unordered_map<std::string, WallTime> seen_;
};

// application/x-www-form-urlencoded, one value.
std::string form_escape(std::string_view text);

}  // namespace oidc
}  // namespace conclave::account
