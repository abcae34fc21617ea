// X.509 certificates with their private key: self-signed ECDSA P-256 for DTLS-SRTP (RFC 8827 6.5) and, for
// a first start without a real one, for HTTPS. Creating a key draws from OpenSSL's own random generator:
// a known impurity, confined to certificate.cc and dtls_engine.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

struct x509_st;
struct evp_pkey_st;

namespace conclave::crypto {

class Certificate {
 public:
    struct Validity {
        WallTime not_before;
        WallTime not_after;
    };

    // Subject "conclave", which tells an observer nothing about the person or the meeting.
    static Result<Certificate> create_for_dtls(const Validity&);
    // `names`: DNS names and IP addresses, which become the subjectAltName (RFC 6125 6.4). At least one,
    // at most kNamesMax.
    static Result<Certificate> create_for_https(const Validity&, const std::vector<std::string>& names);
    // The first certificate and the first private key (unencrypted) found. Fails when either is missing,
    // malformed, larger than kPemMax, or when they do not belong together.
    static Result<Certificate> from_pem(std::string_view certificate_pem, std::string_view private_key_pem);

    Certificate(Certificate&&) noexcept;
    Certificate& operator=(Certificate&&) noexcept;
    ~Certificate();

    std::string certificate_pem() const;
    std::string private_key_pem() const;  // PKCS #8; secret
    // As in SDP: "AB:CD:…" (RFC 8122 5); the algorithm's name there is "sha-256".
    std::string fingerprint_sha256() const;
    WallTime not_before() const;
    WallTime not_after() const;
    // Whether a browser that was told this DNS name or IP address finds it in here (RFC 6125 6.4).
    bool covers(std::string_view host) const;
    bool is_self_signed() const;

    // For the rest of this module only.
    x509_st* x509() const;
    evp_pkey_st* private_key() const;

    static constexpr size_t kNamesMax = 64;      // one host has few names
    static constexpr size_t kPemMax = 64 << 10;  // a chain of ten RSA-4096 certificates is 20 KiB

 private:
    struct Impl;
    explicit Certificate(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

// `algorithm` as in a=fingerprint (RFC 8122 5), in any case: sha-256, sha-384, sha-512. Weaker ones are
// refused, whatever RFC 8122 allows for old peers.
bool is_fingerprint_algorithm_supported(std::string_view algorithm);

// Whether the DER certificate has this fingerprint: `value` as in a=fingerprint, hexadecimal pairs in
// either case joined by colons. False for an unsupported algorithm or malformed text.
bool fingerprint_matches(ByteView certificate_der, std::string_view algorithm, std::string_view value);

}  // namespace conclave::crypto
