// Data Channel Establishment Protocol (RFC 8832 5) and the payload protocol identifiers of WebRTC
// data channels (RFC 8831 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace conclave::wire {

enum class DataChannelPpid : uint32_t {
    Dcep = 50,
    String = 51,
    Binary = 53,
    StringEmpty = 56,
    BinaryEmpty = 57,
};

enum class DcepReliability : uint8_t {
    Reliable = 0,
    Retransmits = 1,  // at most `limit` retransmissions
    Lifetime = 2,     // at most `limit` milliseconds
};

struct DcepOpen {
    DcepReliability reliability = DcepReliability::Reliable;
    bool ordered = true;
    uint16_t priority = 256;  // RFC 8831 6.4: normal
    uint32_t limit = 0;       // zero on the wire and ignored when Reliable (RFC 8832 5.1)
    // As sent: UTF-8 that is not checked here.
    std::string_view label;
    std::string_view protocol;
};

// Nothing when the message is of another type, cut, longer than its fields say, or of an unknown
// channel type.
std::optional<DcepOpen> parse_dcep_open(ByteView message);
bool is_dcep_ack(ByteView message);

// False when the buffer is too small or a text is above 65,535 bytes.
bool write_dcep_open(ByteWriter& writer, const DcepOpen& open);
void write_dcep_ack(ByteWriter& writer);

constexpr size_t kDcepOpenHeaderSize = 12;

}  // namespace conclave::wire
