#include "crypto/aes_ctr.h"

#include <openssl/evp.h>

#include <limits>

namespace conclave::crypto {

Result<Aes128Ctr> Aes128Ctr::create(ByteView key) {
    if (key.size() != kKeySize) return failure("AES-128-CTR needs a key of 16 bytes");
    CipherContext context{EVP_CIPHER_CTX_new()};
    if (!context || EVP_CipherInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, key.data(), nullptr, 1) != 1)
        return failure("AES-128-CTR is not available");
    return Aes128Ctr{std::move(context)};
}

bool Aes128Ctr::apply(const Counter& counter, ByteParts in, MutableBytes out) {
    const size_t in_size = total_size(in);
    if (out.size() < in_size || in_size > std::numeric_limits<int>::max()) return false;
    int size = 0;
    if (EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data(), 1) != 1) return false;
    uint8_t* next = out.data();
    for (const ByteView part : in) {
        if (part.empty()) continue;
        if (EVP_CipherUpdate(context_.get(), next, &size, part.data(), static_cast<int>(part.size())) != 1)
            return false;
        next += part.size();
    }
    return true;
}

}  // namespace conclave::crypto
