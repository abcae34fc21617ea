// Known impurities, all of OpenSSL and all here:
//  - randomness (hello, ephemeral keys, ECDSA nonces) comes from OpenSSL's generator, not from an Rng&;
//  - OpenSSL reads the clock for its retransmission timer. The timer is set to an hour, four hundred times
//    longer than a handshake may last, so the reading never has an effect; dtls::Transport retransmits.
#include "crypto/dtls_engine.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"

namespace conclave::crypto {

namespace {

// Peers' certificates are self-signed and judged by fingerprint (RFC 8122, RFC 5763 5), after the handshake.
int accept_any_certificate(X509_STORE_CTX*, void*) {
    return 1;
}

unsigned int never_retransmit(SSL*, unsigned int) {
    constexpr unsigned int kHourInMicroseconds = 3'600'000'000;
    return kHourInMicroseconds;
}

bool configure(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, accept_any_certificate, nullptr);
    constexpr long kCertificateListMax = 8 << 10;
    SSL_CTX_set_max_cert_list(context, kCertificateListMax);
    // RFC 8827 6.5 makes the first suite mandatory; all browsers and libwebrtc offer all three.
    // SSL_CTX_set_tlsext_use_srtp() is one of the few that return 0 for success.
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context,
                                   "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
                                   "ECDHE-ECDSA-AES256-GCM-SHA384") == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
           SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0;
}

// What the BIO of one association reads from and writes to while a call runs.
struct Io {
    ByteView incoming;
    DatagramSink* sink = nullptr;
};

Io& io_of(BIO* bio) {
    return *static_cast<Io*>(BIO_get_data(bio));
}

int bio_write(BIO* bio, const char* data, int size) {
    Io& io = io_of(bio);
    if (io.sink && size > 0)
        io.sink->write_datagram({reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size)});
    return size;
}

// Gives the record once, whole: OpenSSL asks for as much as its buffer holds, as from a datagram socket.
int bio_read(BIO* bio, char* out, int capacity) {
    Io& io = io_of(bio);
    BIO_clear_retry_flags(bio);
    if (io.incoming.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const size_t size = std::min(io.incoming.size(), static_cast<size_t>(std::max(capacity, 0)));
    std::memcpy(out, io.incoming.data(), size);
    io.incoming = {};
    return static_cast<int>(size);
}

long bio_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* bio_method() {
    static BIO_METHOD* const kMethod = [] {
        BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");
        CHECK(method && BIO_meth_set_write(method, bio_write) == 1 &&
              BIO_meth_set_read(method, bio_read) == 1 && BIO_meth_set_ctrl(method, bio_control) == 1);
        return method;
    }();
    return kMethod;
}

// OpenSSL ends the association over a sealed record without room for nonce and tag, where RFC 6347 4.1.2.7
// wants it passed over: anybody who can forge the address could end a call.
bool is_too_short_to_be_sealed(const SSL* ssl, ByteView record) {
    constexpr size_t kHeader = 13;
    constexpr size_t kExplicitNonce = 8;  // of AES-GCM (RFC 5288 3), none with ChaCha20 (RFC 7905 2)
    constexpr size_t kTag = 16;
    if (record.size() < kHeader || load_be16(record.data() + 3) == 0) return false;
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
    if (!cipher) return false;
    const bool is_chacha = SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305;
    return record.size() < kHeader + kTag + (is_chacha ? 0 : kExplicitNonce);
}

}  // namespace

Result<DtlsContext> DtlsContext::create_without_certificate() {
    SSL_CTX* context = SSL_CTX_new(DTLS_method());
    if (!context) return failure("DTLS is not available");
    DtlsContext made{context};
    if (!configure(context)) return failure("DTLS settings were refused");
    return made;
}

Result<DtlsContext> DtlsContext::create(const Certificate& certificate) {
    DtlsContext made = TRY(create_without_certificate());
    if (SSL_CTX_use_certificate(made.context_, certificate.x509()) != 1 ||
        SSL_CTX_use_PrivateKey(made.context_, certificate.private_key()) != 1)
        return failure("certificate cannot be used for DTLS");
    return made;
}

DtlsContext::DtlsContext(DtlsContext&& o) noexcept : context_(std::exchange(o.context_, nullptr)) {}
DtlsContext& DtlsContext::operator=(DtlsContext&& o) noexcept {
    std::swap(context_, o.context_);
    return *this;
}
DtlsContext::~DtlsContext() {
    SSL_CTX_free(context_);
}

struct DtlsEngine::Impl {
    SSL* ssl = nullptr;
    Io io;
    State state = State::Handshaking;

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { SSL_free(ssl); }

    // OpenSSL's error queue belongs to the thread: what another association left there must not count here.
    void open(ByteView record, DatagramSink& sink) {
        ERR_clear_error();
        SSL_alloc_buffers(ssl);
        io = {record, &sink};
    }
    // Once it is established an association is mostly silent: its 33 KiB of buffers are for those who speak.
    void shut() {
        if (state == State::Established) SSL_free_buffers(ssl);
        io = {};
    }

    void judge(int returned) {
        const int error = SSL_get_error(ssl, returned);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
        state = error == SSL_ERROR_ZERO_RETURN ? State::Closed : State::Failed;
    }
    void shake() {
        const int returned = SSL_do_handshake(ssl);
        if (returned == 1) {
            state = State::Established;
        } else {
            judge(returned);
        }
    }
};

DtlsEngine::DtlsEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DtlsEngine::DtlsEngine(DtlsEngine&&) noexcept = default;
DtlsEngine& DtlsEngine::operator=(DtlsEngine&&) noexcept = default;
DtlsEngine::~DtlsEngine() = default;

Result<DtlsEngine> DtlsEngine::create(const DtlsContext& context, DtlsRole role) {
    auto impl = std::make_unique<Impl>();
    impl->ssl = SSL_new(context.context());
    BIO* bio = BIO_new(bio_method());
    if (!impl->ssl || !bio) {
        BIO_free(bio);
        return failure("no memory for a DTLS association");
    }
    BIO_set_data(bio, &impl->io);
    BIO_set_init(bio, 1);
    SSL_set_bio(impl->ssl, bio, bio);
    DTLS_set_timer_cb(impl->ssl, never_retransmit);
    if (SSL_set_mtu(impl->ssl, kMtu) == 0) return failure("DTLS refuses the MTU");
    if (role == DtlsRole::Server) {
        SSL_set_accept_state(impl->ssl);
    } else {
        SSL_set_connect_state(impl->ssl);
    }
    return DtlsEngine{std::move(impl)};
}

void DtlsEngine::start(DatagramSink& sink) {
    impl_->open({}, sink);
    impl_->shake();
    impl_->shut();
}

size_t DtlsEngine::handle_record(ByteView record, MutableBytes plain, DatagramSink& sink) {
    CHECK(impl_->state == State::Handshaking || impl_->state == State::Established);
    if (is_too_short_to_be_sealed(impl_->ssl, record)) return 0;
    size_t size = 0;
    impl_->open(record, sink);
    if (impl_->state == State::Handshaking) {
        impl_->shake();
    } else if (const int returned = SSL_read(impl_->ssl, plain.data(), static_cast<int>(plain.size()));
               returned > 0) {
        size = static_cast<size_t>(returned);
    } else {
        impl_->judge(returned);
    }
    impl_->shut();
    return size;
}

bool DtlsEngine::send(ByteView application_data, DatagramSink& sink) {
    // Header, explicit nonce and tag of the largest of our suites (RFC 5288 3, RFC 6347 4.1).
    constexpr size_t kRecordOverhead = 13 + 8 + 16;
    if (impl_->state != State::Established || application_data.empty() ||
        application_data.size() > kMtu - kRecordOverhead)
        return false;
    impl_->open({}, sink);
    const int returned =
        SSL_write(impl_->ssl, application_data.data(), static_cast<int>(application_data.size()));
    impl_->shut();
    return returned > 0;
}

void DtlsEngine::close(DatagramSink& sink) {
    if (impl_->state != State::Established) return;
    impl_->open({}, sink);
    SSL_shutdown(impl_->ssl);
    impl_->shut();
    impl_->state = State::Closed;
}

DtlsEngine::State DtlsEngine::state() const {
    return impl_->state;
}

bool DtlsEngine::reads_epoch_1() const {
    const OSSL_HANDSHAKE_STATE at = SSL_get_state(impl_->ssl);
    return impl_->state == State::Established || at == TLS_ST_SR_CHANGE || at == TLS_ST_CR_CHANGE;
}

std::optional<bool> DtlsEngine::peer_certificate_matches(std::string_view algorithm,
                                                         std::string_view value) const {
    X509* x509 = SSL_get0_peer_certificate(impl_->ssl);
    if (!x509) return std::nullopt;
    uint8_t* der = nullptr;
    const int size = i2d_X509(x509, &der);
    if (size <= 0) return std::nullopt;
    const bool matches = fingerprint_matches({der, static_cast<size_t>(size)}, algorithm, value);
    OPENSSL_free(der);
    return matches;
}

std::optional<DtlsEngine::ExportedKeys> DtlsEngine::export_srtp_keys() const {
    if (impl_->state != State::Established) return std::nullopt;
    const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(impl_->ssl);
    if (!chosen) return std::nullopt;
    ExportedKeys exported{};
    exported.profile =
        chosen->id == SRTP_AEAD_AES_128_GCM ? SrtpProfile::AeadAes128Gcm : SrtpProfile::AesCm128HmacSha1_80;

    constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
    constexpr size_t kKey = SrtpKeys::kKeySize;
    const size_t salt = salt_size(exported.profile);
    std::array<uint8_t, 2 * (kKey + 14)> material{};
    if (SSL_export_keying_material(impl_->ssl, material.data(), 2 * (kKey + salt), kLabel.data(),
                                   kLabel.size(), nullptr, 0, 0) != 1)
        return std::nullopt;
    const uint8_t* p = material.data();
    std::copy_n(p, kKey, exported.client.key.begin());
    std::copy_n(p + kKey, kKey, exported.server.key.begin());
    std::copy_n(p + 2 * kKey, salt, exported.client.salt.begin());
    std::copy_n(p + 2 * kKey + salt, salt, exported.server.salt.begin());
    OPENSSL_cleanse(material.data(), material.size());
    return exported;
}

}  // namespace conclave::crypto
