// A peer's DTLS handshake while there is something to compute (dtls/handshake.h): it leaves with the Turn, is
// run on a thread where nobody's media wait, and returns by Directory::put_back().
#pragma once

#include <memory>
#include <string>

#include "conference/routes.h"
#include "peer/peer.h"

namespace conclave::conference {

struct Handshake {
    std::string room;
    ParticipantKey participant = 0;
    Target target = Target::Publisher;
    std::unique_ptr<peer::Handshake> computation;
};

}  // namespace conclave::conference
