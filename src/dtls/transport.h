// One DTLS association (RFC 6347, RFC 5763) on an ICE-validated path. The caller hands in only datagrams
// from such a path; before anything reaches OpenSSL each record is judged here:
//
//   datagram -> records -> RecordFilter (form, sizes, epochs) -> crypto::DtlsEngine -> events
//                                                                       |
//   flight kept for retransmission <- datagrams <-----------------------+-> TransmitQueue
//
// While keys are agreed, filter and engine are a Handshake, which travels; later all happens here.
//
// Retransmission is ours, by `now`: OpenSSL's own timer reads a clock and is set so far away that it never
// fires.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "crypto/dtls_engine.h"
#include "crypto/srtp_profile.h"
#include "dtls/handshake.h"

namespace conclave::dtls {

using Role = crypto::DtlsRole;  // Server is "passive" in SDP (RFC 4145), Client is "active"

struct Event {
    enum class Kind : uint8_t {
        Connected,        // handshake complete and certificate matches: keying_material() is there
        ApplicationData,  // `data`; only after Connected
        Failed,           // final: wrong certificate, handshake error, or no handshake in kHandshakeMax
        Closed,           // final: the peer sent close_notify
    };
    Kind kind = Kind::Failed;
    ByteView data{};  // valid until the next call on the same Transport
};

// A datagram of kPacketCapacity carries few records that are worth sending; further application data in
// it is dropped, as on a wire.
constexpr size_t kApplicationRecordsMax = 16;
using Events = StaticVector<Event, kApplicationRecordsMax + 2>;

struct KeyingMaterial {
    crypto::SrtpProfile profile{};
    crypto::SrtpKeys receive;  // what the peer protects with
    crypto::SrtpKeys send;     // what we protect with
};

struct Counters {
    uint64_t records_dropped = 0;    // malformed, wrong epoch, plaintext alert or data, over a limit
    uint64_t datagrams_dropped = 0;  // that came while the handshake was away: too many, or it was not run
    uint64_t retransmissions = 0;    // datagrams
};

class Transport {
 public:
    // From the first datagram or start(). A browser needs 2 round trips; RFC 8445 paths that need longer
    // are dead.
    static constexpr Duration kHandshakeMax = Duration::seconds(15);
    // First retransmission of an unanswered flight, then doubled (RFC 6347 4.2.4.1 allows less than 1 s
    // where the round trip is known to be short; ICE has just measured it).
    static constexpr Duration kRetransmitFirst = Duration::millis(100);
    // Application data that fits one datagram of DtlsEngine::kMtu with the largest record overhead.
    static constexpr size_t kApplicationDataMax = 1200 - 13 - 8 - 16;

    static Result<Transport> create(const crypto::DtlsContext&, Role);
    Transport(Transport&&) noexcept;
    Transport& operator=(Transport&&) noexcept;
    ~Transport();

    // Client role: sends the ClientHello. Does nothing in the server role or when called again.
    void start(Instant now, const Path&, TransmitQueue& tx);
    // Answers go to the path given last. A datagram longer than kPacketCapacity is dropped. Until the
    // handshake is complete datagrams wait, Datagrams::kBytesMax of them, for take_handshake().
    [[nodiscard]] Events handle_datagram(Instant now, const Path&, ByteView, TransmitQueue& tx);
    [[nodiscard]] Events handle_timeout(Instant now, TransmitQueue& tx);
    Instant next_timeout() const;  // Instant::never() when idle

    // What there is to compute for datagrams that wait, to be run() and put back; null when nothing is, or it
    // is away already. Whoever does not bring it back lets the association fail after kHandshakeMax.
    std::unique_ptr<Handshake> take_handshake();
    // One that is not this association's, or of an association that ended meanwhile, is dropped. More may
    // have come: take_handshake() again.
    [[nodiscard]] Events put_back(Instant now, std::unique_ptr<Handshake>, TransmitQueue& tx);

    // From a=fingerprint (RFC 8122 5): algorithm sha-256, sha-384 or sha-512, value "AB:CD:…"; where SDP
    // offers several the caller takes the strongest. May come at any time: until it is known nothing is
    // Connected and application data is dropped; Connected or Failed come from whichever call completes
    // the pair. A value that does not match the certificate already shown fails the association for good,
    // also after Connected.
    [[nodiscard]] Events set_remote_fingerprint(std::string algorithm, std::string value);

    // False when not connected or larger than kApplicationDataMax.
    bool send(Instant now, ByteView application_data, const Path&, TransmitQueue& tx);
    // Sends close_notify when there is an association; afterwards everything is ignored.
    void close(const Path&, TransmitQueue& tx);

    bool is_connected() const;
    // Empty before Connected, and when the peer negotiated no SRTP (a peer with data channels only).
    const std::optional<KeyingMaterial>& keying_material() const;
    const Counters& counters() const;

 private:
    struct Impl;
    explicit Transport(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

// Transport::handle_datagram() for those whom a handshake keeps from nothing: it is run in the call.
[[nodiscard]] Events handle_datagram_in_place(Transport&, Instant now, const Path&, ByteView,
                                              TransmitQueue& tx);

}  // namespace conclave::dtls
