#include "base/bytes.h"
#include "base/check.h"
#include "wire/sdp.h"

using namespace conclave;
using namespace conclave::wire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto description = parse_sdp(as_text({data, size}));
    if (!description) return 0;
    CHECK(description->sections.size() <= kSdpSectionsMax);
    for (const MediaSection& section : description->sections) {
        CHECK(section.codecs.size() <= kSdpCodecsMax);
        for (const Codec& codec : section.codecs) (void)section.rtx_payload_type(codec.payload_type);
        (void)description->fingerprint_of(section);
    }
    const auto again = parse_sdp(serialize(*description));
    if (again) {
        CHECK(*again == *description);
    } else {
        // Feedback for all codecs ("*") is written out for each of them.
        CHECK(again.error() == SdpError::TooLarge);
    }
    return 0;
}
