// Received datagrams live in slots of a worker's pool and are shared by reference: the
// retransmission cache, the router and the reorderings hold the same bytes. Reference counts are
// plain integers: a pool belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace conclave {

// Larger than any datagram a WebRTC endpoint sends (RFC 8831 5, RFC 8834: path MTU of 1,200 to
// 1,500).
constexpr size_t kPacketCapacity = 1536;

class PacketPool;

struct PacketSlot {
    std::array<uint8_t, kPacketCapacity> bytes;
    uint16_t begin = 0;
    uint16_t size = 0;
    uint16_t kept = 0;  // bytes right before `begin` that belong to the packet without being part of it
    uint32_t references = 0;
    PacketPool* pool = nullptr;
};

// Counted reference to a slot; null when the pool was exhausted.
class PacketRef {
 public:
    PacketRef() = default;
    explicit PacketRef(PacketSlot* slot) : slot_(slot) {
        if (slot_) ++slot_->references;
    }
    PacketRef(const PacketRef& o) : PacketRef(o.slot_) {}
    PacketRef(PacketRef&& o) noexcept : slot_(std::exchange(o.slot_, nullptr)) {}
    PacketRef& operator=(PacketRef o) noexcept {
        std::swap(slot_, o.slot_);
        return *this;
    }
    ~PacketRef() { release(); }

    explicit operator bool() const { return slot_ != nullptr; }
    MutableBytes buffer() const { return slot_->bytes; }
    MutableBytes bytes() const { return MutableBytes{slot_->bytes}.subspan(slot_->begin, slot_->size); }
    size_t size() const { return slot_->size; }
    void set_size(size_t size) const {
        CHECK(size <= kPacketCapacity - slot_->begin);
        slot_->size = static_cast<uint16_t>(size);
    }
    // Of the pool's slots, how many of 256 are free.
    inline int64_t free_share() const;
    // Forgets the first `count` bytes without moving the rest.
    void trim_front(size_t count) const {
        CHECK(count <= slot_->size);
        slot_->begin = static_cast<uint16_t>(slot_->begin + count);
        slot_->size = static_cast<uint16_t>(slot_->size - count);
        slot_->kept = 0;
    }
    // What was forgotten last and still has a meaning: the `count` bytes before the first.
    void keep(size_t count) const {
        CHECK(count <= slot_->begin);
        slot_->kept = static_cast<uint16_t>(count);
    }
    MutableBytes kept() const {
        return MutableBytes{slot_->bytes}.subspan(size_t{slot_->begin} - slot_->kept, slot_->kept);
    }

 private:
    inline void release();
    PacketSlot* slot_ = nullptr;
};

class PacketPool {
 public:
    explicit PacketPool(size_t slots) : size_(slots), slots_(std::make_unique<PacketSlot[]>(slots)) {
        free_.reserve(slots);
        for (size_t i = slots; i-- > 0;) {
            slots_[i].pool = this;
            free_.push_back(&slots_[i]);
        }
    }
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;

    // Null when all slots are held: the caller drops and counts.
    PacketRef take() {
        if (free_.empty()) return {};
        PacketSlot* slot = free_.back();
        free_.pop_back();
        slot->begin = 0;
        slot->size = 0;
        slot->kept = 0;
        return PacketRef{slot};
    }
    PacketRef copy(ByteView bytes) {
        if (bytes.size() > kPacketCapacity) return {};
        PacketRef packet = take();
        if (packet) {
            std::memcpy(packet.buffer().data(), bytes.data(), bytes.size());
            packet.set_size(bytes.size());
        }
        return packet;
    }
    size_t available() const { return free_.size(); }

 private:
    friend class PacketRef;
    size_t size_;
    std::unique_ptr<PacketSlot[]> slots_;
    std::vector<PacketSlot*> free_;
};

inline int64_t PacketRef::free_share() const {
    return static_cast<int64_t>(256 * slot_->pool->available() / slot_->pool->size_);
}

inline void PacketRef::release() {
    if (slot_ && --slot_->references == 0) slot_->pool->free_.push_back(slot_);
}

}  // namespace conclave
