// One stream to one subscriber: its own SSRC and RTX SSRC. Counts for sender reports, judges NACKs
// within a budget, wraps retransmissions (RFC 4588) and reads reception reports. The packets
// themselves stay in the publisher's PacketCache.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/seq.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::rtp {

// One NACK makes at most this many retransmissions; the rest will be asked for again.
constexpr size_t kRetransmitsPerNackMax = 64;
// Receivers ask about ten times (libwebrtc, NackLog); beyond that it is abuse.
constexpr uint8_t kRetransmitsPerPacketMax = 10;
// Until the first report tells: a continental round trip.
constexpr Duration kRttAtStart = Duration::millis(100);

class EgressStream {
 public:
    struct Config {
        uint32_t ssrc = 0;
        uint32_t rtx_ssrc = 0;
        bool has_rtx = false;
        SeqNo first_rtx_seq;  // random (RFC 4588 4)
    };

    // What the subscriber says about this stream (RFC 3550 6.4.1).
    struct Reception {
        uint8_t fraction_lost = 0;  // of 256, since the previous report
        int32_t cumulative_lost = 0;
        uint32_t jitter = 0;  // in units of the RTP clock
        uint32_t highest_seq = 0;
        std::optional<Duration> rtt;  // when the report answers one of our recent sender reports
    };

    struct Stats {
        uint64_t packets = 0;
        uint64_t payload_bytes = 0;
        Instant last_sent;
        uint64_t retransmits = 0;
        uint64_t retransmit_bytes = 0;
        uint64_t nacked = 0;         // sequence numbers asked for
        uint64_t nacks_ignored = 0;  // repeated too soon or too often, never sent, too old
        uint64_t nacks_over_budget = 0;
    };

    explicit EgressStream(const Config&);

    // After each media packet that goes out (not retransmissions), in the numbers of this stream.
    void handle_sent(Instant now, ExtSeqNo, size_t payload_bytes);

    // Which packets to send again, in the order asked for. Each is charged against the budget (a quarter of
    // what the stream sends) when it is sent: wrap_rtx() or handle_retransmit().
    StaticVector<ExtSeqNo, kRetransmitsPerNackMax> handle_nack(Instant now, const wire::Nack&);

    // The header of the retransmission (RFC 4588 4) of a packet that this subscriber got, or was to get, with
    // `header` and so many bytes of payload: RTX SSRC, next RTX sequence number. The original number goes
    // before the payload. Nothing when the stream has no RTX.
    std::optional<wire::RtpHeader> wrap_rtx(uint8_t rtx_payload_type, const wire::RtpHeader& header,
                                            size_t payload_bytes);
    // The header of an RTX packet of padding alone: a bandwidth probe that no decoder sees. `timestamp`: of
    // the last media packet. Nothing when the stream has no RTX.
    std::optional<wire::RtpHeader> wrap_padding(uint8_t rtx_payload_type, uint32_t timestamp);
    // Instead of wrap_rtx() when the packet itself is sent again, to receivers without RTX.
    void handle_retransmit(size_t payload_bytes);

    // What our sender report says (RFC 3550 6.4.1), remembered to tell the round trip from the answer.
    wire::SenderInfo sender_info(Instant now, NtpTime, uint32_t rtp_timestamp);
    // Nothing when the block is about another SSRC.
    std::optional<Reception> handle_report_block(Instant now, const wire::ReportBlock&);

    const Config& config() const { return config_; }
    bool has_sent() const { return stats_.packets > 0; }
    ExtSeqNo newest() const { return newest_; }
    // An assumption until a report has told.
    Duration rtt() const { return rtt_; }
    bool has_rtt() const { return has_rtt_; }
    const Stats& stats() const { return stats_; }

 private:
    // Retransmission memory: only packets asked for lately need one. By low bits of the number; a
    // collision forgets the older packet, and the budget still holds.
    static constexpr size_t kRetransmitSlots = 128;
    struct Retransmit {
        ExtSeqNo seq;
        Instant at;
        uint8_t count = 0;
    };
    static constexpr size_t kSenderReportsKept = 8;
    struct SentReport {
        uint32_t compact_ntp = 0;
        Instant at = Instant::never();
    };

    bool may_retransmit(Instant now, ExtSeqNo);
    std::optional<Duration> rtt_from(Instant now, const wire::ReportBlock&) const;

    Config config_;
    Stats stats_;
    ExtSeqNo newest_;
    ExtSeqNo oldest_;
    Duration rtt_;
    bool has_rtt_ = false;
    int64_t budget_bytes_;
    SeqNo rtx_seq_;
    // Made with the first request: most streams lose nothing for long.
    std::unique_ptr<std::array<Retransmit, kRetransmitSlots>> retransmits_;
    std::array<SentReport, kSenderReportsKept> reports_{};
    size_t next_report_ = 0;
};

}  // namespace conclave::rtp
