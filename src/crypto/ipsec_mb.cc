#include "crypto/ipsec_mb.h"

#include "base/check.h"

#ifdef CONCLAVE_IPSEC_MB
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

namespace conclave::crypto {

struct IpsecMbKey {
    gcm_key_data expanded;  // aligned to 64 bytes by its type
};

namespace ipsec_mb {
namespace {

// The functions for this processor. They are called by all threads: the single-buffer ones keep their state
// in the arguments.
const IMB_MGR* functions() {
    static const IMB_MGR* const table = [] {
        IMB_ARCH arch = IMB_ARCH_NONE;
        IMB_MGR* made = alloc_mb_mgr(0);
        if (!made) return made;
        init_mb_mgr_auto(made, &arch);
        // Below SSE the library computes AES with tables, in time that depends on the key.
        const bool is_usable = arch >= IMB_ARCH_SSE && (made->features & IMB_FEATURE_SELF_TEST_PASS) != 0;
        if (is_usable) return made;
        free_mb_mgr(made);
        return static_cast<IMB_MGR*>(nullptr);
    }();
    return table;
}

// The library checks its arguments and, of wrong ones, silently does nothing: no pointer may be null.
const uint8_t* not_null(ByteView bytes) {
    static constexpr uint8_t kNothing = 0;
    return bytes.empty() ? &kNothing : bytes.data();
}

}  // namespace

bool is_supported() {
    return functions() != nullptr;
}

std::string_view name() {
    const uint64_t features = functions()->features;
    if (features & IMB_FEATURE_AVX512F)
        return features & IMB_FEATURE_VAES ? "ipsec-mb vaes-avx512" : "ipsec-mb avx512";
    return features & IMB_FEATURE_AVX2 ? "ipsec-mb avx2" : "ipsec-mb sse";
}

Key expand(ByteView key) {
    Key made{new IpsecMbKey};
    IMB_AES128_GCM_PRE(functions(), key.data(), &made->expanded);
    return made;
}

void free_key(IpsecMbKey* key) {
    if (key) OPENSSL_cleanse(key, sizeof *key);
    delete key;
}

void prefetch(const IpsecMbKey& key) {
    constexpr size_t kLine = 64;
    const auto* bytes = reinterpret_cast<const uint8_t*>(&key);
    for (size_t i = 0; i < sizeof key; i += kLine) __builtin_prefetch(bytes + i);
}

void seal(const IpsecMbKey& key, const Aes128Gcm::Iv& iv, ByteView aad, ByteParts plain, uint8_t* out) {
    const IMB_MGR* f = functions();
    gcm_context_data context;
    if (plain.size() == 1) {
        const ByteView part = plain.front();
        IMB_AES128_GCM_ENC(f, &key.expanded, &context, out, not_null(part), part.size(), iv.data(),
                           not_null(aad), aad.size(), out + part.size(), Aes128Gcm::kTagSize);
        return;
    }
    IMB_AES128_GCM_INIT(f, &key.expanded, &context, iv.data(), not_null(aad), aad.size());
    for (const ByteView part : plain) {
        if (part.empty()) continue;
        IMB_AES128_GCM_ENC_UPDATE(f, &key.expanded, &context, out, part.data(), part.size());
        out += part.size();
    }
    IMB_AES128_GCM_ENC_FINALIZE(f, &key.expanded, &context, out, Aes128Gcm::kTagSize);
}

std::array<uint8_t, Aes128Gcm::kTagSize> open(const IpsecMbKey& key, const Aes128Gcm::Iv& iv, ByteView aad,
                                              ByteView cipher, uint8_t* out) {
    std::array<uint8_t, Aes128Gcm::kTagSize> tag;
    gcm_context_data context;
    // Of an empty message the library wants a place all the same.
    uint8_t* const plain = cipher.empty() ? tag.data() : out;
    IMB_AES128_GCM_DEC(functions(), &key.expanded, &context, plain, not_null(cipher), cipher.size(),
                       iv.data(), not_null(aad), aad.size(), tag.data(), tag.size());
    return tag;
}

}  // namespace ipsec_mb
}  // namespace conclave::crypto

#else  // no such library for this processor

namespace conclave::crypto {

struct IpsecMbKey {};

namespace ipsec_mb {

bool is_supported() {
    return false;
}
std::string_view name() {
    return "none";
}
Key expand(ByteView) {
    CHECK(false);
}
void free_key(IpsecMbKey* key) {
    delete key;
}
void prefetch(const IpsecMbKey&) {
    CHECK(false);
}
void seal(const IpsecMbKey&, const Aes128Gcm::Iv&, ByteView, ByteParts, uint8_t*) {
    CHECK(false);
}
std::array<uint8_t, Aes128Gcm::kTagSize> open(const IpsecMbKey&, const Aes128Gcm::Iv&, ByteView, ByteView,
                                              uint8_t*) {
    CHECK(false);
}

}  // namespace ipsec_mb
}  // namespace conclave::crypto
#endif
