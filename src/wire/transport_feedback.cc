#include "wire/transport_feedback.h"

#include <algorithm>
#include <array>
#include <limits>

#include "wire/rtcp_type.h"

namespace conclave::wire {

namespace {

constexpr size_t kFixedSize = 20;  // RTCP header, SSRCs, base, count, reference time, feedback count
constexpr size_t kRunMax = 0x1fff;

// Arrivals in units of 250 us, rounded before subtracting so that errors do not add up.
int64_t ticks_of(Instant at) {
    return (at.us + TransportFeedback::kDeltaUnit.us / 2) / TransportFeedback::kDeltaUnit.us;
}

constexpr int64_t kTicksPerReference =
    TransportFeedback::kReferenceUnit.us / TransportFeedback::kDeltaUnit.us;

bool is_small(int64_t delta) {
    return delta >= 0 && delta <= 255;
}
bool fits(int64_t delta) {
    return delta >= std::numeric_limits<int16_t>::min() && delta <= std::numeric_limits<int16_t>::max();
}

size_t delta_size(StatusSymbol symbol) {
    return symbol == StatusSymbol::NotReceived ? 0 : symbol == StatusSymbol::SmallDelta ? 1 : 2;
}

using Symbols = std::span<const StatusSymbol>;

// Encodes the front of `rest` as one chunk and cuts it off: of the three forms the one that tells of the
// most. A vector always tells of 7 or 14 statuses, except where the packet's range ends.
uint16_t take_chunk(Symbols& rest) {
    const auto differs = [&](StatusSymbol s) { return s != rest[0]; };
    const auto run = static_cast<size_t>(std::find_if(rest.begin(), rest.end(), differs) - rest.begin());
    const Symbols next = rest.first(std::min<size_t>(rest.size(), 14));
    const bool has_large = std::find(next.begin(), next.end(), StatusSymbol::LargeDelta) != next.end();
    const size_t one_bit = has_large ? 0 : next.size();
    const size_t two_bit = std::min<size_t>(rest.size(), 7);

    unsigned chunk = 0;
    size_t taken = 0;
    if (run >= one_bit && run >= two_bit) {
        taken = std::min(run, kRunMax);
        chunk = static_cast<unsigned>(rest[0]) << 13 | static_cast<unsigned>(taken);
    } else if (one_bit >= two_bit) {
        taken = one_bit;
        chunk = 0x8000;
        for (size_t i = 0; i < taken; ++i) chunk |= static_cast<unsigned>(rest[i]) << (13 - i);
    } else {
        taken = two_bit;
        chunk = 0xc000;
        for (size_t i = 0; i < taken; ++i) chunk |= static_cast<unsigned>(rest[i]) << (12 - 2 * i);
    }
    rest = rest.subspan(taken);
    return static_cast<uint16_t>(chunk);
}

size_t chunk_count(Symbols symbols) {
    size_t count = 0;
    for (; !symbols.empty(); ++count) (void)take_chunk(symbols);
    return count;
}

// What one packet will tell of.
struct Plan {
    std::array<StatusSymbol, kFeedbackStatusesMax> symbols;
    size_t statuses = 0;
    size_t arrivals = 0;
    size_t delta_bytes = 0;
    int64_t reference = 0;  // in units of 64 ms

    size_t unpadded_size() const { return kFixedSize + 2 * chunk_count(used()) + delta_bytes; }
    Symbols used() const { return Symbols{symbols}.first(statuses); }
    void drop_last();
    void fill(ExtSeqNo base, std::span<const PacketArrival> from, size_t room);
};

void Plan::fill(ExtSeqNo base, std::span<const PacketArrival> from, size_t room) {
    int64_t ticks = ticks_of(from[0].at);
    reference = ticks / kTicksPerReference;
    ticks = reference * kTicksPerReference;
    for (const PacketArrival& arrival : from) {
        const int64_t delta = ticks_of(arrival.at) - ticks;
        const int64_t index = arrival.sequence - base;
        if (index < static_cast<int64_t>(statuses) || index >= static_cast<int64_t>(kFeedbackStatusesMax))
            break;
        const StatusSymbol symbol = is_small(delta) ? StatusSymbol::SmallDelta : StatusSymbol::LargeDelta;
        if (!fits(delta) || kFixedSize + delta_bytes + delta_size(symbol) > room) break;
        const auto end = static_cast<size_t>(index);
        std::fill(symbols.begin() + static_cast<std::ptrdiff_t>(statuses), symbols.begin() + index,
                  StatusSymbol::NotReceived);
        symbols[end] = symbol;
        statuses = end + 1;
        delta_bytes += delta_size(symbol);
        ticks += delta;
        ++arrivals;
    }
}

void Plan::drop_last() {
    --arrivals;
    delta_bytes -= delta_size(symbols[statuses - 1]);
    do --statuses;
    while (statuses > 0 && symbols[statuses - 1] == StatusSymbol::NotReceived);
}

}  // namespace

std::optional<TransportFeedback> parse_transport_feedback(ByteView body) {
    ByteReader in{body};
    TransportFeedback feedback;
    feedback.sender_ssrc = in.u32();
    feedback.media_ssrc = in.u32();
    feedback.base_sequence = SeqNo{in.u16()};
    feedback.status_count = in.u16();
    feedback.reference_time = static_cast<int32_t>(in.u24() << 8) >> 8;  // sign-extends 24 bits
    feedback.feedback_count = in.u8();
    if (!in.ok() || feedback.status_count == 0 || feedback.status_count > kFeedbackStatusesMax) return {};

    // Where the chunks end shows only by decoding them.
    size_t chunk_bytes = 0;
    size_t deltas = 0;
    size_t left = feedback.status_count;
    while (left > 0) {
        if (chunk_bytes + 2 > in.rest().size()) return {};
        const uint16_t chunk = load_be16(in.rest().data() + chunk_bytes);
        const size_t capacity = (chunk & 0x8000) == 0 ? chunk & 0x1fff : (chunk & 0x4000) != 0 ? 7 : 14;
        const size_t told = std::min(left, capacity);
        const auto add = [&](StatusSymbol symbol, size_t repeat) { deltas += delta_size(symbol) * repeat; };
        if (told == 0 || !for_each_symbol(in.rest().subspan(chunk_bytes, 2), told, add)) return {};
        chunk_bytes += 2;
        left -= told;
    }
    feedback.chunks = in.bytes(chunk_bytes);
    feedback.deltas = in.bytes(deltas);
    if (!in.ok()) return {};
    return feedback;
}

size_t write_transport_feedback(ByteWriter& out, uint32_t sender_ssrc, uint32_t media_ssrc,
                                uint8_t feedback_count, ExtSeqNo base,
                                std::span<const PacketArrival> arrivals) {
    if (arrivals.empty() || !out.ok()) return 0;
    const size_t room = out.unwritten().size() / 4 * 4;
    Plan plan;
    plan.fill(base, arrivals, room);
    while (plan.arrivals > 0 && plan.unpadded_size() > room) {
        // An arrival takes at least a byte, and hardly more than eight with its chunks.
        size_t drops = (plan.unpadded_size() - room) / 8 + 1;
        for (; drops > 0 && plan.arrivals > 0; --drops) plan.drop_last();
    }
    if (plan.arrivals == 0) return 0;

    const size_t size = (plan.unpadded_size() + 3) / 4 * 4;
    const size_t padding = size - plan.unpadded_size();
    out.u8(static_cast<uint8_t>((padding > 0 ? 0xa0 : 0x80) | kFormatTransportWideCc));
    out.u8(kRtcpTransportFeedback);
    out.u16(static_cast<uint16_t>(size / 4 - 1));
    out.u32(sender_ssrc);
    out.u32(media_ssrc);
    out.u16(base.wire().value);
    out.u16(static_cast<uint16_t>(plan.statuses));
    out.u24(static_cast<uint32_t>(plan.reference) & 0xffffff);
    out.u8(feedback_count);
    for (Symbols rest = plan.used(); !rest.empty();) out.u16(take_chunk(rest));

    int64_t ticks = plan.reference * kTicksPerReference;
    for (const PacketArrival& arrival : arrivals.first(plan.arrivals)) {
        const int64_t delta = ticks_of(arrival.at) - ticks;
        ticks += delta;
        if (is_small(delta)) {
            out.u8(static_cast<uint8_t>(delta));
        } else {
            out.u16(static_cast<uint16_t>(delta));
        }
    }
    if (padding > 0) {
        out.zeros(padding - 1);
        out.u8(static_cast<uint8_t>(padding));
    }
    return plan.arrivals;
}

}  // namespace conclave::wire
