// Codes that come by e-mail. A code is worth something only on the browser that asked for it: that one has a
// secret of its own, so whoever is talked into telling a code gives nothing away.
//
// Eight digits and five tries: one in twenty million. Six would be one in two hundred thousand, which is too
// many chances for whoever tries it on all the addresses of a ministry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "account/secret.h"
#include "base/rng.h"
#include "base/time.h"

namespace conclave::account {

class SignInCodes {
 public:
    static constexpr size_t kDigits = 8;
    static constexpr int kTriesMax = 5;
    static constexpr Duration kLifetime = Duration::minutes(10);
    // 512 bytes each, 5 MiB. More than all requests that are let in within the lifetime of a code.
    static constexpr size_t kOutstandingMax = 10'000;

    struct Asked {
        std::string code;
        Secret browser;
    };
    // Nothing when too many are outstanding.
    std::optional<Asked> ask(Instant now, std::string_view email, Rng&);

    enum class Outcome : uint8_t {
        Right,  // and used up
        Wrong,  // another try may be right
        Gone,   // unknown, expired, used, or tried too often
    };
    struct Verdict {
        Outcome outcome = Outcome::Gone;
        std::string email = {};  // when it is right
    };
    // `typed`: digits count, spaces and hyphens between them do not.
    Verdict check(Instant now, const SecretHash& browser, std::string_view typed);

    size_t size() const { return outstanding_.size(); }

 private:
    struct Entry {
        std::string email;
        std::string code;
        Instant expires_at;
        int tries = 0;
    };
    struct Hash {
        size_t operator()(const SecretHash& hash) const noexcept;
    };
    std::unordered_map<SecretHash, Entry, Hash> outstanding_;
    Instant next_sweep_;
};

// "1234 5678", as people read it.
std::string grouped(std::string_view code);

}  // namespace conclave::account
