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

std::string measured_lines(const Measured& m) {
    std::string out = line(
        "latency ms", quantiles(m.traffic.latency_us, {0.5, 0.99, 0.999}, 1000, 2) + "  (p50 / p99 / p99.9)");
    out += line("received", fixed(m.per_second(m.traffic.bytes_received * 8) / 1e6, 1) + " Mbit/s, " +
                                fixed(m.per_second(m.traffic.packets_received), 0) + " packets/s");
    out += line("sent", fixed(m.per_second(m.traffic.bytes_sent * 8) / 1e6, 1) + " Mbit/s");
    out += line("CPU of this tool", fixed(m.tool_cpu, 2) + " cores");
    if (m.server_cpu >= 0) out += line("CPU of the server", fixed(m.server_cpu, 2) + " cores");
    return out;
}

nlohmann::json quantiles_of(const Histogram& ms) {
    return {{"p50", ms.quantile(0.5)}, {"p95", ms.quantile(0.95)}, {"p99", ms.quantile(0.99)}};
}

nlohmann::json json_of(const Measured& m) {
    const Histogram& latency = m.traffic.latency_us;
    nlohmann::json row = {
        {"seconds", m.seconds},
        {"measured_packets", latency.count()},
        {"measured_expected", m.expected},
        {"measured_loss", m.lost()},
        {"latency_us",
         {{"p50", latency.quantile(0.5)},
          {"p99", latency.quantile(0.99)},
          {"p999", latency.quantile(0.999)}}},
        {"bitrate_bps", m.per_second(m.traffic.bytes_received * 8)},
        {"packets_per_second", m.per_second(m.traffic.packets_received)},
        {"tool_cpu_cores", m.tool_cpu},
    };
    if (m.server_cpu >= 0) row["server_cpu_cores"] = m.server_cpu;
    return row;
}

}  // namespace

void Report::add(const Outcome& outcome) {
    if (outcome.has_joined) ++joined;
    if (!outcome.failure.empty()) ++failures[outcome.failure];
    if (outcome.join) join_ms.add(static_cast<uint64_t>(outcome.join->ms()));
    if (outcome.is_late && outcome.has_joined) ++late.joined;
    if (outcome.is_late && outcome.join) late.join_ms.add(static_cast<uint64_t>(outcome.join->ms()));
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
    std::string out = "\n" + report.scenario + ", " + fixed(report.all.seconds, 1) + " s\n";
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
    out += measured_lines(report.all);
    if (report.late.participants > 0) {
        out += line("late ones", std::to_string(report.late.participants) + ", joined " +
                                     std::to_string(report.late.joined));
        out += line("join ms", quantiles(report.late.join_ms, {0.5, 0.95, 0.99}, 1, 0));
    }
    if (report.lead) out += " before they joined\n" + measured_lines(*report.lead);
    if (report.during) out += " while they joined\n" + measured_lines(*report.during);
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
            {"join_ms", quantiles_of(report.join_ms)},
            {"first_media_ms", quantiles_of(report.first_media_ms)},
            {"sent_bps", report.all.per_second(report.all.traffic.bytes_sent * 8)},
        };
        row.update(json_of(report.all));
        if (report.late.participants > 0) {
            row["late"] = {{"participants", report.late.participants},
                           {"joined", report.late.joined},
                           {"join_ms", quantiles_of(report.late.join_ms)}};
        }
        if (report.lead) row["lead"] = json_of(*report.lead);
        if (report.during) row["during"] = json_of(*report.during);
        rows.push_back(std::move(row));
    }
    return rows.dump(2) + "\n";
}

}  // namespace conclave::load
