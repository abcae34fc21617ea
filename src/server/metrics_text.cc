#include "server/metrics_text.h"

#include <array>
#include <string_view>

#include "crypto/aead.h"

namespace conclave::server {
namespace {

class Text {
 public:
    explicit Text(const std::vector<Snapshot>& workers) : workers_(workers) {}

    template <class Value>
    void add(std::string_view name, std::string_view type, std::string_view help, Value value) {
        out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
        out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
        for (const Snapshot& worker : workers_) sample(name, worker, {}, value(worker));
    }
    void info(std::string_view name, std::string_view label, std::string_view value, std::string_view help) {
        out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
        out_.append("# TYPE ").append(name).append(" gauge\n");
        out_.append(name).append("{").append(label).append("=\"").append(value).append("\"} 1\n");
    }
    void drops(std::string_view name) {
        out_.append("# HELP ").append(name).append(" Datagrams dropped, by reason.\n");
        out_.append("# TYPE ").append(name).append(" counter\n");
        constexpr std::array<std::string_view, 6> kSrtp = {"srtp_malformed",      "srtp_replayed",
                                                           "srtp_too_old",        "srtp_authentication",
                                                           "srtp_too_many_ssrcs", "srtp_not_encrypted"};
        for (const Snapshot& worker : workers_) {
            const peer::Counters& drops = worker.totals.peers;
            sample(name, worker, "stranger", worker.strangers);
            sample(name, worker, "unknown_path", drops.unknown_path);
            sample(name, worker, "not_ready", drops.not_ready);
            sample(name, worker, "malformed", drops.malformed);
            sample(name, worker, "unknown_stream", drops.unknown_stream);
            sample(name, worker, "unknown_rid", drops.unknown_rid);
            sample(name, worker, "data_channel", drops.data_dropped);
            sample(name, worker, "paced", drops.paced_dropped);
            sample(name, worker, "gated", worker.totals.gated_packets);
            for (size_t i = 0; i < kSrtp.size(); ++i) sample(name, worker, kSrtp[i], drops.srtp_dropped[i]);
            sample(name, worker, "no_packet_slot", worker.udp.receive_dropped_pool);
            sample(name, worker, "transmit_queue_full", worker.queue_dropped);
            sample(name, worker, "relay_behind", worker.relay_drops.packets);
            sample(name, worker, "relay_lossy_data", worker.relay_drops.lossy_data);
            sample(name, worker, "relay_reliable_data", worker.relay_drops.reliable_data);
            sample(name, worker, "tunnel_behind", worker.tunnel_dropped);
            sample(name, worker, "send_buffer_full", worker.udp.send_dropped_full);
            sample(name, worker, "handshakes_waiting", worker.handshake_steps_refused);
        }
    }
    std::string take() { return std::move(out_); }

 private:
    template <class Value>
    void sample(std::string_view name, const Snapshot& worker, std::string_view reason, Value value) {
        out_.append(name).append("{worker=\"").append(std::to_string(worker.worker)).append("\"");
        if (!reason.empty()) out_.append(",reason=\"").append(reason).append("\"");
        out_.append("} ").append(std::to_string(value)).append("\n");
    }

    const std::vector<Snapshot>& workers_;
    std::string out_;
};

// Of the front thread.
auto adder(std::string& text) {
    return [&text](std::string_view name, std::string_view type, std::string_view help, uint64_t value) {
        text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
        text.append(" ").append(type).append("\n").append(name).append(" ").append(std::to_string(value)) +=
            '\n';
    };
}

}  // namespace

std::string command_metrics(const PendingCommands& commands, size_t rooms) {
    std::string text;
    const auto add = adder(text);
    add("conclave_rooms", "gauge", "Rooms of applications.", rooms);
    add("conclave_api_calls_waiting", "gauge", "Calls of the server API that wait for a worker.",
        commands.size());
    add("conclave_api_calls_expired_total", "counter",
        "Calls of the server API that no worker answered in time.", commands.expired());
    add("conclave_api_calls_over_limit_total", "counter", "Calls of the server API over limits.api_calls.",
        commands.refused());
    return text;
}

std::string ice_tcp_metrics(const IceTcpCounters& counters) {
    std::string text;
    const auto add = adder(text);
    add("conclave_ice_tcp_connections", "gauge", "TCP connections that carry media.", counters.connections);
    add("conclave_ice_tcp_refused_total", "counter", "Connections that were refused or proved nothing.",
        counters.refused);
    add("conclave_ice_tcp_received_datagrams_total", "counter", "Datagrams received over TCP.",
        counters.received);
    add("conclave_ice_tcp_received_bytes_total", "counter", "Bytes received over TCP.",
        counters.received_bytes);
    add("conclave_ice_tcp_sent_datagrams_total", "counter", "Datagrams sent over TCP.", counters.sent);
    add("conclave_ice_tcp_sent_bytes_total", "counter", "Bytes sent over TCP.", counters.sent_bytes);
    add("conclave_ice_tcp_dropped_total", "counter",
        "Datagrams dropped because a connection or a worker was too far behind.", counters.dropped);
    return text;
}

std::string turn_metrics(const turn::Server& server, uint64_t dropped) {
    std::string text;
    const auto add = adder(text);
    const turn::Counters& counters = server.counters();
    add("conclave_turn_allocations", "gauge", "TURN allocations.", server.allocations());
    add("conclave_turn_users", "gauge", "People who may make allocations.", server.users());
    add("conclave_turn_requests_total", "counter", "TURN requests that succeeded.", counters.succeeded);
    uint64_t refused = 0;
    for (const auto& [code, count] : counters.refused) refused += count;
    add("conclave_turn_refused_total", "counter", "TURN requests that did not, challenges included.",
        refused);
    add("conclave_turn_unanswered_total", "counter",
        "Unauthenticated TURN requests over UDP that no answer was owed to.", counters.unanswered);
    add("conclave_turn_received_datagrams_total", "counter", "Datagrams from TURN clients to media.",
        counters.relayed);
    add("conclave_turn_received_bytes_total", "counter", "Bytes from TURN clients to media.",
        counters.relayed_bytes);
    add("conclave_turn_sent_datagrams_total", "counter", "Datagrams from media to TURN clients.",
        counters.returned);
    add("conclave_turn_sent_bytes_total", "counter", "Bytes from media to TURN clients.",
        counters.returned_bytes);
    add("conclave_turn_dropped_total", "counter", "Datagrams of or to TURN clients that were dropped.",
        dropped + counters.malformed + counters.unexpected + counters.forbidden_peer +
            counters.no_permission + counters.queue_full);
    return text;
}

std::string media_metrics(const std::vector<Snapshot>& workers) {
    Text text(workers);
    text.add("conclave_conferences", "gauge", "Live conferences.",
             [](const Snapshot& w) { return w.conferences; });
    text.add("conclave_participants", "gauge", "People in conferences.",
             [](const Snapshot& w) { return w.totals.participants; });
    text.add("conclave_published_tracks", "gauge", "Tracks that participants publish.",
             [](const Snapshot& w) { return w.totals.published_tracks; });
    text.add("conclave_subscriptions", "gauge", "Tracks sent to participants.",
             [](const Snapshot& w) { return w.totals.subscriptions; });
    text.add("conclave_media_received_datagrams_total", "counter", "Datagrams received.",
             [](const Snapshot& w) { return w.udp.received; });
    text.add("conclave_media_received_bytes_total", "counter", "Bytes received.",
             [](const Snapshot& w) { return w.udp.received_bytes; });
    text.add("conclave_media_sent_datagrams_total", "counter", "Datagrams sent.",
             [](const Snapshot& w) { return w.udp.sent; });
    text.add("conclave_media_sent_bytes_total", "counter", "Bytes sent.",
             [](const Snapshot& w) { return w.udp.sent_bytes; });
    text.add("conclave_worker_cpu_seconds_total", "counter", "CPU time of the worker.",
             [](const Snapshot& w) { return w.busy_seconds; });
    text.add("conclave_worker_busy_ratio", "gauge", "Share of its time that the worker was at work, lately.",
             [](const Snapshot& w) { return w.busy; });
    text.add("conclave_worker_shedding", "gauge",
             "What the worker gives up for want of time: 1, 2 upper layers of videos, 3 further joins.",
             [](const Snapshot& w) { return static_cast<int>(w.shedding); });
    text.add("conclave_handshake_steps_total", "counter",
             "Steps of DTLS handshakes, off the worker's thread.",
             [](const Snapshot& w) { return w.handshake_steps; });
    text.add("conclave_worker_free_packets", "gauge", "Free slots of the packet pool.",
             [](const Snapshot& w) { return w.free_packets; });
    text.add("conclave_estimated_bandwidth_bits", "gauge",
             "Bits a second that the links of participants carry, all together, as far as they are measured.",
             [](const Snapshot& w) { return w.totals.peers.estimate_bps; });
    text.add("conclave_bandwidth_probes_total", "counter", "Probes of the links of participants.",
             [](const Snapshot& w) { return w.totals.peers.probes; });
    text.add("conclave_paced_packets_total", "counter", "Packets that waited for a thin link.",
             [](const Snapshot& w) { return w.totals.peers.paced; });
    text.drops("conclave_media_dropped_total");
    text.info("conclave_seal_engine_info", "engine", crypto::gcm_engine_name(crypto::fastest_gcm_engine()),
              "What seals media: the fastest on this processor.");
    return text.take();
}

}  // namespace conclave::server
