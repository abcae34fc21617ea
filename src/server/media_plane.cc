// The workers as the front thread sees them: which conference is where, messages there and back.
#include <algorithm>
#include <thread>
#include <unordered_map>

#include "net/clock.h"
#include "net/http_server.h"
#include "server/config.h"
#include "server/front_door.h"
#include "server/interfaces.h"
#include "server/keys.h"
#include "server/log.h"
#include "server/metrics_text.h"
#include "server/placement.h"
#include "server/worker.h"

namespace conclave::server {
namespace {

constexpr size_t kFrontInboxMax = 65536;
constexpr Duration kCertificateLifetime = Duration::minutes(60 * 24 * 30);
constexpr int kServiceUnavailable = 503;

class WorkerPool final : public MediaPlane {
 public:
    WorkerPool(Signalling& signalling, net::HttpServer& http)
        : signalling_(signalling), inbox_(kFrontInboxMax) {
        http.watch_mailbox(inbox_.fd(), [this] { drain(); });
    }

    ~WorkerPool() override;

    Status start(const Config& config);
    void join(JoinOrder order) override;
    void message(uint64_t connection, std::string bytes, bool text) override;
    void closed(uint64_t connection) override;
    void leave_all() override;
    size_t participants() const override;
    std::string metrics() const override;

 private:
    std::vector<uint64_t> load() const;
    void drain();
    void handle(const conference::ToClient&);

    Signalling& signalling_;
    net::Mailbox<ToFront> inbox_;
    std::vector<ToFront> messages_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Snapshot> snapshots_;
    std::optional<Placement> placement_;                  // once the workers are known
    std::unordered_map<uint64_t, uint16_t> connections_;  // -> worker
    bool is_leaving_ = false;
};

std::vector<wire::Candidate> candidates(const Config& config, uint16_t port) {
    std::vector<SocketAddress> addresses = config.media.public_addresses;
    if (addresses.empty()) addresses = interface_addresses(config.media.loopback);
    std::vector<wire::Candidate> candidates;
    // RFC 8445 5.1.2.1: type preference 126 for host, then the order above, component 1.
    uint32_t local_preference = 65535;
    for (const SocketAddress& address : addresses) {
        wire::Candidate candidate;
        candidate.foundation = std::to_string(candidates.size() + 1);
        candidate.priority = 126U << 24 | local_preference-- << 8 | 255U;
        candidate.address = address.ip_text();
        candidate.port = port;
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

Status WorkerPool::start(const Config& config) {
    const WallTime now = net::wall_now();
    const crypto::Certificate certificate = TRY(crypto::Certificate::create_for_dtls(
        {now + Duration::minutes(-60 * 24), now + kCertificateLifetime}));
    const size_t count =
        config.media.workers != 0 ? config.media.workers : std::max(1U, std::thread::hardware_concurrency());
    for (size_t i = 0; i < count; ++i) {
        const auto index = static_cast<uint16_t>(i);
        const auto port = static_cast<uint16_t>(config.media.port == 0 ? 0 : config.media.port + i);
        auto socket = net::UdpSocket::bind({{}, port}, {.index = index});
        if (!socket) {
            socket = net::UdpSocket::bind(SocketAddress::v4(0, 0, 0, 0, port), {.index = index});
        }
        if (!socket) return failure("media port " + std::to_string(port) + ": " + socket.error().what);
        conference::Settings settings;
        settings.peer.candidates = candidates(config, socket->local().port);
        settings.peer.fingerprint_sha256 = certificate.fingerprint_sha256();
        settings.simulate = config.livekit.simulate;
        settings.meeting_issuer = kMeetingKeyId;
        settings.participants_max = static_cast<size_t>(config.limits.participants);
        if (settings.peer.candidates.empty())
            return failure("this machine has no address to offer for media");
        workers_.push_back(
            TRY(Worker::create(index, std::move(*socket), std::move(settings), certificate, inbox_)));
        snapshots_.push_back({});
    }
    std::vector<Worker*> workers;
    for (const auto& worker : workers_) workers.push_back(worker.get());
    for (const auto& worker : workers_) worker->connect(workers);
    placement_.emplace(workers_.size(), static_cast<size_t>(config.media.spread_above));
    return Ok{};
}

// They write to each other's mailboxes until all have stopped.
WorkerPool::~WorkerPool() {
    for (const auto& worker : workers_) worker->stop();
}

std::vector<uint64_t> WorkerPool::load() const {
    std::vector<uint64_t> load;
    for (const Snapshot& snapshot : snapshots_) load.push_back(snapshot.totals.subscriptions);
    return load;
}

void WorkerPool::join(JoinOrder order) {
    if (is_leaving_)
        return signalling_.refused(order.connection, kServiceUnavailable, "the server is stopping");
    const std::string room = order.room;
    const WorkerIndex worker = placement_->seat(room, order.claims.identity, load());
    const uint64_t connection = order.connection;
    conference::Join join{connection,
                          std::move(order.room),
                          std::move(order.claims),
                          std::move(order.signing_secret),
                          std::move(*order.request),
                          {},
                          order.is_classic};
    for (const WorkerIndex part : placement_->workers_of(room)) {
        if (part != worker) join.parts.push_back(static_cast<conference::PartId>(part));
    }
    if (!workers_[worker]->post(std::move(join))) {
        placement_->take_back(room, worker);
        return signalling_.refused(connection, kServiceUnavailable, "the server is busy");
    }
    connections_[connection] = worker;
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
    return media_metrics(snapshots_);
}

void WorkerPool::drain() {
    messages_.clear();
    inbox_.drain(messages_);
    for (const ToFront& message : messages_) {
        if (const auto* to_client = std::get_if<conference::ToClient>(&message)) {
            handle(*to_client);
        } else if (const auto* ended = std::get_if<ConferenceEnded>(&message)) {
            (void)placement_->handle_ended(ended->worker, ended->room, ended->joins);
        } else if (const auto* vacated = std::get_if<Vacated>(&message)) {
            placement_->handle_vacated(vacated->worker, vacated->vacancy.room, vacated->vacancy.identity,
                                       vacated->joins);
        } else if (const auto* snapshot = std::get_if<Snapshot>(&message)) {
            snapshots_[snapshot->worker] = *snapshot;
        }
    }
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

}  // namespace

Result<std::unique_ptr<MediaPlane>> make_media_plane(const Config& config, Signalling& signalling,
                                                     net::HttpServer& http) {
    auto pool = std::make_unique<WorkerPool>(signalling, http);
    (void)TRY(pool->start(config));
    return std::unique_ptr<MediaPlane>(std::move(pool));
}

}  // namespace conclave::server
