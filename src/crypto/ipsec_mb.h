// AES-128-GCM by Intel's ipsec-mb. Internal to Aes128Gcm. Where the library is not part of the build,
// is_supported() is false and nothing else may be called.
#pragma once

#include "crypto/aead.h"

namespace conclave::crypto {
namespace ipsec_mb {

using Key = std::unique_ptr<IpsecMbKey, IpsecMbKeyFree>;

// Whether the processor has the instructions; what the library would do without them is slower than OpenSSL.
bool is_supported();
std::string_view name();

Key expand(ByteView key);  // 16 bytes
void free_key(IpsecMbKey*);
void prefetch(const IpsecMbKey&);

// `out` has room for all parts and the tag.
void seal(const IpsecMbKey&, const Aes128Gcm::Iv&, ByteView aad, ByteParts plain, uint8_t* out);
// Returns the tag that `cipher` should have had.
std::array<uint8_t, Aes128Gcm::kTagSize> open(const IpsecMbKey&, const Aes128Gcm::Iv&, ByteView aad,
                                              ByteView cipher, uint8_t* out);

}  // namespace ipsec_mb
}  // namespace conclave::crypto
