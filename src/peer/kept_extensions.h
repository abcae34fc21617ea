// Header extensions of a published packet that its subscribers get too. They lie in the packet's slot, in
// front of the plain packet (PacketRef::kept), so the packet and what is sent again are one thing.
//
//   capture time 0, 8 or 16 | dependency descriptor | size of the capture time 1 | header 12 | payload
#pragma once

#include "base/packet_pool.h"
#include "wire/rtp.h"

namespace conclave::peer {

struct KeptExtensions {
    ByteView capture_time;           // as wire::parse_abs_capture_time reads it; may be empty
    ByteView dependency_descriptor;  // as wire::DependencyDescriptorReader reads it; may be empty
};

// Puts a plain 12-byte header right before the payload, `kept` in front of it, and forgets everything else:
// other extensions, CSRCs, padding. `rtp` and `kept` are views of the packet.
void normalise(const PacketRef&, const wire::RtpPacket& rtp, const KeptExtensions& kept);
// Of a packet that was normalised.
KeptExtensions kept_extensions(const PacketRef&);

}  // namespace conclave::peer
