// Hashes, MACs and ciphers against published vectors.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/aes_ctr.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"

namespace conclave::crypto {
namespace {

std::vector<uint8_t> hex(std::string_view text) {
    return hex_decode(text).value();
}

TEST(Hash, MatchesVectors_FIPS180_4) {
    EXPECT_EQ(hex_encode(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_encode(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_encode(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hash, HexAcceptsBothCasesAndNothingElse) {
    EXPECT_EQ(hex("00fFAb"), (std::vector<uint8_t>{0x00, 0xff, 0xab}));
    EXPECT_FALSE(hex_decode("abc"));
    EXPECT_FALSE(hex_decode("0g"));
    EXPECT_FALSE(hex_decode("0 "));
}

struct HmacVector {
    std::vector<uint8_t> key;
    std::vector<uint8_t> data;
    const char* sha1;
    const char* sha256;
};

// RFC 2202 3 (SHA-1) and RFC 4231 4 (SHA-256) share these cases; the last one has a key longer than a block.
std::vector<HmacVector> hmac_vectors() {
    const auto bytes = [](std::string_view s) {
        const ByteView view = as_bytes(s);
        return std::vector<uint8_t>(view.begin(), view.end());
    };
    return {
        {std::vector<uint8_t>(20, 0x0b), bytes("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {bytes("Jefe"), bytes("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::vector<uint8_t>(20, 0xaa), std::vector<uint8_t>(50, 0xdd),
         "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    };
}

TEST(Hmac, MatchesVectors_RFC2202_RFC4231) {
    for (const HmacVector& v : hmac_vectors()) {
        EXPECT_EQ(hex_encode(hmac_sha1(v.key, v.data)), v.sha1);
        EXPECT_EQ(hex_encode(hmac_sha256(v.key, v.data)), v.sha256);
        EXPECT_EQ(hex_encode(HmacSha1(v.key).sign(v.data)), v.sha1);
    }
    const std::vector<uint8_t> long_key_sha1(80, 0xaa);
    EXPECT_EQ(hex_encode(hmac_sha1(long_key_sha1,
                                   as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    const std::vector<uint8_t> long_key_sha256(131, 0xaa);
    EXPECT_EQ(hex_encode(hmac_sha256(long_key_sha256,
                                     as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, TwoPartsEqualTheirConcatenation) {
    const std::vector<uint8_t> key(16, 7);
    const std::vector<uint8_t> data(200, 9);
    const ByteView view{data};
    for (size_t cut : {size_t{0}, size_t{1}, size_t{64}, size_t{199}, size_t{200}}) {
        EXPECT_EQ(hmac_sha1(key, view.first(cut), view.subspan(cut)), hmac_sha1(key, data));
        EXPECT_EQ(hmac_sha256(key, view.first(cut), view.subspan(cut)), hmac_sha256(key, data));
    }
}

TEST(Hmac, ComparisonSeesEveryByteAndTheSize) {
    std::vector<uint8_t> a(32, 1);
    for (size_t i = 0; i < a.size(); ++i) {
        std::vector<uint8_t> b = a;
        b[i] ^= 0x80;
        EXPECT_FALSE(equal_constant_time(a, b));
    }
    EXPECT_TRUE(equal_constant_time(a, std::vector<uint8_t>(32, 1)));
    EXPECT_FALSE(equal_constant_time(a, ByteView{a}.first(31)));
    EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(Aes128Ctr, MatchesVectorAndIsItsOwnInverse_SP800_38A_F5) {
    Aes128Ctr ctr = Aes128Ctr::create(hex("2b7e151628aed2a6abf7158809cf4f3c")).value();
    const Aes128Ctr::Counter start{0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
                                   0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
    const auto plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    std::vector<uint8_t> out(plain.size());
    ASSERT_TRUE(ctr.apply(start, plain, out));
    EXPECT_EQ(hex_encode(out), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
    ASSERT_TRUE(ctr.apply(start, out, out));
    EXPECT_EQ(out, plain);
    EXPECT_FALSE(ctr.apply(start, plain, MutableBytes{out}.first(31)));
    // The counter goes on over the parts.
    const std::vector<ByteView> parts{ByteView{plain}.first(5), {}, ByteView{plain}.subspan(5)};
    std::vector<uint8_t> gathered(plain.size());
    ASSERT_TRUE(ctr.apply(start, parts, gathered));
    EXPECT_EQ(hex_encode(gathered), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
    EXPECT_FALSE(ctr.apply(start, parts, MutableBytes{gathered}.first(31)));
}

}  // namespace
}  // namespace conclave::crypto
