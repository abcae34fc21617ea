// A publisher's clock as its sender reports show it (RFC 3550 6.4.1): RTP timestamps against its NTP
// time, projected by our own clock. Every subscriber's sender report is written from it, so audio and
// video of one publisher stay in sync at all of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace conclave::rtp {

class SenderClock {
 public:
    // `clock_rate` in Hz, not zero.
    explicit SenderClock(uint32_t clock_rate) : clock_rate_(clock_rate) {}

    void handle_sender_report(Instant now, NtpTime, uint32_t rtp_timestamp);
    // The publisher's NTP time at `now`, judged by the report that travelled fastest lately.
    std::optional<NtpTime> ntp_at(Instant now) const;
    // The stream's RTP timestamp at the publisher's `ntp`.
    std::optional<uint32_t> rtp_at(NtpTime ntp) const;
    // Both at `now`: what a sender report says.
    struct Reading {
        NtpTime ntp;
        uint32_t rtp_timestamp = 0;
    };
    std::optional<Reading> read(Instant now) const;

    bool is_known() const { return size_ > 0; }
    void reset() { size_ = 0; }

 private:
    // Reports come every 1 to 5 s: the window follows a drifting clock within half a minute.
    static constexpr size_t kReportsKept = 8;
    struct Report {
        Instant arrived;
        NtpTime ntp;
    };
    // How much later than the newest report's prediction `report` came (delay difference).
    static Duration lateness(const Report& report, const Report& reference);

    uint32_t clock_rate_;
    std::array<Report, kReportsKept> reports_{};
    size_t size_ = 0;
    size_t next_ = 0;
    Report fastest_;
    NtpTime mapped_ntp_;
    uint32_t mapped_rtp_ = 0;
};

}  // namespace conclave::rtp
