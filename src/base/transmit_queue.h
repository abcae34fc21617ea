// The outgoing datagrams of one turn of the loop: machines append, the owner of the socket flushes.
// It cannot call anyone back, and it never grows: what does not fit is dropped and counted, as on a
// wire.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"

namespace conclave {

class TransmitQueue {
 public:
    struct Datagram {
        Path path;
        uint32_t offset = 0;
        uint32_t size = 0;
    };

    TransmitQueue(size_t datagrams, size_t bytes)
        : capacity_(datagrams), arena_size_(bytes), arena_(std::make_unique_for_overwrite<uint8_t[]>(bytes)) {
        datagrams_.reserve(datagrams);
    }

    // Room for up to `size` bytes, or empty when full (then counted as dropped). Follow with
    // commit().
    MutableBytes reserve(size_t size) {
        if (datagrams_.size() == capacity_ || size > arena_size_ - used_) {
            ++dropped_;
            return {};
        }
        return {arena_.get() + used_, size};
    }
    // Appends the first `size` bytes of the last reserve() as one datagram.
    void commit(const Path& path, size_t size) {
        datagrams_.push_back({path, static_cast<uint32_t>(used_), static_cast<uint32_t>(size)});
        used_ += size;
    }
    void push(const Path& path, ByteView bytes) {
        const MutableBytes room = reserve(bytes.size());
        if (room.empty()) return;
        std::memcpy(room.data(), bytes.data(), bytes.size());
        commit(path, bytes.size());
    }

    const std::vector<Datagram>& datagrams() const { return datagrams_; }
    ByteView bytes(const Datagram& d) const { return {arena_.get() + d.offset, d.size}; }
    bool empty() const { return datagrams_.empty(); }
    size_t size_bytes() const { return used_; }
    // Below this the owner should flush before handling more input.
    bool nearly_full() const { return datagrams_.size() > capacity_ / 2 || used_ > arena_size_ / 2; }
    uint64_t dropped() const { return dropped_; }
    void clear() {
        datagrams_.clear();
        used_ = 0;
    }

 private:
    size_t capacity_;
    size_t arena_size_;
    std::unique_ptr<uint8_t[]> arena_;
    std::vector<Datagram> datagrams_;
    size_t used_ = 0;
    uint64_t dropped_ = 0;
};

}  // namespace conclave
