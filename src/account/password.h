// What may be a password, and how fast somebody may guess.
//
// CNIL, recommendation of 2022 (deliberation 2022-100): a password alone has 80 bits at least, counted as its
// length times the logarithm of the alphabet it draws from. We ask for that much and slow guessing down as
// well.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "crypto/hash.h"

namespace conclave::account {

// A little under 80: the recommendation's own example, 12 characters of all four classes, has 79.6.
inline constexpr double kPasswordBitsMin = 79.5;

// Bits as the recommendation counts them: 26 small letters, 26 capitals, 10 digits, 37 others, those present.
// A character that repeats the one before it, or follows it in order ("aaaa", "1234"), counts for nothing.
double password_bits(std::string_view password);

enum class PasswordFault : uint8_t {
    TooWeak,   // fewer than kPasswordBitsMin
    TooLong,   // more than crypto::kPasswordBytesMax
    NotText,   // not UTF-8, or with control characters
    Personal,  // made of the name or the address
};
std::optional<PasswordFault> fault_of_password(std::string_view password, std::string_view name,
                                               std::string_view email);

// Failed attempts by who was named, whether or not there is such an account. After the fifth failure each
// further attempt has to wait: 1, 2, 4, 8, then 15 minutes. Nobody is locked out for good, and what is tried
// while waiting prolongs nothing.
class Lockout {
 public:
    static constexpr int kFreeAttempts = 5;
    static constexpr Duration kWaitMax = Duration::minutes(15);
    // Without a failure for so long everything is forgotten: waiting for that is no faster than guessing on.
    static constexpr Duration kMemory = Duration::minutes(60);
    // 64 bytes each, 4 MiB. When that many are remembered, further ones share one entry.
    static constexpr size_t kEntriesMax = 65'536;

    using Key = crypto::Sha256Digest;

    // How long this one must still wait; zero: an attempt may be made.
    Duration wait(Instant now, const Key&) const;
    // An attempt begins, and counts as a failure until succeeded(): attempts at the same time count too.
    void begin(Instant now, const Key&);
    // The attempt was not carried out after all.
    void withdraw(const Key&);
    void succeeded(const Key&);

    size_t size() const { return entries_.size(); }

 private:
    struct Entry {
        int failures = 0;
        Instant failed_at;
    };
    struct Hash {
        size_t operator()(const Key&) const noexcept;
    };
    const Entry* find(const Key&) const;
    void forget(Instant now);

    std::unordered_map<Key, Entry, Hash> entries_;
    Entry overflow_;
    Instant swept_at_;
};

// How long attempt number `failures` + 1 has to wait after the last failure.
Duration wait_after(int failures);

}  // namespace conclave::account
