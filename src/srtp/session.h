// SRTP and SRTCP (RFC 3711) of one DTLS association: AEAD_AES_128_GCM (RFC 7714) or AES_CM_128_HMAC_SHA1_80.
// All streams of a direction share the session keys; per SSRC there are the roll-over counter and the record
// of indices used.
//
// No call allocates, except the first packet of an SSRC (or send_stream() ahead of it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seq.h"
#include "crypto/srtp_profile.h"

namespace conclave::srtp {

using Keys = crypto::SrtpKeys;

// Why a received packet was dropped: to be counted, never answered.
enum class Drop : uint8_t {
    Malformed,             // no RTP or RTCP header, or too short for its tag
    Replayed,              // this index was received already (RFC 3711 3.3.2)
    TooOld,                // behind the replay window
    AuthenticationFailed,  // forged, damaged, or of another session
    TooManySsrcs,          // as many as may have authenticated already
    NotEncrypted,          // SRTCP with E = 0: WebRTC never sends it
};

class Session {
 public:
    // Tag of 16 and, for SRTCP, E and index of 4 (RFC 7714 9.2): what protect may add at most.
    static constexpr size_t kOverheadMax = 20;
    // SSRCs tracked for a remote endpoint, RTP and RTCP together: a publisher with camera, screen and
    // audio in simulcast with RTX uses 14.
    static constexpr size_t kReceiveSsrcMax = 64;
    // Streams sent to one subscriber over the life of a session; an SSRC is never forgotten, because its
    // indices must not be used again under the same key. Two for each track it was ever subscribed to: a
    // working day of 49 people who turn their cameras off and on. 160 bytes each.
    static constexpr size_t kSendSsrcMax = 8192;
    // Packets behind the newest that are still accepted (RFC 3711 3.3.2 asks for 64 at least): 1,024
    // cover 400 ms of a 20 Mbit/s stream.
    static constexpr int64_t kReplayWindow = 1024;
    // How far behind the newest a packet may be sent for the first time: receivers accept no older ones
    // either.
    static constexpr int64_t kSendWindow = kReplayWindow;

    // What is known of one SSRC that we send.
    struct SendStream;

    // Fails when both directions have the same keys: they would share their nonces. A client that receives
    // from many people raises `receive_ssrc_max`.
    static Result<Session> create(crypto::SrtpProfile, const Keys& receive, const Keys& send,
                                  size_t receive_ssrc_max = kReceiveSsrcMax);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    // In place; returns the size of the RTP packet. After a Drop the bytes are unspecified.
    Result<size_t, Drop> unprotect_rtp(MutableBytes packet);
    // In place; returns the size of the compound RTCP packet.
    Result<size_t, Drop> unprotect_rtcp(MutableBytes packet);

    // The state of a stream, made ahead of its first packet; it lives as long as the session. Null when
    // kSendSsrcMax are there.
    SendStream* send_stream(uint32_t ssrc);
    // Brings what the next packet of this stream needs into the cache.
    void prefetch(const SendStream&) const;
    // Gathers one packet and seals it in the same pass. `header` is a whole RTP header with CSRCs and
    // extensions, written for this subscriber with the SSRC of the stream and `sequence`; the payload is what
    // follows it, in parts that may be shared between subscribers and are left as they are. `out` has room
    // for all of it and kOverheadMax. Returns the size written. 0 when `out` is too small, or the packet
    // index was used before or is older than kSendWindow: no two packets are ever sent under one nonce (RFC
    // 7714 8.1).
    size_t protect_rtp(SendStream&, SeqNo sequence, ByteView header, ByteParts payload, MutableBytes out);
    // The same for a whole packet in one place; 0 also when it is no RTP packet or the stream limit is
    // reached.
    size_t protect_rtp(ByteView plain, MutableBytes out);
    // As above; 0 also after 2^31 packets, when the key is used up (RFC 3711 9.2).
    size_t protect_rtcp(ByteView plain, MutableBytes out);

 private:
    struct Impl;
    explicit Session(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::srtp
