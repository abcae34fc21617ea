#include "crypto/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/address.h"
#include "base/check.h"
#include "crypto/free_with.h"
#include "crypto/hash.h"

namespace conclave::crypto {

namespace {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, FreeWith<GENERAL_NAME_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>>;
using BasicPtr = std::unique_ptr<BASIC_CONSTRAINTS, FreeWith<BASIC_CONSTRAINTS_free>>;

// RFC 5280 4.1.2.2 wants a positive number of at most 20 bytes, unique per issuer: here one issuer per key.
bool set_serial_from_key(X509* x509, EVP_PKEY* key) {
    uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    if (size <= 0) return false;
    Sha256Digest digest = sha256({der, static_cast<size_t>(size)});
    OPENSSL_free(der);
    digest[0] = static_cast<uint8_t>((digest[0] & 0x3f) | 0x40);
    std::unique_ptr<BIGNUM, FreeWith<BN_free>> number{BN_bin2bn(digest.data(), 16, nullptr)};
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool set_subject(X509* x509) {
    X509_NAME* name = X509_get_subject_name(x509);
    const auto* text = reinterpret_cast<const unsigned char*>("conclave");
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
           X509_set_issuer_name(x509, name) == 1;
}

bool set_validity(X509* x509, const Certificate::Validity& validity) {
    return ASN1_TIME_set(X509_getm_notBefore(x509), validity.not_before.unix_seconds()) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(x509), validity.not_after.unix_seconds()) != nullptr;
}

// RFC 1034 3.5 with a leading wildcard label (RFC 6125 6.4.3).
bool is_dns_name(std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(2);
    if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    });
}

NamePtr general_name(const std::string& text) {
    int type = GEN_DNS;
    std::array<uint8_t, 16> ip{};
    ByteView value = as_bytes(text);
    if (const auto address = SocketAddress::parse(text, 0)) {
        type = GEN_IPADD;
        ip = address->ip;
        value = address->is_v4() ? ByteView{ip}.subspan(12) : ByteView{ip};
    } else if (!is_dns_name(text)) {
        return nullptr;
    }
    NamePtr name{GENERAL_NAME_new()};
    ASN1_STRING* string = ASN1_STRING_type_new(type == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
    if (!name || !string || ASN1_STRING_set(string, value.data(), static_cast<int>(value.size())) != 1) {
        ASN1_STRING_free(string);
        return nullptr;
    }
    GENERAL_NAME_set0_value(name.get(), type, string);
    return name;
}

Status add_names(X509* x509, const std::vector<std::string>& texts) {
    if (texts.empty() || texts.size() > Certificate::kNamesMax)
        return failure("a certificate needs 1 to 64 names");
    NamesPtr names{GENERAL_NAMES_new()};
    if (!names) return failure("no memory for certificate names");
    for (const std::string& text : texts) {
        NamePtr name = general_name(text);
        if (!name) return failure("neither a DNS name nor an IP address: " + text);
        if (sk_GENERAL_NAME_push(names.get(), name.get()) == 0) return failure("no memory for names");
        (void)name.release();
    }
    if (X509_add1_ext_i2d(x509, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) != 1)
        return failure("subjectAltName was refused");
    // RFC 5280 4.2.1.9: an end entity, not an authority.
    BasicPtr basic{BASIC_CONSTRAINTS_new()};
    if (!basic || X509_add1_ext_i2d(x509, NID_basic_constraints, basic.get(), 1, X509V3_ADD_DEFAULT) != 1)
        return failure("basicConstraints was refused");
    return Ok{};
}

// A certificate read from PEM may hold nonsense here: that counts as 1970.
WallTime time_of(const ASN1_TIME* time) {
    TimePtr epoch{ASN1_TIME_set(nullptr, 0)};
    int days = 0;
    int seconds = 0;
    CHECK(epoch != nullptr);
    if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return {};
    return WallTime::from_unix_seconds(int64_t{days} * 86'400 + seconds);
}

BioPtr read_from(std::string_view text) {
    return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// Without it OpenSSL would ask on the terminal for the password of an encrypted key.
int refuse_password(char*, int, int, void*) {
    return -1;
}

std::string written_to(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string{};
}

const EVP_MD* fingerprint_hash(std::string_view algorithm) {
    struct Entry {
        std::string_view name;
        const EVP_MD* (*hash)();
    };
    constexpr Entry kHashes[] = {{"sha-256", EVP_sha256}, {"sha-384", EVP_sha384}, {"sha-512", EVP_sha512}};
    for (const Entry& entry : kHashes) {
        if (std::equal(algorithm.begin(), algorithm.end(), entry.name.begin(), entry.name.end(),
                       [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; }))
            return entry.hash();
    }
    return nullptr;
}

// "AB:CD" -> bytes; a missing or doubled colon is refused.
std::optional<std::vector<uint8_t>> parse_fingerprint(std::string_view value) {
    constexpr size_t kTextMax = 64 * 3;
    if (value.size() % 3 != 2 || value.size() > kTextMax) return std::nullopt;
    std::string hex;
    for (size_t i = 0; i < value.size(); ++i) {
        if (i % 3 != 2) {
            hex += value[i];
        } else if (value[i] != ':') {
            return std::nullopt;
        }
    }
    return hex_decode(hex);
}

}  // namespace

struct Certificate::Impl {
    X509Ptr x509;
    Key key;
};

namespace {

struct Unsigned {
    X509Ptr x509;
    Key key;
};

Result<Unsigned> make_unsigned(const Certificate::Validity& validity) {
    if (validity.not_after <= validity.not_before) return failure("certificate would never be valid");
    Unsigned made{X509Ptr{X509_new()}, Key{EVP_EC_gen("P-256")}};
    X509* x509 = made.x509.get();
    if (!x509 || !made.key) return failure("no P-256 key could be made");
    constexpr long kVersion3 = 2;
    if (X509_set_version(x509, kVersion3) != 1 || !set_serial_from_key(x509, made.key.get()) ||
        !set_subject(x509) || !set_validity(x509, validity) || X509_set_pubkey(x509, made.key.get()) != 1)
        return failure("certificate could not be filled in");
    return made;
}

}  // namespace

Certificate::Certificate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

Result<Certificate> Certificate::create_for_dtls(const Validity& validity) {
    Unsigned made = TRY(make_unsigned(validity));
    if (X509_sign(made.x509.get(), made.key.get(), EVP_sha256()) == 0)
        return failure("certificate could not be signed");
    return Certificate{std::unique_ptr<Impl>(new Impl{std::move(made.x509), std::move(made.key)})};
}

Result<Certificate> Certificate::create_for_https(const Validity& validity,
                                                  const std::vector<std::string>& names) {
    Unsigned made = TRY(make_unsigned(validity));
    TRY(add_names(made.x509.get(), names));
    if (X509_sign(made.x509.get(), made.key.get(), EVP_sha256()) == 0)
        return failure("certificate could not be signed");
    return Certificate{std::unique_ptr<Impl>(new Impl{std::move(made.x509), std::move(made.key)})};
}

Result<Certificate> Certificate::from_pem(std::string_view certificate_pem,
                                          std::string_view private_key_pem) {
    if (certificate_pem.size() > kPemMax || private_key_pem.size() > kPemMax)
        return failure("PEM text is too large");
    BioPtr certificate_bio = read_from(certificate_pem);
    BioPtr key_bio = read_from(private_key_pem);
    if (!certificate_bio || !key_bio) return failure("no memory for PEM text");
    X509Ptr x509{PEM_read_bio_X509(certificate_bio.get(), nullptr, refuse_password, nullptr)};
    if (!x509) return failure("no certificate in the PEM text");
    Key key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, refuse_password, nullptr)};
    if (!key) return failure("no unencrypted private key in the PEM text");
    if (X509_check_private_key(x509.get(), key.get()) != 1)
        return failure("certificate and private key do not belong together");
    return Certificate{std::unique_ptr<Impl>(new Impl{std::move(x509), std::move(key)})};
}

std::string Certificate::certificate_pem() const {
    BioPtr bio{BIO_new(BIO_s_mem())};
    CHECK(bio && PEM_write_bio_X509(bio.get(), impl_->x509.get()) == 1);
    return written_to(bio.get());
}

std::string Certificate::private_key_pem() const {
    BioPtr bio{BIO_new(BIO_s_mem())};
    CHECK(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr,
                                               nullptr) == 1);
    return written_to(bio.get());
}

std::string Certificate::fingerprint_sha256() const {
    Sha256Digest digest;
    CHECK(X509_digest(impl_->x509.get(), EVP_sha256(), digest.data(), nullptr) == 1);
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    for (const uint8_t byte : digest) {
        if (!text.empty()) text += ':';
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

WallTime Certificate::not_before() const {
    return time_of(X509_get0_notBefore(impl_->x509.get()));
}
WallTime Certificate::not_after() const {
    return time_of(X509_get0_notAfter(impl_->x509.get()));
}

bool Certificate::covers(std::string_view host) const {
    const std::string name(host);
    if (SocketAddress::parse(host, 0)) return X509_check_ip_asc(impl_->x509.get(), name.c_str(), 0) == 1;
    return X509_check_host(impl_->x509.get(), name.data(), name.size(), 0, nullptr) == 1;
}

bool Certificate::is_self_signed() const {
    return X509_self_signed(impl_->x509.get(), 0) == 1;
}

x509_st* Certificate::x509() const {
    return impl_->x509.get();
}
evp_pkey_st* Certificate::private_key() const {
    return impl_->key.get();
}

bool is_fingerprint_algorithm_supported(std::string_view algorithm) {
    return fingerprint_hash(algorithm) != nullptr;
}

bool fingerprint_matches(ByteView certificate_der, std::string_view algorithm, std::string_view value) {
    const EVP_MD* hash = fingerprint_hash(algorithm);
    const auto wanted = parse_fingerprint(value);
    if (!hash || !wanted) return false;
    std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(certificate_der.data(), certificate_der.size(), digest.data(), &size, hash, nullptr) != 1)
        return false;
    return std::equal(wanted->begin(), wanted->end(), digest.begin(), digest.begin() + size);
}

}  // namespace conclave::crypto
