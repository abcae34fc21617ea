// ICE over TCP (RFC 6544): each connection is a path of one worker. The front thread frames and forwards; it
// judges no check. The connection's first datagram has to be a check that names, by the prefix of its ufrag,
// the worker whose it is; until that worker has answered, which it does to authentic checks alone, the
// connection may bring little, and not for long.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "net/datagram_stream.h"
#include "server/placement.h"
#include "server/tunnel_batch.h"

namespace conclave::server {

// ice-chars that every ufrag of the worker begins with.
std::string ufrag_prefix(WorkerIndex worker);

struct IceTcpCounters {
    uint64_t connections = 0;  // open now
    uint64_t refused = 0;      // without a check, for nobody's worker, or with too much before an answer
    uint64_t received = 0;     // datagrams, to a worker
    uint64_t received_bytes = 0;
    uint64_t sent = 0;
    uint64_t sent_bytes = 0;
    uint64_t dropped = 0;  // the worker, or the connection, was too far behind or gone
};

class IceTcp {
 public:
    // Before a worker has answered: a few checks, with the first flight of a handshake.
    static constexpr size_t kUnprovenBytesMax = 16 << 10;
    // Clients check the paths they keep every 25 s or so.
    static constexpr Duration kIdleMax = Duration::seconds(60);

    struct Workers {
        // False: there is no such worker, or it is too far behind.
        std::function<bool(WorkerIndex, TunnelBatch&&)> post;
        std::function<void(WorkerIndex, TunnelClosed)> close;
    };
    explicit IceTcp(Workers workers) : workers_(std::move(workers)) {}

    net::DatagramStreamCallbacks open(Instant now, const SocketAddress& peer,
                                      std::shared_ptr<net::DatagramStream>);
    // From a worker.
    void deliver(const Path& path, ByteView datagram);
    // Ends what nobody uses.
    void handle_timeout(Instant now);
    const IceTcpCounters& counters() const { return counters_; }

 private:
    struct Connection {
        std::shared_ptr<net::DatagramStream> stream;
        std::optional<WorkerIndex> worker;
        Instant heard;
        size_t unproven_bytes = 0;
        bool is_proven = false;
    };

    void receive(const Path& path, std::span<const ByteView> datagrams);
    bool may_go_on(Connection&, std::span<const ByteView> datagrams);
    void handle_closed(const Path& path);

    const Workers workers_;
    std::unordered_map<Path, Connection> connections_;  // bounded by HttpOptions::connections_max
    IceTcpCounters counters_;
};

}  // namespace conclave::server
