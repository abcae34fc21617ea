// What a load test says at the end: figures, a table, a row of JSON, and whether it went well.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "load/histogram.h"
#include "load/participant.h"
#include "load/scenario.h"
#include "load/thread_state.h"

namespace conclave::load {

// Between two moments.
struct Measured {
    double seconds = 0;
    Traffic traffic;        // latency: of every media packet received
    uint64_t expected = 0;  // what became due of the streams that had begun
    uint64_t received = 0;
    double tool_cpu = 0;     // cores
    double server_cpu = -1;  // cores; below 0: not measured

    uint64_t lost() const { return expected > received ? expected - received : 0; }
    double per_second(uint64_t count) const { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }
};

struct LateJoins {
    uint32_t participants = 0;
    uint32_t joined = 0;
    Histogram join_ms;
};

struct Report {
    std::string scenario;
    uint32_t participants = 0;
    uint32_t joined = 0;
    std::map<std::string, uint32_t> failures;  // how many, by reason
    uint64_t packets_sent = 0;
    uint64_t packets_received = 0;  // repairs and foreign ones too
    uint64_t foreign = 0;
    size_t tracks = 0;
    size_t tracks_wanted = 0;
    uint64_t auth_failures = 0;
    uint64_t send_dropped = 0;
    Verdict verdict;
    Histogram join_ms;
    Histogram first_media_ms;
    Measured all;  // while everybody was there
    LateJoins late;
    // Before the late ones came, and while they did.
    std::optional<Measured> lead;
    std::optional<Measured> during;

    void add(const Outcome& outcome);
    uint32_t failed() const;
    double loss_percent() const;
};

// What is wrong, a line each; empty: all went well.
std::vector<std::string> faults(const Report& report, double max_loss_percent);
std::string table(const Report& report);
// Of all scenarios that were run: an array of objects.
std::string json(const std::vector<Report>& reports);

}  // namespace conclave::load
