#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

namespace conclave::net {
namespace {

// Intermediates in a chain file; OpenSSL's own verification depth is 100.
constexpr int kChainMax = 16;
// In this order; stun.turn is TURN's (RFC 7443).
constexpr unsigned char kAlpn[] = {8,   'h', 't', 't', 'p', '/', '1', '.', '1', 9,
                                   's', 't', 'u', 'n', '.', 't', 'u', 'r', 'n'};

struct Free {
    void operator()(BIO* p) const { BIO_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};

std::unique_ptr<BIO, Free> memory(std::string_view text) {
    return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Unexpected<Error> tls_failure(const char* what) {
    char reason[128];
    ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
    ERR_clear_error();
    return failure(std::string(what) + ": " + reason);
}

// An encrypted key would make OpenSSL ask on the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void*) {
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, kAlpn, sizeof kAlpn, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Status use_chain(SSL_CTX* context, std::string_view pem) {
    const auto bio = memory(pem);
    const std::unique_ptr<X509, Free> leaf(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, nullptr));
    if (!leaf) return tls_failure("certificate");
    if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return tls_failure("certificate");
    for (int i = 0; i < kChainMax; ++i) {
        std::unique_ptr<X509, Free> next(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
        if (!next) break;
        if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return tls_failure("chain");
    }
    ERR_clear_error();  // the end of the text is reported as an error
    return Ok{};
}

}  // namespace

Result<SslContext> create_tls_context(std::string_view chain_pem, std::string_view key_pem) {
    SslContext context(SSL_CTX_new(TLS_server_method()));
    if (!context) return tls_failure("SSL_CTX_new");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Idle connections give their 34 KB of record buffers back.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        return tls_failure("cipher list");
    }
    SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, nullptr);
    TRY(use_chain(context.get(), chain_pem));
    const auto bio = memory(key_pem);
    const std::unique_ptr<EVP_PKEY, Free> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key) return tls_failure("private key");
    // Also checks that it belongs to the certificate.
    if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) return tls_failure("private key");
    return context;
}

}  // namespace conclave::net
