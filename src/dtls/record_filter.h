// What of a received datagram may reach OpenSSL. OpenSSL buffers whatever a peer declares (up to 10 messages
// of 16 KiB, up to 100 records of a coming epoch), believes plaintext alerts and, after the handshake, starts
// another one; so every record is judged first, with a few bytes of state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace conclave::dtls {

constexpr size_t kRecordHeaderSize = 13;

enum class ContentType : uint8_t { ChangeCipherSpec = 20, Alert = 21, Handshake = 22, ApplicationData = 23 };

struct Record {
    ContentType type{};
    uint16_t epoch = 0;
    ByteView bytes;  // with header
    ByteView body;
};

// Takes the next record off `datagram` (RFC 6347 4.1). Empty when the rest is no record of DTLS 1.0 or 1.2
// (ClientHello may carry the former's version) with a known content type.
std::optional<Record> take_record(ByteView& datagram);

enum class Verdict : uint8_t {
    Pass,
    Hold,    // an early Finished: keep until the peer's ChangeCipherSpec was taken
    Resend,  // the peer repeats its last flight: it has not seen ours
    Drop,
};

class RecordFilter {
 public:
    // A whole handshake has 5 messages of a client, 6 of a server; a HelloVerifyRequest adds one.
    static constexpr size_t kMessagesMax = 16;
    // Finished with header, explicit nonce and tag is 61 bytes.
    static constexpr size_t kHeldMax = 128;

    explicit RecordFilter(size_t handshake_bytes_max) : handshake_bytes_max_(handshake_bytes_max) {}

    Verdict judge_handshaking(const Record&, bool reads_epoch_1);
    static Verdict judge_established(const Record&);

 private:
    bool accept_handshake(ByteView body);
    bool declare(uint16_t message, uint8_t type, uint32_t length);

    size_t handshake_bytes_max_;
    size_t declared_bytes_ = 0;
    // Type and length that the first fragment of each message gave, as on the wire; 0 when none came.
    std::array<uint32_t, kMessagesMax> declared_{};
};

}  // namespace conclave::dtls
