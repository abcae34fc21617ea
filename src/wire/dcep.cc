#include "wire/dcep.h"

namespace conclave::wire {
namespace {

constexpr uint8_t kMessageAck = 2;
constexpr uint8_t kMessageOpen = 3;
constexpr uint8_t kTypeUnordered = 0x80;

}  // namespace

std::optional<DcepOpen> parse_dcep_open(ByteView message) {
    ByteReader reader(message);
    if (reader.u8() != kMessageOpen) return std::nullopt;
    const uint8_t type = reader.u8();
    const uint8_t reliability = type & static_cast<uint8_t>(~kTypeUnordered);
    if (reliability > static_cast<uint8_t>(DcepReliability::Lifetime)) return std::nullopt;
    DcepOpen open;
    open.reliability = static_cast<DcepReliability>(reliability);
    open.ordered = (type & kTypeUnordered) == 0;
    open.priority = reader.u16();
    open.limit = reader.u32();
    const size_t label_size = reader.u16();
    const size_t protocol_size = reader.u16();
    open.label = as_text(reader.bytes(label_size));
    open.protocol = as_text(reader.bytes(protocol_size));
    if (!reader.ok() || reader.remaining() > 0) return std::nullopt;
    return open;
}

// One byte; what a future version might append is ignored.
bool is_dcep_ack(ByteView message) {
    return !message.empty() && message[0] == kMessageAck;
}

bool write_dcep_open(ByteWriter& writer, const DcepOpen& open) {
    if (open.label.size() > 0xFFFF || open.protocol.size() > 0xFFFF) return false;
    writer.u8(kMessageOpen);
    writer.u8(
        static_cast<uint8_t>(static_cast<uint8_t>(open.reliability) | (open.ordered ? 0 : kTypeUnordered)));
    writer.u16(open.priority);
    writer.u32(open.reliability == DcepReliability::Reliable ? 0 : open.limit);
    writer.u16(static_cast<uint16_t>(open.label.size()));
    writer.u16(static_cast<uint16_t>(open.protocol.size()));
    writer.bytes(as_bytes(open.label));
    writer.bytes(as_bytes(open.protocol));
    return writer.ok();
}

void write_dcep_ack(ByteWriter& writer) {
    writer.u8(kMessageAck);
}

}  // namespace conclave::wire
