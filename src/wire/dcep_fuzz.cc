#include <algorithm>
#include <vector>

#include "base/check.h"
#include "wire/dcep.h"

using namespace conclave;
using namespace conclave::wire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView input{data, size};
    (void)is_dcep_ack(input);
    const auto open = parse_dcep_open(input);
    if (!open) return 0;
    std::vector<uint8_t> buffer(size);
    ByteWriter writer(buffer);
    CHECK(write_dcep_open(writer, *open) && writer.size() == size);
    // A reliable channel may carry a meaningless limit, which is written as zero.
    if (open->reliability != DcepReliability::Reliable) CHECK(std::ranges::equal(buffer, input));
    return 0;
}
