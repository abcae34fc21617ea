#include "rtp/sender_clock.h"

namespace conclave::rtp {
namespace {

// A publisher's clock that moves by more than this between reports was set anew.
constexpr Duration kStepMax = Duration::seconds(1);

// `span` of 2^-32 s in ticks of the RTP clock, wrapping as RTP timestamps do.
uint32_t ticks(int64_t span, uint32_t clock_rate) {
    const int64_t seconds = span >> 32;
    const uint64_t fraction = static_cast<uint64_t>(span) & 0xffff'ffff;
    const uint64_t whole = static_cast<uint64_t>(seconds) * clock_rate;
    constexpr uint64_t kHalf = uint64_t{1} << 31;
    return static_cast<uint32_t>(whole + ((fraction * clock_rate + kHalf) >> 32));
}

}  // namespace

Duration SenderClock::lateness(const Report& report, const Report& reference) {
    return (report.arrived - reference.arrived) - (report.ntp - reference.ntp);
}

void SenderClock::handle_sender_report(Instant now, NtpTime ntp, uint32_t rtp_timestamp) {
    const Report report{now, ntp};
    if (size_ > 0) {
        const Duration change = lateness(report, fastest_);
        if (change > kStepMax || change < kStepMax * -1) reset();
    }
    if (size_ == 0) next_ = 0;
    reports_[next_] = report;
    next_ = (next_ + 1) % kReportsKept;
    if (size_ < kReportsKept) ++size_;
    fastest_ = report;
    for (size_t i = 0; i < size_; ++i) {
        if (lateness(reports_[i], fastest_) < Duration{}) fastest_ = reports_[i];
    }
    mapped_ntp_ = ntp;
    mapped_rtp_ = rtp_timestamp;
}

std::optional<NtpTime> SenderClock::ntp_at(Instant now) const {
    if (!is_known()) return std::nullopt;
    return fastest_.ntp + (now - fastest_.arrived);
}

std::optional<uint32_t> SenderClock::rtp_at(NtpTime ntp) const {
    if (!is_known()) return std::nullopt;
    return mapped_rtp_ + ticks(static_cast<int64_t>(ntp.value - mapped_ntp_.value), clock_rate_);
}

std::optional<SenderClock::Reading> SenderClock::read(Instant now) const {
    const auto ntp = ntp_at(now);
    if (!ntp) return std::nullopt;
    return Reading{*ntp, *rtp_at(*ntp)};
}

}  // namespace conclave::rtp
