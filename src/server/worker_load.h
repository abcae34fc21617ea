// How loaded a worker is, as placement compares it: the share of its thread's time that was measured last,
// and what it was given since, which no measurement shows yet.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace conclave::server {

class WorkerLoad {
 public:
    // Of the thread, since it began; `people` are those in its conferences.
    void handle_report(Instant at, double cpu_seconds, size_t people);
    // Somebody was given to it, or a room to begin.
    void handle_placed() { ++placed_; }

    // In hundredths of one processor: less is noise, by which nothing should be decided.
    uint64_t figure() const;
    // 0..1, of the time between the last two reports.
    double busy() const { return busy_; }

 private:
    Instant reported_at_ = Instant::never();
    double cpu_seconds_ = 0;
    double busy_ = 0;
    size_t people_ = 0;
    size_t placed_ = 0;
};

}  // namespace conclave::server
