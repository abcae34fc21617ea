// The ClientHello of Chromium 156 and Firefox 153 offers a post-quantum key share and does not fit one
// datagram (RFC 6347 4.2.3): both fragments are real captures, replayed in every shape a network can give
// them.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "base/rng.h"
#include "crypto/certificate.h"
#include "dtls/transport.h"

namespace conclave::dtls {
namespace {

using Bytes = std::vector<uint8_t>;
constexpr Path kPath{};
constexpr size_t kHeaders = 13 + 12;  // record and handshake fragment
constexpr Instant kNow = Instant::from_ms(5);

Bytes read_file(const std::string& name) {
    std::ifstream file(std::string(TESTDATA "/clienthello/") + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

const crypto::DtlsContext& context() {
    static const crypto::DtlsContext kContext = [] {
        const auto certificate = crypto::Certificate::create_for_dtls(
            {WallTime::from_unix_seconds(1'800'000'000), WallTime::from_unix_seconds(1'831'536'000)});
        return crypto::DtlsContext::create(certificate.value()).value();
    }();
    return kContext;
}

class ClientHello : public testing::TestWithParam<const char*> {
 protected:
    ClientHello() {
        for (const char* part : {"-1.bin", "-2.bin"})
            fragments_.push_back(read_file(GetParam() + std::string(part)));
        for (const Bytes& f : fragments_) body_.insert(body_.end(), f.begin() + kHeaders, f.end());
    }

    // A fragment of our own cut, with a record number of its own.
    Bytes cut(size_t offset, size_t size) {
        Bytes bytes(fragments_[0].begin(), fragments_[0].begin() + kHeaders);
        store_be32(&bytes[7], next_record_++);
        store_be16(&bytes[11], static_cast<uint16_t>(12 + size));
        store_be24(&bytes[19], static_cast<uint32_t>(offset));
        store_be24(&bytes[22], static_cast<uint32_t>(size));
        bytes.insert(bytes.end(), body_.begin() + offset, body_.begin() + offset + size);
        return bytes;
    }

    void give(ByteView bytes) {
        events_ += handle_datagram_in_place(transport_, kNow, kPath, bytes, tx_).size();
    }

    // The answer begins with a ServerHello of DTLS 1.2 and asks for a certificate.
    bool has_answer() const {
        bool has_request = false;
        for (const auto& datagram : tx_.datagrams()) {
            const ByteView bytes = tx_.bytes(datagram);
            for (size_t at = 0; at + 13 < bytes.size(); at += 13 + load_be16(&bytes[at + 11]))
                has_request |= bytes[at] == 22 && bytes[at + 13] == 13;
        }
        if (tx_.empty()) return false;
        const ByteView first = tx_.bytes(tx_.datagrams()[0]);
        return first[0] == 22 && first[13] == 2 && load_be16(&first[kHeaders]) == 0xfefd && has_request;
    }

    std::vector<Bytes> fragments_;
    Bytes body_;
    uint32_t next_record_ = 1000;
    Transport transport_ = Transport::create(context(), Role::Server).value();
    TransmitQueue tx_{64, 64 << 10};
    size_t events_ = 0;
};

TEST_P(ClientHello, IsAnsweredInOrder) {
    give(fragments_[0]);
    EXPECT_TRUE(tx_.empty());
    give(fragments_[1]);
    EXPECT_TRUE(has_answer());
    EXPECT_EQ(events_, 0u);
}

TEST_P(ClientHello, IsAnsweredInReverse) {
    give(fragments_[1]);
    EXPECT_TRUE(tx_.empty());
    give(fragments_[0]);
    EXPECT_TRUE(has_answer());
}

TEST_P(ClientHello, IsAnsweredOnceDespiteDuplicates) {
    for (const int i : {1, 1, 0, 0, 1, 0}) give(fragments_[i]);
    EXPECT_TRUE(has_answer());
    size_t hellos = 0;
    for (const auto& datagram : tx_.datagrams()) hellos += tx_.bytes(datagram)[13] == 2;
    EXPECT_EQ(hellos, 1u);
    EXPECT_EQ(events_, 0u);
}

// Cut in random order by the sender: a network that delays a record by more than 64 others is refused by the
// replay check (RFC 6347 4.1.2.6), whatever it carries.
TEST_P(ClientHello, IsAnsweredInFragmentsOfOneByteInRandomOrder) {
    std::vector<size_t> offsets(body_.size());
    std::iota(offsets.begin(), offsets.end(), size_t{0});
    SeededRng rng{3};
    for (size_t i = offsets.size(); i > 1; --i) std::swap(offsets[i - 1], offsets[rng.u32() % i]);
    for (size_t i = 0; i + 1 < offsets.size(); ++i) give(cut(offsets[i], 1));
    EXPECT_TRUE(tx_.empty());
    give(cut(offsets.back(), 1));
    EXPECT_TRUE(has_answer());
}

TEST_P(ClientHello, M2_IsAnsweredFromOverlappingFragmentsOfAnySize) {
    SeededRng rng{4};
    for (int i = 0; i < 4000 && tx_.empty(); ++i) {
        const size_t offset = rng.u32() % body_.size();
        give(cut(offset, 1 + rng.u32() % std::min<size_t>(400, body_.size() - offset)));
    }
    EXPECT_TRUE(has_answer());
}

TEST_P(ClientHello, IsAnsweredFromSeveralRecordsInOneDatagram) {
    Bytes datagram;
    const size_t half = body_.size() / 2;
    for (const Bytes& part : {cut(half, body_.size() - half), cut(0, half)})
        datagram.insert(datagram.end(), part.begin(), part.end());
    give(datagram);
    EXPECT_TRUE(has_answer());
}

TEST_P(ClientHello, M2_IsNotAnsweredWhileAnyByteIsMissing) {
    for (const size_t missing : {size_t{0}, body_.size() / 2, body_.size() - 1}) {
        transport_ = Transport::create(context(), Role::Server).value();
        tx_.clear();
        for (int round = 0; round < 3; ++round) {
            if (missing > 0) give(cut(0, missing));
            if (missing + 1 < body_.size()) give(cut(missing + 1, body_.size() - missing - 1));
        }
        EXPECT_TRUE(tx_.empty()) << missing;
        EXPECT_EQ(transport_.next_timeout(), kNow + Transport::kHandshakeMax);
        const Events events = transport_.handle_timeout(kNow + Transport::kHandshakeMax, tx_);
        ASSERT_EQ(events.size(), 1u);
        EXPECT_EQ(events[0].kind, Event::Kind::Failed);
        EXPECT_TRUE(tx_.empty());
    }
}

TEST_P(ClientHello, SurvivesGarbageBeforeAndBetween) {
    Bytes huge = cut(0, 10);
    store_be24(&huge[14], 0xffffff);
    Bytes jump = cut(0, 10);
    store_be16(&jump[17], 40'000);
    Bytes empty = cut(0, 0);
    for (int i = 0; i < 1000; ++i) {
        for (const Bytes& bytes : {huge, jump, empty}) give(bytes);
    }
    give(fragments_[1]);
    for (const Bytes& bytes : {huge, jump, empty}) give(bytes);
    EXPECT_TRUE(tx_.empty());
    give(fragments_[0]);
    EXPECT_TRUE(has_answer());
    EXPECT_EQ(transport_.counters().records_dropped, 3003u);
}

INSTANTIATE_TEST_SUITE_P(Browsers, ClientHello, testing::Values("chromium156", "firefox153"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace conclave::dtls
