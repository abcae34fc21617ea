#include "server/ice_tcp.h"

#include "net/clock.h"
#include "wire/stun.h"

namespace conclave::server {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// USERNAME of a check is "ours:theirs" (RFC 8445 7.2.2).
std::optional<WorkerIndex> worker_of(ByteView datagram) {
    const auto message = wire::parse_stun(datagram);
    const bool is_check = message && message->message_class == wire::StunClass::Request &&
                          message->method == wire::kStunBinding && message->username;
    if (!is_check || message->username->size() < 2) return std::nullopt;
    const size_t high = kDigits.find((*message->username)[0]);
    const size_t low = kDigits.find((*message->username)[1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    return static_cast<WorkerIndex>(high << 4 | low);
}

}  // namespace

std::string ufrag_prefix(WorkerIndex worker) {
    return {kDigits[worker >> 4 & 15], kDigits[worker & 15]};
}

net::DatagramStreamCallbacks IceTcp::open(Instant now, const SocketAddress& peer,
                                          std::shared_ptr<net::DatagramStream> stream) {
    const Path path{Path::kTcp, peer};
    // The same far end on two of our ports: one of them has to go elsewhere.
    if (!connections_.try_emplace(path, Connection{std::move(stream), {}, now}).second) {
        ++counters_.refused;
        return {};
    }
    ++counters_.connections;
    return {[this, path](std::span<const ByteView> datagrams) { receive(path, datagrams); },
            [this, path] { handle_closed(path); }};
}

void IceTcp::receive(const Path& path, std::span<const ByteView> datagrams) {
    Connection& connection = connections_.at(path);
    if (!may_go_on(connection, datagrams)) {
        ++counters_.refused;
        return connection.stream->close();
    }
    connection.heard = net::monotonic_now();
    TunnelBatch batch;
    size_t bytes = 0;
    for (const ByteView datagram : datagrams) {
        batch.push(path, datagram);
        bytes += datagram.size();
    }
    if (!workers_.post(*connection.worker, std::move(batch))) {
        counters_.dropped += datagrams.size();
        return;
    }
    counters_.received += datagrams.size();
    counters_.received_bytes += bytes;
}

bool IceTcp::may_go_on(Connection& connection, std::span<const ByteView> datagrams) {
    if (connection.is_proven) return true;
    if (!connection.worker) connection.worker = worker_of(datagrams.front());
    if (!connection.worker) return false;
    for (const ByteView datagram : datagrams) connection.unproven_bytes += datagram.size();
    return connection.unproven_bytes <= kUnprovenBytesMax;
}

void IceTcp::deliver(const Path& path, ByteView datagram) {
    const auto it = connections_.find(path);
    if (it == connections_.end()) {
        ++counters_.dropped;
        return;
    }
    Connection& connection = it->second;
    if (!std::exchange(connection.is_proven, true)) connection.stream->trust();
    if (!connection.stream->send(datagram)) {
        ++counters_.dropped;
        return;
    }
    ++counters_.sent;
    counters_.sent_bytes += datagram.size();
}

void IceTcp::handle_closed(const Path& path) {
    const auto ended = connections_.extract(path);
    --counters_.connections;
    if (ended.mapped().worker && ended.mapped().is_proven) workers_.close(*ended.mapped().worker, {path});
}

void IceTcp::handle_timeout(Instant now) {
    for (auto& [path, connection] : connections_) {
        if (now - connection.heard > kIdleMax) connection.stream->close();
    }
}

}  // namespace conclave::server
