#include "account/password.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/text.h"
#include "crypto/password_hash.h"

namespace conclave::account {
namespace {

// A full table is swept at most this often, so that a flood of names cannot make every attempt a sweep.
constexpr Duration kSweepInterval = Duration::seconds(10);
// Shorter parts of a name may well be part of something else.
constexpr size_t kPersonalPartMin = 4;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string result;
    for (const char c : text) result += lower(c);
    return result;
}

enum Class : unsigned { Small, Capital, Digit, Other };

Class class_of(char c) {
    if (c >= 'a' && c <= 'z') return Small;
    if (c >= 'A' && c <= 'Z') return Capital;
    return c >= '0' && c <= '9' ? Digit : Other;
}

bool is_continuation(char c) {
    return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

// The letters and digits of a name or address, part by part: "jean.martin@x.fr" has jean and martin.
template <class Visit>
void for_each_part(std::string_view text, Visit visit) {
    std::string part;
    for (const char c : text) {
        if (c == '@') break;
        const bool is_other = class_of(c) == Other && static_cast<uint8_t>(c) < 0x80;
        if (!is_other) {
            part += lower(c);
            continue;
        }
        visit(part);
        part.clear();
    }
    visit(part);
}

// What is left of the password without these words.
std::string without_parts(std::string password, std::string_view text) {
    for_each_part(text, [&](const std::string& part) {
        if (part.size() < kPersonalPartMin) return;
        for (size_t at = password.find(part); at != std::string::npos; at = password.find(part))
            password.erase(at, part.size());
    });
    return password;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

double password_bits(std::string_view password) {
    constexpr double kAlphabets[] = {26, 26, 10, 37};
    bool is_present[4] = {};
    int counted = 0;
    int64_t previous = 0;
    for (size_t at = 0; at < password.size();) {
        is_present[class_of(password[at])] = true;
        int64_t character = static_cast<uint8_t>(lower(password[at]));
        for (++at; at < password.size() && is_continuation(password[at]); ++at)
            character = (character & 0xff'ffff) << 8 | static_cast<uint8_t>(password[at]);
        if (character - previous < -1 || character - previous > 1) ++counted;
        previous = character;
    }
    double alphabet = 0;
    for (size_t i = 0; i < 4; ++i) alphabet += is_present[i] ? kAlphabets[i] : 0;
    return alphabet > 0 ? counted * std::log2(alphabet) : 0;
}

std::optional<PasswordFault> fault_of_password(std::string_view password, std::string_view name,
                                               std::string_view email) {
    if (password.size() > crypto::kPasswordBytesMax) return PasswordFault::TooLong;
    if (!is_utf8(password) || has_control(password)) return PasswordFault::NotText;
    if (password_bits(password) < kPasswordBitsMin) return PasswordFault::TooWeak;
    // The better half has to be something else.
    const std::string folded = lower(password);
    const std::string rest = without_parts(without_parts(folded, name), email);
    if (rest.size() * 2 < folded.size()) return PasswordFault::Personal;
    return std::nullopt;
}

Duration wait_after(int failures) {
    if (failures < Lockout::kFreeAttempts) return {};
    const int doublings = std::min(failures - Lockout::kFreeAttempts, 4);
    return std::min(Duration::minutes(int64_t{1} << doublings), Lockout::kWaitMax);
}

size_t Lockout::Hash::operator()(const Key& key) const noexcept {
    // A hash already. Whoever searches for names that collide finds few at the rate that attempts are let in.
    return static_cast<size_t>(load_be64(key.data()));
}

const Lockout::Entry* Lockout::find(const Key& key) const {
    if (const auto found = entries_.find(key); found != entries_.end()) return &found->second;
    return entries_.size() < kEntriesMax ? nullptr : &overflow_;
}

Duration Lockout::wait(Instant now, const Key& key) const {
    const Entry* const entry = find(key);
    if (!entry || now - entry->failed_at >= kMemory) return {};
    return std::max(entry->failed_at + wait_after(entry->failures) - now, Duration{});
}

void Lockout::begin(Instant now, const Key& key) {
    auto found = entries_.find(key);
    if (found == entries_.end() && entries_.size() >= kEntriesMax) forget(now);
    if (found == entries_.end() && entries_.size() < kEntriesMax) found = entries_.try_emplace(key).first;
    Entry& entry = found == entries_.end() ? overflow_ : found->second;
    if (now - entry.failed_at >= kMemory) entry.failures = 0;
    ++entry.failures;
    entry.failed_at = now;
}

void Lockout::withdraw(const Key& key) {
    const auto found = entries_.find(key);
    Entry& entry = found == entries_.end() ? overflow_ : found->second;
    entry.failures = std::max(entry.failures - 1, 0);
}

void Lockout::succeeded(const Key& key) {
    entries_.erase(key);
}

void Lockout::forget(Instant now) {
    if (now - swept_at_ < kSweepInterval) return;
    swept_at_ = now;
    std::erase_if(entries_, [&](const auto& entry) { return now - entry.second.failed_at >= kMemory; });
}

}  // namespace conclave::account
