// The meetings that go on: their halls, their sockets, their record.
//
//   socket, REST --> Hall --> Output --> store: append --on the disk--> frames, media, answers
//
// Each meeting's outputs are carried out in the order in which they were made, and never before their events
// are durable. When recording fails the hall is dropped: clients come back and find what was recorded. On the
// front thread only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "account/sign_in.h"
#include "live/airtime.h"
#include "live/hall.h"
#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

class MeetingPlane {
 public:
    explicit MeetingPlane(Front& front) : front_(front) {}

    // With the meeting's hall, valid during the call; nullptr: no such meeting.
    using WithHall = std::function<void(Result<live::Hall*>)>;
    void with(const std::string& id, WithHall then);
    // Records what a call of the hall led to, and carries it out; `then` is told when it is durable.
    using Recorded = std::function<void(const Status&)>;
    void commit(const std::string& id, live::Output output, Recorded then = {});

    // Somebody, from a page of our own, opens the socket of a meeting.
    void upgrade(const std::string& meeting, const net::HttpRequest&, std::shared_ptr<net::Upgrade>);

    // What the media plane forwarded of people's voices.
    void hear(const conference::Voices&);

    // Sends everybody out of a room of ours and ends its media; tried again for a while where that fails.
    void end_media(const std::string& room);

    // How many are in it while it goes on; nothing when it does not.
    std::optional<size_t> people_in(const std::string& id) const;
    size_t connections() const { return connections_.size(); }
    size_t meetings() const { return meetings_.size(); }

 private:
    struct Pending {
        live::Output output;
        Recorded then;
        bool is_recorded = false;
        uint64_t number = 0;
    };
    struct Meeting {
        explicit Meeting(live::Hall h) : hall(std::move(h)) {}
        live::Hall hall;
        uint64_t generation = 0;  // tells it from another of the same id that was dropped
        std::deque<Pending> pending;
        uint64_t last_number = 0;
        std::optional<WallTime> ticks_at;  // a timer runs
        live::Airtime airtime;
        WallTime airtime_noted_at;
        bool is_wanted = true;  // by whoever had it loaded
    };
    struct Connection {
        std::string meeting;
        std::shared_ptr<net::WebSocket> socket = {};
        std::string account_id = {};  // signed in with when it was opened
        std::optional<account::SecretHash> session = {};
        bool is_greeted = false;
    };

    void load(const std::string& id);
    void loaded(const std::string& id, Result<std::optional<meeting::State>> state);
    void record(const std::string& id, Meeting&, uint64_t number);
    void recorded(const std::string& id, uint64_t generation, uint64_t number, const Status& status);
    void release(const std::string& id, Meeting&);
    void carry_out(const std::string& id, const live::Output&);
    void insist(livekit::RoomCall call, int tries);
    void fail(const std::string& id);
    void schedule(const std::string& id, Meeting&);
    void tick(const std::string& id, uint64_t generation);
    void forget_if_idle(const std::string& id);

    void accept(Connection, const std::shared_ptr<net::Upgrade>&);
    void watch_sessions();
    void check_sessions();
    void sign_out(live::ConnectionId);
    void receive(live::ConnectionId, std::string_view text);
    void greet(live::ConnectionId, std::string_view text);
    void closed(live::ConnectionId);
    void drop(live::ConnectionId, uint16_t code);

    Front& front_;
    std::map<std::string, Meeting> meetings_;
    std::map<std::string, std::vector<WithHall>> loading_;
    std::map<live::ConnectionId, Connection> connections_;
    live::ConnectionId last_connection_ = 0;
    uint64_t last_generation_ = 0;
    bool watches_sessions_ = false;
};

// What admission wants to know of a person's place in a meeting.
account::Place place_of(const meeting::State&, const meeting::PersonId&);

}  // namespace conclave::server
