// Any RTP packet, and any two numbers for the extensions that are kept: first two bytes. The payload stays,
// the header is plain, and what is found again in front of it is what was kept, or nothing.
#include <algorithm>
#include <vector>

#include "base/check.h"
#include "peer/kept_extensions.h"
#include "wire/header_extension.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2 || size - 2 > kPacketCapacity) return 0;
    PacketPool pool(1);
    const PacketRef packet = pool.copy({data + 2, size - 2});
    const auto rtp = wire::parse_rtp(packet.bytes());
    if (!rtp || rtp->payload.empty()) return 0;
    const auto copy = [](ByteView bytes) { return std::vector<uint8_t>(bytes.begin(), bytes.end()); };
    peer::KeptExtensions kept;
    kept.dependency_descriptor = wire::find_extension(*rtp, data[0]).value_or(ByteView{});
    const ByteView time = wire::find_extension(*rtp, data[1]).value_or(ByteView{});
    if (wire::parse_abs_capture_time(time)) kept.capture_time = time;
    const auto payload = copy(rtp->payload);
    const auto descriptor = copy(kept.dependency_descriptor);
    const auto capture_time = copy(kept.capture_time);

    peer::normalise(packet, *rtp, kept);
    const auto plain = wire::parse_rtp(packet.bytes());
    CHECK(plain && plain->header_size == wire::kRtpHeaderSize && plain->padding_size == 0);
    CHECK(copy(plain->payload) == payload && plain->ssrc == load_be32(packet.bytes().data() + 8));
    const peer::KeptExtensions found = peer::kept_extensions(packet);
    const bool is_kept =
        copy(found.dependency_descriptor) == descriptor && copy(found.capture_time) == capture_time;
    const bool is_same_element = data[0] == data[1];
    CHECK(is_kept || (is_same_element && found.dependency_descriptor.empty() && found.capture_time.empty()));
    return 0;
}
