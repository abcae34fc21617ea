// Several descriptors for one reader, each with its size in front: its memory is what could be broken.
#include "base/check.h"
#include "wire/dependency_descriptor.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ByteReader in{{data, size}};
    wire::DependencyDescriptorReader reader;
    while (in.remaining() > 0) {
        const size_t length = in.u8();
        const ByteView value = in.bytes(length);
        if (!in.ok()) break;
        const wire::FrameDependencies* frame = reader.read(value);
        if (!frame) continue;
        CHECK(value.size() >= wire::kDependencyDescriptorSizeMin && frame->structure);
        CHECK(static_cast<uint16_t>(frame->frame_number) ==
              load_be16(value.data() + wire::kFrameNumberOffset));
        CHECK(frame->spatial < frame->structure->spatial_layers);
        CHECK(frame->structure->spatial_layers <= wire::kDependencySpatialMax);
        CHECK(frame->temporal < wire::kDependencyTemporalMax);
        CHECK(frame->dtis.size() == frame->structure->decode_targets.size());
        CHECK(frame->chain_diffs.size() == frame->structure->chains);
        CHECK(frame->structure->chains <= frame->dtis.size());
        for (const auto& target : frame->structure->decode_targets) {
            CHECK(frame->structure->chains == 0 || target.chain < frame->structure->chains);
        }
        for (const uint16_t diff : frame->frame_diffs) CHECK(diff >= 1 && diff <= 4096);
    }
    return 0;
}
