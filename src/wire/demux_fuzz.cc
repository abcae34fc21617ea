#include "base/check.h"
#include "wire/demux.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView bytes{data, size};
    const wire::DatagramKind kind = wire::classify(bytes);
    // Only the first two bytes and the size decide.
    if (kind != wire::DatagramKind::Unknown) CHECK(size >= 8);
    if (kind == wire::DatagramKind::Rtp || kind == wire::DatagramKind::Rtcp) CHECK(data[0] >> 6 == 2);
    if (kind == wire::DatagramKind::Stun) CHECK(data[0] < 4);
    return 0;
}
