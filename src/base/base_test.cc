#include <gtest/gtest.h>

#include "base/address.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/packet_pool.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/seq.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "base/transmit_queue.h"

namespace conclave {
namespace {

TEST(ByteReader, ReadingPastTheEndIsStickyAndReturnsZero) {
    const uint8_t raw[] = {1, 2, 3};
    ByteReader reader(raw);
    EXPECT_EQ(reader.u16(), 0x0102);
    EXPECT_EQ(reader.u16(), 0);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0);
}

TEST(ByteWriter, OverflowWritesNothing) {
    uint8_t raw[3] = {};
    ByteWriter writer(raw);
    writer.u16(0xabcd);
    writer.u16(0xffff);
    EXPECT_FALSE(writer.ok());
    EXPECT_EQ(writer.size(), 2u);
    EXPECT_EQ(raw[2], 0);
}

Result<int> half(int v) {
    if (v % 2) return failure("odd");
    return v / 2;
}
Result<int> quarter(int v) {
    return half(TRY(half(v)));
}

TEST(Result, TryPropagates) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error().what, "odd");
}

TEST(SocketAddress, ParsesAndPrints) {
    EXPECT_EQ(SocketAddress::parse("192.168.1.2", 5)->text(), "192.168.1.2:5");
    EXPECT_EQ(SocketAddress::parse("::1", 5)->text(), "[::1]:5");
    EXPECT_EQ(SocketAddress::parse("2001:db8:0:0:1:0:0:1", 1)->ip_text(), "2001:db8::1:0:0:1");
    EXPECT_EQ(SocketAddress::parse("::ffff:10.0.0.1", 1)->ip_text(), "10.0.0.1");
    EXPECT_TRUE(SocketAddress::parse("::", 1)->is_unspecified());
    EXPECT_TRUE(SocketAddress::parse("127.0.0.1", 1)->is_loopback());
    for (const char* bad :
         {"", "1.2.3", "1.2.3.256", "1.2.3.4.5", ":", "1:2", "12345::", "::1::", "g::", "1.2.3.4x"}) {
        EXPECT_FALSE(SocketAddress::parse(bad, 1)) << bad;
    }
}

TEST(Base64, RoundTripsAndRefusesJunk) {
    SeededRng rng(7);
    for (size_t size = 0; size < 70; ++size) {
        std::vector<uint8_t> bytes(size);
        rng.fill(bytes);
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    }
    EXPECT_EQ(base64_encode(as_bytes("ab")), "YWI=");
    for (const char* bad : {"A", "AB=C", "A B", "AB\n", "YWJ", "++=="})
        EXPECT_FALSE(base64url_decode(bad)) << bad;
}

TEST(SeqUnwrapper, FollowsWrapsBothWays) {
    SeqUnwrapper seq;
    EXPECT_EQ(seq.extend(65534), 65534);
    EXPECT_EQ(seq.extend(1), 65537);
    EXPECT_EQ(seq.extend(65535), 65535);
    EXPECT_EQ(seq.newest(), 65537);
}

TEST(PacketPool, SlotsReturnWhenTheLastReferenceGoes) {
    PacketPool pool(2);
    {
        PacketRef a = pool.copy(as_bytes("hello"));
        PacketRef b = a;
        PacketRef c = pool.take();
        EXPECT_FALSE(pool.take());
        EXPECT_EQ(as_text(b.bytes()), "hello");
    }
    EXPECT_EQ(pool.available(), 2u);
}

TEST(PacketPool, TrimmedBytesComeBackWithTheSlot) {
    PacketPool pool(1);
    {
        const PacketRef packet = pool.copy(as_bytes("header+payload"));
        packet.trim_front(7);
        EXPECT_EQ(as_text(packet.bytes()), "payload");
    }
    EXPECT_EQ(as_text(pool.copy(as_bytes("again")).bytes()), "again");
}

TEST(TransmitQueue, DropsAndCountsWhenFull) {
    TransmitQueue queue(2, 10);
    queue.push({}, as_bytes("12345"));
    queue.push({}, as_bytes("123456"));
    queue.push({}, as_bytes("12345"));
    queue.push({}, as_bytes("1"));
    EXPECT_EQ(queue.datagrams().size(), 2u);
    EXPECT_EQ(queue.dropped(), 2u);
}

TEST(NtpTime, AddsAndSubtracts) {
    const NtpTime t = NtpTime::from_wall(WallTime::from_unix_seconds(1'700'000'000));
    EXPECT_NEAR(static_cast<double>(((t + Duration::millis(1500)) - t).us), 1'500'000, 2);
    EXPECT_NEAR(static_cast<double>(((t + Duration::millis(-20)) - t).us), -20'000, 2);
}

TEST(RandomId, UsesOnlyItsAlphabet) {
    SeededRng rng(1);
    const std::string id = random_id(rng, 5000);
    EXPECT_EQ(id.find_first_of("01IOl"), std::string::npos);
    EXPECT_EQ(id.size(), 5000u);
}

}  // namespace
}  // namespace conclave
