// What is negotiated, with peers whose settings differ from ours. Records are passed by hand, one at a time.
#include "crypto/dtls_engine.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <deque>
#include <vector>

namespace conclave::crypto {
namespace {

using Bytes = std::vector<uint8_t>;
using State = DtlsEngine::State;

class Wire final : public DatagramSink {
 public:
    void write_datagram(ByteView datagram) override {
        while (datagram.size() >= 13) {
            const size_t size = 13 + load_be16(&datagram[11]);
            records.emplace_back(datagram.begin(), datagram.begin() + size);
            datagram = datagram.subspan(size);
        }
    }
    std::deque<Bytes> records;
};

const Certificate& certificate() {
    static const Certificate kCertificate =
        Certificate::create_for_dtls(
            {WallTime::from_unix_seconds(1'800'000'000), WallTime::from_unix_seconds(1'831'536'000)})
            .value();
    return kCertificate;
}

struct Pair {
    DtlsContext server_context = DtlsContext::create(certificate()).value();
    DtlsContext client_context = DtlsContext::create(certificate()).value();
    std::optional<DtlsEngine> server;
    std::optional<DtlsEngine> client;

    // Settings of the client's context may be changed before.
    void shake() {
        server.emplace(DtlsEngine::create(server_context, DtlsRole::Server).value());
        client.emplace(DtlsEngine::create(client_context, DtlsRole::Client).value());
        Wire to_server;
        Wire to_client;
        client->start(to_server);
        while (!to_server.records.empty() || !to_client.records.empty()) {
            give(*server, to_server, to_client);
            give(*client, to_client, to_server);
        }
    }
    static void give(DtlsEngine& to, Wire& from, Wire& answers) {
        while (!from.records.empty()) {
            const Bytes record = from.records.front();
            from.records.pop_front();
            Bytes plain(2048);
            if (to.state() != State::Closed && to.state() != State::Failed)
                (void)to.handle_record(record, plain, answers);
        }
    }
    bool is_established() const {
        return server->state() == State::Established && client->state() == State::Established;
    }
};

TEST(DtlsEngine, PrefersGcmForSrtp_RFC7714_14_2) {
    Pair pair;
    // The client prefers the other: the server decides.
    ASSERT_EQ(SSL_CTX_set_tlsext_use_srtp(pair.client_context.context(),
                                          "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM"),
              0);
    pair.shake();
    ASSERT_TRUE(pair.is_established());
    const auto server = pair.server->export_srtp_keys();
    const auto client = pair.client->export_srtp_keys();
    ASSERT_TRUE(server && client);
    EXPECT_EQ(server->profile, SrtpProfile::AeadAes128Gcm);
    EXPECT_EQ(server->client, client->client);
    EXPECT_EQ(server->server, client->server);
    EXPECT_EQ(server->client.salt[12], 0);
    EXPECT_EQ(server->client.salt[13], 0);
}

TEST(DtlsEngine, FallsBackToAesCmForSrtp_RFC5764_4_1_2) {
    Pair pair;
    ASSERT_EQ(SSL_CTX_set_tlsext_use_srtp(pair.client_context.context(), "SRTP_AES128_CM_SHA1_80"), 0);
    pair.shake();
    ASSERT_TRUE(pair.is_established());
    const auto server = pair.server->export_srtp_keys();
    const auto client = pair.client->export_srtp_keys();
    ASSERT_TRUE(server && client);
    EXPECT_EQ(server->profile, SrtpProfile::AesCm128HmacSha1_80);
    EXPECT_EQ(server->client, client->client);
    EXPECT_EQ(server->server, client->server);
    EXPECT_NE(server->server, server->client);
}

TEST(DtlsEngine, ExportsNothingWithoutACommonProfile) {
    Pair pair;
    ASSERT_EQ(SSL_CTX_set_tlsext_use_srtp(pair.client_context.context(), "SRTP_AES128_CM_SHA1_32"), 0);
    pair.shake();
    ASSERT_TRUE(pair.is_established());
    EXPECT_FALSE(pair.server->export_srtp_keys());
}

TEST(DtlsEngine, AcceptsEverySuiteItOffers) {
    for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                              "ECDHE-ECDSA-AES256-GCM-SHA384"}) {
        Pair pair;
        ASSERT_EQ(SSL_CTX_set_cipher_list(pair.client_context.context(), suite), 1);
        pair.shake();
        EXPECT_TRUE(pair.is_established()) << suite;
    }
}

TEST(DtlsEngine, RefusesSuitesWithoutAeadOrForwardSecrecy_RFC8827_6_5) {
    for (const char* suite :
         {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-NULL-SHA@SECLEVEL=0", "AECDH-AES128-SHA@SECLEVEL=0"}) {
        Pair pair;
        ASSERT_EQ(SSL_CTX_set_cipher_list(pair.client_context.context(), suite), 1) << suite;
        pair.shake();
        EXPECT_EQ(pair.server->state(), State::Failed) << suite;
    }
}

TEST(DtlsEngine, RefusesDtls10) {
    Pair pair;
    SSL_CTX* client = pair.client_context.context();
    ASSERT_EQ(SSL_CTX_set_cipher_list(client, "ECDHE-ECDSA-AES128-SHA@SECLEVEL=0"), 1);
    ASSERT_EQ(SSL_CTX_set_min_proto_version(client, DTLS1_VERSION), 1);
    ASSERT_EQ(SSL_CTX_set_max_proto_version(client, DTLS1_VERSION), 1);
    pair.shake();
    EXPECT_EQ(pair.server->state(), State::Failed);
}

// A peer must name P-256 in any case, as the curve of our certificate (RFC 8422 5.1.1).
TEST(DtlsEngine, AgreesOnEitherCurve) {
    for (const char* curves : {"X25519:P-256", "P-256", "P-256:X25519", "P-521:P-256"}) {
        Pair pair;
        ASSERT_EQ(SSL_CTX_set1_groups_list(pair.client_context.context(), curves), 1);
        pair.shake();
        EXPECT_TRUE(pair.is_established()) << curves;
    }
    Pair pair;
    ASSERT_EQ(SSL_CTX_set1_groups_list(pair.client_context.context(), "P-521"), 1);
    pair.shake();
    EXPECT_EQ(pair.server->state(), State::Failed);
}

TEST(DtlsEngine, KnowsThePeersCertificateOnlyOnceShown) {
    Pair pair;
    pair.server.emplace(DtlsEngine::create(pair.server_context, DtlsRole::Server).value());
    EXPECT_FALSE(pair.server->peer_certificate_matches("sha-256", certificate().fingerprint_sha256()));
    pair.shake();
    EXPECT_TRUE(pair.server->peer_certificate_matches("sha-256", certificate().fingerprint_sha256()).value());
    EXPECT_FALSE(pair.server->peer_certificate_matches("sha-256", "AB:CD").value());
}

TEST(DtlsEngine, RefusesNewHandshakesOnceEstablished) {
    Pair pair;
    pair.shake();
    ASSERT_TRUE(pair.is_established());
    DtlsEngine another = DtlsEngine::create(pair.client_context, DtlsRole::Client).value();
    Wire hello;
    Wire answers;
    another.start(hello);
    Pair::give(*pair.server, hello, answers);
    EXPECT_TRUE(answers.records.empty());
    EXPECT_EQ(pair.server->state(), State::Established);
}

}  // namespace
}  // namespace conclave::crypto
