// The cryptographic transform of one direction and one kind of packet: session keys derived from the master
// key (RFC 3711 4.3), then AES-CM with HMAC-SHA1 (4.1.1, 4.2.1) or AES-GCM (RFC 7714 8, 9). Knows nothing of
// streams or replay.
//
//   SRTP   AES-CM  header | encrypted | tag 10           SRTCP  header 8 | encrypted | E+index 4 | tag 10
//          GCM     header | encrypted | tag 16                  header 8 | encrypted | tag 16 | E+index 4
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/aes_ctr.h"
#include "crypto/hmac.h"
#include "crypto/srtp_profile.h"

namespace conclave::srtp {

constexpr uint32_t kEncryptedFlag = 0x8000'0000;  // E of SRTCP (RFC 3711 3.4)

enum class Kind : uint8_t { Rtp, Rtcp };

struct SessionKeys {
    std::array<uint8_t, 16> encryption{};
    std::array<uint8_t, 20> authentication{};  // AES-CM only
    std::array<uint8_t, 14> salt{};            // the first salt_size(profile) bytes count, the rest is zero
};
// RFC 3711 4.3, with a key derivation rate of 0.
Result<SessionKeys> derive_session_keys(crypto::SrtpProfile, const crypto::SrtpKeys& master, Kind);

class Cipher {
 public:
    static Result<Cipher> create(crypto::SrtpProfile, const SessionKeys&, Kind);
    static Result<Cipher> create(crypto::SrtpProfile, const crypto::SrtpKeys& master, Kind);

    // Tag and, for SRTCP, the word of E and index.
    size_t overhead() const { return tag_size_ + trailer_size_; }

    // `index`: 48 bits of roll-over counter and sequence number, or the 31 bits of SRTCP. `header` stays
    // clear; `out` has room for it, the body and overhead(), and is disjoint from both.
    bool seal(uint32_t ssrc, uint64_t index, ByteView header, ByteParts body, MutableBytes out);

    // Brings the keys into the cache.
    void prefetch() const {
        if (gcm_) gcm_->prefetch();
    }

    // In place. False when the packet is not authentic. The plain size is packet.size() - overhead(), which
    // must be at least `header_size`.
    bool open(uint32_t ssrc, uint64_t index, size_t header_size, MutableBytes packet);

    // SRTCP's E and index, unauthenticated. `packet` is longer than overhead().
    uint32_t trailer(ByteView packet) const;

 private:
    // AES-CM needs a keyed counter and a keyed MAC.
    struct CounterAndMac {
        crypto::Aes128Ctr counter;
        crypto::HmacSha1 mac;
    };
    static constexpr size_t kMacTagSize = 10;

    explicit Cipher(Kind kind) : kind_(kind), trailer_size_(kind == Kind::Rtcp ? 4 : 0) {}

    crypto::Aes128Gcm::Iv gcm_iv(uint32_t ssrc, uint64_t index) const;
    crypto::Aes128Ctr::Counter counter_start(uint32_t ssrc, uint64_t index) const;
    // What is authenticated beyond the packet itself: ROC, or E and index.
    std::array<uint8_t, 4> tail(uint64_t index) const;

    bool seal_gcm(uint32_t ssrc, uint64_t index, ByteView header, ByteParts body, MutableBytes out);
    bool open_gcm(uint32_t ssrc, uint64_t index, size_t header_size, MutableBytes packet);
    bool seal_cm(uint32_t ssrc, uint64_t index, ByteView header, ByteParts body, MutableBytes out);
    bool open_cm(uint32_t ssrc, uint64_t index, size_t header_size, MutableBytes packet);

    Kind kind_;
    size_t trailer_size_;
    size_t tag_size_ = 0;
    std::array<uint8_t, 14> salt_{};
    std::optional<crypto::Aes128Gcm> gcm_;
    std::optional<CounterAndMac> cm_;
};

}  // namespace conclave::srtp
