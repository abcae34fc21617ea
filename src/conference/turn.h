// What one call into the conference floor works with: the time it happens at, and where its output goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/packet_pool.h"
#include "base/shared_bytes.h"
#include "base/time.h"
#include "base/transmit_queue.h"

namespace conclave::conference {

// A client's signalling socket, as the front thread names it.
using ConnectionId = uint64_t;

// For the front thread, in order.
struct ToClient {
    enum class Kind : uint8_t {
        Accepted,  // the join succeeded: accept the upgrade
        Refused,   // it did not: `status` and `payload` as plain text
        Frame,     // one WebSocket message
        Close,     // after the frames before
    };
    Kind kind = Kind::Frame;
    ConnectionId connection = 0;
    SharedBytes payload;
    bool is_text = false;
    int status = 0;
};

// A person who has no session in a room any more.
struct Vacancy {
    std::string room;
    std::string identity;
};

struct Handshake;
struct ToPart;

struct Turn {
    Instant now;
    WallTime wall;
    PacketPool& pool;
    TransmitQueue& tx;
    std::vector<ToClient>& out;
    std::vector<ToPart>& relays;
    std::vector<Vacancy>& vacancies;
    std::vector<Handshake>& handshakes;
};

}  // namespace conclave::conference
