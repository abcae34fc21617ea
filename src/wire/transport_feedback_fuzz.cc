// Two ways in: the bytes as a feedback packet, and the bytes as a pattern of arrivals that is written and
// read back.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/check.h"
#include "wire/rtcp.h"

using namespace conclave;

namespace {

void parse(ByteView bytes) {
    const auto feedback = wire::parse_transport_feedback(bytes);
    if (!feedback) return;
    size_t statuses = 0;
    SeqNo expected = feedback->base_sequence;
    feedback->for_each([&](const wire::PacketStatus& s) {
        CHECK(s.sequence == expected);
        ++expected.value;
        ++statuses;
    });
    CHECK(statuses == feedback->status_count && statuses <= wire::kFeedbackStatusesMax);
}

// Three bytes for each arrival: how far its sequence is, and how far its time, signed.
void write(ByteView bytes) {
    ByteReader in{bytes};
    const size_t room = in.u16() % 1500;
    const ExtSeqNo base{in.u16()};
    std::vector<wire::PacketArrival> arrivals;
    ExtSeqNo sequence = base;
    Instant at = Instant::from_ms(10'000'000);
    while (in.remaining() >= 3) {
        const uint8_t gap = in.u8();
        sequence = sequence + (gap < 250 ? gap % 16 : (gap - 249) * 1000);
        at = at + Duration::micros(static_cast<int16_t>(in.u16()) * int64_t{100});
        arrivals.push_back({sequence, at});
        sequence = sequence + 1;
    }
    std::vector<uint8_t> buffer(room);
    ByteWriter out{buffer};
    const size_t told = wire::write_transport_feedback(out, 1, 2, 3, base, arrivals);
    CHECK(out.ok() && told <= arrivals.size() && (told > 0) == (out.size() > 0));
    if (told == 0) return;

    wire::RtcpReader reader{out.written()};
    const auto packet = reader.next();
    const auto* feedback = packet ? std::get_if<wire::TransportFeedback>(&*packet) : nullptr;
    CHECK(feedback && !reader.next());
    auto next = arrivals.begin();
    feedback->for_each([&](const wire::PacketStatus& s) {
        CHECK(s.received == (s.sequence == next->sequence.wire()));
        if (!s.received) return;
        // The reference time wraps at 24 bits.
        constexpr Duration kPeriod = wire::TransportFeedback::kReferenceUnit * (1 << 24);
        const Duration read = wire::TransportFeedback::kReferenceUnit * feedback->reference_time + s.offset;
        const int64_t error = (read.us - next->at.us) % kPeriod.us;
        CHECK(std::min(std::abs(error), kPeriod.us - std::abs(error)) <= 125);
        ++next;
    });
    CHECK(next == arrivals.begin() + static_cast<std::ptrdiff_t>(told));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    parse({data, size});
    write({data, size});
    return 0;
}
