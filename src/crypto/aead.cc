#include "crypto/aead.h"

#include <openssl/evp.h>

#include <limits>

namespace conclave::crypto {

namespace {
// EVP counts in int; no message of ours comes near.
constexpr size_t kSizeMax = std::numeric_limits<int>::max() / 2;
}  // namespace

void CipherContextFree::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);
}

Result<Aes128Gcm> Aes128Gcm::create(ByteView key) {
    if (key.size() != kKeySize) return failure("AES-128-GCM needs a key of 16 bytes");
    CipherContext context{EVP_CIPHER_CTX_new()};
    // The default IV length of GCM is the 12 bytes we use.
    if (!context || EVP_CipherInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr, 1) != 1)
        return failure("AES-128-GCM is not available");
    return Aes128Gcm{std::move(context)};
}

bool Aes128Gcm::seal(const Iv& iv, ByteView aad, ByteParts plain, MutableBytes out) {
    const size_t plain_size = total_size(plain);
    if (plain_size > kSizeMax || aad.size() > kSizeMax || out.size() < plain_size + kTagSize) return false;
    evp_cipher_ctx_st* context = context_.get();
    int size = 0;
    if (EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), 1) != 1) return false;
    if (!aad.empty() &&
        EVP_CipherUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) != 1)
        return false;
    uint8_t* next = out.data();
    for (const ByteView part : plain) {
        if (part.empty()) continue;
        if (EVP_CipherUpdate(context, next, &size, part.data(), static_cast<int>(part.size())) != 1)
            return false;
        next += part.size();
    }
    return EVP_CipherFinal_ex(context, next, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, next) == 1;
}

bool Aes128Gcm::open(const Iv& iv, ByteView aad, ByteView sealed, MutableBytes out) {
    if (sealed.size() < kTagSize || sealed.size() > kSizeMax || aad.size() > kSizeMax) return false;
    const ByteView cipher = sealed.first(sealed.size() - kTagSize);
    if (out.size() < cipher.size()) return false;
    std::array<uint8_t, kTagSize> tag;
    std::memcpy(tag.data(), sealed.data() + cipher.size(), kTagSize);

    evp_cipher_ctx_st* context = context_.get();
    int size = 0;
    if (EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), 0) != 1) return false;
    if (!aad.empty() &&
        EVP_CipherUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) != 1)
        return false;
    if (!cipher.empty() &&
        EVP_CipherUpdate(context, out.data(), &size, cipher.data(), static_cast<int>(cipher.size())) != 1)
        return false;
    std::array<uint8_t, 16> nothing;
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
           EVP_CipherFinal_ex(context, nothing.data(), &size) == 1;
}

}  // namespace conclave::crypto
