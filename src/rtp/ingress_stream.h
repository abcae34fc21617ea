// Reception of one encoded stream: its SSRC and, if negotiated, the RTX stream that repairs it.
// Decides which packets are new, extends their sequence numbers, keeps the NACK log, the publisher's
// clock and the statistics of a reception report.
//
//   RTP ──► duplicate? restart? ──► jitter, NackLog ──► Received
//   RTX ──► original packet restored in place (RFC 4588 4) ──┘
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

#include "base/packet_pool.h"
#include "base/seq.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "rtp/nack_log.h"
#include "rtp/sender_clock.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::rtp {

enum class MediaKind : uint8_t { Audio, Video };

// Media payload types of one m-section that have an RTX counterpart.
constexpr size_t kRtxMappingsMax = 32;
struct RtxMapping {
    uint8_t rtx_payload_type = 0;
    uint8_t payload_type = 0;  // apt
};

class IngressStream {
 public:
    struct Config {
        uint32_t ssrc = 0;
        std::optional<uint32_t> rtx_ssrc;  // may become known later: set_rtx_ssrc()
        uint32_t clock_rate = 90000;
        MediaKind kind = MediaKind::Video;
        bool nack = true;
        StaticVector<RtxMapping, kRtxMappingsMax> rtx;
    };

    struct Received {
        PacketRef packet;
        wire::RtpPacket rtp;  // views into `packet`
        ExtSeqNo seq;
        bool is_newest = false;     // false: came late or repaired
        bool is_recovered = false;  // by RTX
        bool is_restart = false;    // the source jumped (RFC 3550 A.1); seq still only grows
    };

    struct Stats {
        uint64_t packets = 0;  // delivered: neither duplicate nor dropped
        uint64_t bytes = 0;    // payload of these
        uint64_t recovered = 0;
        uint64_t duplicates = 0;
        uint64_t dropped = 0;  // too old, or first packet of an unconfirmed jump
        uint64_t rtx_padding = 0;
        uint64_t rtx_invalid = 0;
        uint64_t restarts = 0;
        int64_t lost = 0;     // RFC 3550 6.4.1 cumulative number, not clamped
        uint32_t jitter = 0;  // in units of the RTP clock
        Instant last_packet;
    };

    explicit IngressStream(const Config&);

    // A packet of our SSRC, decrypted. Nothing: a duplicate, or too old to matter.
    std::optional<Received> handle_rtp(Instant now, PacketRef, const wire::RtpPacket&);
    // A packet of the RTX SSRC: turned back into the original packet, in the same slot (the slot's
    // bytes change). Nothing: padding, unknown payload type, or the original is already here.
    std::optional<Received> handle_rtx(Instant now, PacketRef, const wire::RtpPacket&);
    void handle_sender_report(Instant now, const wire::SenderReport&);

    // Reception report since the previous call (RFC 3550 6.4.1, A.3); nothing before the first packet.
    std::optional<wire::ReportBlock> report_block(Instant now);

    // Missing packets to ask for; empty when NACK is off. See NackLog.
    StaticVector<SeqNo, kNacksPerReportMax> nacks_due(Instant now, Duration rtt);
    Instant next_nack() const { return config_.nack ? nacks_.next_due() : Instant::never(); }
    // True once after a loss beyond NACK's reach. Reading clears it. Never for audio.
    bool take_keyframe_needed();

    void set_rtx_ssrc(uint32_t ssrc) { config_.rtx_ssrc = ssrc; }
    const Config& config() const { return config_; }
    const SenderClock& clock() const { return clock_; }
    bool has_started() const { return started_; }
    ExtSeqNo newest() const { return newest_; }
    Stats stats() const;

 private:
    // RFC 3550 A.1 (MAX_DROPOUT). Reordering is allowed as far as duplicates can be told.
    static constexpr int64_t kDropoutMax = 3000;
    static constexpr int64_t kWindow = 1024;

    enum class Placement : uint8_t { Newest, Late, Restart, Duplicate, Drop };
    Placement place(uint16_t seq, ExtSeqNo& extended);
    Placement place_first(uint16_t seq, ExtSeqNo& extended);
    void advance_to(ExtSeqNo);
    void restart_at(ExtSeqNo);
    Received deliver(Instant now, PacketRef, const wire::RtpPacket&, ExtSeqNo, Placement);
    std::optional<wire::RtpPacket> restore_original(const PacketRef&, const wire::RtpPacket&,
                                                    uint8_t payload_type) const;
    void update_jitter(Instant now, uint32_t timestamp);
    int64_t expected() const { return newest_ - base_ + 1 + expected_before_restart_; }

    Config config_;
    NackLog nacks_;
    SenderClock clock_;
    Stats stats_;

    bool started_ = false;
    ExtSeqNo base_;
    ExtSeqNo newest_;
    std::bitset<kWindow> seen_;
    std::optional<uint16_t> jump_;  // where a jump must go on to be believed

    // RFC 3550 A.3 and A.8.
    int64_t expected_before_restart_ = 0;
    int64_t received_ = 0;  // by the primary SSRC, duplicates included
    int64_t expected_prior_ = 0;
    int64_t received_prior_ = 0;
    uint32_t jitter_q4_ = 0;
    std::optional<uint32_t> jitter_timestamp_;
    Instant jitter_arrival_;

    uint32_t last_sr_ = 0;
    Instant last_sr_at_ = Instant::never();
};

}  // namespace conclave::rtp
