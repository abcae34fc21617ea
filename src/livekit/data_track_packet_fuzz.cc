// Whatever is accepted has a header inside of the packet, and stays the same but for its handle.
#include <vector>

#include "base/check.h"
#include "livekit/data_track_packet.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto header = livekit::parse_data_track_header({data, size});
    if (!header) return 0;
    CHECK(header->handle != 0);
    CHECK(header->size >= livekit::kDataTrackHeaderSize && header->size <= size);
    std::vector<uint8_t> copy(data, data + size);
    livekit::set_data_track_handle(copy, 7);
    const auto changed = livekit::parse_data_track_header(copy);
    CHECK(changed && changed->handle == 7 && changed->size == header->size);
    CHECK(changed->sequence == header->sequence && changed->timestamp == header->timestamp);
    livekit::set_data_track_handle(copy, header->handle);
    CHECK(std::equal(copy.begin(), copy.end(), data));
    return 0;
}
