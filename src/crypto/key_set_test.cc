#include "crypto/key_set.h"

#include <gtest/gtest.h>

#include "crypto/hmac.h"
#include "crypto/issuer_for_test.h"

namespace conclave::crypto {
namespace {

using Fault = KeySet::Fault;
const std::string kPayload = R"({"iss":"https://op"})";

const IssuerForTest& issuer() {
    static const IssuerForTest one;
    return one;
}
KeySet keys(const std::string& jwks = issuer().keys()) {
    return std::move(*KeySet::parse(jwks));
}
std::optional<Fault> fault(const KeySet& set, const std::string& token, std::string_view type = "JWT") {
    const auto payload = set.verify(token, type);
    return payload ? std::nullopt : std::optional(payload.error());
}

TEST(KeySet, VerifiesTheThreeAlgorithms) {
    for (const char* how : {"RS256", "PS256", "ES256"}) {
        const std::string header = std::string(R"({"alg":")") + how + R"("})";
        EXPECT_EQ(*keys().verify(issuer().sign(header, kPayload, how)), kPayload) << how;
    }
}

TEST(KeySet, VerifiesTheExamplesOfTheStandard_RFC7515_A) {
    const std::string payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const KeySet set = keys(
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},{"kty":"RSA","e":"AQAB","n":")"
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-"
        "yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"
        "KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
        R"(h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]})");
    EXPECT_TRUE(set.verify("eyJhbGciOiJFUzI1NiJ9." + payload +
                           ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
                           "Kg6NU1Q"));
    EXPECT_TRUE(set.verify(
        "eyJhbGciOiJSUzI1NiJ9." + payload +
        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbd"
        "s9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0Ga"
        "rZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgG"
        "Y9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"));
}

TEST(KeySet, A1_RefusesEveryOtherAlgorithm_RFC8725_3_1) {
    for (const char* alg : {"none", "None", "", "HS256", "HS512", "RS384", "RS512", "PS384", "ES384",
                            "ES256K", "EdDSA", "RS1", "rs256", "RS256 "}) {
        const std::string header = std::string(R"({"alg":")") + alg + R"("})";
        EXPECT_EQ(fault(keys(), issuer().sign(header, kPayload, "RS256")), Fault::Malformed) << alg;
        const std::string bare =
            base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(kPayload)) + ".";
        EXPECT_EQ(fault(keys(), bare), Fault::Malformed) << alg;
    }
}

TEST(KeySet, A1_APublicKeyIsNoSharedSecret_RFC8725_2_1) {
    for (const std::string& secret : {issuer().keys(), issuer().rsa_jwk(), issuer().ec_jwk()}) {
        std::string token = base64url_encode(as_bytes(R"({"alg":"HS256","kid":"r"})")) + "." +
                            base64url_encode(as_bytes(kPayload));
        token += "." + base64url_encode(hmac_sha256(as_bytes(secret), as_bytes(token)));
        EXPECT_EQ(fault(keys(), token), Fault::Malformed);
    }
}

TEST(KeySet, A1_TheAlgorithmHasToFitTheKeyAndTheSignature) {
    for (const auto& [said, done] : {std::pair{"RS256", "PS256"},
                                     {"PS256", "RS256"},
                                     {"ES256", "RS256"},
                                     {"RS256", "ES256"},
                                     {"PS256", "ES256"}}) {
        const std::string header = std::string(R"({"alg":")") + said + R"("})";
        EXPECT_EQ(fault(keys(), issuer().sign(header, kPayload, done)), Fault::WrongSignature)
            << said << done;
    }
    const KeySet rs_only = keys(R"({"keys":[)" + issuer().rsa_jwk(R"(,"alg":"RS256")") + "]}");
    EXPECT_EQ(fault(rs_only, issuer().sign(R"({"alg":"RS256"})", kPayload, "RS256")), std::nullopt);
    EXPECT_EQ(fault(rs_only, issuer().sign(R"({"alg":"PS256"})", kPayload, "PS256")), Fault::UnknownKey);
}

TEST(KeySet, AnotherKeyAndAnotherTextAreRefused) {
    const IssuerForTest other;
    const std::string header = R"({"alg":"RS256","kid":"r"})";
    EXPECT_EQ(fault(keys(), other.sign(header, kPayload, "RS256")), Fault::WrongSignature);
    std::string token = issuer().sign(header, kPayload, "RS256");
    const size_t dot = token.find('.');
    token.replace(dot + 1, token.rfind('.') - dot - 1,
                  base64url_encode(as_bytes(R"({"iss":"https://evil"})")));
    EXPECT_EQ(fault(keys(), token), Fault::WrongSignature);
    token = issuer().sign(R"({"alg":"ES256","kid":"e"})", kPayload, "ES256");
    EXPECT_EQ(fault(keys(), token.substr(0, token.size() - 2)), Fault::WrongSignature);
    const std::string zeros = base64url_encode(std::vector<uint8_t>(64, 0));
    EXPECT_EQ(fault(keys(), token.substr(0, token.rfind('.') + 1) + zeros), Fault::WrongSignature);
}

TEST(KeySet, TheKeyIsThatOfTheId) {
    EXPECT_EQ(fault(keys(), issuer().sign(R"({"alg":"RS256","kid":"other"})", kPayload, "RS256")),
              Fault::UnknownKey);
    EXPECT_EQ(fault(keys(), issuer().sign(R"({"alg":"RS256","kid":"e"})", kPayload, "RS256")),
              Fault::UnknownKey);
    EXPECT_EQ(fault(keys(), issuer().sign(R"({"alg":"RS256","kid":7})", kPayload, "RS256")),
              Fault::Malformed);
    EXPECT_EQ(fault(keys(), issuer().sign(R"({"alg":"RS256"})", kPayload, "RS256")), std::nullopt)
        << "without one, any key of the type";
}

TEST(KeySet, TheTypeIsJwtOrTheOneThatIsExpected_RFC8725_3_11) {
    const auto signed_as = [](const char* type) {
        return issuer().sign(std::string(R"({"alg":"RS256","typ":")") + type + R"("})", kPayload, "RS256");
    };
    EXPECT_EQ(fault(keys(), signed_as("JWT")), std::nullopt);
    EXPECT_EQ(fault(keys(), signed_as("logout+jwt"), "logout+jwt"), std::nullopt);
    EXPECT_EQ(fault(keys(), signed_as("logout+jwt")), Fault::Malformed);
    EXPECT_EQ(fault(keys(), signed_as("at+jwt"), "logout+jwt"), Fault::Malformed);
}

TEST(KeySet, A1_RefusesKeysBroughtByTheToken_RFC8725_3_10) {
    for (const std::string& member :
         {R"("jwk":)" + issuer().rsa_jwk(), std::string(R"("jku":"https://evil.example/keys")"),
          std::string(R"("x5u":"https://evil.example/c")"), std::string(R"("x5c":["AA"])"),
          std::string(R"("crit":["x"])")}) {
        EXPECT_EQ(fault(keys(), issuer().sign(R"({"alg":"RS256",)" + member + "}", kPayload, "RS256")),
                  Fault::Malformed)
            << member;
    }
}

TEST(KeySet, PassesOverKeysThatAreNotForThis) {
    const std::string usable = issuer().ec_jwk();
    for (const std::string& other :
         {issuer().rsa_jwk(R"(,"use":"enc")"), issuer().rsa_jwk(R"(,"use":7)"),
          issuer().rsa_jwk(R"(,"key_ops":["sign"])"), std::string(R"({"kty":"oct","k":"AAAA"})"),
          std::string(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"),
          std::string(R"({"kty":"EC","crv":"P-384"})"), std::string(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"),
          std::string("{}"), std::string("7"), std::string(R"({"kty":"RSA","n":7,"e":[]})"),
          std::string(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})")}) {
        const auto set = KeySet::parse(R"({"keys":[)" + other + "," + usable + "]}");
        ASSERT_TRUE(set) << other;
        EXPECT_EQ(fault(*set, issuer().sign(R"({"alg":"RS256"})", kPayload, "RS256")), Fault::UnknownKey);
        EXPECT_FALSE(KeySet::parse(R"({"keys":[)" + other + "]}")) << other;
    }
    EXPECT_TRUE(
        KeySet::parse(R"({"keys":[)" + issuer().rsa_jwk(R"(,"use":"sig","key_ops":["verify"])") + "]}"));
}

TEST(KeySet, ShortRsaKeysAndPointsOffTheCurveAreNone_RFC8725_3_5) {
    const IssuerForTest weak(1024);
    EXPECT_FALSE(KeySet::parse(R"({"keys":[)" + weak.rsa_jwk() + "]}"));
    const std::string ones = base64url_encode(std::vector<uint8_t>(32, 1));
    EXPECT_FALSE(
        KeySet::parse(R"({"keys":[{"kty":"EC","crv":"P-256","x":")" + ones + R"(","y":")" + ones + "\"}]}"));
}

TEST(KeySet, OtherTextIsNone) {
    std::string many = R"({"keys":[)" + issuer().ec_jwk();
    for (size_t i = 0; i < KeySet::kKeysMax; ++i) many += "," + issuer().ec_jwk();
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
          std::string(R"({"keys":[]})"), many + "]}", std::string(70'000, ' ') + issuer().keys(),
          R"({"keys":[],"keys":[)" + issuer().ec_jwk() + "]}"})
        EXPECT_FALSE(KeySet::parse(text));
}

}  // namespace
}  // namespace conclave::crypto
