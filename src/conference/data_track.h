// A data track: a stream of frames of an application's own, on the channel `_data_track`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "conference/routes.h"
#include "livekit/data_track_packet.h"
#include "livekit/protocol.h"

namespace conclave::conference {

// One subscriber's view of a data track. Frames are taken or left as a whole.
class DataSubscription {
 public:
    // `handle`: the subscriber's own number of the track.
    DataSubscription(uint16_t handle, uint32_t target_fps) : handle_(handle), target_fps_(target_fps) {}

    uint16_t handle() const { return handle_; }
    void set_target_fps(uint32_t fps) { target_fps_ = fps; }  // 0: all frames
    // Whether this packet goes to the subscriber. `has_room`: it keeps up with what it has been sent.
    bool takes(const livekit::DataTrackHeader& header, bool has_room);

 private:
    uint16_t handle_;
    uint32_t target_fps_;
    std::optional<uint16_t> frame_;  // the one decided about
    bool is_taken_ = false;
    std::optional<uint32_t> taken_at_;  // timestamp of the last frame that was taken
};

struct DataTrack {
    ::livekit::DataTrackInfo info;
    std::map<ParticipantKey, DataSubscription> subscribers;
};

}  // namespace conclave::conference
