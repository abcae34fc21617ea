// The running server: wires front, workers and store together and serves until it is told to stop.
#pragma once

#include "server/config.h"

namespace conclave::server {

// Returns the exit code: 0 after SIGTERM or SIGINT, 1 when the server could not start.
int serve(const Config& config);

}  // namespace conclave::server
