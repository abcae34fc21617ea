#include "account/oidc.h"

#include <gtest/gtest.h>

namespace conclave::account {
namespace oidc {
namespace {

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
const std::string kIssuer = "https://op.example";
const std::string kDocument =
    R"({"issuer":"https://op.example","authorization_endpoint":"https://op.example/auth",)"
    R"("token_endpoint":"https://op.example/token","jwks_uri":"https://op.example/keys")";

Expected expected() {
    return {.issuer = kIssuer, .client_id = "conclave", .nonce = "n-1", .now = kNow};
}

// A right ID token with some members replaced or, with empty text, left out.
std::string claims(std::vector<std::pair<std::string, std::string>> changes = {}) {
    std::vector<std::pair<std::string, std::string>> members{{"iss", R"("https://op.example")"},
                                                             {"aud", R"("conclave")"},
                                                             {"exp", "1800000300"},
                                                             {"iat", "1800000000"},
                                                             {"nonce", R"("n-1")"},
                                                             {"sub", R"("s-1")"},
                                                             {"name", R"("Ada")"}};
    for (const auto& [name, value] : changes) {
        const auto found =
            std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == name; });
        if (found == members.end()) {
            members.emplace_back(name, value);
        } else {
            found->second = value;
        }
    }
    std::string text = "{";
    for (const auto& [name, value] : members) {
        if (!value.empty()) text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    }
    return text + "}";
}
bool is_accepted(std::vector<std::pair<std::string, std::string>> changes) {
    return check_id_token(claims(std::move(changes)), expected()).has_value();
}

TEST(Oidc, AnIdTokenTellsWhoItIs) {
    const auto person = check_id_token(
        claims({{"sid", R"("x-1")"}, {"email", R"("Ada@Ville.fr")"}, {"email_verified", "true"}}),
        expected());
    ASSERT_TRUE(person) << person.error().what;
    EXPECT_EQ(person->subject, "s-1");
    EXPECT_EQ(person->sid, "x-1");
    EXPECT_EQ(person->name, "Ada");
    EXPECT_EQ(person->email, "ada@ville.fr");
}

TEST(Oidc, ABrowserIsSentToEndTheProvidersSession_RPInitiatedLogout_2) {
    SeededRng rng(1);
    Provider provider;
    provider.end_session_endpoint = "https://op.example/end?x=1";
    Client client;
    client.id = "our id";
    client.signed_out_uri = "https://visio.example/sign-in";
    const std::string url = end_session_url(rng, provider, client, "a.b.c");
    EXPECT_TRUE(
        url.starts_with("https://op.example/end?x=1&client_id=our%20id&post_logout_redirect_uri="
                        "https%3A%2F%2Fvisio.example%2Fsign-in&state="))
        << url;
    EXPECT_TRUE(url.ends_with("&id_token_hint=a.b.c")) << url;
    provider.end_session_endpoint = "https://op.example/end";
    const std::string other = end_session_url(rng, provider, client, std::string(5000, 'x'));
    EXPECT_TRUE(other.starts_with("https://op.example/end?client_id=")) << other;
    EXPECT_EQ(other.find("id_token_hint"), std::string::npos) << "too long for a URL";
    const auto state = [](const std::string& text) { return text.substr(text.find("&state=") + 7, 43); };
    EXPECT_NE(state(url), state(other));
}

TEST(Oidc, A1_TheIssuerIsExactlyTheConfiguredOne_Core_3_1_3_7) {
    for (const char* iss :
         {"", R"("https://op.example/")", R"("https://OP.example")", R"("https://evil.example")",
          R"("http://op.example")", "7", R"(["https://op.example"])"})
        EXPECT_FALSE(is_accepted({{"iss", iss}})) << iss;
}

TEST(Oidc, A1_TheAudienceIsUsAndWhoElseIsThereIsNotTheParty_Core_3_1_3_7) {
    for (const char* aud : {"", R"("other")", R"([])", R"(["other"])", "7", R"({"conclave":1})",
                            R"([["conclave"]])", R"(["conclave","other"])", R"("conclave ")"})
        EXPECT_FALSE(is_accepted({{"aud", aud}})) << aud;
    EXPECT_TRUE(is_accepted({{"aud", R"(["conclave"])"}}));
    EXPECT_TRUE(is_accepted({{"aud", R"(["other","conclave"])"}, {"azp", R"("conclave")"}}));
    EXPECT_FALSE(is_accepted({{"aud", R"(["other","conclave"])"}, {"azp", R"("other")"}}));
    EXPECT_FALSE(is_accepted({{"azp", R"("other")"}}));
    EXPECT_FALSE(is_accepted({{"azp", "7"}}));
}

TEST(Oidc, A1_TimesAreJudgedWithAMinuteOfSkew) {
    EXPECT_FALSE(is_accepted({{"exp", ""}}));
    EXPECT_FALSE(is_accepted({{"iat", ""}}));
    EXPECT_TRUE(is_accepted({{"exp", "1799999941"}})) << "59 s ago";
    EXPECT_FALSE(is_accepted({{"exp", "1799999940"}}));
    EXPECT_TRUE(is_accepted({{"iat", "1800000059"}}));
    EXPECT_FALSE(is_accepted({{"iat", "1800000060"}}));
    EXPECT_TRUE(is_accepted({{"iat", "1799999400"}})) << "ten minutes old";
    EXPECT_FALSE(is_accepted({{"iat", "1799999399"}})) << "however long it says it is valid";
    EXPECT_FALSE(is_accepted({{"nbf", "1800000061"}}));
    EXPECT_TRUE(is_accepted({{"exp", "1800000300.5"}}));
    for (const char* time : {R"("1800000300")", "-1", "1e300", "null", "[]"})
        EXPECT_FALSE(is_accepted({{"exp", time}})) << time;
}

TEST(Oidc, A1_TheNonceIsOurs) {
    for (const char* nonce : {"", R"("n-2")", R"("")", "null", "7"})
        EXPECT_FALSE(is_accepted({{"nonce", nonce}})) << nonce;
    Expected none = expected();
    none.nonce = "";
    EXPECT_FALSE(check_id_token(claims({{"nonce", R"("")"}}), none));
}

TEST(Oidc, ThereIsASubject) {
    for (const std::string& sub :
         {std::string(), std::string(R"("")"), std::string("7"), std::string(R"("a b")"),
          "\"" + std::string(256, 's') + "\"", std::string(R"("\u00e9")")})
        EXPECT_FALSE(is_accepted({{"sub", sub}})) << sub;
}

TEST(Oidc, A6_ClaimsGivenTwiceAreRefused) {
    std::string twice = claims();
    twice.insert(twice.size() - 1, R"(,"sub":"s-2")");
    EXPECT_FALSE(check_id_token(twice, expected()));
    for (const char* text : {"", "[]", "null", "\"x\"", "{"})
        EXPECT_FALSE(check_id_token(text, expected())) << text;
}

TEST(Oidc, AnAddressCountsWhenTheProviderVouchesForIt) {
    const auto email = [](const char* verified, bool trusts) {
        Expected rules = expected();
        rules.trusts_email = trusts;
        return check_id_token(claims({{"email", R"("ada@ville.fr")"}, {"email_verified", verified}}), rules)
            ->email;
    };
    EXPECT_EQ(email("true", false), "ada@ville.fr");
    EXPECT_EQ(email("", false), "");
    EXPECT_EQ(email("", true), "ada@ville.fr");
    for (const char* no : {"false", R"("true")", "1", "null"}) {
        EXPECT_EQ(email(no, false), "") << no;
        EXPECT_EQ(email(no, true), "") << no;
    }
    EXPECT_EQ(
        check_id_token(claims({{"email", R"("no address")"}, {"email_verified", "true"}}), expected())->email,
        "");
}

TEST(Oidc, ANameIsALineOrNone) {
    const auto name = [](std::vector<std::pair<std::string, std::string>> changes) {
        return check_id_token(claims(std::move(changes)), expected())->name;
    };
    EXPECT_EQ(name({{"name", R"(" Ada  ")"}}), "Ada");
    EXPECT_EQ(name({{"name", R"("a\u202eb")"}}), "");
    EXPECT_EQ(name({{"name", ""}, {"given_name", R"("Ada")"}, {"family_name", R"("Lovelace")"}}),
              "Ada Lovelace");
    EXPECT_EQ(name({{"name", ""}, {"given_name", R"("Ada")"}, {"usual_name", R"("Byron")"}}), "Ada Byron");
    EXPECT_EQ(name({{"name", ""}}), "");
}

TEST(Oidc, UserinfoIsAboutTheSamePerson_Core_5_3_2) {
    Person person{.subject = "s-1"};
    EXPECT_FALSE(add_userinfo(person, R"({"sub":"s-2","name":"Eve"})", false, expected()));
    EXPECT_FALSE(add_userinfo(person, R"({"name":"Eve"})", false, expected()));
    EXPECT_FALSE(add_userinfo(person, "x", false, expected()));
    EXPECT_FALSE(
        add_userinfo(person, R"({"sub":"s-1","iss":"https://evil","aud":"conclave"})", true, expected()));
    EXPECT_FALSE(
        add_userinfo(person, R"({"sub":"s-1","iss":"https://op.example","aud":"x"})", true, expected()));
    EXPECT_EQ(person.name, "");
    EXPECT_TRUE(add_userinfo(person, R"({"sub":"s-1","name":"Ada","email":"a@b.fr","email_verified":true})",
                             false, expected()));
    EXPECT_EQ(person.name, "Ada");
    EXPECT_EQ(person.email, "a@b.fr");
    EXPECT_TRUE(add_userinfo(person,
                             R"({"sub":"s-1","iss":"https://op.example","aud":"conclave","name":"Other"})",
                             true, expected()));
    EXPECT_EQ(person.name, "Ada") << "the ID token's word comes first";
}

std::string logout(std::vector<std::pair<std::string, std::string>> changes = {}) {
    changes.insert(changes.begin(),
                   {{"nonce", ""},
                    {"name", ""},
                    {"jti", R"("j-1")"},
                    {"events", R"({"http://schemas.openid.net/event/backchannel-logout":{}})"}});
    return claims(changes);
}

TEST(Oidc, ALogoutTokenSaysWhoseSessionEnds_BackChannelLogout_2_6) {
    const auto token = check_logout_token(logout({{"sid", R"("x-1")"}}), expected());
    ASSERT_TRUE(token) << token.error().what;
    EXPECT_EQ(token->subject, "s-1");
    EXPECT_EQ(token->sid, "x-1");
    EXPECT_EQ(token->id, "j-1");
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"iss", R"("https://evil.example")"},
        {"aud", R"("other")"},
        {"exp", ""},
        {"iat", ""},
        {"exp", "1700000000"},
        {"jti", ""},
        {"events", ""},
        {"events", "{}"},
        {"events", R"(["x"])"},
        {"events", R"({"http://schemas.openid.net/event/backchannel-logout":true})"},
        {"nonce", R"("n-1")"},
        {"nonce", "null"},
        {"sub", ""},
    };
    for (const auto& change : wrong)
        EXPECT_FALSE(check_logout_token(logout({change}), expected())) << change.first;
    EXPECT_TRUE(check_logout_token(logout({{"sub", ""}, {"sid", R"("x")"}}), expected()));
    EXPECT_FALSE(check_logout_token(claims(), expected())) << "an ID token is none";
    EXPECT_FALSE(check_id_token(logout(), expected())) << "and the other way round";
}

TEST(Oidc, ALogoutTokenCountsOnceAndABoundedNumberIsRemembered) {
    SeenTokens seen;
    const Logout token{"j-1", "s-1", "", kNow + Duration::minutes(2)};
    EXPECT_TRUE(seen.is_first(token, kNow));
    EXPECT_FALSE(seen.is_first(token, kNow));
    for (size_t i = 1; i < SeenTokens::kMax; ++i)
        EXPECT_TRUE(seen.is_first({std::to_string(i), "s", "", kNow + Duration::minutes(2)}, kNow));
    EXPECT_FALSE(seen.is_first({"one more", "s", "", kNow + Duration::minutes(2)}, kNow));
    const WallTime later = kNow + Duration::minutes(4);
    EXPECT_TRUE(seen.is_first({"one more", "s", "", later}, later));
}

TEST(Oidc, ADiscoveryDocumentIsTheIssuersOwn_Discovery_4_3) {
    const auto provider = parse_discovery(kDocument + "}", kIssuer);
    ASSERT_TRUE(provider) << provider.error().what;
    EXPECT_EQ(provider->token_endpoint, "https://op.example/token");
    EXPECT_FALSE(provider->names_itself);
    EXPECT_TRUE(provider->takes_basic);
    EXPECT_FALSE(parse_discovery(kDocument + "}", "https://op.example/")) << "exactly";
    EXPECT_FALSE(parse_discovery(kDocument + "}", "https://evil.example"));
    EXPECT_FALSE(parse_discovery(kDocument + R"(,"userinfo_endpoint":"http://op.example/me"})", kIssuer));
    EXPECT_FALSE(parse_discovery(kDocument + R"(,"userinfo_endpoint":"http://localhost/me"})", kIssuer));
    EXPECT_FALSE(parse_discovery(kDocument + R"(,"userinfo_endpoint":"file:///etc/passwd"})", kIssuer));
    const auto with_end = [](const std::string& url) {
        return parse_discovery(kDocument + R"(,"end_session_endpoint":")" + url + "\"}", kIssuer);
    };
    EXPECT_FALSE(with_end("http://op.example/end"));
    EXPECT_FALSE(with_end("javascript:alert"));
    EXPECT_EQ(with_end("https://op.example/end")->end_session_endpoint, "https://op.example/end");
    EXPECT_FALSE(parse_discovery(R"({"issuer":"https://op.example"})", kIssuer));
    EXPECT_FALSE(parse_discovery("[]", kIssuer));
    const auto other =
        parse_discovery(kDocument + R"(,"authorization_response_iss_parameter_supported":true,)"
                                    R"("token_endpoint_auth_methods_supported":["client_secret_post"]})",
                        kIssuer);
    EXPECT_TRUE(other->names_itself);
    EXPECT_FALSE(other->takes_basic);
    EXPECT_EQ(discovery_url("https://op.example/realm/"),
              "https://op.example/realm/.well-known/openid-configuration");
}

TEST(Oidc, A10_OnlyPlainUrlsOfHttpsOrThisMachineAreAsked) {
    for (const char* url : {"https://op.example", "https://op.example:8443/x?y=z", "http://localhost:1/x",
                            "http://127.0.0.1", "http://[::1]:7/"})
        EXPECT_TRUE(is_safe_url(url)) << url;
    for (const char* url :
         {"", "op.example", "http://op.example", "ftp://op.example", "file:///etc/passwd", "https://",
          "https:///x", "https://user@op.example", "https://op.example#x", "https://op.example/\r\nx",
          "https://op example", "https://op.example\\@evil", "javascript:alert(1)",
          "http://localhost.evil.example", "http://127.0.0.1.evil.example", "HTTPS://op.example"})
        EXPECT_FALSE(is_safe_url(url)) << url;
}

TEST(Oidc, TheQuestionIsBoundToTheBrowserByStateNonceAndPkce_RFC7636) {
    SeededRng rng(1);
    const Provider provider = *parse_discovery(kDocument + "}", kIssuer);
    const Client client{"conclave", "s&cret", "https://visio.fr/callback", "openid email"};
    Flow flow = make_flow(rng, "/m/x");
    EXPECT_NE(flow.state, flow.nonce);
    EXPECT_NE(flow.nonce, flow.verifier);
    EXPECT_EQ(flow.verifier.size(), 43u);
    flow.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";  // RFC 7636 B
    const std::string url = authorization_url(provider, client, flow);
    EXPECT_TRUE(url.starts_with("https://op.example/auth?response_type=code&client_id=conclave&"));
    EXPECT_NE(url.find("&redirect_uri=https%3A%2F%2Fvisio.fr%2Fcallback&scope=openid%20email&"),
              std::string::npos);
    EXPECT_NE(
        url.find("&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"),
        std::string::npos);
    EXPECT_NE(url.find("&state=" + flow.state + "&nonce=" + flow.nonce), std::string::npos);
    EXPECT_EQ(url.find(flow.verifier), std::string::npos);

    TokenRequest request = token_request(provider, client, "c/1", flow.verifier);
    EXPECT_EQ(request.body,
              "grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fvisio.fr%2Fcallback&"
              "code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    EXPECT_EQ(request.authorization, "Basic Y29uY2xhdmU6cyUyNmNyZXQ=");
    Provider by_post = provider;
    by_post.takes_basic = false;
    request = token_request(by_post, client, "c", "v");
    EXPECT_NE(request.body.find("&client_id=conclave&client_secret=s%26cret"), std::string::npos);
    EXPECT_EQ(request.authorization, "");
    request = token_request(provider, {"conclave", "", "https://visio.fr/callback", "openid"}, "c", "v");
    EXPECT_TRUE(request.body.ends_with("&client_id=conclave"));
}

TEST(Oidc, WhatComesBackIsTheAnswerToOurQuestion_RFC9207_2_4) {
    const Flow flow{"state-1", "n", "v", "/"};
    Provider provider = *parse_discovery(kDocument + "}", kIssuer);
    const Callback good{.state = "state-1", .code = "c", .error = {}, .issuer = {}};
    EXPECT_EQ(fault_of(good, flow, provider), std::nullopt);
    Callback other = good;
    other.state = "state-2";
    EXPECT_EQ(fault_of(other, flow, provider), Fault::Expired);
    other.state = "";
    EXPECT_EQ(fault_of(other, flow, provider), Fault::Expired);
    other = good;
    other.issuer = "https://evil.example";
    EXPECT_EQ(fault_of(other, flow, provider), Fault::Refused);
    other.issuer = kIssuer;
    EXPECT_EQ(fault_of(other, flow, provider), std::nullopt);
    provider.names_itself = true;
    EXPECT_EQ(fault_of(good, flow, provider), Fault::Refused) << "it always says who it is";
    EXPECT_EQ(fault_of(other, flow, provider), std::nullopt);
    other.error = "access_denied";
    EXPECT_EQ(fault_of(other, flow, provider), Fault::Cancelled);
    other.error = "server_error";
    EXPECT_EQ(fault_of(other, flow, provider), Fault::Refused);
    other.error = "";
    other.code = "";
    EXPECT_EQ(fault_of(other, flow, provider), Fault::Refused);
}

TEST(Oidc, TokensAreText) {
    EXPECT_EQ(parse_tokens(R"({"id_token":"a.b.c","access_token":"t"})")->access_token, "t");
    EXPECT_TRUE(parse_tokens(R"({"id_token":"a.b.c"})"));
    for (const char* text :
         {"", "[]", "{}", R"({"id_token":7})", R"({"access_token":"t"})",
          R"({"id_token":"a","access_token":"t\r\nX: y"})", R"({"id_token":"a","id_token":"b"})"})
        EXPECT_FALSE(parse_tokens(text)) << text;
}

TEST(Oidc, EveryFaultHasACodeOfItsOwn) {
    std::vector<std::string_view> codes;
    for (const Fault fault :
         {Fault::Expired, Fault::Cancelled, Fault::Refused, Fault::Unreachable, Fault::NotAllowed})
        codes.push_back(code(fault));
    std::sort(codes.begin(), codes.end());
    EXPECT_EQ(std::unique(codes.begin(), codes.end()), codes.end());
}

}  // namespace
}  // namespace oidc
}  // namespace conclave::account
