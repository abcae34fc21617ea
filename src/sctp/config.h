// What the owner of an association decides, and the limits that nobody decides.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace conclave::sctp {

// RFC 8831 6.2 asks for up to 65,535 streams; browsers number their channels from 0 and stop at
// 1,024 themselves (libwebrtc), and each stream costs memory on both sides.
constexpr uint16_t kStreamsMax = 1024;
// Open data channels of one peer: LiveKit uses two or three.
constexpr size_t kChannelsMax = 64;
// RFC 8832 allows labels and protocols of 65,535 bytes; real ones are names.
constexpr size_t kLabelMax = 256;
// Bytes accepted by send() and not acknowledged yet, per association: two seconds at 8 Mbit/s.
constexpr size_t kSendBufferMax = size_t{2} << 20;

struct Config {
    uint16_t local_port = 5000;  // a=sctp-port, RFC 8841
    uint16_t remote_port = 5000;
    // Largest SCTP packet: 1,200 bytes of UDP payload minus a DTLS 1.2 AEAD record (13 + 8 + 16),
    // rounded down to a multiple of 4. The path MTU is fixed (RFC 8831 5).
    size_t mtu = 1160;
    // Bytes of received, not yet delivered data that we announce and enforce.
    size_t receive_window = size_t{256} << 10;
    size_t max_receive_message = size_t{256} << 10;  // our a=max-message-size
    size_t max_send_message = size_t{64} << 10;      // the peer's a=max-message-size; 64 KiB without one
    size_t send_buffer = kSendBufferMax;
    // The DTLS client opens channels with even ids, the server with odd ones (RFC 8832 6).
    bool dtls_client = false;
};

}  // namespace conclave::sctp
