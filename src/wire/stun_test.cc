#include "wire/stun.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

// RFC 5769 2.1 to 2.3: a request and the responses to it, made with the password "VOkJxbRl1RmTxUk/WvJxBt".
const char* const kRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff"
    "80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249"
    "c1b571a280280004e57a3bcf";
const char* const kResponseV4 =
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
const char* const kResponseV6 =
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9fa"
    "a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

const StunTransactionId kId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

// A request with one attribute of this size, correctly padded and counted.
std::vector<uint8_t> with_attribute(uint16_t type, size_t size, uint8_t fill = 0,
                                    uint16_t method = kStunBinding) {
    std::vector<uint8_t> bytes(20 + 4 + (size + 3) / 4 * 4, fill);
    StunWriter{bytes, StunClass::Request, method, kId};
    store_be16(bytes.data() + 2, static_cast<uint16_t>(bytes.size() - 20));
    store_be16(bytes.data() + 20, type);
    store_be16(bytes.data() + 22, static_cast<uint16_t>(size));
    return bytes;
}

TEST(Stun, ReadsTheSampleRequest_RFC5769_2_1) {
    const auto bytes = from_hex(kRequest);
    const auto m = parse_stun(bytes);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->message_class, StunClass::Request);
    EXPECT_EQ(m->method, kStunBinding);
    EXPECT_EQ(m->transaction_id[0], 0xb7);
    EXPECT_EQ(m->username, "evtj:h6vY");
    EXPECT_EQ(m->priority, 0x6e0001ffu);
    EXPECT_EQ(m->ice_controlled, 0x932ff9b151263b36u);
    EXPECT_FALSE(m->ice_controlling);
    EXPECT_FALSE(m->use_candidate);
    EXPECT_TRUE(m->unknown_required.empty());
    EXPECT_TRUE(m->fingerprint_ok);
    ASSERT_EQ(m->integrity.size(), kStunIntegritySize);
    EXPECT_EQ(m->integrity[0], 0x9a);
    // Everything up to MESSAGE-INTEGRITY, with a length that ends behind it (RFC 8489 14.5).
    EXPECT_EQ(m->integrity_body.size(), bytes.size() - 20 - 24 - 8);
    EXPECT_EQ(load_be16(m->integrity_header.data() + 2), bytes.size() - 20 - 8);
}

TEST(Stun, ReadsTheMappedAddressOfBothFamilies_RFC8489_14_2) {
    const auto v4 = from_hex(kResponseV4);
    ASSERT_TRUE(parse_stun(v4));
    EXPECT_EQ(parse_stun(v4)->message_class, StunClass::Success);
    EXPECT_EQ(parse_stun(v4)->xor_mapped_address, SocketAddress::v4(192, 0, 2, 1, 32853));
    const auto v6 = from_hex(kResponseV6);
    ASSERT_TRUE(parse_stun(v6));
    EXPECT_EQ(parse_stun(v6)->xor_mapped_address,
              SocketAddress::parse("2001:db8:1234:5678:11:2233:4455:6677", 32853));
}

TEST(Stun, WritesWhatItReads) {
    std::array<uint8_t, 256> buffer;
    StunWriter w{buffer, StunClass::Request, kStunBinding, kId};
    w.username("abc:de");
    w.priority(77);
    w.ice_controlling(0x0102030405060708);
    w.ice_controlled(9);
    w.use_candidate();
    w.xor_mapped_address(SocketAddress::v4(10, 1, 2, 3, 4567));
    w.error_code(487, "no");
    const std::vector<uint8_t> covered{w.integrity_input().begin(), w.integrity_input().end()};
    std::array<uint8_t, 20> mac;
    mac.fill(0xab);
    w.append_integrity(mac);
    w.append_fingerprint();
    ASSERT_TRUE(w.ok());
    const auto m = parse_stun(w.written());
    ASSERT_TRUE(m);
    EXPECT_EQ(m->transaction_id, kId);
    EXPECT_EQ(m->username, "abc:de");
    EXPECT_EQ(m->priority, 77u);
    EXPECT_EQ(m->ice_controlling, 0x0102030405060708u);
    EXPECT_EQ(m->ice_controlled, 9u);
    EXPECT_TRUE(m->use_candidate);
    EXPECT_EQ(m->xor_mapped_address, SocketAddress::v4(10, 1, 2, 3, 4567));
    EXPECT_EQ(m->error_code, 487);
    EXPECT_TRUE(m->fingerprint_ok);
    EXPECT_TRUE(std::equal(mac.begin(), mac.end(), m->integrity.begin(), m->integrity.end()));
    // Reader and writer agree on what the HMAC covers.
    std::vector<uint8_t> read{m->integrity_header.begin(), m->integrity_header.end()};
    read.insert(read.end(), m->integrity_body.begin(), m->integrity_body.end());
    EXPECT_EQ(read, covered);
}

TEST(Stun, EveryClassAndMethodSurvives_RFC8489_5) {
    for (const auto c : {StunClass::Request, StunClass::Indication, StunClass::Success, StunClass::Error}) {
        for (uint16_t method = 0; method < 0x1000; ++method) {
            std::array<uint8_t, 20> buffer;
            const auto m = parse_stun(StunWriter{buffer, c, method, kId}.written());
            ASSERT_TRUE(m);
            ASSERT_EQ(m->message_class, c);
            ASSERT_EQ(m->method, method);
        }
    }
}

TEST(Stun, M12_RefusesEveryLengthButTheRightOne_RFC8489_14) {
    const struct {
        uint16_t type;
        size_t size;
    } fixed[] = {{0x0024, 4}, {0x0025, 0}, {0x8029, 8}, {0x802a, 8}, {0x0008, 20}, {0x8028, 4}};
    for (const auto& f : fixed) {
        for (size_t size = 0; size < 40; ++size) {
            EXPECT_EQ(parse_stun(with_attribute(f.type, size)).has_value(), size == f.size)
                << f.type << " " << size;
        }
    }
    for (size_t size = 0; size < 40; ++size) {
        EXPECT_EQ(parse_stun(with_attribute(0x0020, size, 1)).has_value(), size == 8) << size;
        EXPECT_EQ(parse_stun(with_attribute(0x0020, size, 2)).has_value(), size == 20) << size;
        EXPECT_EQ(parse_stun(with_attribute(0x0009, size, 4)).has_value(), size >= 4) << size;
    }
    EXPECT_FALSE(parse_stun(with_attribute(0x0006, 0)));
    EXPECT_TRUE(parse_stun(with_attribute(0x0006, 1)));
    EXPECT_TRUE(parse_stun(with_attribute(0x0006, kStunUsernameSizeMax)));
    EXPECT_FALSE(parse_stun(with_attribute(0x0006, kStunUsernameSizeMax + 1)));
}

TEST(Stun, ReadsTurnsAttributesInTurnsMessagesAlone_RFC8656_18) {
    const struct {
        StunAttribute type;
        size_t size;  // the only legal one
    } fixed[] = {{StunAttribute::ChannelNumber, 4},
                 {StunAttribute::Lifetime, 4},
                 {StunAttribute::RequestedAddressFamily, 4},
                 {StunAttribute::RequestedTransport, 4},
                 {StunAttribute::EvenPort, 1},
                 {StunAttribute::DontFragment, 0},
                 {StunAttribute::ReservationToken, 8},
                 {StunAttribute::XorPeerAddress, 8},
                 {StunAttribute::XorRelayedAddress, 8}};
    for (const auto& f : fixed) {
        const auto type = static_cast<uint16_t>(f.type);
        for (size_t size = 0; size < 40; ++size) {
            const auto m = parse_stun(with_attribute(type, size, 1, kTurnAllocate));
            EXPECT_EQ(m.has_value(), size == f.size) << type << " " << size;
            EXPECT_TRUE(!m || m->unknown_required.empty());
        }
        const auto binding = parse_stun(with_attribute(type, 3));
        ASSERT_TRUE(binding);
        EXPECT_FALSE(binding->turn);
        EXPECT_EQ(binding->unknown_required.size(), 1u) << "to ICE they are unknown";
    }
    const auto text = [](StunAttribute type, size_t size) {
        return parse_stun(with_attribute(static_cast<uint16_t>(type), size, 'a', kTurnAllocate)).has_value();
    };
    for (const auto type : {StunAttribute::Realm, StunAttribute::Nonce}) {
        EXPECT_TRUE(text(type, kStunTextSizeMax));
        EXPECT_FALSE(text(type, kStunTextSizeMax + 1));
    }
}

TEST(Stun, WritesAndReadsTurnsAttributes_RFC8656_18) {
    const SocketAddress peer = *SocketAddress::parse("2001:db8::5", 5);
    std::array<uint8_t, 512> buffer;
    StunWriter w{buffer, StunClass::Indication, kTurnSend, kId};
    w.xor_address(StunAttribute::XorPeerAddress, peer);
    w.xor_address(StunAttribute::XorRelayedAddress, SocketAddress::v4(1, 2, 3, 4, 5));
    w.attribute(StunAttribute::Data, as_bytes("hello"));
    w.attribute(StunAttribute::Lifetime, std::array<uint8_t, 4>{0, 0, 2, 88});
    w.attribute(StunAttribute::ChannelNumber, std::array<uint8_t, 4>{0x40, 1, 0, 0});
    const auto m = parse_stun(w.written());
    ASSERT_TRUE(m && m->turn);
    EXPECT_EQ(m->turn->peers[0], peer);
    EXPECT_EQ(m->turn->relayed_address, SocketAddress::v4(1, 2, 3, 4, 5));
    EXPECT_EQ(as_text(*m->turn->data), "hello");
    EXPECT_EQ(m->turn->lifetime, 600u);
    EXPECT_EQ(m->turn->channel_number, 0x4001);
    for (size_t i = 1; i < kTurnPeersMax; ++i) w.xor_address(StunAttribute::XorPeerAddress, peer);
    EXPECT_TRUE(parse_stun(w.written()));
    w.xor_address(StunAttribute::XorPeerAddress, peer);
    EXPECT_FALSE(parse_stun(w.written())) << "more peers than the list holds";
}

TEST(Stun, M12_RefusesAnAttributeThatLeavesTheMessage) {
    for (const int type : {0x0006, 0x0020, 0x0024, 0x0008, 0x8028, 0x7fff, 0x8022}) {
        for (const int size : {9, 12, 255, 0x7fff, 0xfffc, 0xfffd, 0xffff}) {
            auto bytes = with_attribute(static_cast<uint16_t>(type), 8);
            store_be16(bytes.data() + 22, static_cast<uint16_t>(size));
            EXPECT_FALSE(parse_stun(bytes)) << type << " " << size;
        }
    }
}

TEST(Stun, RefusesAMessageOfAnotherLengthThanItSays_RFC8489_5) {
    const auto bytes = from_hex(kRequest);
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_stun(ByteView{bytes}.first(size)));
    }
    auto longer = bytes;
    longer.resize(longer.size() + 4);
    EXPECT_FALSE(parse_stun(longer));
    auto odd = bytes;
    odd.push_back(0);
    store_be16(odd.data() + 2, static_cast<uint16_t>(odd.size() - 20));
    EXPECT_FALSE(parse_stun(odd));
}

TEST(Stun, RefusesWhatHasNoCookieOrZeroBits_RFC8489_5) {
    for (const size_t offset : {0, 4, 5, 6, 7}) {
        auto bytes = from_hex(kRequest);
        bytes[offset] ^= 0x40;
        EXPECT_FALSE(parse_stun(bytes)) << offset;
    }
}

TEST(Stun, AnyChangedBitBreaksTheFingerprint_RFC8489_14_7) {
    const auto bytes = from_hex(kRequest);
    for (size_t i = 20; i < bytes.size(); ++i) {
        auto changed = bytes;
        changed[i] ^= 1;
        const auto m = parse_stun(changed);
        EXPECT_TRUE(!m || !m->fingerprint_ok) << i;
    }
}

TEST(Stun, M12_NothingMayFollowTheFingerprint_RFC8489_14_7) {
    std::array<uint8_t, 128> buffer;
    StunWriter w{buffer, StunClass::Request, kStunBinding, kId};
    w.append_fingerprint();
    EXPECT_TRUE(parse_stun(w.written())->fingerprint_ok);
    w.append_integrity({});
    EXPECT_FALSE(parse_stun(w.written()));
}

TEST(Stun, IgnoresWhatFollowsTheIntegrity_RFC8489_14_5) {
    std::array<uint8_t, 128> buffer;
    StunWriter w{buffer, StunClass::Request, kStunBinding, kId};
    w.append_integrity({});
    w.username("late:one");
    w.use_candidate();
    w.append_integrity({7});
    w.append_fingerprint();
    const auto m = parse_stun(w.written());
    ASSERT_TRUE(m);
    EXPECT_FALSE(m->username);
    EXPECT_FALSE(m->use_candidate);
    EXPECT_EQ(m->integrity[0], 0);
    EXPECT_TRUE(m->fingerprint_ok);
}

TEST(Stun, OfRepeatedAttributesTheFirstCounts_RFC8489_14) {
    std::array<uint8_t, 128> buffer;
    StunWriter w{buffer, StunClass::Request, kStunBinding, kId};
    w.username("first:a");
    w.username("second:b");
    w.priority(1);
    w.priority(2);
    const auto m = parse_stun(w.written());
    ASSERT_TRUE(m);
    EXPECT_EQ(m->username, "first:a");
    EXPECT_EQ(m->priority, 1u);
}

TEST(Stun, ListsUnknownAttributesThatMustBeUnderstood_RFC8489_6_3) {
    const auto required = with_attribute(0x7abc, 4);
    ASSERT_TRUE(parse_stun(required));
    ASSERT_EQ(parse_stun(required)->unknown_required.size(), 1u);
    EXPECT_EQ(parse_stun(required)->unknown_required[0], 0x7abc);
    EXPECT_TRUE(parse_stun(with_attribute(0xc057, 4))->unknown_required.empty());
}

TEST(Stun, M12_RefusesMoreAttributesThanTheLimit) {
    for (const size_t count : {kStunAttributesMax, kStunAttributesMax + 1, size_t{1000}}) {
        std::vector<uint8_t> bytes(20 + 4 * count);
        StunWriter w{bytes, StunClass::Request, kStunBinding, kId};
        for (size_t i = 0; i < count; ++i) w.use_candidate();
        EXPECT_EQ(parse_stun(w.written()).has_value(), count <= kStunAttributesMax);
    }
}

TEST(Stun, WritesNothingPastTheEndOfTheBuffer) {
    for (size_t size = 0; size < 64; ++size) {
        std::array<uint8_t, 80> buffer;
        buffer.fill(0x5a);
        StunWriter w{MutableBytes{buffer}.first(size), StunClass::Success, kStunBinding, kId};
        w.xor_mapped_address(SocketAddress::v4(1, 2, 3, 4, 5));
        (void)w.integrity_input();
        w.append_integrity({});
        w.append_fingerprint();
        EXPECT_EQ(w.ok(), size >= 64);
        EXPECT_TRUE(std::all_of(buffer.begin() + static_cast<int>(size), buffer.end(),
                                [](uint8_t b) { return b == 0x5a; }));
    }
}

}  // namespace
}  // namespace conclave::wire
