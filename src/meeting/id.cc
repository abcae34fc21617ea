#include "meeting/id.h"

#include <array>
#include <cstdint>

namespace conclave::meeting {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kGroups = 4;
constexpr size_t kGroupSize = 5;
constexpr size_t kIdSize = kGroups * kGroupSize + kGroups - 1;
static_assert(kAlphabet.size() == 32, "5 bits a character");
static_assert(kGroups * kGroupSize * 5 >= 96, "unguessable: 96 random bits at least");

bool is_hyphen_at(size_t i) {
    return i % (kGroupSize + 1) == kGroupSize;
}

}  // namespace

std::string make_id(Rng& rng) {
    std::array<uint8_t, kGroups * kGroupSize> random;
    rng.fill(random);
    std::string id;
    id.reserve(kIdSize);
    for (const uint8_t byte : random) {
        if (is_hyphen_at(id.size())) id += '-';
        id += kAlphabet[byte % kAlphabet.size()];  // 32 divides 256: unbiased
    }
    return id;
}

bool is_id(std::string_view text) {
    if (text.size() != kIdSize) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool fits =
            is_hyphen_at(i) ? text[i] == '-' : kAlphabet.find(text[i]) != std::string_view::npos;
        if (!fits) return false;
    }
    return true;
}

}  // namespace conclave::meeting
