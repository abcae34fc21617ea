#include "rtp/ingress_stream.h"

#include <algorithm>
#include <cstring>

namespace conclave::rtp {
namespace {

// Larger differences are jumps of the source's timestamps, not network jitter.
constexpr Duration kJitterSampleMax = Duration::seconds(5);
constexpr size_t kOsnSize = 2;  // RFC 4588 4

// RFC 3550 6.4.1: the cumulative number is 24 bits, signed.
constexpr int64_t kCumulativeLostMax = 0x7f'ffff;
constexpr int64_t kCumulativeLostMin = -0x80'0000;

uint32_t in_compact_ntp(Duration d) {
    const int64_t units = d.us / 1'000'000 * 65536 + d.us % 1'000'000 * 65536 / 1'000'000;
    return static_cast<uint32_t>(std::clamp<int64_t>(units, 0, UINT32_MAX));
}

}  // namespace

IngressStream::IngressStream(const Config& config) : config_(config), clock_(config.clock_rate) {
    CHECK(config.clock_rate > 0);
}

IngressStream::Placement IngressStream::place_first(uint16_t seq, ExtSeqNo& extended) {
    started_ = true;
    extended = ExtSeqNo{seq};
    restart_at(extended);
    return Placement::Newest;
}

// RFC 3550 A.1 without probation: SRTP has proven the source. The window of late packets is wider than its
// MAX_MISORDER, since retransmissions come late.
IngressStream::Placement IngressStream::place(uint16_t seq, ExtSeqNo& extended) {
    const int64_t ahead = static_cast<int16_t>(static_cast<uint16_t>(seq - newest_.wire().value));
    extended = newest_ + ahead;
    if (ahead > 0 && ahead < kDropoutMax) {
        jump_.reset();
        advance_to(extended);
        return Placement::Newest;
    }
    if (ahead <= 0 && ahead > -kWindow) {
        jump_.reset();
        base_ = std::min(base_, extended);
        const size_t slot = static_cast<size_t>(extended.value) % kWindow;
        if (seen_[slot]) return Placement::Duplicate;
        seen_.set(slot);
        return Placement::Late;
    }
    if (jump_ != seq) {
        jump_ = static_cast<uint16_t>(seq + 1);
        return Placement::Drop;
    }
    // Numbers only grow, for everyone who holds one: the new run starts in the next cycle if need be.
    extended = newest_ + static_cast<uint16_t>(seq - newest_.wire().value);
    ++stats_.restarts;
    expected_before_restart_ += newest_ - base_ + 1;
    restart_at(extended);
    return Placement::Restart;
}

void IngressStream::restart_at(ExtSeqNo seq) {
    base_ = seq;
    newest_ = seq;
    seen_.reset();
    seen_.set(static_cast<size_t>(seq.value) % kWindow);
    jump_.reset();
    jitter_timestamp_.reset();
    nacks_.reset();
    clock_.reset();
}

void IngressStream::advance_to(ExtSeqNo seq) {
    if (seq - newest_ >= kWindow) {
        seen_.reset();
    } else {
        for (ExtSeqNo s = newest_ + 1; s < seq; s = s + 1)
            seen_.reset(static_cast<size_t>(s.value) % kWindow);
    }
    seen_.set(static_cast<size_t>(seq.value) % kWindow);
    newest_ = seq;
}

// RFC 3550 A.8, sampled once for each timestamp: the packets of one frame share it, and their pacing is no
// jitter.
void IngressStream::update_jitter(Instant now, uint32_t timestamp) {
    if (jitter_timestamp_ == timestamp) return;
    if (jitter_timestamp_ && now - jitter_arrival_ <= kJitterSampleMax) {
        const int64_t elapsed = (now - jitter_arrival_).us * config_.clock_rate / 1'000'000;
        const int64_t difference = elapsed - static_cast<int32_t>(timestamp - *jitter_timestamp_);
        const int64_t d = difference < 0 ? -difference : difference;
        if (d <= kJitterSampleMax.us / 1'000'000 * config_.clock_rate) {
            const int64_t next = jitter_q4_ + d - ((int64_t{jitter_q4_} + 8) >> 4);
            jitter_q4_ = static_cast<uint32_t>(std::clamp<int64_t>(next, 0, UINT32_MAX));
        }
    }
    jitter_timestamp_ = timestamp;
    jitter_arrival_ = now;
}

IngressStream::Received IngressStream::deliver(Instant now, PacketRef packet, const wire::RtpPacket& rtp,
                                               ExtSeqNo seq, Placement placement) {
    if (config_.nack) nacks_.handle_packet(now, seq);
    ++stats_.packets;
    stats_.bytes += rtp.payload.size();
    stats_.last_packet = now;
    return {.packet = std::move(packet),
            .rtp = rtp,
            .seq = seq,
            .is_newest = placement != Placement::Late,
            .is_recovered = false,
            .is_restart = placement == Placement::Restart};
}

std::optional<IngressStream::Received> IngressStream::handle_rtp(Instant now, PacketRef packet,
                                                                 const wire::RtpPacket& rtp) {
    const uint16_t wire_seq = rtp.sequence_number.value;
    ExtSeqNo seq;
    const Placement placement = started_ ? place(wire_seq, seq) : place_first(wire_seq, seq);
    if (placement == Placement::Drop) {
        ++stats_.dropped;
        return std::nullopt;
    }
    ++received_;
    if (placement == Placement::Duplicate) {
        ++stats_.duplicates;
        return std::nullopt;
    }
    if (placement != Placement::Late) update_jitter(now, rtp.timestamp);
    return deliver(now, std::move(packet), rtp, seq, placement);
}

// RFC 4588 4: the payload begins with the original number; payload type and SSRC are known by the mapping.
std::optional<wire::RtpPacket> IngressStream::restore_original(const PacketRef& packet,
                                                               const wire::RtpPacket& rtx,
                                                               uint8_t payload_type) const {
    const MutableBytes bytes = packet.bytes();
    const uint16_t osn = load_be16(rtx.payload.data());
    const size_t from = rtx.header_size + kOsnSize;
    std::memmove(bytes.data() + rtx.header_size, bytes.data() + from, bytes.size() - from);
    packet.set_size(bytes.size() - kOsnSize);
    bytes[1] = static_cast<uint8_t>((rtx.marker ? 0x80 : 0) | payload_type);
    store_be16(bytes.data() + 2, osn);
    store_be32(bytes.data() + 8, config_.ssrc);
    return wire::parse_rtp(packet.bytes());
}

std::optional<IngressStream::Received> IngressStream::handle_rtx(Instant now, PacketRef packet,
                                                                 const wire::RtpPacket& rtx) {
    if (rtx.payload.empty()) {
        ++stats_.rtx_padding;
        return std::nullopt;
    }
    const auto* mapping = std::find_if(config_.rtx.begin(), config_.rtx.end(), [&](const RtxMapping& m) {
        return m.rtx_payload_type == rtx.payload_type;
    });
    if (mapping == config_.rtx.end() || rtx.payload.size() < kOsnSize ||
        packet.size() < rtx.header_size + rtx.payload.size()) {
        ++stats_.rtx_invalid;
        return std::nullopt;
    }
    const uint16_t osn = load_be16(rtx.payload.data());
    const int64_t ahead = static_cast<int16_t>(static_cast<uint16_t>(osn - newest_.wire().value));
    // A repair neither starts a stream nor moves it far: what it belongs to is unknown then.
    if (!started_ || ahead >= kDropoutMax || ahead <= -kWindow) {
        ++stats_.dropped;
        return std::nullopt;
    }
    ExtSeqNo seq;
    const Placement placement = place(osn, seq);
    if (placement == Placement::Duplicate) {
        ++stats_.duplicates;
        return std::nullopt;
    }
    const auto original = restore_original(packet, rtx, mapping->payload_type);
    if (!original) {
        ++stats_.rtx_invalid;
        return std::nullopt;
    }
    Received received = deliver(now, std::move(packet), *original, seq, placement);
    received.is_recovered = true;
    ++stats_.recovered;
    return received;
}

void IngressStream::handle_sender_report(Instant now, const wire::SenderReport& report) {
    if (report.ssrc != config_.ssrc) return;
    last_sr_ = report.info.ntp.compact();
    last_sr_at_ = now;
    // RFC 3550 6.4.1: zero from a sender without a wall clock.
    if (report.info.ntp.value != 0) {
        clock_.handle_sender_report(now, report.info.ntp, report.info.rtp_timestamp);
    }
}

std::optional<wire::ReportBlock> IngressStream::report_block(Instant now) {
    if (!started_) return std::nullopt;
    const int64_t all_expected = expected();
    const int64_t expected_since = all_expected - expected_prior_;
    const int64_t lost_since = expected_since - (received_ - received_prior_);
    expected_prior_ = all_expected;
    received_prior_ = received_;

    wire::ReportBlock block;
    block.ssrc = config_.ssrc;
    if (expected_since > 0 && lost_since > 0) {
        block.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(lost_since * 256 / expected_since, 255));
    }
    block.cumulative_lost =
        static_cast<int32_t>(std::clamp(all_expected - received_, kCumulativeLostMin, kCumulativeLostMax));
    block.highest_sequence = static_cast<uint32_t>(newest_.value);
    block.jitter = jitter_q4_ >> 4;
    if (!last_sr_at_.is_never()) {
        block.last_sr = last_sr_;
        block.delay_since_last_sr = in_compact_ntp(now - last_sr_at_);
    }
    return block;
}

StaticVector<SeqNo, kNacksPerReportMax> IngressStream::nacks_due(Instant now, Duration rtt) {
    if (!config_.nack) return {};
    return nacks_.due(now, rtt);
}

bool IngressStream::take_keyframe_needed() {
    return nacks_.take_keyframe_needed() && config_.kind == MediaKind::Video;
}

IngressStream::Stats IngressStream::stats() const {
    Stats stats = stats_;
    stats.lost = started_ ? expected() - received_ : 0;
    stats.jitter = jitter_q4_ >> 4;
    return stats;
}

}  // namespace conclave::rtp
