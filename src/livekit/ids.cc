#include "livekit/ids.h"

namespace conclave::livekit {
namespace {

constexpr size_t kRandomSize = 12;

char kind_letter(pb::TrackType type) {
    return type == pb::AUDIO ? 'A' : 'V';
}

char source_letter(pb::TrackSource source) {
    if (source == pb::CAMERA) return 'C';
    if (source == pb::MICROPHONE) return 'M';
    if (source == pb::SCREEN_SHARE) return 'S';
    if (source == pb::SCREEN_SHARE_AUDIO) return 's';
    return 'U';
}

}  // namespace

std::string participant_id(Rng& rng) {
    return "PA_" + random_id(rng, kRandomSize);
}

std::string room_id(Rng& rng) {
    return "RM_" + random_id(rng, kRandomSize);
}

std::string track_id(Rng& rng, pb::TrackType type, pb::TrackSource source) {
    return std::string{"TR_"} + kind_letter(type) + source_letter(source) + random_id(rng, kRandomSize);
}

std::string data_track_id(Rng& rng) {
    return "DTR_" + random_id(rng, kRandomSize);
}

}  // namespace conclave::livekit
