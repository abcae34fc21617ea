// For tests: an issuer with one RSA and one P-256 key, which signs whatever it is told.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/check.h"

namespace conclave::crypto {

class IssuerForTest {
 public:
    explicit IssuerForTest(unsigned rsa_bits = 2048) : rsa_(EVP_RSA_gen(rsa_bits)), ec_(EVP_EC_gen("P-256")) {
        CHECK(rsa_ && ec_);
    }
    ~IssuerForTest() {
        EVP_PKEY_free(rsa_);
        EVP_PKEY_free(ec_);
    }
    IssuerForTest(const IssuerForTest&) = delete;
    IssuerForTest& operator=(const IssuerForTest&) = delete;

    std::string rsa_jwk(const std::string& more = R"(,"kid":"r")") const {
        return R"({"kty":"RSA","n":")" + number(rsa_, OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
               number(rsa_, OSSL_PKEY_PARAM_RSA_E) + "\"" + more + "}";
    }
    std::string ec_jwk(const std::string& more = R"(,"kid":"e")") const {
        return R"({"kty":"EC","crv":"P-256","x":")" + number(ec_, OSSL_PKEY_PARAM_EC_PUB_X, 32) +
               R"(","y":")" + number(ec_, OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"" + more + "}";
    }
    std::string keys() const { return R"({"keys":[)" + rsa_jwk() + "," + ec_jwk() + "]}"; }

    // `how` is RS256, PS256 or ES256, whatever the header says.
    std::string sign(const std::string& header, const std::string& payload, const std::string& how) const {
        std::string token = base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(payload));
        return token + "." + base64url_encode(signature(token, how));
    }

 private:
    static std::string number(EVP_PKEY* key, const char* name, int size = 0) {
        BIGNUM* value = nullptr;
        CHECK(EVP_PKEY_get_bn_param(key, name, &value) == 1);
        std::vector<uint8_t> bytes(static_cast<size_t>(size > 0 ? size : BN_num_bytes(value)));
        CHECK(BN_bn2binpad(value, bytes.data(), static_cast<int>(bytes.size())) > 0);
        BN_free(value);
        return base64url_encode(bytes);
    }
    std::vector<uint8_t> signature(const std::string& input, const std::string& how) const {
        EVP_MD_CTX* digest = EVP_MD_CTX_new();
        EVP_PKEY_CTX* context = nullptr;
        CHECK(EVP_DigestSignInit(digest, &context, EVP_sha256(), nullptr, how == "ES256" ? ec_ : rsa_) == 1);
        if (how == "PS256") {
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST);
        }
        const ByteView bytes = as_bytes(input);
        size_t size = 0;
        CHECK(EVP_DigestSign(digest, nullptr, &size, bytes.data(), bytes.size()) == 1);
        std::vector<uint8_t> out(size);
        CHECK(EVP_DigestSign(digest, out.data(), &size, bytes.data(), bytes.size()) == 1);
        out.resize(size);
        EVP_MD_CTX_free(digest);
        return how == "ES256" ? both_numbers(out) : out;
    }
    static std::vector<uint8_t> both_numbers(const std::vector<uint8_t>& der) {
        const uint8_t* at = der.data();
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::vector<uint8_t> out(64);
        CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair), out.data(), 32) == 32);
        CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.data() + 32, 32) == 32);
        ECDSA_SIG_free(pair);
        return out;
    }

    EVP_PKEY* rsa_;
    EVP_PKEY* ec_;
};

}  // namespace conclave::crypto
