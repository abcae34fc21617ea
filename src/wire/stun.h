// STUN messages (RFC 8489) with the attributes of ICE (RFC 8445 7.1) and TURN (RFC 8656 18). Views point into
// the datagram that was parsed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "base/static_vector.h"

namespace conclave::wire {

constexpr size_t kStunHeaderSize = 20;        // RFC 8489 5
constexpr size_t kStunIntegritySize = 20;     // HMAC-SHA1, RFC 8489 14.5
constexpr size_t kStunUsernameSizeMax = 508;  // fewer than 509 bytes, RFC 8489 14.3
// A check of a browser carries about ten attributes; a message with more than this costs us time on
// purpose and is refused.
constexpr size_t kStunAttributesMax = 64;
// How many unknown comprehension-required attributes are listed; one is enough to refuse a request.
constexpr size_t kStunUnknownMax = 8;

enum class StunClass : uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };  // RFC 8489 5

using StunTransactionId = std::array<uint8_t, 12>;

constexpr uint16_t kStunBinding = 0x001;  // the only method of ICE, RFC 8489 18.2

// The methods of TURN over UDP relays (RFC 8656 17).
constexpr uint16_t kTurnAllocate = 0x003;
constexpr uint16_t kTurnRefresh = 0x004;
constexpr uint16_t kTurnSend = 0x006;
constexpr uint16_t kTurnData = 0x007;
constexpr uint16_t kTurnCreatePermission = 0x008;
constexpr uint16_t kTurnChannelBind = 0x009;

// Attributes that are written by their number: RFC 8489 18.3, RFC 8656 18.
enum class StunAttribute : uint16_t {
    UnknownAttributes = 0x000a,
    ChannelNumber = 0x000c,
    Lifetime = 0x000d,
    XorPeerAddress = 0x0012,
    Data = 0x0013,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorRelayedAddress = 0x0016,
    RequestedAddressFamily = 0x0017,
    EvenPort = 0x0018,
    RequestedTransport = 0x0019,
    DontFragment = 0x001a,
    ReservationToken = 0x0022,
};

// In realms and nonces: fewer than 128 characters, RFC 8489 14.9 and 14.10; up to 763 bytes of UTF-8 are
// legal, and nobody's.
constexpr size_t kStunTextSizeMax = 127;
// Peers of one CreatePermission.
constexpr size_t kTurnPeersMax = 8;
// RFC 8656 18.8: the values of address families are those of RFC 8489 14.1.
constexpr uint8_t kFamilyV4 = 1;
constexpr uint8_t kFamilyV6 = 2;

// Read in messages of the methods above alone; to the others they are unknown.
struct TurnAttributes {
    std::optional<std::string_view> realm;
    std::optional<std::string_view> nonce;
    std::optional<uint16_t> channel_number;
    std::optional<uint32_t> lifetime;  // seconds
    StaticVector<SocketAddress, kTurnPeersMax> peers;
    std::optional<ByteView> data;
    std::optional<SocketAddress> relayed_address;
    std::optional<uint8_t> requested_family;
    std::optional<uint8_t> requested_transport;  // a number of IP protocols
    std::optional<bool> even_port;               // and whether the next port is to be reserved
    bool dont_fragment = false;
    bool reservation_token = false;
};

struct StunMessage {
    StunClass message_class = StunClass::Request;
    uint16_t method = 0;
    StunTransactionId transaction_id{};

    std::optional<std::string_view> username;         // RFC 8489 14.3; never empty
    std::optional<SocketAddress> xor_mapped_address;  // RFC 8489 14.2
    std::optional<uint16_t> error_code;               // 300..699, RFC 8489 14.8
    std::optional<uint32_t> priority;                 // RFC 8445 7.1.1
    bool use_candidate = false;                       // RFC 8445 7.1.2
    std::optional<uint64_t> ice_controlled;           // tie-breaker, RFC 8445 7.1.3
    std::optional<uint64_t> ice_controlling;
    std::optional<TurnAttributes> turn;  // of TURN's methods, whether or not any attribute is there
    // Types below 0x8000 that this parser does not know (RFC 8489 6.3): a request with any of them
    // must not be acted upon.
    StaticVector<uint16_t, kStunUnknownMax> unknown_required;

    // MESSAGE-INTEGRITY (RFC 8489 14.5), 20 bytes; empty when absent. It is the HMAC-SHA1 over
    // integrity_header followed by integrity_body: the message up to the attribute, with the header's
    // length as if the attribute were the last one.
    ByteView integrity;
    std::array<uint8_t, kStunHeaderSize> integrity_header{};
    ByteView integrity_body;

    // FINGERPRINT was there, last, and right (RFC 8489 14.7). A wrong one is false, not a parse error.
    bool fingerprint_ok = false;
};

// Nothing when the datagram is not exactly one well-formed message: magic cookie, length, every
// attribute inside the message, every known attribute of its one legal size, nothing after FINGERPRINT.
// Of repeated attributes the first counts (RFC 8489 14). Attributes after MESSAGE-INTEGRITY other than
// FINGERPRINT are not looked at (RFC 8489 14.5).
std::optional<StunMessage> parse_stun(ByteView datagram);

// Builds one message in the caller's buffer: constructor, attributes, then
// append_integrity(hmac_sha1(key, integrity_input())), then append_fingerprint(). What does not fit is
// not written and makes ok() false.
class StunWriter {
 public:
    StunWriter(MutableBytes buffer, StunClass message_class, uint16_t method, const StunTransactionId& id);

    void username(std::string_view value);
    void xor_mapped_address(const SocketAddress& address);
    void error_code(uint16_t code, std::string_view reason);
    void priority(uint32_t value);
    void use_candidate();
    void ice_controlled(uint64_t tie_breaker);
    void ice_controlling(uint64_t tie_breaker);
    void attribute(StunAttribute type, ByteView value);
    // XorPeerAddress or XorRelayedAddress.
    void xor_address(StunAttribute type, const SocketAddress& address);

    // The bytes that the HMAC covers. Sets the length field as RFC 8489 14.5 wants it, so nothing but
    // append_integrity may follow.
    ByteView integrity_input();
    void append_integrity(const std::array<uint8_t, kStunIntegritySize>& mac);
    void append_fingerprint();

    bool ok() const { return out_.ok(); }
    size_t size() const { return out_.size(); }
    ByteView written() const { return out_.written(); }

 private:
    void begin_attribute(uint16_t type, size_t size);
    void xor_address(uint16_t type, const SocketAddress& address);
    void set_length(size_t extra);

    ByteWriter out_;
    StunTransactionId id_;
};

}  // namespace conclave::wire
