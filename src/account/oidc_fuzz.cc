// Whatever a provider says: what is accepted keeps to the limits, and no text is both an ID token and a
// logout token. The first byte chooses the reader.
#include "account/oidc.h"
#include "base/check.h"
#include "base/text.h"

using namespace conclave;
using namespace conclave::account;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const oidc::Expected expected{.issuer = "https://op.example",
                                  .client_id = "conclave",
                                  .nonce = "n-1",
                                  .trusts_email = size % 2 == 0,
                                  .now = WallTime::from_unix_seconds(1'800'000'000)};
    switch (data[0] % 4) {
        case 0: {
            const auto provider = oidc::parse_discovery(text, expected.issuer);
            if (!provider) break;
            CHECK(provider->issuer == expected.issuer && provider->token_endpoint.starts_with("https://"));
            SeededRng rng(1);
            const std::string url = oidc::authorization_url(*provider, {"c", "", "https://v/", "openid"},
                                                            oidc::make_flow(rng, "/"));
            CHECK(oidc::is_safe_url(provider->authorization_endpoint) &&
                  url.find_first_of(" \r\n") == std::string::npos);
            break;
        }
        case 1: {
            const auto person = oidc::check_id_token(text, expected);
            const auto logout = oidc::check_logout_token(text, expected);
            CHECK(!person || !logout);
            if (person)
                CHECK(!person->subject.empty() && is_utf8(person->name) && person->name.size() <= 320);
            if (logout)
                CHECK(!logout->id.empty() && logout->expires_at <= expected.now + Duration::minutes(12));
            break;
        }
        case 2: {
            oidc::Person person{.subject = "s-1"};
            if (oidc::add_userinfo(person, text, size % 3 == 0, expected)) CHECK(person.subject == "s-1");
            break;
        }
        default:
            if (const auto tokens = oidc::parse_tokens(text))
                CHECK(tokens->access_token.find_first_of(" \r\n") == std::string::npos);
            CHECK(oidc::form_escape(text).find_first_of("&=+ \r\n") == std::string::npos);
    }
    return 0;
}
