// The only place that reads the clocks: the shell takes `now` here and passes it down.
#pragma once

#include "base/time.h"

namespace conclave::net {

// CLOCK_MONOTONIC: for timers. Comparable between threads of one process.
Instant monotonic_now();
// CLOCK_REALTIME: for dates that people and tokens carry.
WallTime wall_now();

}  // namespace conclave::net
