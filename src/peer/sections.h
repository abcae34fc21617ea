// What offers and answers have in common; internal to this folder.
#pragma once

#include "peer/negotiation.h"

namespace conclave::peer {

// Data packets of LiveKit clients are at most 64,000 bytes.
constexpr uint64_t kMaxMessageSizeOurs = 65536;

// BUNDLE, rtcp-mux, fingerprint and ICE credentials in every section that is not rejected, and one such at
// least.
Status check_transport(const wire::SessionDescription&);
// RFC 8841 6: bytes that the client takes in one message; within reason when it says "any".
size_t max_message_size_of(const wire::MediaSection&);
// Ours, with the candidates when it is the first of its bundle (RFC 8843 7.1.2).
void add_transport(const LocalDescription&, wire::SetupRole, bool is_first, wire::MediaSection&);
// a=msid and a=ssrc; with RTX when a format of the section has it.
void add_sent_track(const SentTrack&, wire::MediaSection&);

}  // namespace conclave::peer
