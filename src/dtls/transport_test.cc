// Two transports joined by a network that loses, repeats and reorders, on fake time.
#include "dtls/transport.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "crypto/certificate.h"

namespace conclave::dtls {
namespace {

using crypto::Certificate;
using crypto::DtlsContext;
using Kind = Event::Kind;

const Certificate::Validity kValidity{WallTime::from_unix_seconds(1'800'000'000),
                                      WallTime::from_unix_seconds(1'831'536'000)};

// Certificates and contexts are costly and constant: made once.
struct Identities {
    Certificate server = Certificate::create_for_dtls(kValidity).value();
    Certificate client = Certificate::create_for_dtls(kValidity).value();
    Certificate stranger = Certificate::create_for_dtls(kValidity).value();
    DtlsContext server_context = DtlsContext::create(server).value();
    DtlsContext client_context = DtlsContext::create(client).value();
    DtlsContext nobody_context = DtlsContext::create_without_certificate().value();
};
const Identities& identities() {
    static const Identities kMade;
    return kMade;
}

using Bytes = std::vector<uint8_t>;

struct Endpoint {
    explicit Endpoint(const DtlsContext& context, Role role)
        : transport(Transport::create(context, role).value()) {}

    void note(const Events& events) {
        for (const Event& event : events) {
            kinds.push_back(event.kind);
            if (event.kind == Kind::ApplicationData)
                received.emplace_back(event.data.begin(), event.data.end());
        }
    }
    bool saw(Kind kind) const { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); }

    Transport transport;
    TransmitQueue tx{64, 64 << 10};
    std::vector<Kind> kinds;
    std::vector<Bytes> received;
};

struct Network {
    uint32_t loss_percent = 0;
    uint32_t repeat_percent = 0;
    Duration jitter{};
};

class Pair {
 public:
    explicit Pair(const DtlsContext& server_context, const DtlsContext& client_context, uint64_t seed = 1)
        : server(server_context, Role::Server), client(client_context, Role::Client), rng_(seed) {}

    static Pair usual(uint64_t seed = 1) {
        Pair pair{identities().server_context, identities().client_context, seed};
        pair.exchange_fingerprints();
        return pair;
    }
    void exchange_fingerprints() {
        server.note(
            server.transport.set_remote_fingerprint("sha-256", identities().client.fingerprint_sha256()));
        client.note(
            client.transport.set_remote_fingerprint("sha-256", identities().server.fingerprint_sha256()));
    }

    void start() {
        client.transport.start(now, kPath, client.tx);
        collect(client, true);
    }
    void handle(Endpoint& to, ByteView bytes) {
        to.note(handle_datagram_in_place(to.transport, now, kPath, bytes, to.tx));
        collect(to, &to == &client);
    }
    // Delivers and fires timers in order of time until nothing happens before `end`.
    void run(Duration span) {
        const Instant end = now + span;
        for (;;) {
            const Instant timeout = soonest(server.transport.next_timeout(), client.transport.next_timeout());
            const Instant arrival = wire_.empty() ? Instant::never() : wire_.begin()->first;
            const Instant next = soonest(timeout, arrival);
            if (next > end) break;
            if (next > now) now = next;
            if (arrival <= timeout) {
                const auto [to_server, bytes] = wire_.begin()->second;
                wire_.erase(wire_.begin());
                handle(to_server ? server : client, bytes);
            } else {
                for (Endpoint* endpoint : {&server, &client}) {
                    if (endpoint->transport.next_timeout() > now) continue;
                    endpoint->note(endpoint->transport.handle_timeout(now, endpoint->tx));
                    collect(*endpoint, endpoint == &client);
                }
            }
        }
        now = end;
    }
    void connect() {
        start();
        run(Duration::seconds(1));
    }
    // What is under way, taken off the wire.
    std::vector<Bytes> take_wire() {
        std::vector<Bytes> taken;
        for (auto& [at, item] : wire_) taken.push_back(std::move(item.second));
        wire_.clear();
        return taken;
    }

    static constexpr Path kPath{};
    Instant now = Instant::from_ms(1000);
    Network network;
    Endpoint server;
    Endpoint client;

 private:
    bool chance(uint32_t percent) { return rng_.u32() % 100 < percent; }
    void collect(Endpoint& from, bool to_server) {
        for (const auto& datagram : from.tx.datagrams()) {
            const ByteView bytes = from.tx.bytes(datagram);
            EXPECT_LE(bytes.size(), crypto::DtlsEngine::kMtu);
            const int copies = chance(network.loss_percent) ? 0 : chance(network.repeat_percent) ? 2 : 1;
            for (int i = 0; i < copies; ++i) {
                const int64_t extra = network.jitter.us ? rng_.u32() % network.jitter.us : 0;
                wire_.emplace(now + Duration::millis(10) + Duration::micros(extra),
                              std::pair{to_server, Bytes(bytes.begin(), bytes.end())});
            }
        }
        from.tx.clear();
    }

    SeededRng rng_;
    std::multimap<Instant, std::pair<bool, Bytes>> wire_;
};

Bytes text(std::string_view s) {
    const ByteView view = as_bytes(s);
    return {view.begin(), view.end()};
}

TEST(Transport, ConnectsAndAgreesOnGcmKeys_RFC5764_4_2) {
    Pair pair = Pair::usual();
    pair.connect();
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Connected});
    EXPECT_EQ(pair.client.kinds, std::vector{Kind::Connected});
    const auto& at_server = pair.server.transport.keying_material();
    const auto& at_client = pair.client.transport.keying_material();
    ASSERT_TRUE(at_server && at_client);
    EXPECT_EQ(at_server->profile, crypto::SrtpProfile::AeadAes128Gcm);
    EXPECT_EQ(at_server->send, at_client->receive);
    EXPECT_EQ(at_server->receive, at_client->send);
    EXPECT_NE(at_server->send, at_server->receive);
    EXPECT_NE(at_server->send.key, (crypto::SrtpKeys{}.key));
    EXPECT_TRUE(pair.server.transport.next_timeout().is_never());
}

TEST(Transport, M5_TwoHandshakesNeverAgreeOnTheSameKeys) {
    Pair a = Pair::usual();
    Pair b = Pair::usual();
    a.connect();
    b.connect();
    EXPECT_NE(a.server.transport.keying_material()->send, b.server.transport.keying_material()->send);
}

TEST(Transport, CarriesApplicationDataBothWays) {
    Pair pair = Pair::usual();
    pair.connect();
    const Bytes largest(Transport::kApplicationDataMax, 7);
    EXPECT_TRUE(pair.client.transport.send(pair.now, text("hello"), Pair::kPath, pair.client.tx));
    EXPECT_TRUE(pair.server.transport.send(pair.now, largest, Pair::kPath, pair.server.tx));
    EXPECT_FALSE(
        pair.server.transport.send(pair.now, Bytes(largest.size() + 1), Pair::kPath, pair.server.tx));
    const Bytes to_server(pair.client.tx.bytes(pair.client.tx.datagrams()[0]).begin(),
                          pair.client.tx.bytes(pair.client.tx.datagrams()[0]).end());
    const Bytes to_client(pair.server.tx.bytes(pair.server.tx.datagrams()[0]).begin(),
                          pair.server.tx.bytes(pair.server.tx.datagrams()[0]).end());
    EXPECT_LE(to_client.size(), crypto::DtlsEngine::kMtu);
    pair.handle(pair.server, to_server);
    pair.handle(pair.client, to_client);
    EXPECT_EQ(pair.server.received, std::vector<Bytes>{text("hello")});
    EXPECT_EQ(pair.client.received, std::vector<Bytes>{largest});
    // The same datagram again is a replay (RFC 6347 4.1.2.6).
    pair.handle(pair.server, to_server);
    EXPECT_EQ(pair.server.received.size(), 1u);
}

TEST(Transport, CarriesSeveralRecordsInOneDatagramUpToItsLimit) {
    Pair pair = Pair::usual();
    pair.connect();
    Bytes datagram;
    for (uint8_t i = 0; i < kApplicationRecordsMax + 3; ++i) {
        ASSERT_TRUE(pair.client.transport.send(pair.now, Bytes{i, i}, Pair::kPath, pair.client.tx));
    }
    for (const auto& d : pair.client.tx.datagrams()) {
        const ByteView bytes = pair.client.tx.bytes(d);
        datagram.insert(datagram.end(), bytes.begin(), bytes.end());
    }
    pair.client.tx.clear();
    pair.handle(pair.server, datagram);
    ASSERT_EQ(pair.server.received.size(), kApplicationRecordsMax + 1);
    for (uint8_t i = 0; i <= kApplicationRecordsMax; ++i) EXPECT_EQ(pair.server.received[i], (Bytes{i, i}));
}

// Every seed loses, repeats and reorders differently; the seed of a failure is its report.
TEST(Transport, ConnectsOverBadNetworks_RFC6347_4_2_4) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        Pair pair = Pair::usual(seed);
        pair.network = {static_cast<uint32_t>(seed % 4) * 10, 20, Duration::millis(40)};
        pair.start();
        pair.run(Duration::seconds(14));
        ASSERT_EQ(pair.server.kinds, std::vector{Kind::Connected}) << "seed " << seed;
        ASSERT_EQ(pair.client.kinds, std::vector{Kind::Connected}) << "seed " << seed;
        EXPECT_EQ(pair.server.transport.keying_material()->send,
                  pair.client.transport.keying_material()->receive);
    }
}

TEST(Transport, RepeatsItsLastFlightForAPeerThatMissedIt) {
    Pair pair = Pair::usual();
    pair.start();
    while (!pair.server.saw(Kind::Connected)) pair.run(Duration::millis(10));
    EXPECT_FALSE(pair.take_wire().empty());  // the server's Finished is lost
    pair.run(Duration::seconds(2));
    EXPECT_TRUE(pair.client.saw(Kind::Connected));
    EXPECT_GT(pair.server.transport.counters().retransmissions, 0u);
}

TEST(Transport, RepeatedFlightsCannotBeUsedToAmplify) {
    Pair pair = Pair::usual();
    pair.start();
    const std::vector<Bytes> hello = pair.take_wire();
    for (const Bytes& bytes : hello) pair.handle(pair.server, bytes);
    pair.run(Duration::seconds(1));
    ASSERT_TRUE(pair.server.saw(Kind::Connected));
    pair.take_wire();
    const uint64_t before = pair.server.transport.counters().retransmissions;
    for (int i = 0; i < 1000; ++i) {
        for (const Bytes& bytes : hello) pair.handle(pair.server, bytes);
    }
    EXPECT_LE(pair.server.transport.counters().retransmissions - before, 2u);
}

TEST(Transport, GivesUpAfterItsLimitAndBacksOff) {
    Pair pair = Pair::usual();
    pair.network.loss_percent = 100;
    pair.start();
    pair.run(Transport::kHandshakeMax - Duration::millis(1));
    EXPECT_TRUE(pair.client.kinds.empty());
    pair.run(Duration::millis(2));
    EXPECT_EQ(pair.client.kinds, std::vector{Kind::Failed});
    // 100 ms doubled fits seven times into 15 s.
    EXPECT_EQ(pair.client.transport.counters().retransmissions, 7u);
    EXPECT_TRUE(pair.client.transport.next_timeout().is_never());
}

TEST(Transport, WaitsForTheFingerprintBeforeItConnects_RFC8122_6_2) {
    Pair pair{identities().server_context, identities().client_context};
    pair.connect();
    EXPECT_TRUE(pair.server.kinds.empty());
    EXPECT_FALSE(pair.server.transport.keying_material());
    EXPECT_FALSE(pair.server.transport.send(pair.now, text("x"), Pair::kPath, pair.server.tx));
    pair.exchange_fingerprints();
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Connected});
    EXPECT_TRUE(pair.server.transport.keying_material());
}

TEST(Transport, DropsDataOfAPeerNotProvenYet) {
    Pair pair{identities().server_context, identities().client_context};
    pair.client.note(
        pair.client.transport.set_remote_fingerprint("sha-256", identities().server.fingerprint_sha256()));
    pair.connect();
    ASSERT_TRUE(pair.client.saw(Kind::Connected));
    ASSERT_TRUE(pair.client.transport.send(pair.now, text("early"), Pair::kPath, pair.client.tx));
    const ByteView early = pair.client.tx.bytes(pair.client.tx.datagrams()[0]);
    pair.handle(pair.server, early);
    pair.exchange_fingerprints();
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Connected});
    EXPECT_TRUE(pair.server.received.empty());
}

TEST(Transport, FailsWithoutAFingerprintInTime) {
    Pair pair{identities().server_context, identities().client_context};
    pair.start();
    pair.run(Transport::kHandshakeMax + Duration::seconds(1));
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed});
}

TEST(Transport, M4_FailsOnAnotherCertificateThanSignalled_RFC8122_6_2) {
    Pair pair{identities().server_context, identities().client_context};
    pair.server.note(
        pair.server.transport.set_remote_fingerprint("sha-256", identities().stranger.fingerprint_sha256()));
    pair.client.note(
        pair.client.transport.set_remote_fingerprint("sha-256", identities().server.fingerprint_sha256()));
    pair.connect();
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed});
    EXPECT_FALSE(pair.server.transport.keying_material());
    // The client believes it is connected: nothing it sends arrives, nothing is answered.
    (void)pair.client.transport.send(pair.now, text("secret"), Pair::kPath, pair.client.tx);
    for (const auto& d : pair.client.tx.datagrams()) pair.handle(pair.server, pair.client.tx.bytes(d));
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed});
    EXPECT_TRUE(pair.server.tx.empty());
    // Nor does the right fingerprint bring it back.
    pair.exchange_fingerprints();
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed});
}

TEST(Transport, M4_FailsWhenTheFingerprintIsChangedAfterwards) {
    Pair pair = Pair::usual();
    pair.connect();
    pair.server.note(
        pair.server.transport.set_remote_fingerprint("sha-256", identities().client.fingerprint_sha256()));
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Connected});
    pair.server.note(
        pair.server.transport.set_remote_fingerprint("sha-256", identities().stranger.fingerprint_sha256()));
    EXPECT_EQ(pair.server.kinds, (std::vector{Kind::Connected, Kind::Failed}));
    EXPECT_FALSE(pair.server.transport.is_connected());
    EXPECT_FALSE(pair.server.transport.keying_material());
}

TEST(Transport, FailsOnAWeakOrUnknownFingerprintAlgorithm) {
    for (const char* algorithm : {"sha-1", "md5", ""}) {
        Pair pair{identities().server_context, identities().client_context};
        pair.server.note(pair.server.transport.set_remote_fingerprint(
            algorithm, identities().client.fingerprint_sha256()));
        pair.connect();
        EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed}) << algorithm;
    }
}

TEST(Transport, M4_FailsWithoutAClientCertificate_RFC8827_6_5) {
    Pair pair{identities().server_context, identities().nobody_context};
    pair.exchange_fingerprints();
    pair.connect();
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed});
    EXPECT_FALSE(pair.client.saw(Kind::Connected));
}

// The records of a datagram that pass `keep`, as one datagram.
template <class Keep>
Bytes records_where(const Bytes& datagram, Keep keep) {
    Bytes kept;
    for (size_t at = 0; at + 13 <= datagram.size();) {
        const size_t size = 13 + load_be16(&datagram[at + 11]);
        if (keep(ByteView{datagram}.subspan(at, size)))
            kept.insert(kept.end(), datagram.begin() + at, datagram.begin() + at + size);
        at += size;
    }
    return kept;
}

TEST(Transport, M4_NeverConnectsWithoutCertificateVerify_RFC5246_7_4_8) {
    Pair pair = Pair::usual();
    pair.start();
    constexpr uint8_t kCertificateVerify = 15;
    size_t removed = 0;
    for (int round = 0; round < 100; ++round) {
        const bool to_server = round % 2 == 0;
        for (const Bytes& bytes : pair.take_wire()) {
            const Bytes kept = records_where(bytes, [&](ByteView record) {
                const bool drop = record[0] == 22 && record[4] == 0 && record[13] == kCertificateVerify;
                removed += drop;
                return !drop;
            });
            pair.handle(to_server ? pair.server : pair.client, kept);
        }
    }
    EXPECT_GT(removed, 0u);
    EXPECT_TRUE(pair.server.kinds.empty());
    pair.now = pair.server.transport.next_timeout() + Transport::kHandshakeMax;
    pair.server.note(pair.server.transport.handle_timeout(pair.now, pair.server.tx));
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Failed});
}

TEST(Transport, AnEarlyFinishedIsNotLost) {
    Pair pair = Pair::usual();
    pair.start();
    for (const Bytes& hello : pair.take_wire()) pair.handle(pair.server, hello);
    for (const Bytes& answer : pair.take_wire()) pair.handle(pair.client, answer);
    const std::vector<Bytes> flight = pair.take_wire();
    const auto is_protected = [](ByteView record) { return record[4] == 1; };
    for (const Bytes& bytes : flight) pair.handle(pair.server, records_where(bytes, is_protected));
    EXPECT_TRUE(pair.server.kinds.empty());
    for (const Bytes& bytes : flight)
        pair.handle(pair.server,
                    records_where(bytes, [&](ByteView record) { return !is_protected(record); }));
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Connected});
    EXPECT_EQ(pair.server.transport.counters().records_dropped, 0u);
}

// 50,000 of the row's 10^6 (the rest is transport_fuzz's): a ClientHello that never ends, in fragments of one
// byte and of none, under every message number.
TEST(Transport, M3_FragmentsWithoutEndCostNothing) {
    Pair pair{identities().server_context, identities().client_context};
    size_t before = 0;
    for (uint32_t i = 0; i < 50'000; ++i) {
        if (i == 10'000) before = mallinfo2().uordblks;  // by then OpenSSL has what it may have
        const uint8_t size = i % 2;
        Bytes record(13 + 12 + size);
        ByteWriter out{record};
        out.u8(22);
        out.u16(0xfefd);
        out.u16(0);
        out.u16(0);
        out.u32(i);
        out.u16(static_cast<uint16_t>(12 + size));
        out.u8(1);
        out.u24(16'000);
        out.u16(static_cast<uint16_t>(i % 3 == 0 ? i : 0));
        out.u24(1 + i % 15'999);  // all but the first byte
        out.u24(size);
        pair.handle(pair.server, record);
    }
    EXPECT_TRUE(pair.server.kinds.empty());
    EXPECT_TRUE(pair.take_wire().empty());
    EXPECT_LT(mallinfo2().uordblks, before + Handshake::kBytesMax);
}

TEST(Transport, M4_IgnoresPlaintextDataAndAlerts) {
    const Bytes data{23, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 3, 'a', 'b', 'c'};
    const Bytes fatal{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 98, 0, 2, 2, 40};
    const Bytes close{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 97, 0, 2, 1, 0};
    Pair pair = Pair::usual();
    pair.start();
    for (int i = 0; i < 100; ++i) {
        for (const Bytes& bytes : {data, fatal, close}) pair.handle(pair.server, bytes);
        pair.run(Duration::millis(10));
    }
    EXPECT_EQ(pair.server.kinds, std::vector{Kind::Connected});
    EXPECT_EQ(pair.server.transport.counters().records_dropped, 300u);
    EXPECT_TRUE(pair.server.received.empty());
}

TEST(Transport, ForgedRecordsDoNotDisturbAnAssociation) {
    Pair pair = Pair::usual();
    pair.connect();
    SeededRng rng{7};
    for (int i = 0; i < 2000; ++i) {
        Bytes forged(13 + rng.u32() % 100);
        rng.fill(forged);
        forged[0] = static_cast<uint8_t>(20 + rng.u32() % 4);
        forged[1] = 0xfe;
        forged[2] = 0xfd;
        forged[3] = 0;
        forged[4] = static_cast<uint8_t>(rng.u32() % 2);
        store_be16(&forged[11], static_cast<uint16_t>(forged.size() - 13));
        pair.handle(pair.server, forged);
    }
    pair.client.tx.clear();
    ASSERT_TRUE(pair.client.transport.send(pair.now, text("still here"), Pair::kPath, pair.client.tx));
    pair.handle(pair.server, pair.client.tx.bytes(pair.client.tx.datagrams()[0]));
    EXPECT_EQ(pair.server.received, std::vector<Bytes>{text("still here")});
    EXPECT_EQ(pair.server.kinds, (std::vector{Kind::Connected, Kind::ApplicationData}));
}

TEST(Transport, TellsThePeerThatItCloses) {
    Pair pair = Pair::usual();
    pair.connect();
    pair.client.transport.close(Pair::kPath, pair.client.tx);
    EXPECT_FALSE(pair.client.transport.is_connected());
    ASSERT_EQ(pair.client.tx.datagrams().size(), 1u);
    const ByteView notify = pair.client.tx.bytes(pair.client.tx.datagrams()[0]);
    pair.handle(pair.server, notify);
    EXPECT_EQ(pair.server.kinds, (std::vector{Kind::Connected, Kind::Closed}));
    EXPECT_FALSE(pair.server.transport.is_connected());
    pair.handle(pair.server, notify);
    EXPECT_EQ(pair.server.kinds.size(), 2u);
    EXPECT_FALSE(pair.server.transport.send(pair.now, text("x"), Pair::kPath, pair.server.tx));
}

TEST(Transport, StartBelongsToTheClientAndHappensOnce) {
    Pair pair = Pair::usual();
    pair.server.transport.start(pair.now, Pair::kPath, pair.server.tx);
    EXPECT_TRUE(pair.server.tx.empty());
    EXPECT_TRUE(pair.server.transport.next_timeout().is_never());
    pair.client.transport.start(pair.now, Pair::kPath, pair.client.tx);
    const size_t sent = pair.client.tx.datagrams().size();
    pair.client.transport.start(pair.now, Pair::kPath, pair.client.tx);
    EXPECT_EQ(pair.client.tx.datagrams().size(), sent);
}

}  // namespace
}  // namespace conclave::dtls
