#include "rtp/report_schedule.h"

namespace conclave::rtp {

void ReportSchedule::start(Instant now) {
    if (next_.is_never()) next_ = now + kFirstReportDelay;
}

bool ReportSchedule::handle_timeout(Instant now, Rng& rng) {
    if (now < next_) return false;
    // 0.5 to 1.5 times the interval (RFC 3550 6.3.1).
    next_ = now + interval_ / 2 + Duration::micros(static_cast<int64_t>(rng.u32() % (interval_.us + 1)));
    return true;
}

}  // namespace conclave::rtp
