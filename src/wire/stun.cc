#include "wire/stun.h"

#include "base/check.h"

namespace conclave::wire {

namespace {

constexpr uint32_t kMagicCookie = 0x2112a442;
constexpr uint32_t kFingerprintXor = 0x5354554e;
constexpr size_t kAttributeHeader = 4;

enum Attribute : uint16_t {  // RFC 8489 18.3, RFC 8445 20.1
    kMappedAddress = 0x0001,
    kUsername = 0x0006,
    kMessageIntegrity = 0x0008,
    kErrorCode = 0x0009,
    kXorMappedAddress = 0x0020,
    kPriority = 0x0024,
    kUseCandidate = 0x0025,
    kFingerprint = 0x8028,
    kIceControlled = 0x8029,
    kIceControlling = 0x802a,
};

constexpr std::array<uint32_t, 256> make_crc_table() {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        table[i] = crc;
    }
    return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

// ITU-T V.42, as RFC 8489 14.7 asks for.
uint32_t crc32(ByteView bytes) {
    uint32_t crc = 0xffffffff;
    for (const uint8_t byte : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ byte) & 0xff];
    return ~crc;
}

size_t padded(size_t size) {
    return (size + 3) & ~size_t{3};
}

// Class bits are spread through the type (RFC 8489 5, figure 3).
StunClass class_of(uint16_t type) {
    return static_cast<StunClass>((type >> 8 & 1) << 1 | (type >> 4 & 1));
}
uint16_t method_of(uint16_t type) {
    return static_cast<uint16_t>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
}
uint16_t type_of(StunClass message_class, uint16_t method) {
    const unsigned c = static_cast<unsigned>(message_class);
    return static_cast<uint16_t>((method & 0x000f) | (method & 0x0070) << 1 | (method & 0x0f80) << 2 |
                                 (c & 1) << 4 | (c >> 1) << 8);
}

// What XOR-MAPPED-ADDRESS is combined with: the cookie, then the transaction id (RFC 8489 14.2).
std::array<uint8_t, 16> address_mask(const StunTransactionId& id) {
    std::array<uint8_t, 16> mask;
    store_be32(mask.data(), kMagicCookie);
    std::memcpy(mask.data() + 4, id.data(), id.size());
    return mask;
}

constexpr size_t kV4Size = 4;
constexpr size_t kV6Size = 16;
constexpr size_t kV4Offset = kV6Size - kV4Size;  // of the IPv4 address in a mapped one

std::optional<SocketAddress> parse_address(ByteView value, const StunTransactionId& id) {
    ByteReader in{value};
    in.skip(1);
    const uint8_t family = in.u8();
    const uint16_t port = in.u16() ^ static_cast<uint16_t>(kMagicCookie >> 16);
    const std::array<uint8_t, 16> mask = address_mask(id);
    if (!in.ok()) return {};
    const ByteView ip = in.rest();
    if (family == kFamilyV4 && ip.size() == kV4Size) {
        return SocketAddress::v4(ip[0] ^ mask[0], ip[1] ^ mask[1], ip[2] ^ mask[2], ip[3] ^ mask[3], port);
    }
    if (family != kFamilyV6 || ip.size() != kV6Size) return {};
    SocketAddress address;
    address.port = port;
    for (size_t i = 0; i < kV6Size; ++i) address.ip[i] = ip[i] ^ mask[i];
    return address;
}

// RFC 8489 14.8: class 3 to 6, number 0 to 99.
std::optional<uint16_t> parse_error_code(ByteView value) {
    ByteReader in{value};
    in.skip(2);
    const unsigned hundreds = in.u8() & 7;
    const unsigned number = in.u8();
    if (!in.ok() || hundreds < 3 || hundreds > 6 || number > 99) return {};
    return static_cast<uint16_t>(hundreds * 100 + number);
}

template <class T>
bool first_wins(std::optional<T>& field, std::optional<T> value) {
    if (!value) return false;
    if (!field) field = value;
    return true;
}

bool is_turn(uint16_t method) {
    return method == kTurnAllocate || method == kTurnRefresh || method == kTurnSend || method == kTurnData ||
           method == kTurnCreatePermission || method == kTurnChannelBind;
}

std::optional<std::string_view> parse_text(ByteView value) {
    return value.size() <= kStunTextSizeMax ? std::optional{as_text(value)} : std::nullopt;
}

bool read_peer(ByteView value, StunMessage& message) {
    const auto address = parse_address(value, message.transaction_id);
    return address && message.turn->peers.try_push_back(*address);
}

// Of a message of TURN. Nothing: not one of its attributes. False: illegal size or content.
std::optional<bool> read_turn_attribute(uint16_t type, ByteView value, StunMessage& message) {
    TurnAttributes& turn = *message.turn;
    const size_t size = value.size();
    switch (static_cast<StunAttribute>(type)) {
        case StunAttribute::Realm:
            return first_wins(turn.realm, parse_text(value));
        case StunAttribute::Nonce:
            return first_wins(turn.nonce, parse_text(value));
        case StunAttribute::ChannelNumber:
            return size == 4 && first_wins(turn.channel_number, std::optional{load_be16(value.data())});
        case StunAttribute::Lifetime:
            return size == 4 && first_wins(turn.lifetime, std::optional{load_be32(value.data())});
        case StunAttribute::XorPeerAddress:
            return read_peer(value, message);
        case StunAttribute::Data:
            return first_wins(turn.data, std::optional{value});
        case StunAttribute::XorRelayedAddress:
            return first_wins(turn.relayed_address, parse_address(value, message.transaction_id));
        case StunAttribute::RequestedAddressFamily:
            return size == 4 && first_wins(turn.requested_family, std::optional{value[0]});
        case StunAttribute::RequestedTransport:
            return size == 4 && first_wins(turn.requested_transport, std::optional{value[0]});
        case StunAttribute::EvenPort:
            return size == 1 && first_wins(turn.even_port, std::optional{(value[0] & 0x80) != 0});
        case StunAttribute::DontFragment:
            turn.dont_fragment = true;
            return size == 0;
        case StunAttribute::ReservationToken:
            turn.reservation_token = true;
            return size == 8;
        case StunAttribute::UnknownAttributes:
            break;
    }
    return std::nullopt;
}

// The attributes whose value goes into the message. False: illegal size or content.
bool read_attribute(uint16_t type, ByteView value, StunMessage& message) {
    switch (type) {
        case kUsername:
            if (value.empty() || value.size() > kStunUsernameSizeMax) return false;
            return first_wins(message.username, std::optional{as_text(value)});
        case kXorMappedAddress:
            return first_wins(message.xor_mapped_address, parse_address(value, message.transaction_id));
        case kErrorCode:
            return first_wins(message.error_code, parse_error_code(value));
        case kPriority:
            return value.size() == 4 && first_wins(message.priority, std::optional{load_be32(value.data())});
        case kUseCandidate:
            message.use_candidate = true;
            return value.empty();
        case kIceControlled:
            return value.size() == 8 &&
                   first_wins(message.ice_controlled, std::optional{load_be64(value.data())});
        case kIceControlling:
            return value.size() == 8 &&
                   first_wins(message.ice_controlling, std::optional{load_be64(value.data())});
        case kMappedAddress:
        case static_cast<uint16_t>(StunAttribute::UnknownAttributes):
            return true;
        default:
            if (message.turn) {
                if (const auto is_legal = read_turn_attribute(type, value, message)) return *is_legal;
            }
            // More unknown ones than the list holds say nothing new.
            if (type < 0x8000) (void)message.unknown_required.try_push_back(type);
            return true;
    }
}

void keep_integrity(ByteView datagram, size_t offset, StunMessage& message) {
    message.integrity = datagram.subspan(offset + kAttributeHeader, kStunIntegritySize);
    std::memcpy(message.integrity_header.data(), datagram.data(), kStunHeaderSize);
    const size_t covered = offset + kAttributeHeader + kStunIntegritySize - kStunHeaderSize;
    store_be16(message.integrity_header.data() + 2, static_cast<uint16_t>(covered));
    message.integrity_body = datagram.subspan(kStunHeaderSize, offset - kStunHeaderSize);
}

}  // namespace

std::optional<StunMessage> parse_stun(ByteView datagram) {
    ByteReader in{datagram};
    const uint16_t type = in.u16();
    const size_t length = in.u16();
    const uint32_t cookie = in.u32();
    const ByteView id = in.bytes(12);
    if (!in.ok() || (type & 0xc000) != 0 || cookie != kMagicCookie) return {};
    if (length % 4 != 0 || length != in.remaining()) return {};

    StunMessage message;
    message.message_class = class_of(type);
    message.method = method_of(type);
    std::memcpy(message.transaction_id.data(), id.data(), id.size());
    if (is_turn(message.method)) message.turn.emplace();

    for (size_t count = 0; in.remaining() > 0; ++count) {
        if (count == kStunAttributesMax) return {};
        const size_t offset = datagram.size() - in.remaining();
        const uint16_t attribute = in.u16();
        const size_t size = in.u16();
        const ByteView value = in.bytes(size);
        in.skip(padded(size) - size);
        if (!in.ok()) return {};
        if (attribute == kFingerprint) {
            // Wrong place or size breaks the message; a wrong value may be somebody else's protocol.
            if (size != 4 || in.remaining() > 0) return {};
            message.fingerprint_ok =
                (crc32(datagram.first(offset)) ^ kFingerprintXor) == load_be32(value.data());
        } else if (!message.integrity.empty()) {
            continue;  // RFC 8489 14.5: what follows MESSAGE-INTEGRITY is not protected and not used
        } else if (attribute == kMessageIntegrity) {
            if (size != kStunIntegritySize) return {};
            keep_integrity(datagram, offset, message);
        } else if (!read_attribute(attribute, value, message)) {
            return {};
        }
    }
    return message;
}

StunWriter::StunWriter(MutableBytes buffer, StunClass message_class, uint16_t method,
                       const StunTransactionId& id)
    : out_(buffer), id_(id) {
    out_.u16(type_of(message_class, method));
    out_.u16(0);
    out_.u32(kMagicCookie);
    out_.bytes(id);
}

void StunWriter::begin_attribute(uint16_t type, size_t size) {
    out_.u16(type);
    out_.u16(static_cast<uint16_t>(size));
}

// The length counts what is written plus `extra` bytes still to come.
void StunWriter::set_length(size_t extra) {
    if (out_.ok()) out_.patch_u16(2, static_cast<uint16_t>(out_.size() + extra - kStunHeaderSize));
}

void StunWriter::username(std::string_view value) {
    CHECK(!value.empty() && value.size() <= kStunUsernameSizeMax);
    begin_attribute(kUsername, value.size());
    out_.bytes(as_bytes(value));
    out_.zeros(padded(value.size()) - value.size());
    set_length(0);
}

void StunWriter::xor_mapped_address(const SocketAddress& address) {
    xor_address(kXorMappedAddress, address);
}

void StunWriter::xor_address(StunAttribute type, const SocketAddress& address) {
    xor_address(static_cast<uint16_t>(type), address);
}

void StunWriter::attribute(StunAttribute type, ByteView value) {
    begin_attribute(static_cast<uint16_t>(type), value.size());
    out_.bytes(value);
    out_.zeros(padded(value.size()) - value.size());
    set_length(0);
}

void StunWriter::xor_address(uint16_t type, const SocketAddress& address) {
    const std::array<uint8_t, 16> mask = address_mask(id_);
    const size_t offset = address.is_v4() ? kV4Offset : 0;
    const size_t size = address.is_v4() ? kV4Size : kV6Size;
    begin_attribute(type, 4 + size);
    out_.u8(0);
    out_.u8(address.is_v4() ? kFamilyV4 : kFamilyV6);
    out_.u16(address.port ^ static_cast<uint16_t>(kMagicCookie >> 16));
    for (size_t i = 0; i < size; ++i) out_.u8(address.ip[offset + i] ^ mask[i]);
    set_length(0);
}

void StunWriter::error_code(uint16_t code, std::string_view reason) {
    CHECK(code >= 300 && code <= 699 && reason.size() < 128);
    begin_attribute(kErrorCode, 4 + reason.size());
    out_.u16(0);
    out_.u8(static_cast<uint8_t>(code / 100));
    out_.u8(static_cast<uint8_t>(code % 100));
    out_.bytes(as_bytes(reason));
    out_.zeros(padded(reason.size()) - reason.size());
    set_length(0);
}

void StunWriter::priority(uint32_t value) {
    begin_attribute(kPriority, 4);
    out_.u32(value);
    set_length(0);
}

void StunWriter::use_candidate() {
    begin_attribute(kUseCandidate, 0);
    set_length(0);
}

void StunWriter::ice_controlled(uint64_t tie_breaker) {
    begin_attribute(kIceControlled, 8);
    out_.u64(tie_breaker);
    set_length(0);
}

void StunWriter::ice_controlling(uint64_t tie_breaker) {
    begin_attribute(kIceControlling, 8);
    out_.u64(tie_breaker);
    set_length(0);
}

ByteView StunWriter::integrity_input() {
    set_length(kAttributeHeader + kStunIntegritySize);
    return out_.written();
}

void StunWriter::append_integrity(const std::array<uint8_t, kStunIntegritySize>& mac) {
    begin_attribute(kMessageIntegrity, mac.size());
    out_.bytes(mac);
    set_length(0);
}

void StunWriter::append_fingerprint() {
    // The CRC covers the final length too (RFC 8489 14.7).
    set_length(kAttributeHeader + 4);
    const uint32_t crc = crc32(out_.written());
    begin_attribute(kFingerprint, 4);
    out_.u32(crc ^ kFingerprintXor);
}

}  // namespace conclave::wire
