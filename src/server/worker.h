// A media worker: one thread, one UDP port, the conferences placed on it. Values go in and out by mailbox;
// nothing else is shared.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "conference/directory.h"
#include "conference/handshake.h"
#include "net/mailbox.h"
#include "net/poller.h"
#include "net/system_rng.h"
#include "net/udp_socket.h"
#include "net/work_pool.h"
#include "server/relay_link.h"
#include "server/tunnel_batch.h"
#include "sfu/load_shedder.h"

namespace conclave::server {

// To a worker.
struct Message {
    conference::ConnectionId connection = 0;
    std::string bytes;
    bool is_text = false;
};
struct Closed {
    conference::ConnectionId connection = 0;
};
struct LeaveAll {};
// From another worker's part of the room.
struct Relayed {
    conference::PartId from = 0;
    conference::ToPart message;
    size_t cost = 0;  // in the reader's backlog
};
// A conference::Handshake comes back from the thread that ran it, a TunnelBatch has come by other ways than
// UDP.
using ToWorker = std::variant<conference::Join, conference::RoomCommand, conference::MeetingMedia, Message,
                              Closed, LeaveAll, Relayed, conference::Handshake, TunnelBatch, TunnelClosed>;

// To the front thread.
struct ConferenceEnded {
    uint16_t worker = 0;
    std::string room;
    uint64_t orders = 0;  // joins and CreateRooms handled since the conference began
};
// A person has no session at this worker any more.
struct Vacated {
    uint16_t worker = 0;
    conference::Vacancy vacancy;
    uint64_t orders = 0;  // as above
};
// What goes by other ways than UDP.
struct Tunnelled {
    uint16_t worker = 0;
    TunnelBatch batch;
};
struct Snapshot {
    uint16_t worker = 0;
    Instant at;
    size_t conferences = 0;
    conference::Conference::Totals totals;
    net::UdpCounters udp;
    uint64_t strangers = 0;
    uint64_t queue_dropped = 0;
    RelayDrops relay_drops;       // for another worker that was too far behind
    uint64_t tunnel_dropped = 0;  // for a front thread that was too far behind
    uint64_t handshake_steps = 0;
    uint64_t handshake_steps_refused = 0;  // too many waited for a thread
    uint64_t free_packets = 0;
    double busy_seconds = 0;  // CPU time of the thread
    float busy = 0;           // lately: share of the time
    sfu::LoadShedder::Level shedding = sfu::LoadShedder::Level::Nothing;
};
using ToFront = std::variant<conference::ToClient, conference::RoomAnswer, livekit::pb::WebhookEvent,
                             conference::Voices, ConferenceEnded, Vacated, Tunnelled, Snapshot>;

class Worker {
 public:
    struct Options {
        uint16_t index = 0;
        std::optional<int> processor = {};  // its thread's only one
        sfu::LoadShedder::Rules shedding = {};
    };

    // `settings` names this worker's own port in its candidates. `handshakes` runs what would keep media
    // waiting; it is used until stop(), and must be gone before the worker is.
    static Result<std::unique_ptr<Worker>> create(const Options&, net::UdpSocket socket,
                                                  conference::Settings settings,
                                                  const crypto::Certificate& certificate,
                                                  net::WorkPool& handshakes, net::Mailbox<ToFront>& front);
    ~Worker();

    // All workers by number, this one among them. They must outlive stop().
    void start(const std::vector<Worker*>& workers);
    // No turn begins after it.
    void stop();

    // From any thread. False when the worker is too far behind.
    [[nodiscard]] bool post(ToWorker&& message) { return inbox_.post(std::move(message)); }
    [[nodiscard]] bool post_tunnelled(TunnelBatch&& batch);
    // The front thread has read what this worker had tunnelled.
    void note_tunnelled(const TunnelBatch& batch) { tunnel_backlog_.remove(batch.cost()); }

 private:
    Worker(const Options&, net::UdpSocket socket, net::Poller poller, conference::Settings settings,
           crypto::DtlsContext dtls, net::WorkPool& handshakes, net::Mailbox<ToFront>& front);
    void run();
    void turn();
    void receive(conference::Turn&);
    void receive_tunnelled(conference::Turn&, const TunnelBatch&);
    void send_media(conference::Turn&);
    void flush();
    void post_tunnelled();
    void run_handshakes(conference::Turn&);
    void handle(conference::Turn&, ToWorker&);
    void measure(Instant turn_began);
    void report(Instant now);
    void post_all();
    void post_relays();
    bool post_relayed(conference::PartId from, conference::ToPart& message);
    RelayDrops relay_drops() const;
    uint64_t orders(const std::string& room) const;

    const uint16_t index_;
    const std::optional<int> processor_;
    net::UdpSocket socket_;
    net::Poller poller_;
    const conference::Settings settings_;
    const crypto::DtlsContext dtls_;
    net::WorkPool& crypto_pool_;
    net::Mailbox<ToFront>& front_;
    net::Mailbox<ToWorker> inbox_;
    net::SystemRng rng_;
    PacketPool pool_;
    TransmitQueue tx_;
    conference::Directory directory_;
    std::vector<net::Received> received_;
    std::vector<ToWorker> messages_;
    std::vector<conference::ToClient> out_;
    std::vector<ToFront> unsent_;
    std::vector<RelayLink> links_;            // to the workers, by their number
    std::vector<conference::ToPart> relays_;  // of this turn
    Backlog backlog_;                         // what they have relayed to this one
    uint64_t reported_lost_ = 0;
    // Who has a tunnel is heard through it at least that often, or has no path there any more (ice::Config).
    static constexpr Duration kTunnelSilenceMax = Duration::seconds(60);
    Instant tunnels_until_;  // later, nothing can be for a tunnel
    bool has_tunnels_ = false;
    Backlog tunnel_backlog_;  // to the front thread
    uint64_t tunnel_dropped_ = 0;
    std::vector<conference::Vacancy> vacancies_;
    std::vector<conference::Handshake> handshakes_;  // of this turn
    uint64_t handshake_steps_ = 0;
    uint64_t handshake_steps_refused_ = 0;
    std::unordered_map<std::string, uint64_t> orders_;  // by room, of conferences that live here
    sfu::LoadShedder shedder_;
    Instant measured_at_;
    double measured_seconds_ = 0;
    Duration longest_turn_;
    float busy_ = 0;
    Instant next_report_;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

}  // namespace conclave::server
