#include "base/check.h"
#include "wire/red.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto red = wire::parse_red({data, size});
    if (!red) return 0;
    // Headers and blocks are the whole payload, nothing twice.
    size_t total = 4 * (red->blocks.size() - 1) + 1;
    for (const wire::RedBlock& block : red->blocks) total += block.data.size();
    CHECK(total == size);
    CHECK(red->primary().timestamp_offset == 0);
    return 0;
}
