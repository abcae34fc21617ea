#include "base/check.h"
#include "wire/vp9.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto d = wire::parse_vp9({data, size});
    if (!d) return 0;
    CHECK(!d->frame.empty() && d->frame.size() < size);
    CHECK(d->frame.data() + d->frame.size() == data + size);
    CHECK(d->temporal < 8 && d->spatial < wire::kVp9SpatialLayersMax);
    CHECK(d->spatial_layers <= wire::kVp9SpatialLayersMax);
    CHECK(!d->picture_id || *d->picture_id <= (d->has_long_picture_id ? 0x7fff : 0x7f));
    CHECK(d->references.empty() || (d->is_flexible && d->is_inter_predicted));
    if (wire::is_keyframe(*d)) CHECK(d->references.empty());
    return 0;
}
