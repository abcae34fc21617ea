#include "load/report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace conclave::load {
namespace {

std::string fixed(double value, int decimals) {
    std::array<char, 48> text;
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

std::string line(const std::string& name, const std::string& value) {
    return "  " + name + std::string(name.size() < 22 ? 22 - name.size() : 1, ' ') + value + "\n";
}

std::string quantiles(const Histogram& histogram, std::initializer_list<double> shares, double unit,
                      int decimals) {
    std::string out;
    for (const double share : shares) {
        if (!out.empty()) out += " / ";
        out += fixed(static_cast<double>(histogram.quantile(share)) / unit, decimals);
    }
    return out;
}

}  // namespace

void Report::add(const Outcome& outcome) {
    if (outcome.has_joined) ++joined;
    if (!outcome.failure.empty()) ++failures[outcome.failure];
    if (outcome.join) join_ms.add(static_cast<uint64_t>(outcome.join->ms()));
    if (outcome.first_media) first_media_ms.add(static_cast<uint64_t>(outcome.first_media->ms()));
    tracks += outcome.tracks;
    tracks_wanted += outcome.tracks_wanted;
    auth_failures += outcome.auth_failures;
    send_dropped += outcome.send_dropped;
    verdict.add(outcome.verdict);
    verdict.duplicates += outcome.replays;
}

uint32_t Report::failed() const {
    uint32_t sum = 0;
    for (const auto& [reason, count] : failures) sum += count;
    return sum;
}

double Report::loss_percent() const {
    if (verdict.expected == 0) return 0;
    return 100.0 * static_cast<double>(verdict.lost()) / static_cast<double>(verdict.expected);
}

std::vector<std::string> faults(const Report& report, double max_loss_percent) {
    std::vector<std::string> found;
    for (const auto& [reason, count] : report.failures)
        found.push_back(std::to_string(count) + " of " + std::to_string(report.participants) + ": " + reason);
    if (report.joined < report.participants && report.failures.empty())
        found.push_back(std::to_string(report.participants - report.joined) + " did not get to join");
    if (report.loss_percent() > max_loss_percent) {
        found.push_back(std::to_string(report.verdict.lost()) + " packets lost (" +
                        fixed(report.loss_percent(), 4) + " %), allowed are " + fixed(max_loss_percent, 4) +
                        " %");
    }
    if (report.tracks < report.tracks_wanted) {
        found.push_back("nothing came of " + std::to_string(report.tracks_wanted - report.tracks) + " of " +
                        std::to_string(report.tracks_wanted) + " subscriptions");
    }
    if (report.auth_failures > 0)
        found.push_back(std::to_string(report.auth_failures) + " packets could not be decrypted");
    return found;
}

std::string table(const Report& report) {
    const Verdict& v = report.verdict;
    std::string out = "\n" + report.scenario + ", " + fixed(report.seconds, 1) + " s\n";
    out += line("participants", std::to_string(report.participants) + ", joined " +
                                    std::to_string(report.joined) + ", failed " +
                                    std::to_string(report.failed()));
    for (const auto& [reason, count] : report.failures)
        out += line("", std::to_string(count) + "  " + reason);
    out += line("join ms", quantiles(report.join_ms, {0.5, 0.95, 0.99}, 1, 0) + "  (p50 / p95 / p99)");
    out += line("first media ms", quantiles(report.first_media_ms, {0.5, 0.95, 0.99}, 1, 0));
    out +=
        line("subscriptions", std::to_string(report.tracks) + " of " + std::to_string(report.tracks_wanted));
    out += line("packets sent", std::to_string(report.packets_sent));
    out += line("packets received", std::to_string(report.packets_received));
    out += line("expected", std::to_string(v.expected) + ", lost " + std::to_string(v.lost()) + " (" +
                                fixed(report.loss_percent(), 4) + " %)");
    out += line("duplicates, reordered", std::to_string(v.duplicates) + ", " + std::to_string(v.reordered));
    out += line("not decrypted", std::to_string(report.auth_failures));
    if (report.foreign > 0) out += line("not ours", std::to_string(report.foreign));
    if (report.send_dropped > 0) out += line("not sent", std::to_string(report.send_dropped));
    out += line("frames, freezes", std::to_string(v.frames) + ", " + std::to_string(v.freezes));
    if (v.switches > 0) out += line("encoding switches", std::to_string(v.switches));
    out += line("latency ms",
                quantiles(report.latency_us, {0.5, 0.99, 0.999}, 1000, 2) + "  (p50 / p99 / p99.9)");
    out += line("received", fixed(report.received_bps / 1e6, 1) + " Mbit/s, " +
                                fixed(report.received_pps, 0) + " packets/s");
    out += line("sent", fixed(report.sent_bps / 1e6, 1) + " Mbit/s");
    out += line("CPU of this tool", fixed(report.tool_cpu, 2) + " cores");
    if (report.server_cpu >= 0) out += line("CPU of the server", fixed(report.server_cpu, 2) + " cores");
    return out;
}

std::string json(const std::vector<Report>& reports) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Report& report : reports) {
        const Verdict& v = report.verdict;
        nlohmann::json row = {
            {"scenario", report.scenario},
            {"participants", report.participants},
            {"joined", report.joined},
            {"failed", report.failed()},
            {"failures", report.failures},
            {"subscriptions", report.tracks},
            {"subscriptions_wanted", report.tracks_wanted},
            {"packets_sent", report.packets_sent},
            {"packets_received", report.packets_received},
            {"expected", v.expected},
            {"loss", v.lost()},
            {"loss_percent", report.loss_percent()},
            {"duplicates", v.duplicates},
            {"reordered", v.reordered},
            {"auth_failures", report.auth_failures},
            {"frames", v.frames},
            {"freezes", v.freezes},
            {"switches", v.switches},
            {"latency_us",
             {{"p50", report.latency_us.quantile(0.5)},
              {"p99", report.latency_us.quantile(0.99)},
              {"p999", report.latency_us.quantile(0.999)}}},
            {"join_ms",
             {{"p50", report.join_ms.quantile(0.5)},
              {"p95", report.join_ms.quantile(0.95)},
              {"p99", report.join_ms.quantile(0.99)}}},
            {"first_media_ms",
             {{"p50", report.first_media_ms.quantile(0.5)},
              {"p95", report.first_media_ms.quantile(0.95)},
              {"p99", report.first_media_ms.quantile(0.99)}}},
            {"seconds", report.seconds},
            {"bitrate_bps", report.received_bps},
            {"sent_bps", report.sent_bps},
            {"packets_per_second", report.received_pps},
            {"measured_packets", report.latency_us.count()},
            {"tool_cpu_cores", report.tool_cpu},
        };
        if (report.server_cpu >= 0) row["server_cpu_cores"] = report.server_cpu;
        rows.push_back(std::move(row));
    }
    return rows.dump(2) + "\n";
}

}  // namespace conclave::load
