#include "wire/red.h"

#include <array>

namespace conclave::wire {

std::optional<RedPayload> parse_red(ByteView payload) {
    ByteReader in{payload};
    RedPayload red;
    std::array<size_t, kRedBlocksMax> sizes{};
    // Headers first: four bytes for each redundant block, one for the primary (RFC 2198 3).
    while (true) {
        const uint8_t first = in.u8();
        RedBlock block{static_cast<uint8_t>(first & 0x7f), 0, {}};
        const bool is_primary = (first & 0x80) == 0;
        if (!is_primary) {
            const uint32_t offset_and_size = in.u24();
            block.timestamp_offset = static_cast<uint16_t>(offset_and_size >> 10);
            sizes[red.blocks.size()] = offset_and_size & 0x3ff;
        }
        if (!in.ok() || !red.blocks.try_push_back(block)) return {};
        if (is_primary) break;
        if (red.blocks.full()) return {};
    }
    for (size_t i = 0; i + 1 < red.blocks.size(); ++i) red.blocks[i].data = in.bytes(sizes[i]);
    red.blocks.back().data = in.rest();
    if (!in.ok()) return {};
    return red;
}

}  // namespace conclave::wire
