#include "base/rng.h"

namespace conclave {

std::string random_id(Rng& rng, size_t size) {
    constexpr std::string_view kAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    static_assert(kAlphabet.size() == 57);
    constexpr uint8_t kUnbiasedBelow = 256 / 57 * 57;
    std::string id;
    id.reserve(size);
    while (id.size() < size) {
        uint8_t byte = 0;
        rng.fill({&byte, 1});
        if (byte < kUnbiasedBelow) id += kAlphabet[byte % kAlphabet.size()];
    }
    return id;
}

}  // namespace conclave
