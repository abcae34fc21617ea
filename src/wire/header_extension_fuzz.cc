#include <algorithm>

#include "base/check.h"
#include "wire/header_extension.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView bytes{data, size};
    if (const auto level = wire::parse_audio_level(bytes)) {
        CHECK(wire::serialize_audio_level(*level)[0] == data[0]);
    }
    if (const auto sequence = wire::parse_transport_cc(bytes)) {
        CHECK(wire::parse_transport_cc(wire::serialize_transport_cc(*sequence)) == *sequence);
    }
    if (const auto at = wire::parse_abs_send_time(bytes)) {
        const auto again = wire::serialize_abs_send_time(*at);
        CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
    }
    if (const auto id = wire::parse_stream_id(bytes)) CHECK(id->size() == size);
    if (const auto time = wire::parse_abs_capture_time(bytes)) {
        std::array<uint8_t, 16> out;
        CHECK(wire::serialize_abs_capture_time(*time, out) == size);
        CHECK(std::equal(bytes.begin(), bytes.end(), out.begin()));
    }
    return 0;
}
