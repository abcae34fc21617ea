// How good a participant's connection is, from what was lost and how long it took: a number that people
// understand, that does not jump, and that says "lost" only of a connection that is.
#pragma once

#include <optional>

#include "base/time.h"
#include "livekit/protocol.h"

namespace conclave::conference {

// What a lost packet costs depends on what the receiver can do without it.
enum class MediaWeight : uint8_t { None, RedundantAudio, Audio, Video };

class QualityMeter {
 public:
    struct Sample {
        bool is_connected = false;
        float loss = 0;  // the worse of both directions, 0..1
        Duration rtt;
        MediaWeight media = MediaWeight::None;  // the most demanding that flows
    };

    // Once per interval.
    void handle_sample(const Sample&);

    // nullopt before the first sample. `participant_sid` is the caller's to fill.
    std::optional<::livekit::ConnectionQualityInfo> info() const;

 private:
    float score_ = 100;  // 0..100, smoothed
    bool is_connected_ = false;
    bool is_known_ = false;
};

}  // namespace conclave::conference
