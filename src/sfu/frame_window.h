// Which of a stream's recent frames we left out, by their numbers: what refers to such a frame cannot be
// decoded.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace conclave::sfu {

class FrameWindow {
 public:
    // References reach no further back in practice: 1,024 frames are 11 s of three spatial layers.
    static constexpr int64_t kFrames = 1024;

    // Frames before this one were not sent.
    void restart(int64_t first) {
        first_ = first;
        newest_ = first - 1;
    }
    bool is_newer(int64_t frame) const { return frame > newest_; }
    bool is_decided(int64_t frame) const { return is_within(frame) && test(decided_, frame); }
    // Frames that never came were not left out: they may still come.
    bool is_dropped(int64_t frame) const {
        return frame < first_ || frame <= newest_ - kFrames || (is_within(frame) && test(dropped_, frame));
    }
    void decide(int64_t frame, bool dropped) {
        for (int64_t i = std::max(newest_ + 1, frame - kFrames + 1); i <= frame; ++i) {
            clear(decided_, i);
            clear(dropped_, i);
        }
        newest_ = std::max(newest_, frame);
        if (!is_within(frame)) return;
        set(decided_, frame);
        if (dropped) set(dropped_, frame);
    }

 private:
    using Bits = std::array<uint64_t, kFrames / 64>;
    static size_t slot(int64_t frame) { return static_cast<size_t>(frame & (kFrames - 1)); }
    static bool test(const Bits& bits, int64_t frame) {
        return (bits[slot(frame) / 64] >> slot(frame) % 64 & 1) != 0;
    }
    static void set(Bits& bits, int64_t frame) { bits[slot(frame) / 64] |= uint64_t{1} << slot(frame) % 64; }
    static void clear(Bits& bits, int64_t frame) {
        bits[slot(frame) / 64] &= ~(uint64_t{1} << slot(frame) % 64);
    }
    bool is_within(int64_t frame) const {
        return frame >= first_ && frame <= newest_ && frame > newest_ - kFrames;
    }

    Bits decided_{};
    Bits dropped_{};
    int64_t first_ = 0;
    int64_t newest_ = -1;
};

}  // namespace conclave::sfu
