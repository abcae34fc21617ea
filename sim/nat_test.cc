#include "sim/nat.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace conclave::sim {
namespace {

using Packet = std::vector<uint8_t>;

const SocketAddress kServer = SocketAddress::v4(10, 77, 0, 1, 443);
const SocketAddress kClient = SocketAddress::v4(10, 77, 1, 2, 40'000);
const SocketAddress kOutside = SocketAddress::v4(198, 51, 100, 7, 0);

// RFC 1071 1: of a sum that contains its own checksum, zero.
uint16_t sum(ByteView bytes, uint32_t sum = 0) {
    for (size_t i = 0; i < bytes.size(); i += 2)
        sum += static_cast<uint32_t>(bytes[i] << 8) | (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

size_t header_of(const Packet& packet) {
    return packet[0] >> 4 == 4 ? 20 : 40;
}

// Over the addresses, protocol and length too (RFC 768; RFC 9293 3.1; RFC 8200 8.1).
uint16_t transport_sum(const Packet& packet) {
    const bool is_v4 = packet[0] >> 4 == 4;
    const size_t header = header_of(packet);
    const ByteView addresses = ByteView{packet}.subspan(is_v4 ? 12 : 8, is_v4 ? 8 : 32);
    uint32_t pseudo = packet[is_v4 ? 9 : 6] + static_cast<uint32_t>(packet.size() - header);
    for (size_t i = 0; i < addresses.size(); i += 2) pseudo += load_be16(addresses.data() + i);
    return sum(ByteView{packet}.subspan(header), pseudo);
}

bool is_sound(const Packet& packet) {
    const bool is_v4 = packet[0] >> 4 == 4;
    return (!is_v4 || sum(ByteView{packet}.first(20)) == 0) && transport_sum(packet) == 0;
}

Packet make(uint8_t protocol, const SocketAddress& from, const SocketAddress& to, uint8_t filling = 0x5a) {
    const bool is_v4 = from.is_v4();
    const size_t header = is_v4 ? 20 : 40;
    Packet packet(header + 33, filling);
    std::fill_n(packet.begin(), header, uint8_t{0});
    packet[0] = is_v4 ? 0x45 : 0x60;
    packet[is_v4 ? 9 : 6] = protocol;
    const size_t size = is_v4 ? 4 : 16;
    const size_t at = is_v4 ? 12 : 8;
    std::copy(from.ip.end() - static_cast<ptrdiff_t>(size), from.ip.end(), packet.data() + at);
    std::copy(to.ip.end() - static_cast<ptrdiff_t>(size), to.ip.end(), packet.data() + at + size);
    if (is_v4) store_be16(packet.data() + 10, sum(ByteView{packet}.first(20)));
    uint8_t* transport = packet.data() + header;
    store_be16(transport, from.port);
    store_be16(transport + 2, to.port);
    uint8_t* checksum = transport + (protocol == 17 ? 6 : 16);
    store_be16(checksum, 0);
    store_be16(checksum, transport_sum(packet));
    return packet;
}

SocketAddress source(const Packet& packet) {
    return SocketAddress::v4(packet[12], packet[13], packet[14], packet[15], load_be16(packet.data() + 20));
}
SocketAddress destination(const Packet& packet) {
    return SocketAddress::v4(packet[16], packet[17], packet[18], packet[19], load_be16(packet.data() + 22));
}

class NatTest : public ::testing::TestWithParam<uint8_t> {
 protected:
    Packet out(Nat& nat, const SocketAddress& from = kClient) {
        Packet packet = make(GetParam(), from, kServer);
        EXPECT_TRUE(nat.translate_out(packet));
        EXPECT_TRUE(is_sound(packet));
        return packet;
    }
    std::optional<Packet> in(Nat& nat, const SocketAddress& to) {
        Packet packet = make(GetParam(), kServer, to);
        if (!nat.translate_in(packet)) return std::nullopt;
        EXPECT_TRUE(is_sound(packet));
        return packet;
    }
};

TEST_P(NatTest, TouchesNothingUntilItIsAskedTo) {
    Nat nat;
    EXPECT_EQ(out(nat), make(GetParam(), kClient, kServer));
    EXPECT_EQ(in(nat, kClient), make(GetParam(), kServer, kClient));
}

TEST_P(NatTest, HidesTheInsideAndFindsItAgain) {
    Nat nat(kOutside);
    const SocketAddress seen = source(out(nat));
    EXPECT_EQ(seen, SocketAddress::v4(198, 51, 100, 7, kClient.port)) << "ports are kept";
    const auto back = in(nat, seen);
    ASSERT_TRUE(back);
    EXPECT_EQ(destination(*back), kClient);
    EXPECT_FALSE(in(nat, SocketAddress::v4(198, 51, 100, 7, 12345))) << "nobody's";
    EXPECT_EQ(nat.dropped(), 1u);
}

TEST_P(NatTest, TwoInsidesWithOnePortAreToldApart) {
    Nat nat(kOutside);
    const SocketAddress other = SocketAddress::v4(10, 77, 1, 3, kClient.port);
    const SocketAddress first = source(out(nat));
    const SocketAddress second = source(out(nat, other));
    EXPECT_NE(first, second);
    EXPECT_EQ(destination(*in(nat, first)), kClient);
    EXPECT_EQ(destination(*in(nat, second)), other);
}

TEST_P(NatTest, ARebindGivesAnotherPortAndTheOldOneLeadsNowhere) {
    Nat nat;
    out(nat);
    SocketAddress before = kClient;
    for (int i = 0; i < 3; ++i) {
        nat.rebind(Nat::Flows::All);
        EXPECT_FALSE(in(nat, before));
        const SocketAddress after = source(out(nat));
        EXPECT_EQ(after.ip, kClient.ip);
        EXPECT_NE(after.port, before.port);
        EXPECT_EQ(source(out(nat)), after) << "for good";
        EXPECT_EQ(destination(*in(nat, after)), kClient);
        before = after;
    }
}

TEST_P(NatTest, ARebindMayMoveTheAddressToo) {
    Nat nat;
    nat.rebind(Nat::Flows::All, kOutside);
    const SocketAddress after = source(out(nat));
    EXPECT_EQ(after.ip, kOutside.ip);
    EXPECT_EQ(destination(*in(nat, after)), kClient);
}

TEST_P(NatTest, HasALimitOfMappings) {
    Nat nat(kOutside);
    SocketAddress from = kClient;
    for (size_t i = 0; i < Nat::kMappingsMax; ++i) {
        from.port = static_cast<uint16_t>(i + 1);
        out(nat, from);
    }
    Packet packet = make(GetParam(), SocketAddress::v4(10, 77, 1, 2, 60'000), kServer);
    EXPECT_FALSE(nat.translate_out(packet));
    out(nat, from);
}

INSTANTIATE_TEST_SUITE_P(, NatTest, ::testing::Values(uint8_t{6}, uint8_t{17}),
                         [](const auto& test) { return test.param == 6 ? "Tcp" : "Udp"; });

TEST(Nat, ConnectionsMaySurviveWhatDatagramsDoNot) {
    Nat nat;
    nat.rebind(Nat::Flows::Udp);
    Packet tcp = make(6, kClient, kServer);
    Packet udp = make(17, kClient, kServer);
    EXPECT_TRUE(nat.translate_out(tcp));
    EXPECT_TRUE(nat.translate_out(udp));
    EXPECT_EQ(source(tcp), kClient);
    EXPECT_NE(source(udp), kClient);
}

TEST(Nat, LeavesADatagramWithoutChecksumWithout) {
    Nat nat(kOutside);
    Packet packet = make(17, kClient, kServer);
    store_be16(packet.data() + 26, 0);
    EXPECT_TRUE(nat.translate_out(packet));
    EXPECT_EQ(load_be16(packet.data() + 26), 0);
}

TEST(Nat, ChecksumsHoldWhateverIsInside) {
    for (unsigned filling = 0; filling < 256; ++filling) {
        Nat nat;
        nat.rebind(Nat::Flows::All, kOutside);
        Packet packet = make(17, kClient, kServer, static_cast<uint8_t>(filling));
        EXPECT_TRUE(nat.translate_out(packet));
        EXPECT_TRUE(is_sound(packet)) << filling;
    }
}

TEST(Nat, SpeaksIpv6) {
    const SocketAddress client = *SocketAddress::parse("2001:db8::1", 40'000);
    const SocketAddress server = *SocketAddress::parse("2001:db8:1::1", 443);
    const SocketAddress outside = *SocketAddress::parse("2001:db8:2::9", 0);
    Nat nat;
    nat.rebind(Nat::Flows::All, outside);
    Packet packet = make(17, client, server);
    ASSERT_TRUE(nat.translate_out(packet));
    EXPECT_TRUE(is_sound(packet));
    EXPECT_TRUE(std::equal(outside.ip.begin(), outside.ip.end(), packet.begin() + 8));
    SocketAddress seen = outside;
    seen.port = load_be16(packet.data() + 40);
    EXPECT_NE(seen.port, client.port);
    Packet back = make(17, server, seen);
    ASSERT_TRUE(nat.translate_in(back));
    EXPECT_TRUE(is_sound(back));
    EXPECT_TRUE(std::equal(client.ip.begin(), client.ip.end(), back.begin() + 24));
}

TEST(Nat, LaterFragmentsAndOtherProtocolsHaveTheirAddressTranslated) {
    Nat nat(kOutside);
    Packet fragment = make(17, kClient, kServer);
    store_be16(fragment.data() + 6, 100);
    store_be16(fragment.data() + 10, 0);
    store_be16(fragment.data() + 10, sum(ByteView{fragment}.first(20)));
    const Packet before = fragment;
    ASSERT_TRUE(nat.translate_out(fragment));
    EXPECT_EQ(source(fragment).ip, kOutside.ip);
    EXPECT_EQ(sum(ByteView{fragment}.first(20)), 0);
    EXPECT_TRUE(std::equal(before.begin() + 20, before.end(), fragment.begin() + 20));
    Packet echo = make(17, kServer, kOutside);
    echo[9] = 1;
    EXPECT_TRUE(nat.translate_in(echo));
    EXPECT_EQ(destination(echo).ip, kClient.ip);
}

TEST(Nat, LetsWhatItCannotReadPass) {
    Nat nat(kOutside);
    const Packet whole = make(6, kClient, kServer);
    for (size_t size = 0; size < 20; ++size) {
        Packet cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
        const Packet before = cut;
        EXPECT_TRUE(nat.translate_out(cut));
        EXPECT_TRUE(nat.translate_in(cut));
        EXPECT_EQ(cut, before);
    }
    for (size_t size = 20; size < whole.size(); ++size) {
        Packet cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
        EXPECT_TRUE(nat.translate_out(cut));
    }
}

}  // namespace
}  // namespace conclave::sim
