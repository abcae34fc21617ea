// The workers' numbers in Prometheus text format.
#pragma once

#include <string>
#include <vector>

#include "server/worker.h"

namespace conclave::server {

std::string media_metrics(const std::vector<Snapshot>& workers);

}  // namespace conclave::server
