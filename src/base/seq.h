// Sequence numbers as types: 16 bits on the wire, 64 bits once extended, and no arithmetic between
// the two.
#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

namespace conclave {

struct SeqNo {
    uint16_t value = 0;
    bool operator==(const SeqNo&) const = default;
};

struct ExtSeqNo {
    int64_t value = 0;
    auto operator<=>(const ExtSeqNo&) const = default;
    constexpr ExtSeqNo operator+(int64_t n) const { return {value + n}; }
    constexpr int64_t operator-(ExtSeqNo o) const { return value - o.value; }
    constexpr SeqNo wire() const { return {static_cast<uint16_t>(value)}; }
};

// Extends a wrapping counter to 64 bits by the shortest way from the newest value seen (RFC 3550
// A.1 in spirit). `peek` tells the extension without moving; `extend` moves forward only.
template <class Wire>
class Unwrapper {
 public:
    int64_t peek(Wire v) const {
        if (!started_) return v;
        using Signed = std::make_signed_t<Wire>;
        return newest_ + static_cast<Signed>(static_cast<Wire>(v - static_cast<Wire>(newest_)));
    }
    int64_t extend(Wire v) {
        const int64_t extended = peek(v);
        if (!started_ || extended > newest_) newest_ = extended;
        started_ = true;
        return extended;
    }
    bool started() const { return started_; }
    int64_t newest() const { return newest_; }

 private:
    int64_t newest_ = 0;
    bool started_ = false;
};

using SeqUnwrapper = Unwrapper<uint16_t>;
using TimestampUnwrapper = Unwrapper<uint32_t>;

}  // namespace conclave
