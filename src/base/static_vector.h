// A vector of fixed capacity on the stack: events and parse results that must not allocate.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "base/check.h"

namespace conclave {

template <class T, size_t N>
class StaticVector {
 public:
    StaticVector() = default;

    // Overflow is a bug: the capacity is part of the type's contract.
    void push_back(T value) {
        CHECK(size_ < N);
        items_[size_++] = std::move(value);
    }
    // For input from outside: false when full.
    [[nodiscard]] bool try_push_back(T value) {
        if (size_ == N) return false;
        items_[size_++] = std::move(value);
        return true;
    }
    void clear() { size_ = 0; }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    bool full() const { return size_ == N; }
    static constexpr size_t capacity() { return N; }
    T& operator[](size_t i) {
        DCHECK(i < size_);
        return items_[i];
    }
    const T& operator[](size_t i) const {
        DCHECK(i < size_);
        return items_[i];
    }
    T& back() { return (*this)[size_ - 1]; }
    T* begin() { return items_.data(); }
    T* end() { return items_.data() + size_; }
    const T* begin() const { return items_.data(); }
    const T* end() const { return items_.data() + size_; }
    T* data() { return items_.data(); }
    const T* data() const { return items_.data(); }

 private:
    std::array<T, N> items_{};
    size_t size_ = 0;
};

}  // namespace conclave
