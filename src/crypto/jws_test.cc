// What a token may not get away with: algorithm confusion and its relatives (RFC 8725), one test each.
#include "crypto/jws.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"
#include "crypto/hmac.h"

namespace conclave::crypto {
namespace {

const ByteView kKey = as_bytes("0123456789abcdef0123456789abcdef");

// A token with any header, signed rightly: only the header can be what is refused.
std::string token_with(std::string_view header, std::string_view payload = R"({"iss":"a"})") {
    std::string token = base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(payload));
    return token + "." + base64url_encode(hmac_sha256(kKey, as_bytes(token)));
}

bool is_accepted(std::string_view token) {
    return verify_hs256(token, kKey).has_value();
}

TEST(Jws, VerifiesWhatItSigned) {
    const std::string payload = R"({"iss":"key","sub":"alice","video":{"room":"r"}})";
    const std::string token = sign_hs256(payload, kKey);
    EXPECT_EQ(verify_hs256(token, kKey).value(), payload);
    EXPECT_EQ(peek_unverified_payload(token).value(), payload);
    EXPECT_TRUE(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
}

TEST(Jws, AcceptsTheExampleOfTheStandard_RFC7515_A1) {
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const auto key = base64url_decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    const auto payload = verify_hs256(token, *key);
    ASSERT_TRUE(payload);
    EXPECT_NE(payload->find("\"joe\""), std::string::npos);
}

TEST(Jws, A1_RefusesAlgNoneInEverySpelling_RFC8725_3_2) {
    for (const char* alg : {"none", "None", "NONE", "nOnE", ""}) {
        const std::string header = std::string(R"({"alg":")") + alg + R"("})";
        EXPECT_FALSE(is_accepted(token_with(header))) << alg;
        // Unsigned, as the algorithm would have it.
        const std::string bare =
            base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(R"({"iss":"a"})")) + ".";
        EXPECT_FALSE(is_accepted(bare)) << alg;
    }
}

TEST(Jws, A1_RefusesEveryOtherAlgorithm_RFC8725_3_1) {
    for (const char* alg : {"HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256", "HS256 ", "HS"}) {
        EXPECT_FALSE(is_accepted(token_with(std::string(R"({"alg":")") + alg + R"("})"))) << alg;
    }
    EXPECT_TRUE(is_accepted(token_with(R"({"alg":"HS256"})")));
}

TEST(Jws, RefusesAlgThatIsNoStringOrIsMissing) {
    for (const char* header : {R"({})", R"({"alg":null})", R"({"alg":["HS256"]})", R"({"alg":256})",
                               R"({"alg":{"HS256":1}})", R"(["HS256"])", R"("HS256")", "HS256", ""}) {
        EXPECT_FALSE(is_accepted(token_with(header))) << header;
    }
}

TEST(Jws, A1_RefusesKeysBroughtByTheToken_RFC8725_3_10) {
    for (const char* member : {R"("jwk":{"kty":"oct","k":"AA"})", R"("jku":"https://evil.example/keys")",
                               R"("x5u":"https://evil.example/cert")", R"("x5c":["AA"])"}) {
        EXPECT_FALSE(is_accepted(token_with(std::string(R"({"alg":"HS256",)") + member + "}"))) << member;
    }
}

TEST(Jws, RefusesCriticalExtensionsAndUnencodedPayloads_RFC7515_4_1_11) {
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256","crit":["exp"],"exp":1})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256","crit":[]})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256","b64":false})")));
}

TEST(Jws, RefusesAnotherType_RFC8725_3_11) {
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256","typ":"at+jwt"})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256","typ":null})")));
    EXPECT_TRUE(is_accepted(token_with(R"({"alg":"HS256","typ":"JWT"})")));
}

TEST(Jws, KeyIdIsNotInterpreted) {
    EXPECT_TRUE(is_accepted(token_with(R"({"alg":"HS256","kid":"../../dev/null' OR 1=1"})")));
}

TEST(Jws, A1_RefusesKeysGivenTwice_RFC8725_2_4) {
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"none","alg":"HS256"})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256","alg":"HS256"})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256"})", R"({"iss":"a","iss":"b"})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256"})", R"({"video":{"room":"a","room":"b"}})")));
    EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256"})", R"({"a":"1","\u0061":"2"})")));
    EXPECT_TRUE(is_accepted(token_with(R"({"alg":"HS256"})", R"({"a":{"x":1},"b":{"x":1}})")));
}

TEST(Jws, RefusesPayloadThatIsNoObject) {
    for (const char* payload : {"[]", "1", "\"a\"", "{", "{}{}", "", "{\"a\":\"\xff\"}"}) {
        EXPECT_FALSE(is_accepted(token_with(R"({"alg":"HS256"})", payload))) << payload;
    }
}

TEST(Jws, RefusesEveryChangedCharacter) {
    const std::string token = sign_hs256(R"({"iss":"a"})", kKey);
    ASSERT_TRUE(is_accepted(token));
    for (size_t i = 0; i < token.size(); ++i) {
        std::string forged = token;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(is_accepted(forged)) << i;
    }
}

TEST(Jws, RefusesOtherFormsOfTheSameToken_RFC7515_2) {
    const std::string token = sign_hs256(R"({"iss":"a"})", kKey);
    EXPECT_FALSE(is_accepted(token + "="));
    EXPECT_FALSE(is_accepted(token + "."));
    EXPECT_FALSE(is_accepted(" " + token));
    EXPECT_FALSE(is_accepted(token + "\n"));
    EXPECT_FALSE(is_accepted(token.substr(0, token.rfind('.'))));
    EXPECT_FALSE(is_accepted(token.substr(0, token.rfind('.') + 1)));
    EXPECT_FALSE(is_accepted(".."));
    EXPECT_FALSE(is_accepted(""));
    // The last character of 43 carries 4 bits: its other spellings decode to the same bytes elsewhere.
    std::string sibling = token;
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    sibling.back() = kAlphabet[kAlphabet.find(token.back()) ^ 1];
    EXPECT_FALSE(is_accepted(sibling));
}

TEST(Jws, RefusesAnotherKeyAndNoKey) {
    const std::string token = sign_hs256(R"({"iss":"a"})", kKey);
    EXPECT_FALSE(verify_hs256(token, as_bytes("another key of some length......")));
    EXPECT_FALSE(verify_hs256(token, {}));
}

TEST(Jws, RefusesMoreThanItsSizeUnread) {
    const std::string fits = sign_hs256("{\"a\":\"" + std::string(11'000, 'x') + "\"}", kKey);
    ASSERT_LT(fits.size(), kJwsSizeMax);
    EXPECT_TRUE(is_accepted(fits));
    EXPECT_FALSE(is_accepted(sign_hs256("{\"a\":\"" + std::string(13'000, 'x') + "\"}", kKey)));
    EXPECT_FALSE(is_accepted(std::string(1 << 20, 'A')));
}

TEST(Jws, DeepNestingIsHarmless) {
    const std::string deep = "{\"a\":" + std::string(5'000, '[') + std::string(5'000, ']') + "}";
    EXPECT_TRUE(is_accepted(token_with(R"({"alg":"HS256"})", deep)));
}

TEST(Jws, PeekAppliesTheSameFormChecks) {
    EXPECT_FALSE(peek_unverified_payload(token_with(R"({"alg":"none"})")));
    EXPECT_FALSE(peek_unverified_payload("a.b"));
    std::string unsigned_token = sign_hs256(R"({"iss":"a"})", kKey);
    unsigned_token[unsigned_token.size() - 5] ^= 1;
    EXPECT_FALSE(is_accepted(unsigned_token));
}

}  // namespace
}  // namespace conclave::crypto
