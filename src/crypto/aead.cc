#include "crypto/aead.h"

#include <openssl/evp.h>

#include <limits>

#include "crypto/hmac.h"
#include "crypto/ipsec_mb.h"

namespace conclave::crypto {

namespace {
// EVP counts in int; no message of ours comes near.
constexpr size_t kSizeMax = std::numeric_limits<int>::max() / 2;

using Tag = std::array<uint8_t, Aes128Gcm::kTagSize>;
}  // namespace

void CipherContextFree::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);
}

namespace {

Result<CipherContext> evp_key(ByteView key) {
    CipherContext context{EVP_CIPHER_CTX_new()};
    // The default IV length of GCM is the 12 bytes we use.
    if (!context || EVP_CipherInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr, 1) != 1)
        return failure("AES-128-GCM is not available");
    return context;
}

bool evp_start(evp_cipher_ctx_st* context, const Aes128Gcm::Iv& iv, ByteView aad, bool is_sealing) {
    int size = 0;
    if (EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), is_sealing ? 1 : 0) != 1)
        return false;
    return aad.empty() ||
           EVP_CipherUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) == 1;
}

bool evp_seal(evp_cipher_ctx_st* context, const Aes128Gcm::Iv& iv, ByteView aad, ByteParts plain,
              uint8_t* next) {
    if (!evp_start(context, iv, aad, true)) return false;
    int size = 0;
    for (const ByteView part : plain) {
        if (part.empty()) continue;
        if (EVP_CipherUpdate(context, next, &size, part.data(), static_cast<int>(part.size())) != 1)
            return false;
        next += part.size();
    }
    return EVP_CipherFinal_ex(context, next, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Aes128Gcm::kTagSize, next) == 1;
}

bool evp_open(evp_cipher_ctx_st* context, const Aes128Gcm::Iv& iv, ByteView aad, ByteView cipher, Tag tag,
              uint8_t* out) {
    if (!evp_start(context, iv, aad, false)) return false;
    int size = 0;
    if (!cipher.empty() &&
        EVP_CipherUpdate(context, out, &size, cipher.data(), static_cast<int>(cipher.size())) != 1)
        return false;
    std::array<uint8_t, 16> nothing;
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Aes128Gcm::kTagSize, tag.data()) == 1 &&
           EVP_CipherFinal_ex(context, nothing.data(), &size) == 1;
}

}  // namespace

GcmEngine fastest_gcm_engine() {
    return ipsec_mb::is_supported() ? GcmEngine::IpsecMb : GcmEngine::OpenSsl;
}

std::string_view gcm_engine_name(GcmEngine engine) {
    return engine == GcmEngine::IpsecMb ? ipsec_mb::name() : "openssl";
}

void IpsecMbKeyFree::operator()(IpsecMbKey* key) const {
    ipsec_mb::free_key(key);
}

Result<Aes128Gcm> Aes128Gcm::create(ByteView key, GcmEngine engine) {
    if (key.size() != kKeySize) return failure("AES-128-GCM needs a key of 16 bytes");
    if (engine == GcmEngine::OpenSsl) return Aes128Gcm{TRY(evp_key(key))};
    if (!ipsec_mb::is_supported()) return failure("this processor has no instructions for AES-GCM");
    return Aes128Gcm{ipsec_mb::expand(key)};
}

bool Aes128Gcm::seal(const Iv& iv, ByteView aad, ByteParts plain, MutableBytes out) {
    const size_t plain_size = total_size(plain);
    if (plain_size > kSizeMax || aad.size() > kSizeMax || out.size() < plain_size + kTagSize) return false;
    if (const CipherContext* context = std::get_if<CipherContext>(&keyed_))
        return evp_seal(context->get(), iv, aad, plain, out.data());
    ipsec_mb::seal(*std::get<ipsec_mb::Key>(keyed_), iv, aad, plain, out.data());
    return true;
}

void Aes128Gcm::prefetch() const {
    if (const auto* key = std::get_if<ipsec_mb::Key>(&keyed_)) ipsec_mb::prefetch(**key);
}

bool Aes128Gcm::open(const Iv& iv, ByteView aad, ByteView sealed, MutableBytes out) {
    if (sealed.size() < kTagSize || sealed.size() > kSizeMax || aad.size() > kSizeMax) return false;
    const ByteView cipher = sealed.first(sealed.size() - kTagSize);
    if (out.size() < cipher.size()) return false;
    // A copy: `out` may begin where `sealed` does.
    Tag tag;
    std::memcpy(tag.data(), sealed.data() + cipher.size(), kTagSize);
    if (const CipherContext* context = std::get_if<CipherContext>(&keyed_))
        return evp_open(context->get(), iv, aad, cipher, tag, out.data());
    return equal_constant_time(ipsec_mb::open(*std::get<ipsec_mb::Key>(keyed_), iv, aad, cipher, out.data()),
                               tag);
}

}  // namespace conclave::crypto
