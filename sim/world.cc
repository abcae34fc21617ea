#include "sim/world.h"

#include <algorithm>

namespace conclave::sim {
namespace {

constexpr Duration kStep = Duration::millis(1);
constexpr WallTime kEpoch = WallTime::from_unix_seconds(1'700'000'000);

crypto::Certificate make_certificate() {
    auto certificate = crypto::Certificate::create_for_dtls(
        {WallTime::from_unix_seconds(1'000'000'000), WallTime::from_unix_seconds(4'000'000'000)});
    CHECK(certificate);
    return std::move(*certificate);
}

crypto::DtlsContext make_context(const crypto::Certificate& certificate) {
    auto context = crypto::DtlsContext::create(certificate);
    CHECK(context);
    return std::move(*context);
}

}  // namespace

World::World(uint64_t seed, Link link)
    : rng(seed), link_(link), certificate_(make_certificate()), dtls_(make_context(certificate_)) {
    wire::Candidate candidate;
    candidate.foundation = "1";
    candidate.priority = 1;
    candidate.address = "192.0.2.1";
    candidate.port = 7882;
    settings.peer.candidates.push_back(candidate);
    settings.peer.fingerprint_sha256 = certificate_.fingerprint_sha256();
    directory_ = std::make_unique<conference::Directory>(settings, dtls_, rng);
}

conference::Turn World::turn() {
    return {now, kEpoch + Duration{now.us}, server_tx_, out_};
}

Client& World::make(const std::string& identity) {
    const auto host = static_cast<uint8_t>(nodes_.size() + 10);
    auto client = std::make_unique<Client>(identity, SocketAddress::v4(10, 0, 0, host, 40000), rng);
    const uint64_t up = rng.u64();
    const uint64_t down = rng.u64();
    nodes_.push_back(
        std::make_unique<Node>(Node{std::move(client), Channel(link_, up), Channel(link_, down)}));
    return *nodes_.back()->client;
}

void World::join(Client& client, bool resumes) {
    join(client, client.join(0, resumes));
}

void World::join(Client& client, conference::Join join) {
    Node& joining = node(client);
    joining.connection = join.connection = next_connection_++;
    auto current = turn();
    directory_->join(current, std::move(join));
    collect();
}

Client& World::enter(const std::string& identity) {
    Client& client = make(identity);
    join(client);
    CHECK(run_until([&] { return client.is_connected(); }));
    run(Duration::millis(200));
    return client;
}

World::Node& World::node(const Client& client) {
    const auto it =
        std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& n) { return n->client.get() == &client; });
    CHECK(it != nodes_.end());
    return **it;
}

TransmitQueue& World::outbox(const Client& client) {
    return node(client).tx;
}

void World::run(Duration span) {
    for (const Instant end = now + span; now < end;) step();
}

void World::step() {
    now = now + kStep;
    while (!flights_.empty() && flights_.begin()->first <= now) {
        auto flight = std::move(flights_.extract(flights_.begin()).mapped());
        if (flight.to_server) {
            auto current = turn();
            PacketRef packet = pool_.copy(flight.bytes);
            CHECK(packet);
            directory_->handle_datagram(current, Path{0, flight.client}, std::move(packet));
        } else {
            for (auto& node : nodes_) {
                if (node->client->address() == flight.client) {
                    node->client->handle_datagram(now, flight.bytes, node->tx);
                }
            }
        }
    }
    handle_server_timeout();
    for (auto& node : nodes_) node->client->handle_timeout(now, node->tx);
    collect();
}

void World::handle_server_timeout() {
    auto current = turn();
    if (directory_->next_timeout() <= now) directory_->handle_timeout(current);
}

// Moves everything that anybody wants to send into the network or to the other side's signalling.
void World::collect() {
    for (const auto& datagram : server_tx_.datagrams()) {
        launch_from_server(datagram.path.remote, server_tx_.bytes(datagram));
    }
    server_tx_.clear();
    for (auto& node : nodes_) {
        for (const auto& datagram : node->tx.datagrams()) {
            const ByteView bytes = node->tx.bytes(datagram);
            launch(node->uplink, {true, node->client->address(), {bytes.begin(), bytes.end()}});
        }
        node->tx.clear();
    }
    while (!out_.empty()) {
        std::vector<conference::ToClient> out = std::exchange(out_, {});
        for (conference::ToClient& message : out) {
            if (message.kind == conference::ToClient::Kind::Refused)
                refusals[message.connection] = message.status;
            if (message.kind == conference::ToClient::Kind::Close) {
                closes.push_back(message.connection);
                auto current = turn();
                directory_->handle_closed(current, message.connection);
            }
            for (auto& node : nodes_) {
                if (node->connection != message.connection) continue;
                if (message.kind == conference::ToClient::Kind::Close) node->connection = 0;
                if (message.kind != conference::ToClient::Kind::Frame) continue;
                std::vector<std::string> requests;
                node->client->handle_frame(message.payload, requests);
                send_requests(*node, requests);
            }
        }
    }
}

void World::launch_from_server(const SocketAddress& client, ByteView bytes) {
    for (auto& node : nodes_) {
        if (node->client->address() != client) continue;
        launch(node->downlink, {false, client, {bytes.begin(), bytes.end()}});
        return;
    }
    bytes_to_strangers_[client] += bytes.size();
}

void World::launch(Channel& channel, Flight flight) {
    if (tap) tap(flight.to_server, flight.client, flight.bytes);
    const auto arrival = channel.send(now, flight.bytes.size());
    if (arrival) flights_.emplace(*arrival, std::move(flight));
}

void World::send_requests(Node& node, const std::vector<std::string>& requests) {
    for (const std::string& message : requests) {
        if (node.connection == 0) return;
        auto current = turn();
        directory_->handle_message(current, node.connection, as_bytes(message), false);
    }
}

void World::request(Client& client, const std::string& message) {
    send_requests(node(client), {message});
    collect();
}

void World::request_on(conference::ConnectionId connection, const std::string& message) {
    auto current = turn();
    directory_->handle_message(current, connection, as_bytes(message), false);
    collect();
}

void World::publish(Client& client, pb::TrackType type, pb::TrackSource source) {
    std::vector<std::string> requests;
    client.publish(type, source, requests);
    send_requests(node(client), requests);
    collect();
    run(Duration::millis(100));
}

void World::unpublish(Client& client, const std::string& cid) {
    std::vector<std::string> requests;
    client.unpublish(cid, requests);
    send_requests(node(client), requests);
    collect();
    run(Duration::millis(100));
}

void World::mute(Client& client, pb::TrackSource source, bool muted) {
    request(client, client.mute_request(client.track(source).cid, muted));
}

void World::close_signalling(Client& client) {
    Node& closing = node(client);
    auto current = turn();
    directory_->handle_closed(current, closing.connection);
    closing.connection = 0;
    collect();
}

bool World::has_signalling(const Client& client) const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [&](const auto& n) { return n->client.get() == &client && n->connection != 0; });
}

void World::say(Client& client, const std::string& what) {
    client.send_packet(client.track(pb::MICROPHONE), as_bytes(what), false, 960, outbox(client));
}

void World::show(Client& client, const std::string& what, bool keyframe) {
    client.send_packet(client.track(pb::CAMERA), as_bytes(what), keyframe, 3000, outbox(client));
}

size_t World::bytes_to(const SocketAddress& stranger) const {
    const auto it = bytes_to_strangers_.find(stranger);
    return it == bytes_to_strangers_.end() ? 0 : it->second;
}

size_t World::inject(const SocketAddress& from, ByteView bytes) {
    bytes_to_strangers_[from] = 0;
    auto current = turn();
    PacketRef packet = pool_.copy(bytes);
    CHECK(packet);
    directory_->handle_datagram(current, Path{0, from}, std::move(packet));
    collect();
    return bytes_to_strangers_[from];
}

}  // namespace conclave::sim
