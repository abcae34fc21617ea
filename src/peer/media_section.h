// Reading one m-section of a client: formats, header extensions, encodings. Internal to this folder.
#pragma once

#include "peer/negotiation.h"

namespace conclave::peer {

// Those of its formats that we know, in its order and with its numbers.
NegotiatedCodecs common_codecs(const wire::MediaSection&);

UpstreamExtensions upstream_extensions(const wire::MediaSection&);
// `allows_mixed`: one- and two-byte headers in one stream (RFC 8285 4.1.2).
DownstreamExtensions downstream_extensions(const wire::MediaSection&, bool allows_mixed);

// The encodings that the client would send and we take, in the order of its a=simulcast.
Rids simulcast_rids(const wire::MediaSection& offered);

bool is_media(wire::MediaKind);  // audio or video

// What the client sends in this section; nothing when it does not.
std::optional<OfferedTrack> offered_track(const wire::MediaSection& offered);

}  // namespace conclave::peer
