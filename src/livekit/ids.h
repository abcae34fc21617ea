// Identifiers as LiveKit clients expect them: a prefix they look at, then 12 random characters (70 bits).
#pragma once

#include <string>

#include "base/rng.h"
#include "livekit/protocol.h"

namespace conclave::livekit {

std::string participant_id(Rng& rng);  // PA_…
std::string room_id(Rng& rng);         // RM_…
// TR_, then the kind (A, V) and the source (C camera, M microphone, S screen share, s its audio, U unknown).
std::string track_id(Rng& rng, pb::TrackType type, pb::TrackSource source);
std::string data_track_id(Rng& rng);  // DTR_…

}  // namespace conclave::livekit
