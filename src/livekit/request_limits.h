// How long the lists and texts inside one request may be. A message of kMessageMax bytes could otherwise name
// 100,000 tracks to look for, or put a megabyte into what all others are told about a track.
#pragma once

#include <cstddef>

#include "livekit/protocol.h"

namespace conclave::livekit {

// Layers of a track or codec, its features, codecs of it: three qualities and two codecs are in use.
constexpr int kLayersMax = 16;
// Entries that name a track or a participant: rooms of some hundred people with a few tracks each.
constexpr size_t kEntriesMax = 2048;
// So many entries count as one message more against the rate limit.
constexpr size_t kEntriesPerMessage = 16;

// Entries of all lists of the request that name tracks, participants or channels.
size_t entries_of(const pb::SignalRequest&);
bool is_within_limits(const pb::AddTrackRequest&);
bool is_within_limits(const pb::SignalRequest&);

}  // namespace conclave::livekit
