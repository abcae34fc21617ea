// When the next RTCP report goes out: the first soon after the start, then at an interval varied by
// half, so that the reports of many streams do not fall together (RFC 3550 6.2, 6.3.1).
#pragma once

#include "base/rng.h"
#include "base/time.h"

namespace conclave::rtp {

constexpr Duration kReceiverReportInterval = Duration::seconds(1);
constexpr Duration kSenderReportInterval = Duration::seconds(3);
// A subscriber needs the first report to play audio and video in sync.
constexpr Duration kFirstReportDelay = Duration::millis(200);

class ReportSchedule {
 public:
    explicit ReportSchedule(Duration interval) : interval_(interval) {}

    // Idempotent; the schedule is idle before.
    void start(Instant now);
    // True once when a report is due; draws the next time.
    [[nodiscard]] bool handle_timeout(Instant now, Rng&);
    Instant next_timeout() const { return next_; }

 private:
    Duration interval_;
    Instant next_ = Instant::never();
};

}  // namespace conclave::rtp
