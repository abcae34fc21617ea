// A server's conferences and their clients in virtual time, joined by a seeded network.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conference/directory.h"
#include "conference/handshake.h"
#include "sim/channel.h"
#include "sim/client.h"

namespace conclave::sim {

class World {
 public:
    // `workers`: parts of the conference; clients join the first unless told otherwise.
    explicit World(uint64_t seed, Link link = {}, size_t workers = 1);

    // Joins and runs until media is connected.
    Client& enter(const std::string& identity, size_t worker = 0);
    void enter(Client& client);
    // A client that is not let in, or only later: not run.
    Client& make(const std::string& identity, size_t worker = 0);
    void join(Client& client, bool resumes = false);
    // With a join of the test's making; its connection is the world's.
    void join(Client& client, conference::Join join);
    void run(Duration span);
    template <class Condition>
    bool run_until(Condition condition, Duration limit = Duration::seconds(20)) {
        for (const Instant end = now + limit; now < end;) {
            if (condition()) return true;
            run(Duration::millis(5));
        }
        return condition();
    }

    void publish(Client& client, pb::TrackType type, pb::TrackSource source);
    void unpublish(Client& client, const std::string& cid);
    void request(Client& client, const std::string& message);
    // On a connection that need not be anybody's.
    void request_on(conference::ConnectionId connection, const std::string& message);
    void mute(Client& client, pb::TrackSource source, bool muted);
    void close_signalling(Client& client);
    bool has_signalling(const Client& client) const;
    // One audio packet of this content and level, now.
    void say(Client& client, const std::string& what);
    void show(Client& client, const std::string& what, bool keyframe);
    // A sender report of the track, with the time on the client's clock.
    void report(Client& client, pb::TrackSource source);
    // What goes to the client from now on.
    void change_downlink(const Client& client, const Link& link) { node(client).downlink.change(now, link); }
    const Channel& downlink(const Client& client) { return node(client).downlink; }
    // Bytes from any address to the media port; returns how many bytes were sent back to it.
    size_t inject(const SocketAddress& from, ByteView bytes);
    // A worker's turn with these datagrams of a client. What it sends goes nowhere; returns how many that
    // were.
    size_t serve(const Client& from, const std::vector<std::vector<uint8_t>>& datagrams);
    // Sent to an address that no client has since the last inject() from there.
    size_t bytes_to(const SocketAddress& stranger) const;

    // One call of the server API; the answer, unless it comes later. All answers are in `answers` too.
    std::optional<conference::RoomAnswer> call(livekit::RoomCall what, size_t worker = 0,
                                               conference::Owner by = conference::Owner::Applications);
    // As the front thread does: to all parts there are, and with every join.
    void govern(const conference::MeetingMedia& rules);
    std::vector<conference::RoomAnswer> answers;
    std::vector<pb::WebhookEvent> events;
    std::vector<conference::Voices> voices;

    // What was accepted or refused, per connection.
    std::map<conference::ConnectionId, int> refusals;
    std::vector<conference::ConnectionId> closes;

    Instant now = Instant::from_ms(1000);
    SeededRng rng;
    bool holds_relays = false;      // what workers say to each other waits
    bool holds_handshakes = false;  // they stay away
    bool is_classic = false;        // whoever is made from now on has two peer connections
    conference::Settings settings;

    // Sees every datagram that is sent, before the network has its way with it; the address is the client's.
    std::function<void(bool to_server, const SocketAddress& client, ByteView)> tap;

    WallTime wall() const;
    conference::Directory& directory(size_t worker = 0) { return *workers_[worker]->directory; }
    TransmitQueue& outbox(const Client& client);
    void handle_server_timeout();

 private:
    // As server::Worker has it.
    struct Worker {
        TransmitQueue tx{16384, size_t{24} << 20};
        std::vector<conference::ToPart> relays;
        std::vector<conference::Handshake> handshakes;
        std::unique_ptr<conference::Directory> directory;
    };
    struct Node {
        std::unique_ptr<Client> client;
        size_t worker = 0;
        Channel uplink;
        Channel downlink;
        TransmitQueue tx{4096, size_t{4} << 20};
        conference::ConnectionId connection = 0;
    };
    struct Flight {
        bool to_server = false;
        size_t worker = 0;
        SocketAddress client;
        std::vector<uint8_t> bytes;
    };

    Node& node(const Client& client);
    void step();
    void collect();
    void exchange();
    void run_handshakes(size_t worker);
    void launch_queued(size_t worker);
    void send_media(size_t worker, conference::Turn&);
    void launch_from_server(size_t worker, const SocketAddress& client, ByteView bytes);
    void launch(Channel& channel, Flight flight);
    void send_requests(Node& node, const std::vector<std::string>& requests);
    conference::Turn turn(size_t worker);

    Link link_;
    crypto::Certificate certificate_;
    crypto::DtlsContext dtls_;
    PacketPool pool_{8192};
    std::vector<conference::ToClient> out_;
    std::vector<conference::Vacancy> vacancies_;
    std::map<std::string, conference::MeetingMedia> rules_;  // by room
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::multimap<Instant, Flight> flights_;
    conference::ConnectionId next_connection_ = 1;
    conference::CommandId next_command_ = 1;
    std::map<SocketAddress, size_t> bytes_to_strangers_;
};

}  // namespace conclave::sim
