#include "rtp/egress_stream.h"

#include <algorithm>

namespace conclave::rtp {
namespace {

// A quarter of what is sent may be sent again; a burst of losses may use what a second or two has saved up.
constexpr int64_t kBudgetShare = 4;
constexpr int64_t kBudgetBytesMax = 64 * 1024;
// A stream's first keyframe must be repairable before anything is saved.
constexpr int64_t kBudgetBytesAtStart = 16 * 1024;

// A repeat that comes sooner than this was sent before the retransmission could arrive.
constexpr Duration kRepeatMin = Duration::millis(20);
constexpr Duration kRepeatMax = Duration::seconds(1);

Duration from_compact_ntp(uint32_t units) {
    return Duration::micros(int64_t{units} * 1'000'000 / 65536);
}

}  // namespace

EgressStream::EgressStream(const Config& config)
    : config_(config),
      rtt_(kRttAtStart),
      budget_bytes_(kBudgetBytesAtStart),
      rtx_seq_(config.first_rtx_seq) {}

void EgressStream::handle_sent(Instant now, ExtSeqNo seq, size_t payload_bytes) {
    if (!has_sent()) {
        oldest_ = seq;
        newest_ = seq;
    }
    oldest_ = std::min(oldest_, seq);
    newest_ = std::max(newest_, seq);
    ++stats_.packets;
    stats_.payload_bytes += payload_bytes;
    stats_.last_sent = now;
    const auto earned = static_cast<int64_t>(payload_bytes) / kBudgetShare;
    budget_bytes_ = std::min(budget_bytes_ + earned, kBudgetBytesMax);
}

bool EgressStream::may_retransmit(Instant now, ExtSeqNo seq) {
    if (seq < oldest_ || seq > newest_) return false;
    if (!retransmits_) retransmits_ = std::make_unique<std::array<Retransmit, kRetransmitSlots>>();
    Retransmit& last = (*retransmits_)[static_cast<size_t>(seq.value) % kRetransmitSlots];
    if (last.seq != seq || last.count == 0) {
        last = {seq, now, 1};
        return true;
    }
    if (last.count >= kRetransmitsPerPacketMax) return false;
    if (now - last.at < std::clamp(rtt_, kRepeatMin, kRepeatMax)) return false;
    last.at = now;
    ++last.count;
    return true;
}

StaticVector<ExtSeqNo, kRetransmitsPerNackMax> EgressStream::handle_nack(Instant now,
                                                                         const wire::Nack& nack) {
    StaticVector<ExtSeqNo, kRetransmitsPerNackMax> wanted;
    if (!has_sent() || nack.media_ssrc != config_.ssrc) return wanted;
    const auto average = static_cast<int64_t>(stats_.payload_bytes / stats_.packets);
    int64_t budget = budget_bytes_;
    nack.for_each([&](SeqNo seq) {
        ++stats_.nacked;
        if (budget < average || wanted.full()) {
            ++stats_.nacks_over_budget;
            return;
        }
        const ExtSeqNo extended =
            newest_ + static_cast<int16_t>(static_cast<uint16_t>(seq.value - newest_.wire().value));
        if (!may_retransmit(now, extended)) {
            ++stats_.nacks_ignored;
            return;
        }
        budget -= average;
        wanted.push_back(extended);
    });
    return wanted;
}

std::optional<wire::RtpHeader> EgressStream::wrap_rtx(uint8_t rtx_payload_type, const wire::RtpHeader& header,
                                                      size_t payload_bytes) {
    if (!config_.has_rtx) return std::nullopt;
    wire::RtpHeader rtx = header;
    rtx.payload_type = rtx_payload_type;
    rtx.sequence_number = rtx_seq_;
    rtx.ssrc = config_.rtx_ssrc;
    rtx.has_padding = false;
    ++rtx_seq_.value;
    handle_retransmit(payload_bytes);
    return rtx;
}

std::optional<wire::RtpHeader> EgressStream::wrap_padding(uint8_t rtx_payload_type, uint32_t timestamp) {
    if (!config_.has_rtx) return std::nullopt;
    wire::RtpHeader header;
    header.payload_type = rtx_payload_type;
    header.sequence_number = rtx_seq_;
    header.timestamp = timestamp;
    header.ssrc = config_.rtx_ssrc;
    header.has_padding = true;
    ++rtx_seq_.value;
    return header;
}

void EgressStream::handle_retransmit(size_t payload_bytes) {
    ++stats_.retransmits;
    stats_.retransmit_bytes += payload_bytes;
    budget_bytes_ -= static_cast<int64_t>(payload_bytes);
}

wire::SenderInfo EgressStream::sender_info(Instant now, NtpTime ntp, uint32_t rtp_timestamp) {
    reports_[next_report_] = {ntp.compact(), now};
    next_report_ = (next_report_ + 1) % kSenderReportsKept;
    return {.ntp = ntp,
            .rtp_timestamp = rtp_timestamp,
            .packet_count = static_cast<uint32_t>(stats_.packets),
            .octet_count = static_cast<uint32_t>(stats_.payload_bytes)};
}

// RFC 3550 6.4.1: the time since our report less the time it lay at the receiver. Our reports carry the
// publisher's clock, so the time of sending is looked up, not computed; a made-up LSR finds nothing.
std::optional<Duration> EgressStream::rtt_from(Instant now, const wire::ReportBlock& block) const {
    if (block.last_sr == 0) return std::nullopt;
    for (const SentReport& report : reports_) {
        if (report.at.is_never() || report.compact_ntp != block.last_sr) continue;
        const Duration rtt = now - report.at - from_compact_ntp(block.delay_since_last_sr);
        if (rtt < Duration{}) return std::nullopt;
        return rtt;
    }
    return std::nullopt;
}

std::optional<EgressStream::Reception> EgressStream::handle_report_block(Instant now,
                                                                         const wire::ReportBlock& block) {
    if (block.ssrc != config_.ssrc) return std::nullopt;
    const auto rtt = rtt_from(now, block);
    if (rtt) {
        rtt_ = has_rtt_ ? (rtt_ * 7 + *rtt) / 8 : *rtt;
        has_rtt_ = true;
    }
    return Reception{.fraction_lost = block.fraction_lost,
                     .cumulative_lost = block.cumulative_lost,
                     .jitter = block.jitter,
                     .highest_seq = block.highest_sequence,
                     .rtt = rtt};
}

}  // namespace conclave::rtp
