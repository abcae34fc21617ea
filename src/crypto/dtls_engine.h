// DTLS 1.2 (RFC 6347) over OpenSSL without sockets: records go in one at a time, datagrams come out.
// `dtls::Transport` is what the rest of the system uses; this is the part that must touch OpenSSL.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/srtp_profile.h"

struct ssl_ctx_st;

namespace conclave::crypto {

// Settings and certificate shared by all associations of a worker. Must outlive none of them: an association
// holds its own reference.
class DtlsContext {
 public:
    static Result<DtlsContext> create(const Certificate&);
    // For tests of what we refuse: an endpoint that shows no certificate.
    static Result<DtlsContext> create_without_certificate();

    DtlsContext(DtlsContext&&) noexcept;
    DtlsContext& operator=(DtlsContext&&) noexcept;
    ~DtlsContext();

    ssl_ctx_st* context() const { return context_; }  // for the rest of this module only

 private:
    explicit DtlsContext(ssl_ctx_st* context) : context_(context) {}
    ssl_ctx_st* context_;
};

enum class DtlsRole : uint8_t { Server, Client };

// Receives each outgoing datagram while a call into DtlsEngine runs; never kept.
class DatagramSink {
 public:
    virtual void write_datagram(ByteView) = 0;

 protected:
    ~DatagramSink() = default;
};

class DtlsEngine {
 public:
    // RFC 8831 5 and the field: what passes every path a browser meets.
    static constexpr size_t kMtu = 1200;

    enum class State : uint8_t {
        Handshaking,
        Established,  // handshake complete; the certificate is still to be judged by the caller
        Closed,       // close_notify came
        Failed,
    };

    static Result<DtlsEngine> create(const DtlsContext&, DtlsRole);
    DtlsEngine(DtlsEngine&&) noexcept;
    DtlsEngine& operator=(DtlsEngine&&) noexcept;
    ~DtlsEngine();

    // Client: sends the ClientHello.
    void start(DatagramSink&);
    // One DTLS record with its 13-byte header. Application data is written to `plain`; returns its size (0
    // when there is none). Never call again after Closed or Failed.
    size_t handle_record(ByteView record, MutableBytes plain, DatagramSink&);
    // False when not established or too large for one datagram of kMtu.
    bool send(ByteView application_data, DatagramSink&);
    void close(DatagramSink&);  // close_notify

    State state() const;
    // True once the peer's ChangeCipherSpec was taken: from here on epoch 1 can be read.
    bool reads_epoch_1() const;
    // Empty until the peer has shown a certificate.
    std::optional<bool> peer_certificate_matches(std::string_view algorithm, std::string_view value) const;

    struct ExportedKeys {
        SrtpProfile profile;
        SrtpKeys client;
        SrtpKeys server;
    };
    // RFC 5764 4.2. Empty when not established or when the peer negotiated no SRTP.
    std::optional<ExportedKeys> export_srtp_keys() const;

 private:
    struct Impl;
    explicit DtlsEngine(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::crypto
