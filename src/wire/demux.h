// Which protocol a datagram of the media port belongs to, from its first two bytes: STUN, DTLS, RTP
// and RTCP share one socket (RFC 7983 7; RFC 5761 4 for RTP against RTCP).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace conclave::wire {

enum class DatagramKind : uint8_t { Stun, Dtls, Rtp, Rtcp, Unknown };

// Reads at most two bytes. A datagram shorter than the fixed header of its protocol is Unknown;
// nothing else about its content is checked. ZRTP and TURN channels (RFC 7983 7) are Unknown: we
// speak neither on this port.
DatagramKind classify(ByteView datagram);

// Whose an RTP or RTCP packet says it is, sealed or not (RFC 3550 5.1, 6.4). Nothing of other datagrams.
std::optional<uint32_t> sender_ssrc(ByteView datagram);

}  // namespace conclave::wire
