// What was decided of the newest frames of a stream without frame numbers: packets of one frame share one
// fate.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace conclave::sfu {

class FrameLog {
 public:
    void clear() { count_ = 0; }
    std::optional<bool> find(uint32_t timestamp, uint8_t spatial) const {
        if (is_newer(timestamp)) return std::nullopt;
        for (size_t i = 0; i < count_ && i < kFrames; ++i) {
            const Entry& entry = entries_[(count_ - 1 - i) % kFrames];
            if (entry.timestamp == timestamp && entry.spatial == spatial) return entry.is_forwarded;
        }
        return std::nullopt;
    }
    // Not older than everything here.
    bool is_newer(uint32_t timestamp) const {
        return count_ == 0 || static_cast<int32_t>(timestamp - newest_) > 0;
    }
    void add(uint32_t timestamp, uint8_t spatial, bool is_forwarded) {
        if (is_newer(timestamp)) newest_ = timestamp;
        entries_[count_++ % kFrames] = {timestamp, spatial, is_forwarded};
    }

 private:
    // Half a second of three spatial layers: a retransmission from the publisher comes within that.
    static constexpr size_t kFrames = 48;
    struct Entry {
        uint32_t timestamp = 0;
        uint8_t spatial = 0;
        bool is_forwarded = false;
    };
    std::array<Entry, kFrames> entries_{};
    size_t count_ = 0;
    uint32_t newest_ = 0;
};

}  // namespace conclave::sfu
