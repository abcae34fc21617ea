// The workers as the front thread sees them: which conference is where, messages there and back.
#include <numeric>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "net/clock.h"
#include "net/http_server.h"
#include "net/work_pool.h"
#include "server/affinity.h"
#include "server/config.h"
#include "server/front_door.h"
#include "server/ice_tcp.h"
#include "server/interfaces.h"
#include "server/keys.h"
#include "server/log.h"
#include "server/meeting_rules.h"
#include "server/metrics_text.h"
#include "server/placement.h"
#include "server/turn_door.h"
#include "server/worker.h"
#include "server/worker_load.h"

namespace conclave::server {
namespace {

constexpr size_t kFrontInboxMax = 65536;
constexpr Duration kCertificateLifetime = Duration::minutes(60 * 24 * 30);
constexpr int kServiceUnavailable = 503;
// For the worker's part of a call; what the participant of an RPC takes comes on top.
constexpr Duration kCommandTimeout = Duration::seconds(5);

// Of all workers together, 0.7 ms each: a second or so of one thread. Clients repeat themselves sooner.
constexpr size_t kHandshakesWaitingMax = 1024;

// They take what media leave: their priority is low.
size_t handshake_threads() {
    return std::max(1U, std::thread::hardware_concurrency() / 2);
}

Duration patience_of(const livekit::pb::PerformRpcRequest& call) {
    const uint32_t ms = call.response_timeout_ms();
    return Duration::millis(ms != 0 ? ms : livekit::kRpcTimeoutDefaultMs);
}

conference::Settings conference_settings(const Config& config) {
    conference::Settings settings;
    settings.participants_max = static_cast<size_t>(config.rooms.max_participants);
    settings.tracks_per_participant_max = static_cast<size_t>(config.limits.tracks_per_participant);
    settings.subscriptions_per_participant_max =
        static_cast<size_t>(config.limits.subscriptions_per_participant);
    settings.empty_timeout = Duration::seconds(config.rooms.empty_timeout);
    settings.departure_timeout = Duration::seconds(config.rooms.departure_timeout);
    settings.auto_create = config.rooms.auto_create;
    settings.enable_remote_unmute = config.rooms.enable_remote_unmute;
    settings.texts = config.texts();
    settings.simulate = config.livekit.simulate;
    settings.meeting_issuer = kMeetingKeyId;
    return settings;
}

sfu::LoadShedder::Rules shedding_rules(const Config& config) {
    constexpr float kNever = 2;  // more than there is
    return {.busy = config.overload.busy == 100 ? kNever : static_cast<float>(config.overload.busy) / 100,
            .calm = static_cast<float>(config.overload.calm) / 100,
            .turn = Duration::millis(config.overload.turn)};
}

class WorkerPool final : public MediaPlane {
 public:
    WorkerPool(const Config& config, Signalling& signalling, net::HttpServer& http, EventListener listener,
               VoiceListener voices)
        : config_(config),
          signalling_(signalling),
          listener_(std::move(listener)),
          voices_(std::move(voices)),
          inbox_(kFrontInboxMax),
          crypto_pool_(handshake_threads(), kHandshakesWaitingMax, [](const auto& then) { then(); }),
          commands_(static_cast<size_t>(config.limits.api_calls)),
          http_(http),
          ice_tcp_(tunnels()) {
        http.watch_mailbox(inbox_.fd(), [this] { drain(); });
        http.take_datagram_streams(
            [this](const auto& info, auto stream) { return open(info, std::move(stream)); });
    }

    ~WorkerPool() override;

    Status start();
    void join(JoinOrder order) override;
    void message(uint64_t connection, std::string bytes, bool text) override;
    void closed(uint64_t connection) override;
    bool has_time_for(const std::string& room, const std::string& identity) const override;
    void command(livekit::RoomCall call, conference::Owner by, PendingCommands::Then then) override;
    void govern(conference::MeetingMedia rules) override;
    void leave_all() override;
    size_t participants() const override;
    std::string metrics() const override;

 private:
    void tell_rules(WorkerIndex, const std::string& room);
    std::vector<uint64_t> load() const;
    // Whether one more room fits; it is one of an application's from now on.
    bool admit_room(const std::string& room, conference::Owner);
    void forget_if_gone(const std::string& room);
    std::vector<WorkerIndex> addressees(const livekit::RoomCall&);
    void handle(const ConferenceEnded&);
    void handle(const livekit::pb::WebhookEvent&);
    void drain();
    void handle(const conference::ToClient&);
    void handle(const Vacated&);
    void handle(const Tunnelled&);
    IceTcp::Workers tunnels();
    net::DatagramStreamCallbacks open(const net::DatagramStreamInfo&, std::shared_ptr<net::DatagramStream>);

    const Config& config_;
    Signalling& signalling_;
    const EventListener listener_;
    const VoiceListener voices_;
    net::Mailbox<ToFront> inbox_;
    std::vector<ToFront> messages_;
    std::vector<std::unique_ptr<Worker>> workers_;
    net::WorkPool crypto_pool_;  // answers to the workers
    std::vector<Snapshot> snapshots_;
    std::vector<WorkerLoad> loads_;
    std::optional<Placement> placement_;                  // once the workers are known
    std::unordered_map<uint64_t, uint16_t> connections_;  // -> worker
    std::unordered_set<std::string> application_rooms_;
    PendingCommands commands_;
    net::HttpServer& http_;
    IceTcp ice_tcp_;
    std::optional<TurnDoor> turn_;  // when it is enabled
    MeetingRules rules_;
    std::set<std::pair<WorkerIndex, std::string>> untold_rules_;  // of workers that are too far behind
    std::vector<livekit::pb::WebhookEvent> events_;
    std::unordered_map<std::string, livekit::pb::WebhookEvent>
        finished_;  // until the room is known to be over
    bool is_leaving_ = false;
};

std::vector<wire::Candidate> candidates(const Config& config, const SocketAddress& local) {
    std::vector<SocketAddress> addresses =
        announced_addresses(config.media, interface_addresses(config.media.loopback));
    // Where there is no IPv6 at all.
    if (local.is_v4())
        std::erase_if(addresses, [](const SocketAddress& address) { return !address.is_v4(); });
    std::vector<wire::Candidate> candidates;
    const auto add = [&](const SocketAddress& address, uint32_t type_preference, uint32_t local_preference) {
        wire::Candidate candidate;
        candidate.foundation = std::to_string(candidates.size() + 1);
        // RFC 8445 5.1.2.1, component 1.
        candidate.priority = type_preference << 24 | local_preference << 8 | 255U;
        candidate.address = address.ip_text();
        candidate.port = local.port;
        candidates.push_back(std::move(candidate));
    };
    // In the order above: host, 126; TCP behind all of UDP, its local preference that of a passive host
    // candidate (RFC 6544 4.2).
    constexpr uint32_t kUdp = 126;
    constexpr uint32_t kTcp = 90;
    constexpr uint32_t kPassive = 4U << 13;
    for (uint32_t i = 0; i < addresses.size(); ++i) add(addresses[i], kUdp, 65535 - i);
    if (!config.media.tcp) return candidates;
    for (uint32_t i = 0; i < addresses.size(); ++i) {
        add(addresses[i], kTcp, kPassive + 8191 - i);
        candidates.back().transport = wire::CandidateTransport::Tcp;
        candidates.back().tcp_type = wire::TcpType::Passive;
        candidates.back().port = config.tcp_port();
    }
    return candidates;
}

Status WorkerPool::start() {
    const Config& config = config_;
    const WallTime now = net::wall_now();
    const crypto::Certificate certificate = TRY(crypto::Certificate::create_for_dtls(
        {now + Duration::minutes(-60 * 24), now + kCertificateLifetime}));
    const size_t count =
        config.media.workers != 0 ? config.media.workers : std::max(1U, std::thread::hardware_concurrency());
    const std::vector<int> processors = allowed_processors();
    std::vector<TurnDoor::Peer> media_addresses;
    Worker::Options options{.shedding = shedding_rules(config)};
    for (size_t i = 0; i < count; ++i) {
        const auto index = options.index = static_cast<uint16_t>(i);
        if (config.media.pin_workers && count <= processors.size()) options.processor = processors[i];
        const auto port = static_cast<uint16_t>(config.media.port == 0 ? 0 : config.media.port + i);
        auto socket = net::UdpSocket::bind({{}, port}, {.index = index});
        if (!socket) {
            socket = net::UdpSocket::bind(SocketAddress::v4(0, 0, 0, 0, port), {.index = index});
        }
        if (!socket) return failure("media port " + std::to_string(port) + ": " + socket.error().what);
        conference::Settings settings = conference_settings(config);
        settings.has_listeners = static_cast<bool>(listener_);
        settings.peer.candidates = candidates(config, socket->local());
        for (const wire::Candidate& candidate : settings.peer.candidates) {
            if (candidate.transport != wire::CandidateTransport::Udp) continue;
            media_addresses.push_back({*SocketAddress::parse(candidate.address, candidate.port), index});
        }
        settings.peer.ice.ufrag_prefix = ufrag_prefix(index);
        settings.peer.fingerprint_sha256 = certificate.fingerprint_sha256();
        if (settings.peer.candidates.empty())
            return failure("this machine has no address to offer for media");
        workers_.push_back(TRY(Worker::create(options, std::move(*socket), std::move(settings), certificate,
                                              crypto_pool_, inbox_)));
        snapshots_.push_back({});
        loads_.emplace_back();
    }
    if (config.turn.enabled) {
        turn_.emplace(config, std::move(media_addresses), tunnels());
        (void)TRY(turn_->listen(http_));
    }
    std::vector<Worker*> workers;
    for (const auto& worker : workers_) workers.push_back(worker.get());
    for (const auto& worker : workers_) worker->start(workers);
    placement_.emplace(workers_.size(), static_cast<size_t>(config.media.spread_above));
    return Ok{};
}

// They write to each other's mailboxes until all have stopped.
WorkerPool::~WorkerPool() {
    for (const auto& worker : workers_) worker->stop();
}

std::vector<uint64_t> WorkerPool::load() const {
    std::vector<uint64_t> load;
    for (const WorkerLoad& worker : loads_) load.push_back(worker.figure());
    return load;
}

void WorkerPool::join(JoinOrder order) {
    if (is_leaving_)
        return signalling_.refused(order.connection, kServiceUnavailable, "the server is stopping");
    const std::string room = order.room;
    const std::string identity = order.claims.identity;
    const uint64_t connection = order.connection;
    // The door verified who signed the token.
    const conference::Owner owner =
        order.claims.issuer == kMeetingKeyId ? conference::Owner::Meetings : conference::Owner::Applications;
    if (!admit_room(room, owner))
        return signalling_.refused(connection, kServiceUnavailable, "the server has too many rooms");
    const WorkerIndex worker = placement_->seat(room, order.claims.identity, load());
    loads_[worker].handle_placed();
    conference::Join join{connection,
                          std::move(order.room),
                          owner,
                          std::move(order.claims),
                          std::move(order.signing_secret),
                          std::move(*order.request),
                          {},
                          order.is_classic};
    const conference::MeetingMedia* rules = rules_.find(room);
    if (owner == conference::Owner::Meetings && rules) join.rules = *rules;
    if (turn_) join.ice_servers = turn_->admit(net::monotonic_now(), room, identity);
    for (const WorkerIndex part : placement_->workers_of(room)) {
        if (part != worker) join.parts.push_back(static_cast<conference::PartId>(part));
    }
    if (!workers_[worker]->post(std::move(join))) {
        placement_->take_back(room, worker);
        if (turn_ && !placement_->find(room, identity)) turn_->dismiss(room, identity);
        forget_if_gone(room);
        return signalling_.refused(connection, kServiceUnavailable, "the server is busy");
    }
    connections_[connection] = worker;
}

bool WorkerPool::has_time_for(const std::string& room, const std::string& identity) const {
    if (placement_->find(room, identity)) return true;
    const Snapshot& worker = snapshots_[placement_->foresee(room, load())];
    return worker.shedding != sfu::LoadShedder::Level::Joins;
}

bool WorkerPool::admit_room(const std::string& room, conference::Owner owner) {
    if (owner == conference::Owner::Meetings || placement_->find_home(room)) return true;
    if (application_rooms_.size() >= static_cast<size_t>(config_.limits.rooms)) return false;
    application_rooms_.insert(room);
    return true;
}

void WorkerPool::forget_if_gone(const std::string& room) {
    if (!placement_->find_home(room)) application_rooms_.erase(room);
}

// Who knows: those who hold a part of the room, the one who holds the person, or the room's home. Of a room
// that is nowhere any worker says so.
std::vector<WorkerIndex> WorkerPool::addressees(const livekit::RoomCall& call) {
    using livekit::Audience;
    const std::string& room = livekit::room_of(call);
    const WorkerIndex home = placement_->find_home(room).value_or(0);
    switch (livekit::audience_of(call)) {
        case Audience::Server: {
            std::vector<WorkerIndex> all(workers_.size());
            std::iota(all.begin(), all.end(), WorkerIndex{0});
            return all;
        }
        case Audience::Room: {
            std::vector<WorkerIndex> parts = placement_->workers_of(room);
            return parts.empty() ? std::vector{home} : parts;
        }
        case Audience::Person:
            return {placement_->find(room, livekit::identity_of(call)).value_or(home)};
        case Audience::Home:
            break;
    }
    return {home};
}

void WorkerPool::command(livekit::RoomCall call, conference::Owner by, PendingCommands::Then then) {
    using livekit::TwirpCode;
    const auto error = [](TwirpCode code, const char* why) {
        return Unexpected{livekit::TwirpError{code, why}};
    };
    if (is_leaving_) return then(error(TwirpCode::Unavailable, "the server is stopping"));
    const std::string room = livekit::room_of(call);
    const bool is_delete = std::holds_alternative<livekit::pb::DeleteRoomRequest>(call);
    if (is_delete && by == conference::Owner::Meetings) rules_.forget(room);
    const bool is_create = std::holds_alternative<livekit::pb::CreateRoomRequest>(call);
    if (is_create && !admit_room(room, by))
        return then(error(TwirpCode::ResourceExhausted, "the server has too many rooms"));
    const std::vector<WorkerIndex> workers =
        is_create ? std::vector{placement_->home(room, load())} : addressees(call);
    Duration patience = kCommandTimeout;
    if (const auto* rpc = std::get_if<livekit::pb::PerformRpcRequest>(&call))
        patience = patience + patience_of(*rpc);
    const auto id = commands_.add(workers.size(), net::monotonic_now() + patience, std::move(then));
    for (const WorkerIndex worker : workers) {
        if (id && workers_[worker]->post(conference::RoomCommand{*id, call, by})) continue;
        if (id) commands_.answer({*id, error(TwirpCode::Unavailable, "the server is busy")});
        if (is_create) placement_->take_back(room, worker);
        return forget_if_gone(room);
    }
}

void WorkerPool::govern(conference::MeetingMedia rules) {
    const std::string room = rules.room;
    rules_.keep(std::move(rules), [this](const std::string& other) { return !placement_->find_home(other); });
    for (const WorkerIndex worker : placement_->workers_of(room)) tell_rules(worker, room);
}

void WorkerPool::tell_rules(WorkerIndex worker, const std::string& room) {
    const conference::MeetingMedia* rules = rules_.find(room);
    if (!rules || workers_[worker]->post(conference::MeetingMedia(*rules))) return;
    untold_rules_.emplace(worker, room);
}

void WorkerPool::message(uint64_t connection, std::string bytes, bool text) {
    const auto it = connections_.find(connection);
    if (it == connections_.end()) return;
    // A lost message would leave both sides with different ideas: the client resumes instead.
    if (!workers_[it->second]->post(Message{connection, std::move(bytes), text}))
        signalling_.close(connection);
}

void WorkerPool::closed(uint64_t connection) {
    const auto it = connections_.find(connection);
    if (it == connections_.end()) return;
    // If the worker is that far behind, it learns it from the media path.
    (void)workers_[it->second]->post(Closed{connection});
    connections_.erase(it);
}

void WorkerPool::leave_all() {
    is_leaving_ = true;
    for (auto& worker : workers_) (void)worker->post(LeaveAll{});
}

size_t WorkerPool::participants() const {
    size_t participants = 0;
    for (const Snapshot& snapshot : snapshots_) participants += snapshot.totals.participants;
    return participants;
}

std::string WorkerPool::metrics() const {
    return media_metrics(snapshots_) + command_metrics(commands_, application_rooms_.size()) +
           ice_tcp_metrics(ice_tcp_.counters()) + (turn_ ? turn_->metrics() : "");
}

void WorkerPool::drain() {
    messages_.clear();
    inbox_.drain(messages_);
    bool is_a_second_over = false;
    for (const ToFront& message : messages_) {
        if (const auto* to_client = std::get_if<conference::ToClient>(&message)) {
            handle(*to_client);
        } else if (const auto* ended = std::get_if<ConferenceEnded>(&message)) {
            handle(*ended);
        } else if (const auto* vacated = std::get_if<Vacated>(&message)) {
            handle(*vacated);
        } else if (const auto* answer = std::get_if<conference::RoomAnswer>(&message)) {
            commands_.answer(*answer);
        } else if (const auto* event = std::get_if<livekit::pb::WebhookEvent>(&message)) {
            handle(*event);
        } else if (const auto* heard = std::get_if<conference::Voices>(&message)) {
            if (voices_) voices_(*heard);
        } else if (const auto* tunnelled = std::get_if<Tunnelled>(&message)) {
            handle(*tunnelled);
        } else if (const auto* snapshot = std::get_if<Snapshot>(&message)) {
            snapshots_[snapshot->worker] = *snapshot;
            loads_[snapshot->worker].handle_report(snapshot->at, snapshot->busy_seconds,
                                                   snapshot->totals.participants);
            is_a_second_over = true;
        }
    }
    // Snapshots come every second, so this runs often enough.
    const Instant now = net::monotonic_now();
    commands_.expire(now);
    if (turn_) turn_->flush();
    if (is_a_second_over) {
        ice_tcp_.handle_timeout(now);
        if (turn_) turn_->handle_timeout(now);
    }
    for (const auto& [worker, room] : std::exchange(untold_rules_, {})) tell_rules(worker, room);
    if (!events_.empty() && listener_) listener_(std::exchange(events_, {}));
}

void WorkerPool::handle(const conference::ToClient& message) {
    using Kind = conference::ToClient::Kind;
    switch (message.kind) {
        case Kind::Accepted:
            return signalling_.accepted(message.connection);
        case Kind::Refused:
            connections_.erase(message.connection);
            return signalling_.refused(message.connection, message.status, message.payload);
        case Kind::Frame:
            return signalling_.send(message.connection, message.payload, message.is_text);
        case Kind::Close:
            return signalling_.close(message.connection);
    }
}

net::DatagramStreamCallbacks WorkerPool::open(const net::DatagramStreamInfo& info,
                                              std::shared_ptr<net::DatagramStream> stream) {
    if (info.framing == net::Framing::Stun)
        return turn_ ? turn_->open(info.peer, std::move(stream)) : net::DatagramStreamCallbacks{};
    if (!config_.media.tcp) return {};
    return ice_tcp_.open(net::monotonic_now(), info.peer, std::move(stream));
}

IceTcp::Workers WorkerPool::tunnels() {
    return {[this](WorkerIndex worker, TunnelBatch&& batch) {
                return worker < workers_.size() && workers_[worker]->post_tunnelled(std::move(batch));
            },
            [this](WorkerIndex worker, TunnelClosed closed) {
                // Too far behind: ICE notices it by itself.
                (void)workers_[worker]->post(closed);
            }};
}

void WorkerPool::handle(const Vacated& vacated) {
    const conference::Vacancy& seat = vacated.vacancy;
    placement_->handle_vacated(vacated.worker, seat.room, seat.identity, vacated.orders);
    // Unless they are on their way in again.
    if (turn_ && !placement_->find(seat.room, seat.identity)) turn_->dismiss(seat.room, seat.identity);
}

void WorkerPool::handle(const Tunnelled& tunnelled) {
    workers_[tunnelled.worker]->note_tunnelled(tunnelled.batch);
    const Instant now = net::monotonic_now();
    tunnelled.batch.for_each([&](const Path& path, ByteView datagram) {
        if (path.socket == Path::kTcp) return ice_tcp_.deliver(path, datagram);
        if (turn_) turn_->deliver(now, path, datagram);
    });
}

// Every part of a room tells its end; the room's own is that of the last one.
void WorkerPool::handle(const livekit::pb::WebhookEvent& event) {
    if (event.event() == "room_finished") {
        finished_[event.room().name()] = event;
    } else {
        events_.push_back(event);
    }
}

void WorkerPool::handle(const ConferenceEnded& ended) {
    const bool is_over = placement_->handle_ended(ended.worker, ended.room, ended.orders);
    auto finished = finished_.extract(ended.room);
    if (!is_over) return;
    application_rooms_.erase(ended.room);
    if (turn_) turn_->dismiss_all(ended.room);
    if (!finished.empty()) events_.push_back(std::move(finished.mapped()));
}

}  // namespace

Result<std::unique_ptr<MediaPlane>> make_media_plane(const Config& config, Signalling& signalling,
                                                     net::HttpServer& http, EventListener events,
                                                     VoiceListener voices) {
    auto pool = std::make_unique<WorkerPool>(config, signalling, http, std::move(events), std::move(voices));
    (void)TRY(pool->start());
    return std::unique_ptr<MediaPlane>(std::move(pool));
}

}  // namespace conclave::server
