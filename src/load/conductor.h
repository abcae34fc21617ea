// Runs one scenario: starts the threads, shows progress, moves from phase to phase, sums up.
#pragma once

#include <csignal>
#include <string>

#include "load/report.h"
#include "load/run.h"

namespace conclave::load {

struct RunOptions {
    size_t threads = 1;
    int server_pid = 0;     // whose CPU time is measured; 0: nobody's
    bool is_quiet = false;  // no progress
};

// `is_interrupted` ends the test early, in order.
Result<Report> conduct(Run& run, const RunOptions& options, const volatile std::sig_atomic_t& is_interrupted);

// Room for a socket or two of each participant; what is missing, in words, when the system does not allow it.
Status raise_descriptor_limit(const Run& run);

}  // namespace conclave::load
