// When each packet to one receiver left and how large it was, by transport-wide sequence number, until its
// feedback comes (draft-holmer-rmcat-transport-wide-cc-extensions-01 2).
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "bwe/packet_result.h"
#include "wire/transport_feedback.h"

namespace conclave::bwe {

class SentHistory {
 public:
    // 3 s at 13 Mbit/s in full packets. Beyond it the oldest are forgotten.
    static constexpr size_t kPacketsMax = 4096;
    // Feedback that comes later says nothing about now.
    static constexpr Duration kKept = Duration::seconds(3);

    SentHistory() : entries_(kPacketsAtStart) {}

    // Of the packet that is recorded next.
    uint16_t next_number() const { return static_cast<uint16_t>(next_); }
    // Allocates only when more is on its way than ever before.
    void record(Instant now, size_t size, ClusterId cluster) {
        Entry* entry = &entries_[next_ & (entries_.size() - 1)];
        if (entry->state == State::InFlight && may_grow(now, *entry)) [[unlikely]] {
            grow();
            entry = &entries_[next_ & (entries_.size() - 1)];
        }
        *entry = {static_cast<uint32_t>(now.us), static_cast<uint16_t>(size), cluster, State::InFlight};
        ++next_;
    }
    // Calls f(const PacketResult&) for what the feedback newly says, in the order of sending: each packet
    // once, and once more if it came after it was told as lost. Numbers never sent are passed over.
    template <class F>
    void acknowledge(Instant now, const wire::TransportFeedback&, F&& f);

    size_t memory() const { return entries_.capacity() * sizeof(Entry); }

 private:
    static constexpr size_t kPacketsAtStart = 64;  // a power of two, as all sizes are
    enum class State : uint8_t { Known, InFlight, Lost };
    struct Entry {
        uint32_t sent_us = 0;  // the low bits: they go round after 71 minutes
        uint16_t size = 0;
        ClusterId cluster = 0;
        State state = State::Known;
    };
    static_assert(sizeof(Entry) == 8);

    static Duration age(Instant now, const Entry& entry) {
        return Duration{static_cast<uint32_t>(now.us) - entry.sent_us};
    }
    bool may_grow(Instant now, const Entry& oldest) const {
        return entries_.size() < kPacketsMax && age(now, oldest) < kKept;
    }
    void grow();
    Entry* find(SeqNo sequence);
    Instant reference(const wire::TransportFeedback&);

    std::vector<Entry> entries_;  // by low bits of the number
    uint64_t next_ = 0;
    // The receiver's clock: its reference goes round after 12 days.
    bool has_reference_ = false;
    int32_t told_ = 0;       // its newest, units of 64 ms
    int64_t reference_ = 0;  // likewise, since the first
};

template <class F>
void SentHistory::acknowledge(Instant now, const wire::TransportFeedback& feedback, F&& f) {
    const Instant base = reference(feedback);
    feedback.for_each([&](const wire::PacketStatus& status) {
        Entry* entry = find(status.sequence);
        if (!entry || entry->state == State::Known) return;
        const bool was_lost = entry->state == State::Lost;
        if (was_lost && !status.received) return;
        entry->state = status.received ? State::Known : State::Lost;
        if (age(now, *entry) >= kKept) return;
        f(PacketResult{.sent = now - age(now, *entry),
                       .arrived = status.received ? base + status.offset : Instant::never(),
                       .size = entry->size,
                       .cluster = entry->cluster,
                       .was_lost = was_lost});
    });
}

}  // namespace conclave::bwe
