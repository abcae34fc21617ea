#include "crypto/key_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/free_with.h"
#include "crypto/jws_parts.h"

namespace conclave::crypto {
namespace {

using nlohmann::json;

using PublicKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr size_t kExponentMax = 8;       // 65537 everywhere; a huge one costs the verifier
constexpr size_t kCoordinateBytes = 32;  // P-256
constexpr size_t kKeyIdMax = 256;

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<uint8_t> bytes_of(const json& object, const char* name) {
    return base64url_decode(text_of(object, name)).value_or(std::vector<uint8_t>());
}

PublicKey key_of(const char* type, const Params& params) {
    EVP_PKEY* key = nullptr;
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    const bool is_made = context && params && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                         EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
    PublicKey made(key);
    if (!is_made) return nullptr;
    // A point that is not on its curve, an even modulus and the like.
    const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr));
    return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(made) : nullptr;
}

// RFC 7518 6.3.1
PublicKey rsa_key(const json& jwk) {
    const std::vector<uint8_t> modulus = bytes_of(jwk, "n");
    const std::vector<uint8_t> exponent = bytes_of(jwk, "e");
    if (modulus.size() > kRsaBitsMax / 8 || exponent.empty() || exponent.size() > kExponentMax)
        return nullptr;
    const Number n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
    const Number e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
    if (!n || !e || BN_num_bits(n.get()) < kRsaBitsMin) return nullptr;
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return key_of("RSA", Params(OSSL_PARAM_BLD_to_param(builder.get())));
}

// RFC 7518 6.2.1
PublicKey ec_key(const json& jwk) {
    const std::vector<uint8_t> x = bytes_of(jwk, "x");
    const std::vector<uint8_t> y = bytes_of(jwk, "y");
    if (text_of(jwk, "crv") != "P-256" || x.size() != kCoordinateBytes || y.size() != kCoordinateBytes)
        return nullptr;
    std::vector<uint8_t> point{0x04};  // uncompressed (SEC 1 2.3.3)
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    return key_of("EC", Params(OSSL_PARAM_BLD_to_param(builder.get())));
}

// RFC 7517 4.2, 4.3
bool is_for_verifying(const json& jwk) {
    if (jwk.contains("use") && text_of(jwk, "use") != "sig") return false;
    const auto operations = jwk.find("key_ops");
    if (operations == jwk.end()) return true;
    return operations->is_array() &&
           std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

bool verify_bytes(EVP_PKEY* key, bool is_pss, std::string_view input, ByteView signature) {
    const Digest digest(EVP_MD_CTX_new());
    EVP_PKEY_CTX* context = nullptr;
    if (!digest || EVP_DigestVerifyInit(digest.get(), &context, EVP_sha256(), nullptr, key) != 1)
        return false;
    // RFC 7518 3.5: MGF1 with SHA-256, a salt as long as the hash.
    if (is_pss && (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
                   EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) != 1 ||
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1))
        return false;
    const ByteView bytes = as_bytes(input);
    return EVP_DigestVerify(digest.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) ==
           1;
}

// RFC 7518 3.4: both numbers one after the other; OpenSSL wants them in DER.
std::vector<uint8_t> der_of(ByteView signature) {
    if (signature.size() != 2 * kCoordinateBytes) return {};
    const EcSignature pair(ECDSA_SIG_new());
    BIGNUM* const r = BN_bin2bn(signature.data(), kCoordinateBytes, nullptr);
    BIGNUM* const s = BN_bin2bn(signature.data() + kCoordinateBytes, kCoordinateBytes, nullptr);
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return {};
    }
    std::vector<uint8_t> der(static_cast<size_t>(std::max(i2d_ECDSA_SIG(pair.get(), nullptr), 0)));
    uint8_t* out = der.data();
    if (i2d_ECDSA_SIG(pair.get(), &out) != static_cast<int>(der.size())) return {};
    return der;
}

}  // namespace

struct KeySet::Key {
    std::string id;
    std::string algorithm;  // when the key is for one alone
    bool is_rsa = false;
    PublicKey key;

    bool verifies(const std::string& wanted, const JwsParts& parts) const {
        if (!is_rsa) return verify_bytes(key.get(), false, parts.signing_input, der_of(parts.signature));
        return verify_bytes(key.get(), wanted == "PS256", parts.signing_input, parts.signature);
    }
};

KeySet::KeySet(std::vector<Key> keys) : keys_(std::move(keys)) {}
KeySet::KeySet(KeySet&&) noexcept = default;
KeySet& KeySet::operator=(KeySet&&) noexcept = default;
KeySet::~KeySet() = default;

Result<KeySet> KeySet::parse(std::string_view text) {
    if (text.size() > kTextMax) return failure("the key set is too large");
    const auto set = parse_strict_object(text);
    if (!set || !set->contains("keys") || !(*set)["keys"].is_array()) return failure("this is no key set");
    if ((*set)["keys"].size() > kKeysMax) return failure("the key set has too many keys");
    std::vector<Key> keys;
    for (const json& jwk : (*set)["keys"]) {
        if (!jwk.is_object() || !is_for_verifying(jwk)) continue;
        const std::string type = text_of(jwk, "kty");
        Key key{text_of(jwk, "kid"), text_of(jwk, "alg"), type == "RSA", nullptr};
        if (type == "RSA") key.key = rsa_key(jwk);
        if (type == "EC") key.key = ec_key(jwk);
        if (key.key && key.id.size() <= kKeyIdMax) keys.push_back(std::move(key));
    }
    if (keys.empty()) return failure("the key set has no key for signatures that are known here");
    return KeySet(std::move(keys));
}

Result<std::string, KeySet::Fault> KeySet::verify(std::string_view token, std::string_view type) const {
    Result<JwsParts> parts = parse_jws(token, type);
    if (!parts) return Unexpected{Fault::Malformed};
    const std::string algorithm = text_of(parts->header, "alg");
    const bool is_rsa = algorithm == "RS256" || algorithm == "PS256";
    if (!is_rsa && algorithm != "ES256") return Unexpected{Fault::Malformed};
    const bool has_id = parts->header.contains("kid");
    if (has_id && !parts->header["kid"].is_string()) return Unexpected{Fault::Malformed};
    const std::string id = text_of(parts->header, "kid");
    bool has_candidate = false;
    for (const Key& key : keys_) {
        if (key.is_rsa != is_rsa || (has_id && key.id != id)) continue;
        if (!key.algorithm.empty() && key.algorithm != algorithm) continue;
        has_candidate = true;
        if (key.verifies(algorithm, *parts)) return std::move(parts->payload);
    }
    return Unexpected{has_candidate ? Fault::WrongSignature : Fault::UnknownKey};
}

}  // namespace conclave::crypto
