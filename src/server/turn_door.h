// The built-in TURN server (turn/server.h) at the edge of the front thread: its clients come over TCP or TLS
// on the HTTPS port, and over UDP on a port of its own when there is one. What they send to a worker's media
// address is put into that worker's mailbox; there is no other peer, and no relay socket (ADR 0024).
//
// Users are people in rooms. Their credentials are random, made with their seat and worthless once it is
// empty; nothing of a person is in them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "livekit/protocol.h"
#include "net/datagram_stream.h"
#include "net/system_rng.h"
#include "net/udp_socket.h"
#include "server/ice_tcp.h"
#include "turn/server.h"

namespace conclave::net {
class HttpServer;
}

namespace conclave::server {

struct Config;

class TurnDoor {
 public:
    // However long a session lasts; a client that joins or resumes gets more.
    static constexpr Duration kCredentialsLifetime = Duration::minutes(12 * 60);
    static constexpr size_t kUnprovenBytesMax = 16 << 10;

    // An announced address of a worker.
    struct Peer {
        SocketAddress address;
        WorkerIndex worker = 0;
    };

    TurnDoor(const Config&, std::vector<Peer> peers, IceTcp::Workers workers);

    // Before the server runs. Fails when the port is taken.
    Status listen(net::HttpServer& http);
    net::DatagramStreamCallbacks open(const SocketAddress& peer, std::shared_ptr<net::DatagramStream>);

    // What the client of a person is told. The same for as long as the person is there.
    std::vector<livekit::pb::ICEServer> admit(Instant now, const std::string& room,
                                              const std::string& identity);
    void dismiss(const std::string& room, const std::string& identity);
    void dismiss_all(const std::string& room);

    // From a worker, for a path of Path::kRelayed and above.
    void deliver(Instant now, const Path& path, ByteView datagram);
    // deliver() only queues.
    void flush();
    void handle_timeout(Instant now);
    std::string metrics() const;

 private:
    struct Credentials {
        std::string username;
        std::string password;
    };
    struct Stream {
        std::shared_ptr<net::DatagramStream> handle;
        size_t unproven_bytes = 0;
        bool is_proven = false;
    };

    using Batches = std::map<WorkerIndex, TunnelBatch>;
    void take(const Path& client, ByteView message, Batches& batches);
    void post(Batches& batches);
    void receive_stream(const Path& client, std::span<const ByteView> messages);
    void receive_udp();
    void dismiss(const Credentials&);
    void close(const SocketAddress& relayed);
    size_t index_of(const SocketAddress& peer) const;

    const Config& config_;
    const std::vector<Peer> peers_;
    const IceTcp::Workers workers_;
    net::SystemRng rng_;
    turn::Server turn_;
    net::HttpServer* http_ = nullptr;  // with a socket
    std::optional<net::UdpSocket> socket_;
    PacketPool pool_;
    std::vector<net::Received> received_;
    TransmitQueue tx_;
    std::unordered_map<Path, Stream> streams_;  // bounded by HttpOptions::connections_max
    std::map<std::pair<std::string, std::string>, Credentials> people_;  // by room and identity
    std::unordered_map<Path, std::vector<uint16_t>> paths_;              // to workers, by relayed address
    uint64_t dropped_ = 0;  // a worker, or a stream, was too far behind or gone
};

}  // namespace conclave::server
