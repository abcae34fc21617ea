// Judges what arrives of one subscribed track by the stamps of the packets: loss, duplicates, order, complete
// frames, freezes. Simulcast encodings are judged one after the other, as the server switches between them.
// Pure: time is an argument.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "base/time.h"
#include "load/synthetic.h"

namespace conclave::load {

// A gap between complete frames longer than this is one that people see.
constexpr Duration kFreeze = Duration::millis(500);

struct Verdict {
    uint64_t expected = 0;  // sent between the first packet received and the end
    uint64_t received = 0;  // of these, once each
    uint64_t duplicates = 0;
    uint64_t reordered = 0;
    uint64_t frames = 0;  // complete
    uint64_t freezes = 0;
    uint64_t switches = 0;  // from one encoding to another

    uint64_t lost() const { return expected - received; }
    void add(const Verdict& other);
};

class StreamVerifier {
 public:
    // Freezes are counted for video alone.
    explicit StreamVerifier(bool is_video) : is_video_(is_video) {}

    void handle(Instant now, const Stamp& stamp);
    bool has_started() const { return current_ != kNone; }
    // Of the packet that came last; nothing to tell before has_started().
    uint32_t sender() const { return sender_; }
    uint8_t stream() const { return current_; }
    // Between the first packet and the newest one.
    Verdict so_far() const;
    // `sent`: how many packets the sender had sent of stream() when it stopped. Call once, at the end.
    Verdict finish(uint32_t sent);

 private:
    static constexpr uint8_t kNone = 0xff;
    static constexpr int64_t kWindow = 2048;
    static constexpr size_t kFramesKept = 16;

    // What was received of one encoding without switching away.
    struct Run {
        bool is_open = false;
        int64_t first = 0;
        int64_t newest = 0;
        std::bitset<kWindow> seen;
    };
    struct Frame {
        uint32_t number = 0;
        uint16_t received = 0;
        uint8_t stream = kNone;
    };

    void open(uint8_t stream, int64_t counter);
    void close(Run& run);
    void complete_frame(Instant now, const Stamp& stamp);

    bool is_video_;
    uint8_t current_ = kNone;
    uint32_t sender_ = 0;
    std::array<Run, kStreamsPerSender> runs_;
    std::array<Frame, kFramesKept> frames_;
    Instant last_frame_ = Instant::never();
    Verdict verdict_;
};

}  // namespace conclave::load
