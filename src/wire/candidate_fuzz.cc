#include "base/bytes.h"
#include "base/check.h"
#include "wire/candidate.h"

using namespace conclave;
using namespace conclave::wire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto candidate = parse_candidate(as_text({data, size}));
    if (!candidate) return 0;
    const std::string text = to_string(*candidate);
    // A missing "rport 0" is written out and may pass the limit.
    if (text.size() <= kCandidateBytesMax) CHECK(parse_candidate(text) == candidate);
    return 0;
}
