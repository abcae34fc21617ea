// TLS and ALPN as a client sees them.
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "net/forwarded.h"
#include "net/port_probe.h"
#include "net/test_certificate.h"
#include "net/test_server.h"

namespace conclave::net {
namespace {

std::string common_name(SSL* ssl) {
    X509* certificate = SSL_get1_peer_certificate(ssl);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
}

class Tls : public testing::Test {
 protected:
    explicit Tls(HttpOptions options = {})
        : server_(std::move(options), [](const HttpRequest& request, const Respond& respond) {
              respond(HttpResponse::text(200, request.secure ? "secure" : "clear"));
          }) {
        const Pem pem = self_signed("first");
        EXPECT_TRUE(server_->set_certificate(pem.chain, pem.key));
        tls_ = *server_->listen_tls(SocketAddress::v4(127, 0, 0, 1, 0));
    }

    TestServer server_;
    SocketAddress tls_;
};

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(Tls, ServesWithAlpnAndKeepAlive_Rfc7301) {
    server_.start();
    TestClient client(tls_, true);
    const unsigned char offered[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(client.context(), offered, sizeof offered);
    ASSERT_TRUE(client.handshake());
    EXPECT_EQ(SSL_version(client.ssl()), TLS1_3_VERSION);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
    for (int i = 0; i < 3; ++i) {
        EXPECT_NE(client.request(kGet).find("secure"), std::string::npos);
    }
}

TEST_F(Tls, IsAskedByWhoLooksWhetherThisIsUs) {
    server_.start();
    EXPECT_EQ(*ask_https(tls_, "/healthz"), "secure");
}

TEST_F(Tls, RefusesOtherProtocolsAndOldOrWeakCiphers_Rfc9325_4_2) {
    server_.start();
    TestClient h2(tls_, true);
    const unsigned char only_h2[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(h2.context(), only_h2, sizeof only_h2);
    EXPECT_FALSE(h2.handshake());

    TestClient old(tls_, true);
    SSL_CTX_set_security_level(old.context(), 0);
    SSL_CTX_set_max_proto_version(old.context(), TLS1_1_VERSION);
    EXPECT_FALSE(old.handshake());

    TestClient cbc(tls_, true);
    SSL_CTX_set_max_proto_version(cbc.context(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(cbc.context(), "ECDHE+AES:!AESGCM:!AESCCM");
    EXPECT_FALSE(cbc.handshake());

    TestClient aead(tls_, true);
    SSL_CTX_set_max_proto_version(aead.context(), TLS1_2_VERSION);
    ASSERT_TRUE(aead.handshake());
    EXPECT_NE(aead.request(kGet).find("secure"), std::string::npos);
    server_.until([](const HttpCounters& now) { return now.connections == 1; });
    EXPECT_EQ(server_.counters().tls_errors, 3u);
}

TEST_F(Tls, ANewCertificateServesNewConnectionsAndKeepsOldOnes) {
    server_.start();
    TestClient before(tls_, true);
    ASSERT_TRUE(before.handshake());
    EXPECT_EQ(common_name(before.ssl()), "first");
    const Pem second = self_signed("second");
    EXPECT_TRUE(
        server_.on_front([&] { return server_->set_certificate(second.chain, second.key).has_value(); }));
    TestClient after(tls_, true);
    ASSERT_TRUE(after.handshake());
    EXPECT_EQ(common_name(after.ssl()), "second");
    EXPECT_NE(before.request(kGet).find("secure"), std::string::npos);
}

TEST_F(Tls, BadCertificatesAreRefusedAndTheOldOneStays) {
    const Pem a = self_signed("a"), b = self_signed("b");
    EXPECT_FALSE(server_->set_certificate("", ""));
    EXPECT_FALSE(server_->set_certificate(a.chain, b.key));
    EXPECT_FALSE(server_->set_certificate(a.chain, "junk"));
    EXPECT_TRUE(server_->set_certificate(a.chain + b.chain, a.key));
    EXPECT_FALSE(server_->set_certificate(a.key, a.key));
    server_.start();
    TestClient client(tls_, true);
    EXPECT_TRUE(client.handshake());
    EXPECT_EQ(common_name(client.ssl()), "a");
}

TEST_F(Tls, PlainTextOnTheTlsPortIsClosed) {
    server_.start();
    TestClient client(tls_);
    client.send(kGet);
    EXPECT_EQ(client.read_to_end().find("HTTP/1.1 200"), std::string::npos);
    EXPECT_EQ(server_.counters().requests, 0u);
}

HttpOptions impatient() {
    HttpOptions options;
    options.tls_handshake_timeout = Duration::millis(30);
    return options;
}
struct ImpatientTls : Tls {
    ImpatientTls() : Tls(impatient()) {}
};

TEST_F(ImpatientTls, AnUnfinishedHandshakeTimesOut) {
    server_.start();
    TestClient client(tls_);
    client.send("\x16\x03\x01");
    EXPECT_EQ(client.read_to_end(), "");
    server_.until([](const HttpCounters& now) { return now.connections == 0; });
    EXPECT_EQ(server_.counters().timeouts, 1u);
}

TEST_F(Tls, ForwardedHeadersAreNotBelieved) {
    server_.start();
    TestClient client(tls_, true);
    ASSERT_TRUE(client.handshake());
    EXPECT_NE(client.request("GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: http\r\n\r\n").find("secure"),
              std::string::npos);
}

TEST(ResolveClient, TakesTheLastHopThatIsNotOurs) {
    const std::vector<IpPrefix> proxies = {*IpPrefix::parse("10.0.0.0/8")};
    const SocketAddress proxy = *SocketAddress::parse("10.0.0.1", 1);
    const auto resolved = [&](const SocketAddress& peer, Headers headers) {
        return resolve_client(proxies, peer, headers).address.ip_text();
    };
    EXPECT_EQ(resolved(proxy, {{"X-Forwarded-For", "1.1.1.1, 2.2.2.2"}}), "2.2.2.2");
    EXPECT_EQ(resolved(proxy, {{"X-Forwarded-For", "1.1.1.1, 2.2.2.2, 10.0.0.9"}}), "2.2.2.2");
    EXPECT_EQ(resolved(proxy, {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "[2001:db8::1]"}}),
              "2001:db8::1");
    EXPECT_EQ(resolved(proxy, {{"X-Forwarded-For", "1.1.1.1, junk"}}), "10.0.0.1");
    EXPECT_EQ(resolved(proxy, {{"X-Forwarded-For", "1.1.1.1, junk, 10.0.0.2"}}), "10.0.0.2");
    EXPECT_EQ(resolved(proxy, {{"X-Forwarded-For", "10.0.0.2"}}), "10.0.0.2");
    EXPECT_EQ(resolved(proxy, {}), "10.0.0.1");
    EXPECT_EQ(resolved(*SocketAddress::parse("8.8.8.8", 1), {{"X-Forwarded-For", "1.1.1.1"}}), "8.8.8.8");
}

}  // namespace
}  // namespace conclave::net
