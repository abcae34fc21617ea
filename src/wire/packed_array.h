// A sequence of fixed-size records left in wire format and decoded on reading, so that parsing a packet
// neither copies nor allocates. T has `static constexpr size_t kWireSize` and
// `static T decode(const uint8_t*)`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/bytes.h"
#include "base/check.h"

namespace conclave::wire {

template <class T>
class PackedArray {
 public:
    class Iterator {
     public:
        using iterator_category = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T*;
        using reference = T;

        explicit Iterator(const uint8_t* at) : at_(at) {}
        T operator*() const { return T::decode(at_); }
        Iterator& operator++() {
            at_ += T::kWireSize;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

     private:
        const uint8_t* at_;
    };

    PackedArray() = default;
    // A last record that is cut off does not count.
    explicit PackedArray(ByteView bytes) : bytes_(bytes.first(bytes.size() / T::kWireSize * T::kWireSize)) {}

    size_t size() const { return bytes_.size() / T::kWireSize; }
    bool empty() const { return bytes_.empty(); }
    T operator[](size_t i) const {
        DCHECK(i < size());
        return T::decode(bytes_.data() + i * T::kWireSize);
    }
    Iterator begin() const { return Iterator{bytes_.data()}; }
    Iterator end() const { return Iterator{bytes_.data() + bytes_.size()}; }

 private:
    ByteView bytes_;
};

}  // namespace conclave::wire
