// What of an association is computed until both sides have keys: half a millisecond or more of asymmetric
// cryptography, for which nobody's media may wait. So it is a value that travels: its Transport hands it out
// together with what is to be answered, whoever has it runs it, and brings it back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "crypto/dtls_engine.h"
#include "dtls/datagrams.h"
#include "dtls/record_filter.h"

namespace conclave::dtls {

class Handshake {
 public:
    // Handshake bytes the peer may declare in total, which bounds what OpenSSL buffers for it. A
    // ClientHello with a post-quantum share is 1.7 KiB, an RSA-4096 certificate 2 KiB.
    static constexpr size_t kBytesMax = 16 << 10;

    explicit Handshake(crypto::DtlsEngine engine) : engine_(std::move(engine)) {}

    // On any thread: nothing of it is shared but what OpenSSL shares safely. Brought back without having been
    // run, its datagrams are lost as on a wire, and the peer repeats them.
    void run();

 private:
    friend class Transport;
    using State = crypto::DtlsEngine::State;

    // In the client's role: the ClientHello.
    void start();
    void handle(ByteView datagram);
    void handle(const Record&);
    void pass(ByteView record);

    crypto::DtlsEngine engine_;
    RecordFilter filter_{kBytesMax};
    std::array<uint8_t, RecordFilter::kHeldMax> held_{};
    size_t held_size_ = 0;

    Datagrams input_;
    bool has_run_ = false;
    // ---- what the last run() brought
    Datagrams flight_;  // to be sent
    Datagrams rest_;    // of the input, behind the end of the handshake
    std::optional<crypto::DtlsEngine::ExportedKeys> keys_;
    uint64_t records_dropped_ = 0;
};

}  // namespace conclave::dtls
