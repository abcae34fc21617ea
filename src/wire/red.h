// Redundant audio data (RFC 2198), which browsers use to carry earlier Opus frames. Views point into the
// RTP payload.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/static_vector.h"

namespace conclave::wire {

// Browsers send one or two redundant frames, and no encoder is known to send more than nine.
constexpr size_t kRedBlocksMax = 16;

struct RedBlock {
    uint8_t payload_type = 0;       // 0..127
    uint16_t timestamp_offset = 0;  // 14 bits, RTP units before the packet's timestamp; 0 for the primary
    ByteView data;                  // may be empty: the sender had nothing to repeat
};

struct RedPayload {
    StaticVector<RedBlock, kRedBlocksMax> blocks;  // oldest first, the primary last (RFC 2198 3)
    const RedBlock& primary() const { return blocks[blocks.size() - 1]; }
};

// Nothing when a block leaves the payload or there are too many.
std::optional<RedPayload> parse_red(ByteView payload);

}  // namespace conclave::wire
