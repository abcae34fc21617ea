#include "sim/world.h"

#include <algorithm>
#include <array>

#include "wire/rtcp.h"

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

World::World(uint64_t seed, Link link, size_t workers)
    : rng(seed), link_(link), certificate_(make_certificate()), dtls_(make_context(certificate_)) {
    wire::Candidate candidate;
    candidate.foundation = "1";
    candidate.priority = 1;
    candidate.address = "192.0.2.1";
    candidate.port = 7882;
    settings.peer.candidates.push_back(candidate);
    settings.peer.fingerprint_sha256 = certificate_.fingerprint_sha256();
    for (size_t i = 0; i < workers; ++i) {
        auto worker = std::make_unique<Worker>();
        worker->directory =
            std::make_unique<conference::Directory>(static_cast<conference::PartId>(i), settings, dtls_, rng);
        workers_.push_back(std::move(worker));
    }
}

WallTime World::wall() const {
    return kEpoch + Duration{now.us};
}

conference::Turn World::turn(size_t worker) {
    Worker& of = *workers_[worker];
    return {now, wall(), pool_, of.tx, out_, of.relays, vacancies_, of.handshakes};
}

Client& World::make(const std::string& identity, size_t worker) {
    const auto host = static_cast<uint8_t>(nodes_.size() + 10);
    auto client =
        std::make_unique<Client>(identity, SocketAddress::v4(10, 0, 0, host, 40000), rng, is_classic);
    const uint64_t up = rng.u64();
    const uint64_t down = rng.u64();
    nodes_.push_back(
        std::make_unique<Node>(Node{std::move(client), worker, Channel(link_, up), Channel(link_, down)}));
    return *nodes_.back()->client;
}

void World::join(Client& client, bool resumes) {
    join(client, client.join(0, resumes));
}

void World::join(Client& client, conference::Join join) {
    Node& joining = node(client);
    joining.connection = join.connection = next_connection_++;
    for (size_t i = 0; i < workers_.size(); ++i) {
        if (workers_[i]->directory->conferences() > 0)
            join.parts.push_back(static_cast<conference::PartId>(i));
    }
    const auto rules = rules_.find(join.room);
    if (join.owner == conference::Owner::Meetings && rules != rules_.end()) join.rules = rules->second;
    auto current = turn(joining.worker);
    directory(joining.worker).join(current, std::move(join));
    collect();
}

Client& World::enter(const std::string& identity, size_t worker) {
    Client& client = make(identity, worker);
    enter(client);
    return client;
}

void World::enter(Client& client) {
    join(client);
    CHECK(run_until([&] { return client.is_connected(); }));
    run(Duration::millis(200));
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
            auto current = turn(flight.worker);
            PacketRef packet = pool_.copy(flight.bytes);
            CHECK(packet);
            directory(flight.worker).handle_datagram(current, Path{0, flight.client}, std::move(packet));
            send_media(flight.worker, current);
        } else {
            for (auto& node : nodes_) {
                if (node->client->is_at(flight.client)) {
                    node->client->handle_datagram(now, flight.client, flight.bytes, node->tx);
                }
            }
        }
    }
    handle_server_timeout();
    for (auto& node : nodes_) node->client->handle_timeout(now, node->tx);
    collect();
}

void World::handle_server_timeout() {
    for (size_t i = 0; i < workers_.size(); ++i) {
        auto current = turn(i);
        if (directory(i).next_timeout() <= now) directory(i).handle_timeout(current);
    }
}

// Values from worker to worker arrive at once and in order.
void World::exchange() {
    for (bool is_quiet = holds_relays; !is_quiet;) {
        is_quiet = true;
        for (size_t from = 0; from < workers_.size(); ++from) {
            for (conference::ToPart& message : std::exchange(workers_[from]->relays, {})) {
                is_quiet = false;
                auto current = turn(message.to);
                directory(message.to)
                    .handle_relay(current, static_cast<conference::PartId>(from), message.room,
                                  std::move(message.message));
                send_media(message.to, current);
            }
        }
    }
}

// Computed in no time. What came meanwhile may make another step of the same one.
void World::run_handshakes(size_t worker) {
    auto& away = workers_[worker]->handshakes;
    while (!holds_handshakes && !away.empty()) {
        for (conference::Handshake& handshake : std::exchange(away, {})) {
            handshake.computation->run();
            auto current = turn(worker);
            directory(worker).put_back(current, std::move(handshake));
        }
    }
}

void World::launch_queued(size_t worker) {
    TransmitQueue& tx = workers_[worker]->tx;
    for (const auto& datagram : tx.datagrams())
        launch_from_server(worker, datagram.path.remote, tx.bytes(datagram));
    tx.clear();
}

void World::send_media(size_t worker, conference::Turn& current) {
    while (directory(worker).send_media(current)) launch_queued(worker);
}

// Moves everything that anybody wants to send into the network or to the other side's signalling.
void World::collect() {
    for (size_t i = 0; i < workers_.size(); ++i) run_handshakes(i);
    exchange();
    for (size_t i = 0; i < workers_.size(); ++i) launch_queued(i);
    for (auto& worker : workers_) {
        conference::Outlet outlet = worker->directory->take_outlet();
        std::move(outlet.answers.begin(), outlet.answers.end(), std::back_inserter(answers));
        std::move(outlet.events.begin(), outlet.events.end(), std::back_inserter(events));
        std::move(outlet.voices.begin(), outlet.voices.end(), std::back_inserter(voices));
    }
    for (auto& node : nodes_) {
        for (const auto& datagram : node->tx.datagrams()) {
            const ByteView bytes = node->tx.bytes(datagram);
            const SocketAddress from = node->client->address_of(datagram.path);
            launch(node->uplink, {true, node->worker, from, {bytes.begin(), bytes.end()}});
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
                for (size_t i = 0; i < workers_.size(); ++i) {
                    auto current = turn(i);
                    directory(i).handle_closed(current, message.connection);
                }
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

void World::launch_from_server(size_t worker, const SocketAddress& client, ByteView bytes) {
    for (auto& node : nodes_) {
        if (!node->client->is_at(client)) continue;
        launch(node->downlink, {false, worker, client, {bytes.begin(), bytes.end()}});
        return;
    }
    bytes_to_strangers_[client] += bytes.size();
}

void World::launch(Channel& channel, Flight flight) {
    if (tap) tap(flight.to_server, flight.client, flight.bytes);
    for (const Instant arrival : channel.send(now, flight.bytes.size())) flights_.emplace(arrival, flight);
}

void World::send_requests(Node& node, const std::vector<std::string>& requests) {
    for (const std::string& message : requests) {
        if (node.connection == 0) return;
        auto current = turn(node.worker);
        directory(node.worker).handle_message(current, node.connection, as_bytes(message), false);
    }
}

void World::request(Client& client, const std::string& message) {
    send_requests(node(client), {message});
    collect();
}

void World::request_on(conference::ConnectionId connection, const std::string& message) {
    auto current = turn(0);
    directory().handle_message(current, connection, as_bytes(message), false);
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

std::optional<conference::RoomAnswer> World::call(livekit::RoomCall what, size_t worker,
                                                  conference::Owner by) {
    auto current = turn(worker);
    const conference::CommandId id = next_command_++;
    directory(worker).execute(current, {id, std::move(what), by});
    collect();
    for (const conference::RoomAnswer& answer : answers) {
        if (answer.id == id) return answer;
    }
    return std::nullopt;
}

void World::govern(const conference::MeetingMedia& rules) {
    rules_[rules.room] = rules;
    for (size_t i = 0; i < workers_.size(); ++i) {
        auto current = turn(i);
        directory(i).govern(current, rules);
    }
    collect();
}

void World::close_signalling(Client& client) {
    Node& closing = node(client);
    auto current = turn(closing.worker);
    directory(closing.worker).handle_closed(current, closing.connection);
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

void World::report(Client& client, pb::TrackSource source) {
    const LocalTrack& track = client.track(source);
    std::array<uint8_t, 64> buffer;
    ByteWriter out(buffer);
    const NtpTime ntp = NtpTime::from_wall(WallTime{now.us});
    CHECK(wire::write_sender_report(out, track.ssrc, {ntp, track.timestamp, 1, 1}, {}));
    client.send_rtcp(out.written(), outbox(client));
}

size_t World::bytes_to(const SocketAddress& stranger) const {
    const auto it = bytes_to_strangers_.find(stranger);
    return it == bytes_to_strangers_.end() ? 0 : it->second;
}

size_t World::inject(const SocketAddress& from, ByteView bytes) {
    bytes_to_strangers_[from] = 0;
    auto current = turn(0);
    PacketRef packet = pool_.copy(bytes);
    CHECK(packet);
    directory().handle_datagram(current, Path{0, from}, std::move(packet));
    send_media(0, current);
    collect();
    return bytes_to_strangers_[from];
}

size_t World::serve(const Client& from, const std::vector<std::vector<uint8_t>>& datagrams) {
    auto current = turn(node(from).worker);
    conference::Directory& serving = directory(node(from).worker);
    for (const auto& datagram : datagrams)
        serving.handle_datagram(current, Path{0, from.address()}, pool_.copy(datagram));
    size_t sent = 0;
    for (bool is_more = true; is_more;) {
        is_more = serving.send_media(current);
        sent += current.tx.datagrams().size();
        current.tx.clear();
    }
    return sent;
}

}  // namespace conclave::sim
