// A packet as its subscriber numbers it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/seq.h"
#include "wire/vp8.h"

namespace conclave::peer {

// Named by the caller, unique within a peer: a track that we send to the client.
using EgressId = uint32_t;

struct Outgoing {
    EgressId egress = 0;
    ExtSeqNo sequence;
    uint32_t timestamp = 0;
    bool marker = false;
    // In place of the publisher's, in the VP8 descriptor and in the dependency descriptor.
    std::optional<wire::Vp8Ids> vp8 = {};
    std::optional<uint16_t> frame_number = {};
    // Bytes of RTP padding (RFC 3550 5.1), kOutgoingPaddingMax at most.
    uint8_t padding = 0;
};
inline constexpr uint8_t kOutgoingPaddingMax = 16;

}  // namespace conclave::peer
