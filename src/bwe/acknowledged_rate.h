// What arrives at the receiver, by its clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/rate.h"
#include "base/time.h"

namespace conclave::bwe {

class AcknowledgedRate {
 public:
    void add(Instant arrived, size_t size);
    // Over the last kWindow; nothing before there was one.
    std::optional<DataRate> rate() const;

    static constexpr Duration kBucket = Duration::millis(50);
    static constexpr size_t kBuckets = 8;
    static constexpr Duration kWindow = kBucket * kBuckets;

 private:
    size_t place(int64_t bucket) const;

    // One more than the window: the newest is not full yet.
    std::array<uint32_t, kBuckets + 1> bytes_{};
    int64_t first_ = 0;
    int64_t newest_ = 0;
    bool has_begun_ = false;
};

}  // namespace conclave::bwe
