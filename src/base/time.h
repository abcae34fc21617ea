// Time as values. Nothing below the purity line reads a clock: `now` comes in as the first
// argument.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace conclave {

// A signed span of time, in microseconds.
struct Duration {
    int64_t us = 0;

    static constexpr Duration micros(int64_t v) { return {v}; }
    static constexpr Duration millis(int64_t v) { return {v * 1000}; }
    static constexpr Duration seconds(int64_t v) { return {v * 1'000'000}; }
    static constexpr Duration minutes(int64_t v) { return {v * 60'000'000}; }

    constexpr int64_t ms() const { return us / 1000; }
    constexpr double in_seconds() const { return static_cast<double>(us) / 1e6; }

    auto operator<=>(const Duration&) const = default;
    constexpr Duration operator+(Duration o) const { return {us + o.us}; }
    constexpr Duration operator-(Duration o) const { return {us - o.us}; }
    constexpr Duration operator*(int64_t k) const { return {us * k}; }
    constexpr Duration operator/(int64_t k) const { return {us / k}; }
};

// A point on the monotonic clock, in microseconds since an arbitrary origin.
struct Instant {
    int64_t us = 0;

    static constexpr Instant never() { return {std::numeric_limits<int64_t>::max()}; }
    static constexpr Instant from_ms(int64_t ms) { return {ms * 1000}; }
    constexpr bool is_never() const { return *this == never(); }

    auto operator<=>(const Instant&) const = default;
    constexpr Instant operator+(Duration d) const { return {us + d.us}; }
    constexpr Instant operator-(Duration d) const { return {us - d.us}; }
    constexpr Duration operator-(Instant o) const { return {us - o.us}; }
};

constexpr Instant soonest(Instant a, Instant b) {
    return a < b ? a : b;
}

// Wall clock, in microseconds since 1970 UTC: for dates that people and tokens carry, never for
// timers.
struct WallTime {
    int64_t us = 0;

    auto operator<=>(const WallTime&) const = default;
    constexpr int64_t unix_seconds() const { return us / 1'000'000; }
    constexpr int64_t unix_ms() const { return us / 1000; }
    static constexpr WallTime from_unix_seconds(int64_t s) { return {s * 1'000'000}; }
    constexpr WallTime operator+(Duration d) const { return {us + d.us}; }
    constexpr Duration operator-(WallTime o) const { return {us - o.us}; }
};

// RFC 3550 4: 64-bit NTP timestamp, seconds since 1900 in the upper half, fraction in the lower.
struct NtpTime {
    uint64_t value = 0;

    auto operator<=>(const NtpTime&) const = default;
    // The middle 32 bits, as used in LSR and DLSR (units of 1/65536 s).
    constexpr uint32_t compact() const { return static_cast<uint32_t>(value >> 16); }
    constexpr NtpTime operator+(Duration d) const {
        // Exact enough: 2^32/1e6 per microsecond, rounded.
        const double units = static_cast<double>(d.us) * 4294.967296;
        return {value + static_cast<uint64_t>(static_cast<int64_t>(units))};
    }
    // Difference in microseconds (valid for spans under 68 years).
    constexpr Duration operator-(NtpTime o) const {
        const auto diff = static_cast<int64_t>(value - o.value);
        return {static_cast<int64_t>(static_cast<double>(diff) / 4294.967296)};
    }
    static constexpr NtpTime from_wall(WallTime t) {
        constexpr int64_t kSecondsFrom1900To1970 = 2'208'988'800;
        const uint64_t seconds = static_cast<uint64_t>(t.us / 1'000'000 + kSecondsFrom1900To1970);
        const uint64_t fraction = (static_cast<uint64_t>(t.us % 1'000'000) << 32) / 1'000'000;
        return {seconds << 32 | fraction};
    }
};

}  // namespace conclave
