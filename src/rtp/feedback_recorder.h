// The receiving side of transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-
// extensions-01): remembers when each numbered packet of one peer came and writes the feedback its
// sender needs.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/seq.h"
#include "base/time.h"
#include "wire/transport_feedback.h"

namespace conclave::rtp {

// At this pace feedback costs a few kbit/s, and the sender's estimator still reacts within a round
// trip or two.
constexpr Duration kFeedbackInterval = Duration::millis(100);
// With much traffic sooner, so that a message stays small.
constexpr Duration kFeedbackIntervalMin = Duration::millis(50);
// 2,048 packets are 100 ms at 240 Mbit/s.
constexpr size_t kFeedbackWindow = 2048;

class FeedbackRecorder {
 public:
    // `sender_ssrc` is ours; `media_ssrc` any of the peer's (the feedback is about the transport).
    FeedbackRecorder(uint32_t sender_ssrc, uint32_t media_ssrc);

    // Every packet with a transport-wide sequence number, right after decryption.
    void record(Instant now, uint16_t transport_seq);
    // Appends the next feedback packet; false when nothing is left to report, or no room. Call when
    // next_feedback() has come, and again while it returns true (each call needs its own room).
    [[nodiscard]] bool write_feedback(Instant now, ByteWriter& out);
    Instant next_feedback() const { return next_feedback_; }
    // Numbers that left the window unreported.
    uint64_t dropped() const { return dropped_; }

 private:
    Instant& arrival(ExtSeqNo seq) { return arrivals_[static_cast<size_t>(seq.value) % kFeedbackWindow]; }
    void advance_to(ExtSeqNo);

    uint32_t sender_ssrc_;
    uint32_t media_ssrc_;
    SeqUnwrapper unwrapper_;
    std::array<Instant, kFeedbackWindow> arrivals_;  // by low bits of the number; never: not received
    ExtSeqNo first_;                                 // first not reported yet
    ExtSeqNo newest_;
    bool started_ = false;
    uint8_t feedback_count_ = 0;
    Instant next_feedback_ = Instant::never();
    Instant last_feedback_;
    uint64_t dropped_ = 0;
};

}  // namespace conclave::rtp
