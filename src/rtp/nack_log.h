// Which packets of one stream are missing and when to ask for them again (generic NACK, RFC 4585
// 6.2.1). Pure data: whoever owns the feedback connection sends what due() returns.
#pragma once

#include <array>
#include <cstdint>

#include "base/seq.h"
#include "base/static_vector.h"
#include "base/time.h"

namespace conclave::rtp {

// As many as 16 NACK items name at their densest use (RFC 4585 6.2.1: 17 packets an item).
constexpr size_t kNacksPerReportMax = 272;
// A hole larger than this is half a second of 6 Mbit/s video: a keyframe is cheaper.
constexpr size_t kMissingMax = 256;
// Networks reorder within a few milliseconds; asking earlier buys packets that were on their way.
constexpr Duration kReorderTolerance = Duration::millis(10);
// This many later packets prove a loss sooner than the time does (as TCP's three duplicate ACKs).
constexpr int64_t kReorderPackets = 3;
constexpr Duration kNackIntervalMin = Duration::millis(20);
constexpr uint8_t kNackTriesMax = 10;
// Older than this no receiver plays it any more.
constexpr Duration kNackAgeMax = Duration::seconds(1);

class NackLog {
 public:
    // Every received packet of the stream, retransmitted ones too, in any order.
    void handle_packet(Instant now, ExtSeqNo);
    // The packets to ask for now, oldest first; they count as asked for. Repeats wait for one round
    // trip with growing pauses. Packets asked for too often or too old are given up.
    StaticVector<SeqNo, kNacksPerReportMax> due(Instant now, Duration rtt);
    // When due() may have something new; Instant::never() when nothing is missing.
    Instant next_due() const { return next_due_; }
    // True once after more was lost than can be asked for: only a keyframe helps. Reading clears it.
    bool take_keyframe_needed();
    // Forgets everything: the source started anew.
    void reset();

    size_t missing() const { return size_; }
    uint64_t given_up() const { return given_up_; }

 private:
    struct Missing {
        ExtSeqNo seq;
        Instant since;
        Instant next;
        uint8_t tries = 0;
    };

    void advance_to(Instant now, ExtSeqNo);
    void append_missing(Instant now, ExtSeqNo);
    void erase(ExtSeqNo);
    size_t first_untried() const;

    std::array<Missing, kMissingMax> missing_{};  // the first size_, ascending by seq
    size_t size_ = 0;
    ExtSeqNo newest_;
    bool started_ = false;
    ExtSeqNo newest_tried_{INT64_MIN};
    Instant next_due_ = Instant::never();
    bool keyframe_needed_ = false;
    uint64_t given_up_ = 0;
};

}  // namespace conclave::rtp
