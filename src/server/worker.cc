#include "server/worker.h"

#include <algorithm>
#include <ctime>

#include "net/clock.h"
#include "server/affinity.h"
#include "server/log.h"

namespace conclave::server {
namespace {

// 32,768 slots of 1.5 KiB are 50 MiB: two seconds of 16,000 packets a second in the publishers' caches.
constexpr size_t kPoolPackets = 32768;
constexpr size_t kInboxMax = 8192;
constexpr size_t kReceiveBatch = 64;
// Then timers and mailbox get their turn, however much keeps coming.
constexpr size_t kBatchesPerTurn = 16;
// One batch to several hundred subscribers before a flush.
constexpr size_t kTransmitDatagrams = 16384;
constexpr size_t kTransmitBytes = size_t{24} << 20;
// What waits for a front thread that does not read; beyond, clients lose their sockets and resume.
constexpr size_t kUnsentMax = 200'000;
constexpr Duration kReportInterval = Duration::seconds(1);

double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(const Options& options, net::UdpSocket socket,
                                               conference::Settings settings,
                                               const crypto::Certificate& certificate,
                                               net::WorkPool& handshakes, net::Mailbox<ToFront>& front) {
    auto dtls = TRY(crypto::DtlsContext::create(certificate));
    auto poller = TRY(net::Poller::create());
    std::unique_ptr<Worker> worker(new Worker(options, std::move(socket), std::move(poller),
                                              std::move(settings), std::move(dtls), handshakes, front));
    (void)TRY(worker->poller_.add(worker->socket_.fd()));
    (void)TRY(worker->poller_.add(worker->inbox_.fd()));
    return worker;
}

Worker::Worker(const Options& options, net::UdpSocket socket, net::Poller poller,
               conference::Settings settings, crypto::DtlsContext dtls, net::WorkPool& handshakes,
               net::Mailbox<ToFront>& front)
    : index_(options.index),
      processor_(options.processor),
      socket_(std::move(socket)),
      poller_(std::move(poller)),
      settings_(std::move(settings)),
      dtls_(std::move(dtls)),
      crypto_pool_(handshakes),
      front_(front),
      inbox_(kInboxMax),
      pool_(kPoolPackets),
      tx_(kTransmitDatagrams, kTransmitBytes),
      directory_(static_cast<conference::PartId>(index_), settings_, dtls_, rng_),
      received_(kReceiveBatch),
      shedder_(options.shedding) {}

void Worker::start(const std::vector<Worker*>& workers) {
    const auto from = static_cast<conference::PartId>(index_);
    for (Worker* to : workers) {
        links_.emplace_back(
            [from, to](conference::ToPart& message) { return to->post_relayed(from, message); });
    }
    thread_ = std::thread([this] { run(); });
}

Worker::~Worker() {
    stop();
}

void Worker::stop() {
    is_stopping_.store(true);
    // Wakes the thread; when the inbox is full it is awake anyway.
    (void)inbox_.post(Closed{});
    if (thread_.joinable()) thread_.join();
}

void Worker::run() {
    if (processor_ && !pin_this_thread(*processor_))
        log_warning("worker", "not_pinned", {{"worker", std::to_string(index_)}});
    while (!is_stopping_.load(std::memory_order_relaxed)) {
        (void)poller_.wait(net::monotonic_now(), soonest(directory_.next_timeout(), next_report_));
        turn();
    }
}

void Worker::turn() {
    conference::Turn turn{net::monotonic_now(), net::wall_now(), pool_, tx_, out_, relays_,
                          vacancies_,           handshakes_};
    has_tunnels_ = turn.now < tunnels_until_;
    messages_.clear();
    inbox_.drain(messages_);
    for (ToWorker& message : messages_) handle(turn, message);
    receive(turn);
    run_handshakes(turn);
    directory_.handle_timeout(turn);
    flush();
    for (conference::Vacancy& vacancy : std::exchange(vacancies_, {})) {
        const uint64_t handled = orders(vacancy.room);
        unsent_.emplace_back(Vacated{index_, std::move(vacancy), handled});
    }
    conference::Outlet outlet = directory_.take_outlet();
    std::move(outlet.answers.begin(), outlet.answers.end(), std::back_inserter(unsent_));
    std::move(outlet.events.begin(), outlet.events.end(), std::back_inserter(unsent_));
    std::move(outlet.voices.begin(), outlet.voices.end(), std::back_inserter(unsent_));
    for (std::string& room : directory_.take_ended()) {
        const uint64_t handled = orders(room);
        orders_.erase(room);
        unsent_.emplace_back(ConferenceEnded{index_, std::move(room), handled});
    }
    if (turn.now >= next_report_) report(turn.now);
    post_relays();
    post_all();
    measure(turn.now);
}

void Worker::measure(Instant turn_began) {
    const Instant now = net::monotonic_now();
    longest_turn_ = std::max(longest_turn_, now - turn_began);
    const Duration span = now - measured_at_;
    if (span < sfu::LoadShedder::kWindow) return;
    const double seconds = thread_seconds();
    busy_ = static_cast<float>((seconds - measured_seconds_) * 1e6 / static_cast<double>(span.us));
    measured_at_ = now;
    measured_seconds_ = seconds;
    if (!shedder_.observe(now, busy_, std::exchange(longest_turn_, {}))) return;
    directory_.limit_video(shedder_.video_limit());
    log_warning(
        "worker", "load_shed",
        {{"worker", std::to_string(index_)}, {"level", std::to_string(static_cast<int>(shedder_.level()))}});
    // Joins are decided elsewhere.
    next_report_ = now;
}

uint64_t Worker::orders(const std::string& room) const {
    const auto it = orders_.find(room);
    return it == orders_.end() ? 0 : it->second;
}

void Worker::receive(conference::Turn& turn) {
    for (size_t batch = 0; batch < kBatchesPerTurn; ++batch) {
        const size_t count = socket_.receive(pool_, received_);
        for (size_t i = 0; i < count; ++i) {
            directory_.handle_datagram(turn, received_[i].path, std::move(received_[i].packet));
            if (directory_.has_much_media() || tx_.nearly_full()) send_media(turn);
        }
        send_media(turn);
        flush();
        if (count < received_.size()) return;
    }
}

void Worker::send_media(conference::Turn& turn) {
    while (directory_.send_media(turn)) flush();
    if (tx_.nearly_full()) flush();
}

bool Worker::post_tunnelled(TunnelBatch&& batch) {
    const size_t cost = batch.cost();
    if (backlog_.is_full()) return false;
    backlog_.add(cost);
    if (inbox_.post(std::move(batch))) return true;
    backlog_.remove(cost);
    return false;
}

void Worker::receive_tunnelled(conference::Turn& turn, const TunnelBatch& batch) {
    backlog_.remove(batch.cost());
    tunnels_until_ = turn.now + kTunnelSilenceMax;
    has_tunnels_ = true;
    batch.for_each([&](const Path& path, ByteView datagram) {
        PacketRef packet = pool_.copy(datagram);
        if (!packet) {
            ++tunnel_dropped_;
            return;
        }
        directory_.handle_datagram(turn, path, std::move(packet));
        if (directory_.has_much_media() || tx_.nearly_full()) send_media(turn);
    });
    send_media(turn);
}

// The socket leaves alone what is not its own.
void Worker::flush() {
    if (has_tunnels_) post_tunnelled();
    socket_.flush(tx_);
}

void Worker::post_tunnelled() {
    TunnelBatch batch;
    for (const TransmitQueue::Datagram& datagram : tx_.datagrams()) {
        if (datagram.path.is_tunnel()) batch.push(datagram.path, tx_.bytes(datagram));
    }
    if (batch.empty()) return;
    const size_t cost = batch.cost();
    const size_t count = batch.size();
    if (!tunnel_backlog_.is_full()) {
        tunnel_backlog_.add(cost);
        if (front_.post(Tunnelled{index_, std::move(batch)})) return;
        tunnel_backlog_.remove(cost);
    }
    tunnel_dropped_ += count;
}

// The pool owns each until it comes back. If the inbox is full by then, that client has to join again.
void Worker::run_handshakes(conference::Turn& turn) {
    for (conference::Handshake& handshake : std::exchange(handshakes_, {})) {
        const auto away = std::make_shared<conference::Handshake>(std::move(handshake));
        if (crypto_pool_.run([away] { away->computation->run(); },
                             [this, away] { (void)inbox_.post(std::move(*away)); })) {
            ++handshake_steps_;
        } else {
            // Not run: the client repeats itself, later each time, which is what an overload needs.
            ++handshake_steps_refused_;
            directory_.put_back(turn, std::move(*away));
        }
    }
}

void Worker::handle(conference::Turn& turn, ToWorker& message) {
    if (auto* join = std::get_if<conference::Join>(&message)) {
        ++orders_[join->room];
        directory_.join(turn, std::move(*join));
    } else if (const auto* command = std::get_if<conference::RoomCommand>(&message)) {
        if (std::holds_alternative<livekit::pb::CreateRoomRequest>(command->call))
            ++orders_[livekit::room_of(command->call)];
        directory_.execute(turn, *command);
    } else if (auto* rules = std::get_if<conference::MeetingMedia>(&message)) {
        directory_.govern(turn, std::move(*rules));
    } else if (auto* signal = std::get_if<Message>(&message)) {
        directory_.handle_message(turn, signal->connection, as_bytes(signal->bytes), signal->is_text);
    } else if (auto* closed = std::get_if<Closed>(&message)) {
        directory_.handle_closed(turn, closed->connection);
    } else if (auto* handshake = std::get_if<conference::Handshake>(&message)) {
        directory_.put_back(turn, std::move(*handshake));
    } else if (auto* relayed = std::get_if<Relayed>(&message)) {
        backlog_.remove(relayed->cost);
        directory_.handle_relay(turn, relayed->from, relayed->message.room,
                                std::move(relayed->message.message));
        send_media(turn);
    } else if (const auto* tunnelled = std::get_if<TunnelBatch>(&message)) {
        receive_tunnelled(turn, *tunnelled);
    } else if (const auto* ended = std::get_if<TunnelClosed>(&message)) {
        directory_.close_path(turn.now, ended->path);
    } else {
        directory_.shut_down(turn);
    }
    if (tx_.nearly_full()) flush();
}

void Worker::report(Instant now) {
    next_report_ = now + kReportInterval;
    const RelayDrops drops = relay_drops();
    // A promise broken: nobody else says so.
    if (drops.reliable_data > reported_lost_) {
        log_warning("worker", "relay_lost_data",
                    {{"worker", std::to_string(index_)},
                     {"messages", std::to_string(drops.reliable_data - reported_lost_)}});
        reported_lost_ = drops.reliable_data;
    }
    unsent_.emplace_back(Snapshot{index_, now, directory_.conferences(), directory_.totals(),
                                  socket_.counters(), directory_.strangers(), tx_.dropped(), drops,
                                  tunnel_dropped_, handshake_steps_, handshake_steps_refused_,
                                  pool_.available(), thread_seconds(), busy_, shedder_.level()});
}

void Worker::post_relays() {
    for (RelayLink& link : links_) link.flush();
    for (conference::ToPart& message : relays_) links_[message.to].send(std::move(message));
    relays_.clear();
}

// From the other worker's thread.
bool Worker::post_relayed(conference::PartId from, conference::ToPart& message) {
    if (backlog_.is_full()) return false;
    const size_t cost = relay_cost(message.message);
    backlog_.add(cost);
    ToWorker relayed = Relayed{from, std::move(message), cost};
    if (inbox_.post(std::move(relayed))) return true;
    backlog_.remove(cost);
    message = std::move(std::get<Relayed>(relayed).message);
    return false;
}

RelayDrops Worker::relay_drops() const {
    RelayDrops sum;
    for (const RelayLink& link : links_) {
        sum.packets += link.drops().packets;
        sum.lossy_data += link.drops().lossy_data;
        sum.reliable_data += link.drops().reliable_data;
    }
    return sum;
}

void Worker::post_all() {
    for (conference::ToClient& message : out_) unsent_.emplace_back(std::move(message));
    out_.clear();
    size_t posted = 0;
    while (posted < unsent_.size() && front_.post(std::move(unsent_[posted]))) ++posted;
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<ptrdiff_t>(posted));
    if (unsent_.size() > kUnsentMax) unsent_.clear();
}

}  // namespace conclave::server
