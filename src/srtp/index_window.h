// Which of the last `Size` indices of a counter were used: the replay list of RFC 3711 3.3.2 on reception,
// and the guard against a second packet under one nonce on sending. A ring of bits, newest index at the top.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace conclave::srtp {

enum class IndexState : uint8_t { Unused, Used, TooOld };

template <int64_t Size>
class IndexWindow {
    static_assert(Size > 0 && Size % 64 == 0);

 public:
    bool is_empty() const { return newest_ < 0; }
    int64_t newest() const { return newest_; }  // -1 when empty

    IndexState state(int64_t index) const {
        if (index > newest_) return IndexState::Unused;
        if (index <= newest_ - Size || index < 0) return IndexState::TooOld;
        return (word(index) & bit(index)) != 0 ? IndexState::Used : IndexState::Unused;
    }

    // Where the next index will be marked.
    void prefetch() const { __builtin_prefetch(&bits_[static_cast<size_t>((newest_ + 1) % Size / 64)], 1); }

    // `index` is not TooOld.
    void mark(int64_t index) {
        if (index > newest_) advance(index);
        word(index) |= bit(index);
    }

 private:
    void advance(int64_t index) {
        if (index - newest_ >= Size) {
            bits_.fill(0);
        } else {
            for (int64_t i = newest_ + 1; i <= index;) {
                if (i % 64 == 0 && i + 63 <= index) {
                    word(i) = 0;
                    i += 64;
                } else {
                    word(i) &= ~bit(i);
                    ++i;
                }
            }
        }
        newest_ = index;
    }

    static uint64_t bit(int64_t index) { return uint64_t{1} << (index % 64); }
    uint64_t& word(int64_t index) { return bits_[static_cast<size_t>(index % Size / 64)]; }
    uint64_t word(int64_t index) const { return bits_[static_cast<size_t>(index % Size / 64)]; }

    std::array<uint64_t, Size / 64> bits_{};
    int64_t newest_ = -1;
};

}  // namespace conclave::srtp
