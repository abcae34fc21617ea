#include "crypto/certificate.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <string>

#include "crypto/hash.h"

namespace conclave::crypto {
namespace {

const Certificate::Validity kYear{WallTime::from_unix_seconds(1'800'000'000),
                                  WallTime::from_unix_seconds(1'831'536'000)};

TEST(Certificate, SurvivesPem) {
    const Certificate made = Certificate::create_for_dtls(kYear).value();
    const Certificate read = Certificate::from_pem(made.certificate_pem(), made.private_key_pem()).value();
    EXPECT_EQ(read.fingerprint_sha256(), made.fingerprint_sha256());
    EXPECT_EQ(read.not_after(), kYear.not_after);
    EXPECT_EQ(read.private_key_pem(), made.private_key_pem());
}

TEST(Certificate, TwoAreNeverTheSame) {
    const Certificate a = Certificate::create_for_dtls(kYear).value();
    const Certificate b = Certificate::create_for_dtls(kYear).value();
    EXPECT_NE(a.fingerprint_sha256(), b.fingerprint_sha256());
    EXPECT_FALSE(Certificate::from_pem(a.certificate_pem(), b.private_key_pem()));
}

TEST(Certificate, RefusesBadPem) {
    const Certificate made = Certificate::create_for_dtls(kYear).value();
    EXPECT_FALSE(Certificate::from_pem("", made.private_key_pem()));
    EXPECT_FALSE(Certificate::from_pem(made.certificate_pem(), ""));
    EXPECT_FALSE(Certificate::from_pem(made.private_key_pem(), made.certificate_pem()));
    EXPECT_FALSE(Certificate::from_pem(made.certificate_pem().substr(0, 200), made.private_key_pem()));
    EXPECT_FALSE(Certificate::from_pem(std::string(Certificate::kPemMax + 1, 'A'), made.private_key_pem()));
}

TEST(Certificate, RefusesAValidityThatEndsBeforeItBegins) {
    EXPECT_FALSE(Certificate::create_for_dtls({kYear.not_after, kYear.not_before}));
}

TEST(Certificate, NamesHostsAndAddresses_RFC6125_6_4) {
    const Certificate made =
        Certificate::create_for_https(kYear, {"meet.example", "*.meet.example", "192.0.2.7", "2001:db8::7"})
            .value();
    EXPECT_EQ(X509_check_host(made.x509(), "meet.example", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(made.x509(), "a.meet.example", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(made.x509(), "other.example", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(made.x509(), "192.0.2.7", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(made.x509(), "2001:db8::7", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(made.x509(), "192.0.2.8", 0), 0);
    EXPECT_EQ(X509_verify(made.x509(), made.private_key()), 1);
    EXPECT_EQ(X509_check_ca(made.x509()), 0);
}

TEST(Certificate, CoversTheHostsThatABrowserWouldTakeItFor) {
    const Certificate made =
        Certificate::create_for_https(kYear, {"meet.example", "*.b.example", "192.0.2.7", "2001:db8::7"})
            .value();
    for (const char* host : {"meet.example", "MEET.example", "a.b.example", "192.0.2.7", "2001:db8:0::7"})
        EXPECT_TRUE(made.covers(host)) << host;
    for (const char* host :
         {"", "b.example", "a.a.b.example", "192.0.2.8", "2001:db8::8", "meet.example.org"})
        EXPECT_FALSE(made.covers(host)) << host;
    EXPECT_TRUE(made.is_self_signed());
    EXPECT_EQ(made.not_before(), kYear.not_before);
}

TEST(Certificate, RefusesNamesThatAreNone) {
    for (const char* name : {"", "a b", "a,DNS:evil", ".a", "a.", "*", "a/b", "x:y"}) {
        EXPECT_FALSE(Certificate::create_for_https(kYear, {name})) << name;
    }
    EXPECT_FALSE(Certificate::create_for_https(kYear, {}));
    EXPECT_FALSE(Certificate::create_for_https(
        kYear, std::vector<std::string>(Certificate::kNamesMax + 1, "meet.example")));
}

TEST(Fingerprint, MatchesInAnyCaseAndOnlyExactly_RFC8122_5) {
    const ByteView der = as_bytes("not a certificate, but bytes");
    const std::string hex = hex_encode(sha256(der));
    std::string value;
    for (size_t i = 0; i < hex.size(); i += 2) value += (i ? ":" : "") + hex.substr(i, 2);
    EXPECT_TRUE(fingerprint_matches(der, "sha-256", value));
    EXPECT_TRUE(fingerprint_matches(der, "SHA-256", value));
    std::string upper = value;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_TRUE(fingerprint_matches(der, "sha-256", upper));

    EXPECT_FALSE(fingerprint_matches(der, "sha-256", hex));
    EXPECT_FALSE(fingerprint_matches(der, "sha-256", value.substr(3)));
    EXPECT_FALSE(fingerprint_matches(der, "sha-256", value + ":00"));
    EXPECT_FALSE(fingerprint_matches(der, "sha-256", ""));
    EXPECT_FALSE(fingerprint_matches(der, "sha-384", value));
    std::string other = value;
    other[0] = other[0] == '0' ? '1' : '0';
    EXPECT_FALSE(fingerprint_matches(der, "sha-256", other));
}

TEST(Fingerprint, WeakAlgorithmsAreNotSupported) {
    for (const char* weak : {"sha-1", "md5", "md2", "sha-224", "sha-25", "sha-2566", ""}) {
        EXPECT_FALSE(is_fingerprint_algorithm_supported(weak)) << weak;
    }
    for (const char* good : {"sha-256", "sha-384", "sha-512", "Sha-512"}) {
        EXPECT_TRUE(is_fingerprint_algorithm_supported(good)) << good;
    }
}

}  // namespace
}  // namespace conclave::crypto
