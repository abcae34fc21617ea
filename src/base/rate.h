// How much is sent in how much time.
#pragma once

#include <compare>
#include <cstdint>

namespace conclave {

struct DataRate {
    uint64_t bps = 0;  // bits per second

    static constexpr DataRate kbps(uint64_t thousands) { return {thousands * 1000}; }
    constexpr auto operator<=>(const DataRate&) const = default;
};

}  // namespace conclave
