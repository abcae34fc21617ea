// Counts of values in buckets that grow with the value: exact below 64, within 3 % above. Fixed memory,
// adding costs a few instructions.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace conclave::load {

class Histogram {
 public:
    void add(uint64_t value) {
        ++buckets_[index_of(value)];
        ++count_;
    }
    void merge(const Histogram& other) {
        for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
        count_ += other.count_;
    }
    void clear() { *this = {}; }
    uint64_t count() const { return count_; }

    // The largest value of the bucket in which the `share` (0 to 1) of all values ends; 0 when there is none.
    uint64_t quantile(double share) const {
        const auto wanted = static_cast<uint64_t>(share * static_cast<double>(count_));
        uint64_t seen = 0;
        for (size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen > wanted || (seen == count_ && seen > 0)) return last_of(i);
        }
        return 0;
    }

 private:
    static constexpr unsigned kExactBits = 6;
    static constexpr unsigned kSubBits = 5;   // 32 buckets for each power of two
    static constexpr unsigned kBitsMax = 40;  // in microseconds, 12 days; more counts as that
    static constexpr size_t kBuckets = (1u << kExactBits) + (kBitsMax - kExactBits) * (1u << kSubBits);

    static size_t index_of(uint64_t value) {
        if (value < 1u << kExactBits) return static_cast<size_t>(value);
        const auto bits = static_cast<unsigned>(std::bit_width(value));
        if (bits > kBitsMax) return kBuckets - 1;
        const uint64_t sub = (value >> (bits - 1 - kSubBits)) & ((1u << kSubBits) - 1);
        return (1u << kExactBits) + (bits - 1 - kExactBits) * (1u << kSubBits) + static_cast<size_t>(sub);
    }
    static uint64_t last_of(size_t index) {
        if (index < 1u << kExactBits) return index;
        const size_t rest = index - (1u << kExactBits);
        const size_t power = rest / (1u << kSubBits) + kExactBits;
        const size_t sub = rest % (1u << kSubBits);
        const uint64_t step = uint64_t{1} << (power - kSubBits);
        return (uint64_t{1} << power) + (sub + 1) * step - 1;
    }

    std::array<uint64_t, kBuckets> buckets_{};
    uint64_t count_ = 0;
};

}  // namespace conclave::load
