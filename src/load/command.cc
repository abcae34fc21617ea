#include "load/command.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>

#include "livekit/token.h"
#include "load/conductor.h"
#include "load/scenario.h"
#include "net/clock.h"
#include "net/system_rng.h"
#include "net/websocket_client.h"

namespace conclave::load {
namespace {

constexpr Duration kTokenLife = Duration::seconds(6LL * 3600);

volatile std::sig_atomic_t is_interrupted = 0;

void interrupt(int) {
    is_interrupted = 1;
}

struct Options {
    std::string url = "ws://127.0.0.1:8080";
    std::string api_key;
    std::string api_secret;
    std::string token_file;
    bool accepts_any_certificate = false;
    bool two_connections = false;
    std::optional<uint64_t> janus_room;
    std::vector<std::string> files;
    uint32_t webinar = 0;
    uint32_t meeting = 0;
    std::optional<uint32_t> rooms;
    std::optional<double> duration;
    std::optional<double> join_rate;
    std::string room = "load";
    std::string json;
    double max_loss = 0;
    RunOptions run;
};

int fail(const std::string& what) {
    std::fprintf(stderr, "conclave load: %s\n", what.c_str());
    return 2;
}

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return failure(path + " cannot be read");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// ws, wss, http or https; host or [IPv6]; port; a path before /rtc.
Result<Target> parse_url(const std::string& url) {
    const std::string wanted = "--url wants ws://host:port or wss://host, not \"" + url + "\"";
    const size_t scheme_end = url.find("://");
    if (scheme_end == std::string::npos) return failure(wanted);
    const std::string scheme = url.substr(0, scheme_end);
    Target target;
    target.is_tls = scheme == "wss" || scheme == "https";
    if (!target.is_tls && scheme != "ws" && scheme != "http") return failure(wanted);
    std::string rest = url.substr(scheme_end + 3);
    const size_t path = rest.find('/');
    if (path != std::string::npos) target.prefix = rest.substr(path);
    while (target.prefix.ends_with('/')) target.prefix.pop_back();
    target.origin = rest.substr(0, path);
    const size_t bracket = target.origin.rfind(']');
    const size_t colon = target.origin.rfind(':');
    const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    target.host = target.origin.substr(0, has_port ? colon : std::string::npos);
    if (target.host.starts_with('[') && target.host.ends_with(']'))
        target.host = target.host.substr(1, target.host.size() - 2);
    uint16_t port = target.is_tls ? 443 : 80;
    if (has_port) {
        const char* end = target.origin.data() + target.origin.size();
        const auto [at, error] = std::from_chars(target.origin.data() + colon + 1, end, port);
        if (error != std::errc{} || at != end || port == 0) return failure(wanted);
    }
    if (target.host.empty()) return failure(wanted);
    // IPv4 first: ICE candidates of the other family would be of no use, and servers without IPv6 are many.
    auto addresses = TRY(net::resolve_host(target.host, port));
    std::stable_partition(addresses.begin(), addresses.end(),
                          [](const SocketAddress& a) { return a.is_v4(); });
    target.address = addresses.front();
    return target;
}

bool suits_janus(const Scenario& scenario) {
    return scenario.rooms == 1 && std::none_of(scenario.groups.begin(), scenario.groups.end(),
                                               [](const Group& g) { return g.data || g.tracks_max > 0; });
}

Result<std::vector<Scenario>> scenarios_of(const Options& options) {
    std::vector<Scenario> scenarios;
    for (const std::string& path : options.files) {
        const std::string text = TRY(read_file(path));
        scenarios.push_back(TRY(parse_scenario(text, path)));
    }
    if (options.webinar > 0) scenarios.push_back(webinar(options.webinar));
    if (options.meeting > 0) scenarios.push_back(meeting(options.meeting));
    if (scenarios.empty()) return failure("say what to do: a scenario file, --webinar N or --meeting N");
    for (Scenario& scenario : scenarios) {
        if (options.rooms) scenario.rooms = *options.rooms;
        if (options.duration) scenario.duration = *options.duration;
        if (options.join_rate) scenario.join_rate = *options.join_rate;
        if (options.janus_room && !suits_janus(scenario))
            return failure(scenario.name +
                           ": with --janus-room there is one room, no data and no \"subscribe = N\"");
        if (uint64_t{scenario.rooms} * scenario.participants_per_room() > kParticipantsMax)
            return failure("more than " + std::to_string(kParticipantsMax) + " participants");
    }
    return scenarios;
}

// Participants of a group stand behind each other, rooms taking turns: Worker::seat_participants().
Result<std::vector<std::string>> mint_tokens(const Options& options, const Scenario& scenario, uint32_t run) {
    std::vector<std::string> tokens;
    if (options.janus_room) return tokens;  // it has none
    if (!options.token_file.empty()) {
        std::istringstream lines(TRY(read_file(options.token_file)));
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty()) tokens.push_back(line);
        }
        if (tokens.size() < scenario.participants()) {
            return failure(options.token_file + " has " + std::to_string(tokens.size()) +
                           " tokens, one a line, " + scenario.name + " has " +
                           std::to_string(scenario.participants()) + " participants");
        }
        return tokens;
    }
    if (options.api_key.empty() || options.api_secret.empty())
        return failure("--api-key and --api-secret are needed, or a --token-file");
    const std::string prefix = options.room + "-" + std::to_string(run) + "-";
    for (const Group& group : scenario.groups) {
        for (uint64_t i = 0; i < uint64_t{group.count} * scenario.rooms; ++i) {
            livekit::Claims claims;
            claims.identity = claims.name = "load-" + std::to_string(tokens.size());
            claims.video.room_join = true;
            claims.video.room = prefix + std::to_string(i % scenario.rooms);
            tokens.push_back(livekit::mint_token(claims, options.api_key, as_bytes(options.api_secret),
                                                 net::wall_now(), kTokenLife));
        }
    }
    return tokens;
}

Result<Report> run_scenario(const Options& options, const Target& target, const Scenario& scenario) {
    net::SystemRng rng;
    Run run(scenario, target, rng.u32());
    run.tokens = TRY(mint_tokens(options, scenario, run.id));
    TRY(raise_descriptor_limit(run));
    if (!options.run.is_quiet) {
        std::printf("%s: %u participants in %u rooms, %.0f joins/s, %.0f s, %zu thread%s, %s%s\n",
                    scenario.name.c_str(), scenario.participants(), scenario.rooms, scenario.join_rate,
                    scenario.duration, options.run.threads, options.run.threads == 1 ? "" : "s",
                    target.origin.c_str(),
                    target.janus_room > 0    ? ""
                    : target.two_connections ? "/rtc"
                                             : "/rtc/v1");
        std::fflush(stdout);
    }
    return conduct(run, options.run, is_interrupted);
}

int run_all(const Options& options) {
    auto scenarios = scenarios_of(options);
    if (!scenarios) return fail(scenarios.error().what);
    auto target = parse_url(options.url);
    if (!target) return fail(target.error().what);
    target->accepts_any_certificate = options.accepts_any_certificate;
    target->two_connections = options.two_connections || options.janus_room;
    target->janus_room = options.janus_room.value_or(0);
    std::vector<Report> reports;
    bool is_well = true;
    for (const Scenario& scenario : *scenarios) {
        if (is_interrupted != 0) break;
        const auto report = run_scenario(options, *target, scenario);
        if (!report) return fail(report.error().what);
        std::printf("%s", table(*report).c_str());
        for (const std::string& fault : faults(*report, options.max_loss)) {
            std::printf("  FAULT: %s\n", fault.c_str());
            is_well = false;
        }
        std::fflush(stdout);
        reports.push_back(*report);
    }
    if (!options.json.empty()) {
        std::ofstream file(options.json);
        file << json(reports);
        if (!file.flush()) return fail(options.json + " cannot be written");
    }
    return is_well ? 0 : 1;
}

void describe(CLI::App& app, Options& options) {
    app.add_option("SCENARIO", options.files, "scenario files (TOML, docs/load.md), run one after the other");
    app.add_option("--webinar", options.webinar, "instead of a file: one person sends, N receive");
    app.add_option("--meeting", options.meeting, "instead of a file: N people who all send and receive");
    app.add_option("--rooms", options.rooms, "how many such rooms")->check(CLI::Range(1u, kParticipantsMax));
    app.add_option("--duration", options.duration, "seconds after the last join")
        ->check(CLI::Range(1.0, 604800.0));
    app.add_option("--join-rate", options.join_rate, "joins a second")->check(CLI::Range(0.1, 10000.0));
    app.add_option("--url", options.url, "the server: ws://host:port or wss://host")->capture_default_str();
    app.add_option("--api-key", options.api_key, "key id (conclave key create, or of any LiveKit server)");
    app.add_option("--api-secret", options.api_secret, "its secret; the tool makes its own tokens");
    app.add_option("--token-file", options.token_file,
                   "instead: access tokens, one a line, one for each participant");
    app.add_option("--room", options.room, "beginning of the rooms' names")->capture_default_str();
    app.add_flag("--insecure", options.accepts_any_certificate,
                 "accept any certificate, self-signed ones too");
    app.add_flag("--v0", options.two_connections, "two peer connections (/rtc) instead of one (/rtc/v1)");
    app.add_option("--janus-room", options.janus_room,
                   "the server is a Janus (WebSocket API): this room of its VideoRoom, which has to be there")
        ->check(CLI::Range(uint64_t{1}, std::numeric_limits<uint64_t>::max()));
    app.add_option("--threads", options.run.threads, "threads, a core each at most")
        ->check(CLI::Range(size_t{1}, size_t{64}))
        ->capture_default_str();
    app.add_option("--max-loss", options.max_loss, "percent of the expected packets that may be lost")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    app.add_option("--json", options.json, "write the figures to this file, a row for each scenario");
    app.add_option("--server-pid", options.run.server_pid, "also measure the CPU time of this process");
    app.add_flag("--quiet", options.run.is_quiet, "no progress, only the table");
}

}  // namespace

int run_command_line(int argc, char** argv) {
    CLI::App app(
        "Many participants in one process, against any LiveKit server: real ICE, DTLS-SRTP and signalling, "
        "synthetic "
        "media whose every packet is accounted for.\nExit code 0: everything arrived; 1: packets were lost "
        "or joins "
        "failed; 2: wrong options.",
        "conclave load");
    Options options;
    describe(app, options);
    try {
        app.parse(argc, argv);
        std::signal(SIGINT, interrupt);
        std::signal(SIGTERM, interrupt);
        return run_all(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}

}  // namespace conclave::load
