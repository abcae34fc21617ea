// What became of one packet that we sent, as the receiver's feedback tells it.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace conclave::bwe {

// Which probe a packet was sent for. Numbers go round; 0: none.
using ClusterId = uint8_t;

struct PacketResult {
    Instant sent;
    Instant arrived = Instant::never();  // on the receiver's clock; never: lost
    uint16_t size = 0;                   // of the datagram
    ClusterId cluster = 0;
    bool was_lost = false;  // an earlier feedback said so

    bool is_received() const { return !arrived.is_never(); }
};

}  // namespace conclave::bwe
