// Published vectors. RFC 7714 gives session keys, RFC 3711 B.3 the way from master keys to them.
#include "srtp/cipher.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "crypto/hash.h"

namespace conclave::srtp {
namespace {

using crypto::SrtpProfile;
using Bytes = std::vector<uint8_t>;

Bytes hex(std::string_view text) {
    return crypto::hex_decode(text).value();
}
template <size_t N>
std::array<uint8_t, N> hex_array(std::string_view text) {
    std::array<uint8_t, N> out{};
    const Bytes bytes = hex(text);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

TEST(Cipher, DerivesSessionKeys_RFC3711_B3) {
    const crypto::SrtpKeys master{hex_array<16>("e1f97a0d3e018be0d64fa32c06de4139"),
                                  hex_array<14>("0ec675ad498afeebb6960b3aabe6")};
    const SessionKeys keys = derive_session_keys(SrtpProfile::AesCm128HmacSha1_80, master, Kind::Rtp).value();
    EXPECT_EQ(crypto::hex_encode(keys.encryption), "c61e7a93744f39ee10734afe3ff7a087");
    EXPECT_EQ(crypto::hex_encode(keys.salt), "30cbbc08863d8c85d49db34a9ae1");
    EXPECT_EQ(crypto::hex_encode(keys.authentication), "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

TEST(Cipher, DerivesOtherKeysForRtcp_RFC3711_4_3_2) {
    const crypto::SrtpKeys master{hex_array<16>("e1f97a0d3e018be0d64fa32c06de4139"),
                                  hex_array<14>("0ec675ad498afeebb6960b3aabe6")};
    for (const SrtpProfile profile : {SrtpProfile::AesCm128HmacSha1_80, SrtpProfile::AeadAes128Gcm}) {
        const SessionKeys rtp = derive_session_keys(profile, master, Kind::Rtp).value();
        const SessionKeys rtcp = derive_session_keys(profile, master, Kind::Rtcp).value();
        EXPECT_NE(rtp.encryption, rtcp.encryption);
        EXPECT_NE(rtp.authentication, rtcp.authentication);
        EXPECT_NE(rtp.salt, rtcp.salt);
    }
}

TEST(Cipher, GcmIgnoresTheUnusedEndOfTheSalt_RFC7714_12_1) {
    crypto::SrtpKeys master{hex_array<16>("e1f97a0d3e018be0d64fa32c06de4139"),
                            hex_array<14>("0ec675ad498afeebb6960b3a0000")};
    const SessionKeys clean = derive_session_keys(SrtpProfile::AeadAes128Gcm, master, Kind::Rtp).value();
    master.salt[12] = master.salt[13] = 0xff;
    const SessionKeys dirty = derive_session_keys(SrtpProfile::AeadAes128Gcm, master, Kind::Rtp).value();
    EXPECT_EQ(clean.encryption, dirty.encryption);
    EXPECT_EQ(clean.salt, dirty.salt);
}

TEST(Cipher, CounterModeKeyStream_RFC3711_B2) {
    SessionKeys keys;
    keys.encryption = hex_array<16>("2b7e151628aed2a6abf7158809cf4f3c");
    keys.salt = hex_array<14>("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
    Cipher cipher = Cipher::create(SrtpProfile::AesCm128HmacSha1_80, keys, Kind::Rtp).value();
    // 0xff02 blocks, of which the RFC prints the first three and the last three.
    const Bytes plain(0xff02 * 16);
    Bytes out(plain.size() + cipher.overhead());
    const ByteView body{plain};
    ASSERT_TRUE(cipher.seal(0, 0, {}, ByteParts{&body, 1}, out));
    EXPECT_EQ(crypto::hex_encode(ByteView{out}.first(48)),
              "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
              "41e95b3bb0a2e8dd477901e4fca894c0");
    EXPECT_EQ(crypto::hex_encode(ByteView{out}.subspan(0xfeff * 16, 48)),
              "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae"
              "6a2cc3787889374fbeb4c81b17ba6c44");
}

struct GcmVector {
    Kind kind;
    uint32_t ssrc;
    uint64_t index;
    size_t header_size;
    const char* plain;
    const char* sealed;
};

// 16.1.1 and 16.1.2 (SRTP), 17.1 (SRTCP).
const GcmVector kGcmVectors[] = {
    {Kind::Rtp, 0x5501a0b2, 0xf17b, 12,
     "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
     "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
     "899d7f27beb16a9152cf765ee4390cce"},
    {Kind::Rtcp, 0x4d617273, 0x5d4, 8,
     "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbee"
     "f",
     "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275"
     "b"
     "c84aa45896cf4d2fc5abf87245d9eade800005d4"},
};

TEST(Cipher, GcmVectors_RFC7714_16_17) {
    SessionKeys keys;
    keys.encryption = hex_array<16>("000102030405060708090a0b0c0d0e0f");
    keys.salt = hex_array<14>("517569642070726f2071756f");
    for (const GcmVector& v : kGcmVectors) {
        Cipher cipher = Cipher::create(SrtpProfile::AeadAes128Gcm, keys, v.kind).value();
        const Bytes plain = hex(v.plain);
        Bytes packet(plain.size() + cipher.overhead());
        const ByteView body = ByteView{plain}.subspan(v.header_size);
        ASSERT_TRUE(
            cipher.seal(v.ssrc, v.index, ByteView{plain}.first(v.header_size), ByteParts{&body, 1}, packet));
        EXPECT_EQ(crypto::hex_encode(packet), v.sealed);
        ASSERT_TRUE(cipher.open(v.ssrc, v.index, v.header_size, packet));
        EXPECT_TRUE(std::equal(plain.begin(), plain.end(), packet.begin()));
    }
}

}  // namespace
}  // namespace conclave::srtp
