#include "server/turn_door.h"

#include <algorithm>

#include "net/clock.h"
#include "net/http_server.h"
#include "server/config.h"
#include "server/log.h"
#include "server/metrics_text.h"

namespace conclave::server {
namespace {

constexpr size_t kPoolPackets = 256;
constexpr size_t kReceiveBatch = 64;
constexpr size_t kTransmitDatagrams = 1024;
constexpr size_t kTransmitBytes = size_t{2} << 20;
constexpr size_t kUsernameSize = 16;
constexpr size_t kPasswordSize = 24;

turn::Config turn_config(const std::vector<TurnDoor::Peer>& peers) {
    turn::Config config;
    for (const TurnDoor::Peer& peer : peers) config.peers.push_back(peer.address);
    return config;
}

Path relayed_path(size_t peer, const SocketAddress& relayed) {
    return {static_cast<uint16_t>(Path::kRelayed + peer), relayed};
}

}  // namespace

TurnDoor::TurnDoor(const Config& config, std::vector<Peer> peers, IceTcp::Workers workers)
    : config_(config),
      peers_(std::move(peers)),
      workers_(std::move(workers)),
      turn_(turn_config(peers_), rng_),
      pool_(kPoolPackets),
      received_(kReceiveBatch),
      tx_(kTransmitDatagrams, kTransmitBytes) {
    CHECK(peers_.size() <= Path::kRelayedMax);
}

Status TurnDoor::listen(net::HttpServer& http) {
    const uint16_t port = config_.turn.udp_port;
    if (port == 0) return Ok{};
    auto socket = net::UdpSocket::bind({{}, port}, {});
    if (!socket) socket = net::UdpSocket::bind(SocketAddress::v4(0, 0, 0, 0, port), {});
    if (!socket) return failure("turn.udp_port " + std::to_string(port) + ": " + socket.error().what);
    socket_.emplace(std::move(*socket));
    http_ = &http;
    http.watch_mailbox(socket_->fd(), [this] { receive_udp(); });
    return Ok{};
}

net::DatagramStreamCallbacks TurnDoor::open(const SocketAddress& peer,
                                            std::shared_ptr<net::DatagramStream> stream) {
    const Path client{Path::kTcp, peer};
    if (!streams_.try_emplace(client, Stream{std::move(stream)}).second) return {};
    return {[this, client](std::span<const ByteView> messages) { receive_stream(client, messages); },
            [this, client] {
                streams_.erase(client);
                if (const auto relayed = turn_.handle_closed(client)) close(*relayed);
            }};
}

std::vector<livekit::pb::ICEServer> TurnDoor::admit(Instant now, const std::string& room,
                                                    const std::string& identity) {
    // Without a name that others know there is nothing to tell.
    if (config_.http.public_url.empty()) return {};
    Credentials& person = people_[{room, identity}];
    if (person.username.empty()) person = {random_id(rng_, kUsernameSize), random_id(rng_, kPasswordSize)};
    turn_.admit(person.username, person.password, now + kCredentialsLifetime);
    livekit::pb::ICEServer server;
    const std::string host = config_.public_host();
    server.add_urls("turns:" + host + ":" + std::to_string(config_.tcp_port()) + "?transport=tcp");
    if (socket_)
        server.add_urls("turn:" + host + ":" + std::to_string(config_.turn.udp_port) + "?transport=udp");
    server.set_username(person.username);
    server.set_credential(person.password);
    return {std::move(server)};
}

void TurnDoor::dismiss(const std::string& room, const std::string& identity) {
    const auto person = people_.extract({room, identity});
    if (!person.empty()) dismiss(person.mapped());
}

void TurnDoor::dismiss_all(const std::string& room) {
    auto it = people_.lower_bound({room, {}});
    for (; it != people_.end() && it->first.first == room; it = people_.erase(it)) dismiss(it->second);
}

void TurnDoor::dismiss(const Credentials& person) {
    for (const SocketAddress& relayed : turn_.dismiss(person.username)) close(relayed);
}

void TurnDoor::receive_stream(const Path& client, std::span<const ByteView> messages) {
    Stream& stream = streams_.at(client);
    if (!stream.is_proven) {
        for (const ByteView message : messages) stream.unproven_bytes += message.size();
        if (stream.unproven_bytes > kUnprovenBytesMax) return stream.handle->close();
    }
    Batches batches;
    for (const ByteView message : messages) take(client, message, batches);
    post(batches);
    if (!stream.is_proven && turn_.has_allocation(client)) {
        stream.is_proven = true;
        stream.handle->trust();
    }
}

void TurnDoor::receive_udp() {
    Batches batches;
    const size_t count = socket_->receive(pool_, received_);
    for (size_t i = 0; i < count; ++i) {
        take(received_[i].path, received_[i].packet.bytes(), batches);
        received_[i].packet = {};
    }
    post(batches);
    // Then everybody else has their turn, however much keeps coming.
    if (count == received_.size()) http_->post([this] { receive_udp(); });
}

void TurnDoor::take(const Path& client, ByteView message, Batches& batches) {
    if (tx_.nearly_full()) flush();
    const turn::Events events = turn_.handle_datagram(net::monotonic_now(), client, message, tx_);
    if (events.ended) close(*events.ended);
    if (!events.to_peer) return;
    const size_t peer = index_of(events.to_peer->peer);
    const Path path = relayed_path(peer, events.to_peer->relayed);
    std::vector<uint16_t>& known = paths_[{Path::kRelayed, path.remote}];
    if (std::find(known.begin(), known.end(), path.socket) == known.end()) known.push_back(path.socket);
    batches[peers_[peer].worker].push(path, events.to_peer->payload);
}

void TurnDoor::post(Batches& batches) {
    for (auto& [worker, batch] : batches) {
        const size_t size = batch.size();
        if (!workers_.post(worker, std::move(batch))) dropped_ += size;
    }
    flush();
}

void TurnDoor::deliver(Instant now, const Path& path, ByteView datagram) {
    const size_t peer = path.socket - Path::kRelayed;
    if (tx_.nearly_full()) flush();
    turn_.handle_peer(now, path.remote, peers_.at(peer).address, datagram, tx_);
}

void TurnDoor::flush() {
    if (socket_) socket_->send(tx_);
    for (const TransmitQueue::Datagram& datagram : tx_.datagrams()) {
        if (datagram.path.socket != Path::kTcp) continue;
        const auto stream = streams_.find(datagram.path);
        if (stream == streams_.end() || !stream->second.handle->send(tx_.bytes(datagram))) ++dropped_;
    }
    tx_.clear();
}

void TurnDoor::handle_timeout(Instant now) {
    for (const SocketAddress& relayed : turn_.handle_timeout(now)) close(relayed);
    for (auto& [client, stream] : streams_) {
        if (stream.is_proven && !turn_.has_allocation(client)) stream.handle->close();
    }
}

void TurnDoor::close(const SocketAddress& relayed) {
    const auto known = paths_.extract({Path::kRelayed, relayed});
    if (known.empty()) return;
    for (const uint16_t socket : known.mapped())
        workers_.close(peers_[socket - Path::kRelayed].worker, {{socket, relayed}});
}

size_t TurnDoor::index_of(const SocketAddress& peer) const {
    const auto it =
        std::find_if(peers_.begin(), peers_.end(), [&](const Peer& known) { return known.address == peer; });
    CHECK(it != peers_.end());
    return static_cast<size_t>(it - peers_.begin());
}

std::string TurnDoor::metrics() const {
    return turn_metrics(turn_, dropped_);
}

}  // namespace conclave::server
