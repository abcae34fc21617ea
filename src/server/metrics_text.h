// The workers' numbers in Prometheus text format.
#pragma once

#include <string>
#include <vector>

#include "server/ice_tcp.h"
#include "server/pending_commands.h"
#include "server/worker.h"
#include "turn/server.h"

namespace conclave::server {

std::string command_metrics(const PendingCommands&, size_t rooms);
std::string ice_tcp_metrics(const IceTcpCounters&);
std::string turn_metrics(const turn::Server&, uint64_t dropped);
std::string media_metrics(const std::vector<Snapshot>& workers);

}  // namespace conclave::server
