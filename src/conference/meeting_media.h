// What the rules of a meeting want of its media. The rules themselves are kept elsewhere; here they have been
// decided.
#pragma once

#include <map>
#include <string>

#include "livekit/protocol.h"

namespace conclave::conference {

namespace pb = ::livekit;

struct MediaRights {
    // LiveKit's permission to publish: without it nothing can be published, and what is published ends. It
    // takes away from what the token gave, and never adds to it. Data is not its business.
    bool may_publish = false;
    // What is forwarded. Packets of anything else are dropped before they are counted as speech, forwarded
    // or relayed, whatever the client sends.
    bool microphone = false;
    bool camera = false;
    bool screen = false;  // its sound needs `microphone` as well

    static constexpr MediaRights all() { return {true, true, true, true}; }
    bool operator==(const MediaRights&) const = default;
};

// The whole of it, each time: it replaces what was said before.
struct MeetingMedia {
    std::string room;
    MediaRights others;                        // whoever is not named
    std::map<std::string, MediaRights> named;  // by identity
};

// What a track is, its publisher says: so what is heard needs the right to be heard, whatever it is called.
// Of a video it can only choose by which right it is seen.
bool lets_through(const MediaRights&, const pb::TrackInfo&);

}  // namespace conclave::conference
