#include "account/sign_in_code.h"

#include "base/bytes.h"
#include "crypto/hmac.h"

namespace conclave::account {
namespace {

constexpr uint32_t kCodes = 100'000'000;  // 10 to the power of kDigits
// A full table is swept at most this often.
constexpr Duration kSweepInterval = Duration::seconds(10);
// Longer than any way of writing eight digits.
constexpr size_t kTypedMax = 64;

// Each code as likely as any other: what is left above the last whole multiple is drawn again.
std::string random_code(Rng& rng) {
    constexpr uint32_t kDrawsEnd = UINT32_MAX / kCodes * kCodes;
    uint32_t drawn = rng.u32();
    while (drawn >= kDrawsEnd) drawn = rng.u32();
    std::string digits = std::to_string(drawn % kCodes);
    return std::string(SignInCodes::kDigits - digits.size(), '0') + digits;
}

std::string digits_of(std::string_view typed) {
    std::string digits;
    for (const char c : typed.substr(0, kTypedMax)) {
        if (c >= '0' && c <= '9') digits += c;
    }
    return digits;
}

}  // namespace

size_t SignInCodes::Hash::operator()(const SecretHash& hash) const noexcept {
    return static_cast<size_t>(load_be64(hash.data()));
}

std::optional<SignInCodes::Asked> SignInCodes::ask(Instant now, std::string_view email, Rng& rng) {
    if (outstanding_.size() >= kOutstandingMax && now >= next_sweep_) {
        next_sweep_ = now + kSweepInterval;
        std::erase_if(outstanding_, [now](const auto& entry) { return now >= entry.second.expires_at; });
    }
    if (outstanding_.size() >= kOutstandingMax) return std::nullopt;
    Asked asked{random_code(rng), make_secret(rng)};
    outstanding_[asked.browser.hash] = {std::string(email), asked.code, now + kLifetime};
    return asked;
}

SignInCodes::Verdict SignInCodes::check(Instant now, const SecretHash& browser, std::string_view typed) {
    const auto found = outstanding_.find(browser);
    if (found == outstanding_.end()) return {};
    Entry& entry = found->second;
    if (now >= entry.expires_at) {
        outstanding_.erase(found);
        return {};
    }
    if (crypto::equal_constant_time(as_bytes(digits_of(typed)), as_bytes(entry.code))) {
        Verdict verdict{Outcome::Right, std::move(entry.email)};
        outstanding_.erase(found);
        return verdict;
    }
    if (++entry.tries < kTriesMax) return {Outcome::Wrong};
    outstanding_.erase(found);
    return {};
}

std::string grouped(std::string_view code) {
    const size_t half = code.size() / 2;
    return std::string(code.substr(0, half)) + " " + std::string(code.substr(half));
}

}  // namespace conclave::account
