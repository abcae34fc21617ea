// A server's handshake that travels: what happens to its association meanwhile, and when it comes back.
#include "dtls/handshake.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "crypto/certificate.h"
#include "dtls/transport.h"

namespace conclave::dtls {
namespace {

using Bytes = std::vector<uint8_t>;
using Kind = Event::Kind;
constexpr Path kPath{};

struct Identity {
    crypto::Certificate certificate =
        crypto::Certificate::create_for_dtls(
            {WallTime::from_unix_seconds(1'800'000'000), WallTime::from_unix_seconds(1'831'536'000)})
            .value();
    crypto::DtlsContext context = crypto::DtlsContext::create(certificate).value();
    std::string fingerprint = certificate.fingerprint_sha256();
};
const Identity& identity() {
    static const Identity kMade;
    return kMade;
}

std::vector<Bytes> take(TransmitQueue& queue) {
    std::vector<Bytes> taken;
    for (const auto& datagram : queue.datagrams()) {
        const ByteView bytes = queue.bytes(datagram);
        taken.emplace_back(bytes.begin(), bytes.end());
    }
    queue.clear();
    return taken;
}

class HandshakeTest : public testing::Test {
 protected:
    HandshakeTest() {
        (void)server_.set_remote_fingerprint("sha-256", identity().fingerprint);
        (void)client_.set_remote_fingerprint("sha-256", identity().fingerprint);
        client_.start(now_, kPath, from_client_);
        hello_ = take(from_client_);
    }

    // Nothing comes of it at once.
    void give(const std::vector<Bytes>& datagrams) {
        for (const Bytes& datagram : datagrams)
            EXPECT_TRUE(server_.handle_datagram(now_, kPath, datagram, from_server_).empty());
    }
    std::vector<Kind> put_back(std::unique_ptr<Handshake> handshake) {
        std::vector<Kind> kinds;
        for (const Event& event : server_.put_back(now_, std::move(handshake), from_server_))
            kinds.push_back(event.kind);
        return kinds;
    }
    std::vector<Kind> run_and_put_back() {
        auto handshake = server_.take_handshake();
        handshake->run();
        return put_back(std::move(handshake));
    }
    // The client's answer to what the server has sent.
    std::vector<Bytes> answer() {
        for (const Bytes& datagram : take(from_server_))
            (void)handle_datagram_in_place(client_, now_, kPath, datagram, from_client_);
        return take(from_client_);
    }
    std::vector<Kind> connect() {
        give(hello_);
        (void)run_and_put_back();
        give(answer());
        return run_and_put_back();
    }

    Instant now_ = Instant::from_ms(1000);
    Transport server_ = Transport::create(identity().context, Role::Server).value();
    Transport client_ = Transport::create(identity().context, Role::Client).value();
    TransmitQueue from_server_{64, 64 << 10};
    TransmitQueue from_client_{64, 64 << 10};
    std::vector<Bytes> hello_;
};

TEST_F(HandshakeTest, IsAllThatIsComputed) {
    give(hello_);
    EXPECT_TRUE(from_server_.empty());
    EXPECT_TRUE(run_and_put_back().empty());
    give(answer());
    EXPECT_FALSE(server_.is_connected());
    EXPECT_EQ(run_and_put_back(), std::vector{Kind::Connected});
    (void)answer();
    EXPECT_TRUE(client_.is_connected());
    EXPECT_EQ(server_.keying_material()->receive.key, client_.keying_material()->send.key);
    EXPECT_EQ(server_.take_handshake(), nullptr);
}

TEST_F(HandshakeTest, RunsOnAnotherThread) {
    give(hello_);
    (void)run_and_put_back();
    give(answer());
    auto handshake = server_.take_handshake();
    std::thread([&] { handshake->run(); }).join();
    EXPECT_EQ(put_back(std::move(handshake)), std::vector{Kind::Connected});
}

TEST_F(HandshakeTest, ThereIsNoneWithoutDatagrams) {
    EXPECT_EQ(server_.take_handshake(), nullptr);
    const Bytes garbage(40, 22);
    give({garbage});
    EXPECT_EQ(server_.take_handshake(), nullptr);
    EXPECT_EQ(server_.counters().records_dropped, 1u);
    EXPECT_EQ(server_.next_timeout(), Instant::never());
}

TEST_F(HandshakeTest, DatagramsWaitWhileItIsAway) {
    give(hello_);
    (void)run_and_put_back();
    const std::vector<Bytes> flight = answer();
    give(hello_);  // late, once more
    auto away = server_.take_handshake();
    give(flight);
    EXPECT_EQ(server_.take_handshake(), nullptr);
    away->run();
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_EQ(run_and_put_back(), std::vector{Kind::Connected});
}

TEST_F(HandshakeTest, FewDatagramsWait) {
    give(hello_);
    auto away = server_.take_handshake();
    Bytes repeated = hello_[0];
    repeated.resize(1024);  // junk behind the ClientHello
    give(std::vector<Bytes>(Datagrams::kBytesMax / repeated.size(), repeated));
    EXPECT_EQ(server_.counters().datagrams_dropped, 0u);
    give({repeated});
    EXPECT_EQ(server_.counters().datagrams_dropped, 1u);
    away->run();
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_TRUE(run_and_put_back().empty());
    give(answer());
    EXPECT_EQ(run_and_put_back(), std::vector{Kind::Connected});
}

TEST_F(HandshakeTest, NotRunItHasOnlyLostItsDatagrams) {
    give(hello_);
    auto away = server_.take_handshake();
    give(hello_);
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_EQ(server_.take_handshake(), nullptr);
    EXPECT_EQ(server_.counters().datagrams_dropped, 2u);
    EXPECT_TRUE(from_server_.empty());
    EXPECT_EQ(connect(), std::vector{Kind::Connected});
}

TEST_F(HandshakeTest, IsForgottenWhenTheAssociationIsClosed) {
    give(hello_);
    auto away = server_.take_handshake();
    server_.close(kPath, from_server_);
    away->run();
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_TRUE(from_server_.empty());
    give(hello_);
    EXPECT_EQ(server_.take_handshake(), nullptr);
}

TEST_F(HandshakeTest, NothingIsRepeatedWhileItIsAway) {
    give(hello_);
    (void)run_and_put_back();
    const Instant repeat_at = server_.next_timeout();
    EXPECT_EQ(repeat_at, now_ + Transport::kRetransmitFirst);
    give(answer());
    auto away = server_.take_handshake();
    now_ = repeat_at;
    EXPECT_GT(server_.next_timeout(), now_);
    EXPECT_TRUE(server_.handle_timeout(now_, from_server_).empty());
    EXPECT_TRUE(from_server_.empty());
    away->run();
    EXPECT_EQ(put_back(std::move(away)), std::vector{Kind::Connected});
}

// What the client sent was no answer: it may not have got the flight.
TEST_F(HandshakeTest, WhatWasDueMeanwhileIsRepeatedAfterwards) {
    give(hello_);
    (void)run_and_put_back();
    const size_t flight = take(from_server_).size();
    give(hello_);
    auto away = server_.take_handshake();
    now_ = now_ + Transport::kRetransmitFirst;
    away->run();
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_LE(server_.next_timeout(), now_);
    (void)server_.handle_timeout(now_, from_server_);
    EXPECT_EQ(take(from_server_).size(), flight);
}

TEST_F(HandshakeTest, TimeRunsOutWhileItIsAway) {
    give(hello_);
    auto away = server_.take_handshake();
    now_ = now_ + Transport::kHandshakeMax;
    const Events events = server_.handle_timeout(now_, from_server_);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, Kind::Failed);
    away->run();
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_TRUE(from_server_.empty());
}

TEST_F(HandshakeTest, AnothersIsDropped) {
    give(hello_);
    auto away = server_.take_handshake();
    Transport other = Transport::create(identity().context, Role::Server).value();
    (void)other.handle_datagram(now_, kPath, hello_[0], from_server_);
    auto foreign = other.take_handshake();
    foreign->run();
    EXPECT_TRUE(put_back(std::move(foreign)).empty());
    EXPECT_TRUE(from_server_.empty());
    away->run();
    EXPECT_TRUE(put_back(std::move(away)).empty());
    EXPECT_FALSE(from_server_.empty());
    EXPECT_TRUE(put_back(nullptr).empty());
}

TEST_F(HandshakeTest, AFingerprintThatComesMeanwhileIsWhatCounts) {
    give(hello_);
    (void)run_and_put_back();
    give(answer());
    auto away = server_.take_handshake();
    std::string wrong = identity().fingerprint;
    wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(server_.set_remote_fingerprint("sha-256", wrong).empty());
    away->run();
    EXPECT_EQ(put_back(std::move(away)), std::vector{Kind::Failed});
    EXPECT_FALSE(server_.is_connected());
}

// Whoever has no keys yet cannot have anything to say, but must not be able to break anything either.
TEST_F(HandshakeTest, DataThatCameBeforeOurLastFlightAreJudgedAsLater) {
    give(hello_);
    (void)run_and_put_back();
    give(answer());
    auto away = server_.take_handshake();
    Bytes record(1200, 0);
    record[0] = 23;
    store_be16(&record[1], 0xfefd);
    store_be16(&record[3], 1);
    store_be16(&record[11], 1200 - 13);
    const std::vector<Bytes> forged(Datagrams::kBytesMax / record.size(), record);
    give(forged);
    away->run();
    EXPECT_EQ(put_back(std::move(away)), std::vector{Kind::Connected});
    (void)answer();
    ASSERT_TRUE(client_.is_connected());
    ASSERT_TRUE(client_.send(now_, Bytes{1, 2, 3}, kPath, from_client_));
    const Bytes sealed = take(from_client_)[0];
    const Events events = server_.handle_datagram(now_, kPath, sealed, from_server_);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].data.size(), 3u);
}

}  // namespace
}  // namespace conclave::dtls
