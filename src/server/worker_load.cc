#include "server/worker_load.h"

#include <algorithm>

namespace conclave::server {
namespace {

// What a person in a small meeting costs, until there is a better guess; more than nothing, so that the
// first rooms after a quiet night are spread.
constexpr double kPersonMin = 0.002;

}  // namespace

void WorkerLoad::handle_report(Instant at, double cpu_seconds, size_t people) {
    const double span = reported_at_.is_never() ? 0 : static_cast<double>((at - reported_at_).us) / 1e6;
    if (span > 0) busy_ = std::clamp((cpu_seconds - cpu_seconds_) / span, 0.0, 1.0);
    reported_at_ = at;
    cpu_seconds_ = cpu_seconds;
    people_ = people;
    placed_ = 0;
}

// A newcomer is taken to cost what those who are there cost on average.
uint64_t WorkerLoad::figure() const {
    const double person =
        people_ == 0 ? kPersonMin : std::max(busy_ / static_cast<double>(people_), kPersonMin);
    return static_cast<uint64_t>(100 * (busy_ + person * static_cast<double>(placed_)));
}

}  // namespace conclave::server
