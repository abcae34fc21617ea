#include "conference/data_track.h"

namespace conclave::conference {
namespace {

// Frames come with jitter: one that is a little early is still the next.
constexpr uint64_t kTolerancePercent = 90;

}  // namespace

bool DataSubscription::takes(const livekit::DataTrackHeader& header, bool has_room) {
    if (frame_ == header.frame) return is_taken_;
    frame_ = header.frame;
    is_taken_ = has_room;
    if (target_fps_ > 0 && taken_at_) {
        const uint64_t step = header.timestamp - *taken_at_;
        const uint64_t wanted =
            uint64_t{livekit::kDataTrackClockRate} * kTolerancePercent / 100 / target_fps_;
        // A timestamp far behind is a clock that started anew, not a frame that is early.
        if (step < wanted) is_taken_ = false;
    }
    if (is_taken_) taken_at_ = header.timestamp;
    return is_taken_;
}

}  // namespace conclave::conference
