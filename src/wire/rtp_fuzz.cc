// Parses, walks every extension, and writes a header with those that were found: it must parse to the same.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/static_vector.h"
#include "wire/rtp.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView bytes{data, size};
    const auto encrypted = wire::parse_rtp_header(bytes);
    const auto packet = wire::parse_rtp(bytes);
    CHECK(!packet || encrypted);
    if (!packet) return 0;
    CHECK(packet->header_size + packet->payload.size() + packet->padding_size == size);

    StaticVector<wire::HeaderExtension, 256> found;
    size_t value_bytes = 0;
    for (unsigned id = 0; id < 256; ++id) {
        const auto value = wire::find_extension(*packet, static_cast<uint8_t>(id));
        if (!value) continue;
        CHECK(id != 0 && value->size() <= 255);
        found.push_back({static_cast<uint8_t>(id), *value});
        value_bytes += value->size();
    }
    const wire::RtpHeader header{packet->marker,    packet->payload_type, packet->sequence_number,
                                 packet->timestamp, packet->ssrc,         false};
    std::array<uint8_t, 16 + 256 * 258> buffer;
    const size_t written = wire::write_rtp_header(buffer, header, {found.data(), found.size()});
    CHECK(written >= wire::kRtpHeaderSize && written <= 16 + 3 + value_bytes + 2 * found.size());
    const auto again = wire::parse_rtp(ByteView{buffer}.first(written));
    CHECK(again && again->payload.empty());
    CHECK(again->marker == packet->marker && again->payload_type == packet->payload_type);
    CHECK(again->sequence_number == packet->sequence_number && again->timestamp == packet->timestamp);
    CHECK(again->ssrc == packet->ssrc);
    for (const wire::HeaderExtension& e : found) {
        const auto value = wire::find_extension(*again, e.id);
        CHECK(value && std::equal(value->begin(), value->end(), e.value.begin(), e.value.end()));
    }
    return 0;
}
