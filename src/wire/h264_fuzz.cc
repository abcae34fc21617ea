#include "base/check.h"
#include "wire/h264.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto payload = wire::parse_h264({data, size});
    if (!payload) return 0;
    CHECK(payload->nal_type >= 1 && payload->nal_type <= 23);
    if (wire::is_keyframe(*payload)) CHECK(wire::starts_frame(*payload));
    return 0;
}
