// libprotobuf's own log.
#pragma once

namespace conclave::livekit {

// The library would write a line for every text that is no UTF-8: what a client sends is refused and counted,
// and never lets it fill a log. Call once, before any message is parsed.
void silence_protobuf();

}  // namespace conclave::livekit
