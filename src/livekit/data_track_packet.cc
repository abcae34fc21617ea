#include "livekit/data_track_packet.h"

namespace conclave::livekit {
namespace {

constexpr uint8_t kVersionMask = 0xe0;
constexpr uint8_t kStart = 0x10;
constexpr uint8_t kFinal = 0x08;
constexpr uint8_t kExtensions = 0x04;
constexpr size_t kHandleOffset = 2;
constexpr size_t kWord = 4;

constexpr uint8_t kPaddingTag = 0;
constexpr uint8_t kEncryptionTag = 1;
constexpr uint8_t kUserTimestampTag = 2;
constexpr size_t kEncryptionSize = 13;  // key index, initialisation vector
constexpr size_t kUserTimestampSize = 8;

bool has_right_size(uint8_t tag, size_t size) {
    if (tag == kEncryptionTag) return size == kEncryptionSize;
    if (tag == kUserTimestampTag) return size == kUserTimestampSize;
    return true;
}

// Receivers give up a packet whose extensions do not add up, so it is not worth sending to them.
bool are_extensions_sound(ByteView extensions) {
    ByteReader reader(extensions);
    while (reader.remaining() >= 2) {
        const uint8_t tag = reader.u8();
        const uint8_t size = reader.u8();
        if (tag == kPaddingTag) continue;
        if (size > reader.remaining() || !has_right_size(tag, size)) return false;
        reader.bytes(size);
    }
    return true;
}

}  // namespace

std::optional<DataTrackHeader> parse_data_track_header(ByteView packet) {
    ByteReader reader(packet);
    if (reader.remaining() < kDataTrackHeaderSize) return std::nullopt;
    const uint8_t flags = reader.u8();
    if ((flags & kVersionMask) != 0) return std::nullopt;
    reader.u8();
    DataTrackHeader header;
    header.starts_frame = (flags & kStart) != 0;
    header.ends_frame = (flags & kFinal) != 0;
    header.handle = reader.u16();
    header.sequence = reader.u16();
    header.frame = reader.u16();
    header.timestamp = reader.u32();
    header.size = kDataTrackHeaderSize;
    if (header.handle == 0) return std::nullopt;
    if ((flags & kExtensions) == 0) return header;

    if (reader.remaining() < sizeof(uint16_t)) return std::nullopt;
    const size_t size = kWord * (size_t{reader.u16()} + 1);
    if (size - sizeof(uint16_t) > reader.remaining()) return std::nullopt;
    if (!are_extensions_sound(reader.bytes(size - sizeof(uint16_t)))) return std::nullopt;
    header.size += size;
    return header;
}

void set_data_track_handle(MutableBytes packet, uint16_t handle) {
    store_be16(packet.data() + kHandleOffset, handle);
}

}  // namespace conclave::livekit
