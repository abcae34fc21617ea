// AES-GCM against published vectors, and its engines against each other.
#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "crypto/hash.h"

namespace conclave::crypto {
namespace {

std::vector<uint8_t> hex(std::string_view text) {
    return hex_decode(text).value();
}

class Gcm : public testing::TestWithParam<GcmEngine> {
 protected:
    static Result<Aes128Gcm> make(ByteView key) { return Aes128Gcm::create(key, GetParam()); }
};

// The GCM specification's test case 4 (60 bytes, 20 bytes of AAD).
struct GcmCase {
    std::vector<uint8_t> key = hex("feffe9928665731c6d6a8f9467308308");
    std::vector<uint8_t> aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    std::vector<uint8_t> plain =
        hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
            "b16aedf5"
            "aa0de657ba637b39");
    std::vector<uint8_t> sealed =
        hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
            "1ba30b39"
            "6a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47");
    Aes128Gcm::Iv iv{0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
};

TEST_P(Gcm, MatchesVectorOutOfPlaceAndInPlaceAndAgain_SP800_38D) {
    const GcmCase c;
    Aes128Gcm gcm = make(c.key).value();
    for (int round = 0; round < 3; ++round) {
        std::vector<uint8_t> out(c.sealed.size());
        ASSERT_TRUE(gcm.seal(c.iv, c.aad, c.plain, out));
        EXPECT_EQ(out, c.sealed);
        ASSERT_TRUE(gcm.open(c.iv, c.aad, out, out));
        EXPECT_TRUE(std::equal(c.plain.begin(), c.plain.end(), out.begin()));
    }
}

TEST_P(Gcm, GathersWhatLiesInParts) {
    const GcmCase c;
    Aes128Gcm gcm = make(c.key).value();
    const ByteView plain{c.plain};
    for (size_t cut = 0; cut <= plain.size(); ++cut) {
        const std::vector<ByteView> parts{plain.first(cut), {}, plain.subspan(cut)};
        std::vector<uint8_t> out(c.sealed.size());
        ASSERT_TRUE(gcm.seal(c.iv, c.aad, parts, out));
        EXPECT_EQ(out, c.sealed) << cut;
        EXPECT_FALSE(gcm.seal(c.iv, c.aad, parts, MutableBytes{out}.first(out.size() - 1)));
    }
}

TEST_P(Gcm, OpensNothingThatWasTouched) {
    const GcmCase c;
    Aes128Gcm gcm = make(c.key).value();
    std::vector<uint8_t> out(c.plain.size());
    for (size_t i = 0; i < c.sealed.size(); ++i) {
        std::vector<uint8_t> forged = c.sealed;
        forged[i] ^= 1;
        EXPECT_FALSE(gcm.open(c.iv, c.aad, forged, out));
    }
    for (size_t i = 0; i < c.aad.size(); ++i) {
        std::vector<uint8_t> forged = c.aad;
        forged[i] ^= 1;
        EXPECT_FALSE(gcm.open(c.iv, forged, c.sealed, out));
    }
    EXPECT_TRUE(gcm.open(c.iv, c.aad, c.sealed, out));
}

TEST_P(Gcm, RefusesSmallBuffersAndWrongKeys) {
    const GcmCase c;
    EXPECT_FALSE(Aes128Gcm::create(ByteView{c.key}.first(15), GetParam()));
    Aes128Gcm gcm = make(c.key).value();
    std::vector<uint8_t> out(c.sealed.size() - 1);
    EXPECT_FALSE(gcm.seal(c.iv, c.aad, c.plain, out));
    EXPECT_FALSE(gcm.open(c.iv, c.aad, ByteView{c.sealed}.first(15), out));
    EXPECT_FALSE(gcm.open(c.iv, c.aad, c.sealed, MutableBytes{out}.first(c.plain.size() - 1)));
}

TEST_P(Gcm, SealsAnEmptyMessage) {
    Aes128Gcm gcm = make(std::vector<uint8_t>(16, 0)).value();
    std::array<uint8_t, 16> tag;
    ASSERT_TRUE(gcm.seal({}, {}, ByteParts{}, tag));
    EXPECT_EQ(hex_encode(tag), "58e2fccefa7e3061367f1d57a4e7455a");  // the GCM specification's test case 1
    EXPECT_TRUE(gcm.open({}, {}, tag, {}));
}

std::vector<GcmEngine> engines() {
    std::vector<GcmEngine> found{GcmEngine::OpenSsl};
    if (fastest_gcm_engine() != GcmEngine::OpenSsl) found.push_back(fastest_gcm_engine());
    return found;
}
INSTANTIATE_TEST_SUITE_P(Engine, Gcm, testing::ValuesIn(engines()), [](const auto& param) {
    return param.param == GcmEngine::OpenSsl ? "OpenSsl" : "IpsecMb";
});

TEST(GcmEngines, HaveNames) {
    EXPECT_EQ(gcm_engine_name(GcmEngine::OpenSsl), "openssl");
    EXPECT_FALSE(gcm_engine_name(fastest_gcm_engine()).empty());
}

// Every length up to a large packet, in one to three parts cut anywhere, also empty ones.
TEST(GcmEngines, AgreeOnEverything) {
    SeededRng rng{16};
    const auto random = [&](size_t size) {
        std::vector<uint8_t> bytes(size);
        rng.fill(bytes);
        return bytes;
    };
    for (size_t size = 0; size <= 1600; ++size) {
        const std::vector<uint8_t> key = random(Aes128Gcm::kKeySize);
        const std::vector<uint8_t> aad = random(rng.u64() % 80);
        const std::vector<uint8_t> plain = random(size);
        Aes128Gcm::Iv iv;
        rng.fill(iv);
        Aes128Gcm reference = Aes128Gcm::create(key, GcmEngine::OpenSsl).value();
        std::vector<uint8_t> expected(size + Aes128Gcm::kTagSize);
        ASSERT_TRUE(reference.seal(iv, aad, plain, expected));

        Aes128Gcm fast = Aes128Gcm::create(key).value();
        const size_t first = rng.u64() % (size + 1);
        const size_t second = rng.u64() % (size - first + 1);
        const std::vector<ByteView> parts{ByteView{plain}.first(first),
                                          ByteView{plain}.subspan(first, second),
                                          ByteView{plain}.subspan(first + second)};
        std::vector<uint8_t> whole(expected.size());
        std::vector<uint8_t> gathered(expected.size());
        ASSERT_TRUE(fast.seal(iv, aad, plain, whole));
        ASSERT_TRUE(fast.seal(iv, aad, parts, gathered));
        ASSERT_EQ(whole, expected) << size;
        ASSERT_EQ(gathered, expected) << size << ": " << first << ", " << second;

        ASSERT_TRUE(fast.open(iv, aad, whole, whole));
        whole.resize(size);
        ASSERT_EQ(whole, plain) << size;
    }
}

}  // namespace
}  // namespace conclave::crypto
