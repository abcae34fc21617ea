// What a client announces about a track (AddTrackRequest), as everybody will see it (TrackInfo).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "livekit/protocol.h"
#include "peer/codec.h"

namespace conclave::conference {

// The primary codec and its backup.
constexpr int kTrackCodecsMax = 2;
// A stream per quality; spatial layers of one stream are as many.
constexpr int kTrackLayersMax = 8;

// `enabled`: what this client may publish, most preferred first (livekit::enabled_publish_codecs).
::livekit::TrackInfo track_info(const ::livekit::AddTrackRequest&, std::string sid, WallTime,
                                std::span<const ::livekit::Codec> enabled);

// As TrackInfo names them ("video/VP8"); null for what we do not forward.
std::optional<peer::Codec> video_codec(std::string_view mime);
std::string mime_of(peer::Codec);

// A second AddTrackRequest for a published track (`sid`): it now sends the backup codec, too, under a cid of
// its own. False: the track was not announced with this codec.
bool add_backup_codec(const ::livekit::AddTrackRequest&, ::livekit::TrackInfo&);

// What `codecs` names beside the codec that the track is sent in: of those that every browser sends as
// streams without spatial layers.
std::optional<peer::Codec> backup_codec(const ::livekit::TrackInfo&);

// Layers by quality; at most kTrackLayersMax.
void set_layers(const google::protobuf::RepeatedPtrField<::livekit::VideoLayer>& from,
                ::livekit::SimulcastCodecInfo& to);

}  // namespace conclave::conference
