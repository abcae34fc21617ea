// Packets of the data channel `_data_track`: pieces of the frames that a data track consists of. The server
// looks at the header, and changes nothing but the handle, which each subscriber has a number of its own for.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace conclave::livekit {

constexpr size_t kDataTrackHeaderSize = 12;
constexpr uint32_t kDataTrackClockRate = 90'000;

//  0                   1                   2                   3
//  version:3 S F X -:2 | reserved        | handle
//  sequence                              | frame number
//  timestamp, 90 kHz
//  if X: length of the extensions in words - 1 (16 bits, counted itself), then tag, length, value ... padding
struct DataTrackHeader {
    bool starts_frame = false;  // S
    bool ends_frame = false;    // F
    uint16_t handle = 0;        // never 0
    uint16_t sequence = 0;
    uint16_t frame = 0;
    uint32_t timestamp = 0;
    size_t size = 0;  // with the extensions: where the payload starts
};

// nullopt: too short, another version, handle 0, or extensions that do not fit. Unknown extensions are fine.
std::optional<DataTrackHeader> parse_data_track_header(ByteView packet);
// `packet` has been parsed.
void set_data_track_handle(MutableBytes packet, uint16_t handle);

}  // namespace conclave::livekit
