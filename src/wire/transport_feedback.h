// Transport-wide congestion control feedback: which packets of a range arrived, and when
// (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1).
//
//   header | base sequence, status count | reference time, feedback count | status chunks | deltas
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/seq.h"
#include "base/time.h"

namespace conclave::wire {

// A feedback packet tells of about 100 ms of packets. A range longer than this is a mistake or an attempt
// to make us loop over statuses that cost the sender two bytes per 8,191.
constexpr size_t kFeedbackStatusesMax = 8192;

struct PacketStatus {
    SeqNo sequence;
    bool received = false;
    Duration offset;  // arrival since the feedback's reference time; may be negative; 0 when not received
};

struct TransportFeedback {
    uint32_t sender_ssrc = 0;
    uint32_t media_ssrc = 0;
    SeqNo base_sequence;
    uint16_t status_count = 0;   // 1..kFeedbackStatusesMax
    int32_t reference_time = 0;  // units of 64 ms, 24 bits, signed, wraps
    uint8_t feedback_count = 0;  // wraps: a gap is a lost feedback packet
    ByteView chunks;
    ByteView deltas;

    static constexpr Duration kReferenceUnit = Duration::millis(64);
    static constexpr Duration kDeltaUnit = Duration::micros(250);

    // Calls f(const PacketStatus&) for each packet of the range, in sequence order.
    template <class F>
    void for_each(F&& f) const;
};

// `body` is the RTCP packet behind its 4-byte header, without padding.
std::optional<TransportFeedback> parse_transport_feedback(ByteView body);

struct PacketArrival {
    ExtSeqNo sequence;
    Instant at;
};

// Appends one packet that tells of every sequence number from `base` to that of the last arrival it has room
// for. `arrivals` is strictly ascending in sequence and starts at or after `base`. Returns how many arrivals
// it tells of; the caller goes on behind the last of them. Fewer than given when the room ends or an arrival
// is more than 8.19 s away from the one before. 0, and nothing written, without room for the first one, or
// when that is kFeedbackStatusesMax or more behind `base`: then nobody needs to hear of the gap any more.
[[nodiscard]] size_t write_transport_feedback(ByteWriter& out, uint32_t sender_ssrc, uint32_t media_ssrc,
                                              uint8_t feedback_count, ExtSeqNo base,
                                              std::span<const PacketArrival> arrivals);

// What a status chunk says of one packet (3.1.1): the value is the 2-bit symbol.
enum class StatusSymbol : uint8_t { NotReceived = 0, SmallDelta = 1, LargeDelta = 2 };

// Calls f(symbol, repeat) over the runs that the chunks describe, `count` statuses in all. False when the
// chunks end early or hold the reserved symbol.
template <class F>
bool for_each_symbol(ByteView chunks, size_t count, F&& f) {
    size_t offset = 0;
    while (count > 0) {
        if (offset + 2 > chunks.size()) return false;
        const uint16_t chunk = load_be16(chunks.data() + offset);
        offset += 2;
        if ((chunk & 0x8000) == 0) {  // run length, 3.1.3
            const unsigned symbol = chunk >> 13 & 3;
            const size_t run = chunk & 0x1fff;
            if (symbol == 3 || run == 0) return false;
            const size_t taken = run < count ? run : count;
            f(static_cast<StatusSymbol>(symbol), taken);
            count -= taken;
            continue;
        }
        const bool two_bits = (chunk & 0x4000) != 0;  // status vector, 3.1.4
        const unsigned symbols = two_bits ? 7 : 14;
        for (unsigned i = 0; i < symbols && count > 0; ++i, --count) {
            const unsigned symbol = two_bits ? chunk >> (12 - 2 * i) & 3 : chunk >> (13 - i) & 1;
            if (symbol == 3) return false;
            f(static_cast<StatusSymbol>(symbol), size_t{1});
        }
    }
    return true;
}

template <class F>
void TransportFeedback::for_each(F&& f) const {
    ByteReader rest{deltas};
    PacketStatus status{base_sequence, false, {}};
    Duration arrival;
    for_each_symbol(chunks, status_count, [&](StatusSymbol symbol, size_t repeat) {
        for (; repeat > 0; --repeat, ++status.sequence.value) {
            status.received = symbol != StatusSymbol::NotReceived;
            if (symbol == StatusSymbol::SmallDelta) arrival = arrival + kDeltaUnit * rest.u8();
            if (symbol == StatusSymbol::LargeDelta)
                arrival = arrival + kDeltaUnit * static_cast<int16_t>(rest.u16());
            status.offset = status.received ? arrival : Duration{};
            f(static_cast<const PacketStatus&>(status));
        }
    });
}

}  // namespace conclave::wire
