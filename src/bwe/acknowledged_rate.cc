#include "bwe/acknowledged_rate.h"

#include <algorithm>

namespace conclave::bwe {

size_t AcknowledgedRate::place(int64_t bucket) const {
    // Also before the first one: the receiver's clock may go back.
    const auto count = static_cast<int64_t>(bytes_.size());
    return static_cast<size_t>((bucket % count + count) % count);
}

void AcknowledgedRate::add(Instant arrived, size_t size) {
    const int64_t bucket = arrived.us / kBucket.us;
    const auto count = static_cast<int64_t>(bytes_.size());
    if (!has_begun_) first_ = newest_ = bucket;
    has_begun_ = true;
    if (bucket <= newest_ - count) return;
    // Silence for a whole window: what comes now is measured anew.
    if (bucket - newest_ >= count) {
        bytes_.fill(0);
        first_ = newest_ = bucket;
    }
    for (; newest_ < bucket; ++newest_) bytes_[place(newest_ + 1)] = 0;
    bytes_[place(bucket)] += static_cast<uint32_t>(size);
}

std::optional<DataRate> AcknowledgedRate::rate() const {
    if (!has_begun_ || newest_ - first_ < static_cast<int64_t>(kBuckets)) return std::nullopt;
    uint64_t sum = 0;
    for (const uint32_t bytes : bytes_) sum += bytes;
    sum -= bytes_[place(newest_)];
    return DataRate{sum * 8'000'000 / static_cast<uint64_t>(kWindow.us)};
}

}  // namespace conclave::bwe
