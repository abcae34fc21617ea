#include "srtp/cipher.h"

#include <algorithm>

#include "base/check.h"

namespace conclave::srtp {

namespace {

// RFC 3711 4.3.2: labels of SRTP; those of SRTCP are 3 higher.
enum Label : uint8_t { kEncryptionKey = 0, kAuthenticationKey = 1, kSalt = 2 };
constexpr uint8_t kRtcpLabels = 3;

// RFC 3711 4.3.1. A 96-bit master salt counts as 112 bits with zeros at
// the end (RFC 7714 11).
bool derive(crypto::Aes128Ctr& prf, const crypto::SrtpKeys& master, uint8_t label, MutableBytes out) {
    crypto::Aes128Ctr::Counter start{};
    std::copy(master.salt.begin(), master.salt.end(), start.begin());
    start[7] ^= label;
    std::fill(out.begin(), out.end(), uint8_t{0});
    return prf.apply(start, out, out);
}

void xor_be32(uint8_t* p, uint32_t v) {
    store_be32(p, load_be32(p) ^ v);
}
void xor_be48(uint8_t* p, uint64_t v) {
    store_be16(p, static_cast<uint16_t>(load_be16(p) ^ v >> 32));
    xor_be32(p + 2, static_cast<uint32_t>(v));
}

}  // namespace

Result<SessionKeys> derive_session_keys(crypto::SrtpProfile profile, const crypto::SrtpKeys& master,
                                        Kind kind) {
    const uint8_t base = kind == Kind::Rtcp ? kRtcpLabels : uint8_t{0};
    const size_t salt_size = crypto::salt_size(profile);
    crypto::SrtpKeys salted = master;
    std::fill(salted.salt.begin() + static_cast<std::ptrdiff_t>(salt_size), salted.salt.end(), uint8_t{0});
    crypto::Aes128Ctr prf = TRY(crypto::Aes128Ctr::create(master.key));
    SessionKeys keys;
    if (!derive(prf, salted, static_cast<uint8_t>(base + kEncryptionKey), keys.encryption) ||
        !derive(prf, salted, static_cast<uint8_t>(base + kAuthenticationKey), keys.authentication) ||
        !derive(prf, salted, static_cast<uint8_t>(base + kSalt), MutableBytes{keys.salt}.first(salt_size)))
        return failure("SRTP key derivation failed");
    return keys;
}

Result<Cipher> Cipher::create(crypto::SrtpProfile profile, const crypto::SrtpKeys& master, Kind kind) {
    return create(profile, TRY(derive_session_keys(profile, master, kind)), kind);
}

Result<Cipher> Cipher::create(crypto::SrtpProfile profile, const SessionKeys& keys, Kind kind) {
    Cipher cipher{kind};
    cipher.salt_ = keys.salt;
    switch (profile) {
        case crypto::SrtpProfile::AeadAes128Gcm:
            cipher.tag_size_ = crypto::Aes128Gcm::kTagSize;
            cipher.gcm_ = TRY(crypto::Aes128Gcm::create(keys.encryption));
            return cipher;
        case crypto::SrtpProfile::AesCm128HmacSha1_80:
            cipher.tag_size_ = kMacTagSize;
            cipher.cm_.emplace(CounterAndMac{TRY(crypto::Aes128Ctr::create(keys.encryption)),
                                             crypto::HmacSha1{keys.authentication}});
            return cipher;
    }
    return failure("unknown SRTP profile");
}

bool Cipher::seal(uint32_t ssrc, uint64_t index, ByteView header, ByteParts body, MutableBytes out) {
    DCHECK(out.size() >= header.size() + total_size(body) + overhead());
    std::copy(header.begin(), header.end(), out.begin());
    return gcm_ ? seal_gcm(ssrc, index, header, body, out) : seal_cm(ssrc, index, header, body, out);
}

bool Cipher::open(uint32_t ssrc, uint64_t index, size_t header_size, MutableBytes packet) {
    DCHECK(packet.size() >= header_size + overhead());
    return gcm_ ? open_gcm(ssrc, index, header_size, packet) : open_cm(ssrc, index, header_size, packet);
}

uint32_t Cipher::trailer(ByteView packet) const {
    const size_t behind = gcm_ ? 0 : kMacTagSize;
    return load_be32(packet.data() + packet.size() - behind - 4);
}

// RFC 7714 8.1 and 9.1: both are 16 zero bits, SSRC and a 48-bit index, since SRTCP pads its 31-bit index.
crypto::Aes128Gcm::Iv Cipher::gcm_iv(uint32_t ssrc, uint64_t index) const {
    crypto::Aes128Gcm::Iv iv;
    std::copy_n(salt_.begin(), iv.size(), iv.begin());
    xor_be32(iv.data() + 2, ssrc);
    xor_be48(iv.data() + 6, index);
    return iv;
}

// RFC 3711 4.1.1.
crypto::Aes128Ctr::Counter Cipher::counter_start(uint32_t ssrc, uint64_t index) const {
    crypto::Aes128Ctr::Counter start{};
    std::copy(salt_.begin(), salt_.end(), start.begin());
    xor_be32(start.data() + 4, ssrc);
    xor_be48(start.data() + 8, index);
    return start;
}

std::array<uint8_t, 4> Cipher::tail(uint64_t index) const {
    std::array<uint8_t, 4> word;
    store_be32(word.data(), kind_ == Kind::Rtp ? static_cast<uint32_t>(index >> 16)
                                               : kEncryptedFlag | static_cast<uint32_t>(index));
    return word;
}

namespace {
// RFC 7714 9.2: the header of SRTCP is authenticated together with the word that follows the tag.
std::array<uint8_t, 12> rtcp_aad(const uint8_t* header, const std::array<uint8_t, 4>& word) {
    std::array<uint8_t, 12> aad;
    std::copy_n(header, 8, aad.begin());
    std::copy(word.begin(), word.end(), aad.begin() + 8);
    return aad;
}
}  // namespace

bool Cipher::seal_gcm(uint32_t ssrc, uint64_t index, ByteView header, ByteParts body, MutableBytes out) {
    const size_t sealed_size = total_size(body) + tag_size_;
    const MutableBytes sealed = out.subspan(header.size(), sealed_size);
    if (kind_ == Kind::Rtp) return gcm_->seal(gcm_iv(ssrc, index), header, body, sealed);
    const std::array<uint8_t, 4> word = tail(index);
    std::copy(word.begin(), word.end(), out.begin() + header.size() + sealed_size);
    return gcm_->seal(gcm_iv(ssrc, index), rtcp_aad(header.data(), word), body, sealed);
}

bool Cipher::open_gcm(uint32_t ssrc, uint64_t index, size_t header_size, MutableBytes packet) {
    const MutableBytes sealed = packet.subspan(header_size, packet.size() - header_size - trailer_size_);
    if (kind_ == Kind::Rtp) return gcm_->open(gcm_iv(ssrc, index), packet.first(header_size), sealed, sealed);
    return gcm_->open(gcm_iv(ssrc, index), rtcp_aad(packet.data(), tail(index)), sealed, sealed);
}

bool Cipher::seal_cm(uint32_t ssrc, uint64_t index, ByteView header, ByteParts body, MutableBytes out) {
    if (!cm_->counter.apply(counter_start(ssrc, index), body, out.subspan(header.size()))) return false;
    const size_t size = header.size() + total_size(body);
    const std::array<uint8_t, 4> word = tail(index);
    if (kind_ == Kind::Rtcp) std::copy(word.begin(), word.end(), out.begin() + size);
    const crypto::Sha1Digest tag = cm_->mac.sign(out.first(size), word);
    std::copy_n(tag.begin(), kMacTagSize, out.begin() + size + trailer_size_);
    return true;
}

bool Cipher::open_cm(uint32_t ssrc, uint64_t index, size_t header_size, MutableBytes packet) {
    const size_t plain_size = packet.size() - overhead();
    const crypto::Sha1Digest tag = cm_->mac.sign(packet.first(plain_size), tail(index));
    if (!crypto::equal_constant_time(ByteView{tag}.first(kMacTagSize), packet.last(kMacTagSize)))
        return false;
    const MutableBytes body = packet.subspan(header_size, plain_size - header_size);
    return cm_->counter.apply(counter_start(ssrc, index), body, body);
}

}  // namespace conclave::srtp
