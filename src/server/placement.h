// Which worker holds which conference. One worker holds all of a small one: its home. A large one is spread:
// each further person goes to the worker that has the fewest of it, and the conferences of one name exchange
// what they need (conference/relay.h).
//
// A table of the front thread, through which all joins pass in one order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace conclave::server {

using WorkerIndex = uint16_t;

class Placement {
 public:
    // Others help with a conference once its home has `spread_above` people of it. Neither may be 0.
    Placement(size_t workers, size_t spread_above);

    // `load`: one figure per worker, in any unit (WorkerLoad). The room comes into being when nobody was in
    // it. An identity stays with its worker while it is there, so a session and the one that resumes or
    // replaces it never meet across threads.
    WorkerIndex seat(const std::string& room, const std::string& identity, std::span<const uint64_t> load);
    // For an order that concerns the room as a whole.
    WorkerIndex home(const std::string& room, std::span<const uint64_t> load);

    // Where seat() would put somebody new.
    WorkerIndex foresee(const std::string& room, std::span<const uint64_t> load) const;
    std::optional<WorkerIndex> find(const std::string& room, const std::string& identity) const;
    std::optional<WorkerIndex> find_home(const std::string& room) const;
    // All that hold a part of the room, home or not.
    std::vector<WorkerIndex> workers_of(const std::string& room) const;
    std::vector<std::string> rooms() const;

    // What was last placed could not be delivered.
    void take_back(const std::string& room, WorkerIndex);
    // From a worker, after it has handled `orders` of this room: that person has no session there any more.
    void handle_vacated(WorkerIndex, const std::string& room, const std::string& identity, uint64_t orders);
    // From a worker: its conference has ended after `orders`. Others may be on their way: then it has begun
    // anew, and stays placed. True when nothing of the room is left anywhere.
    bool handle_ended(WorkerIndex, const std::string& room, uint64_t orders);

 private:
    struct Share {
        uint64_t orders = 0;  // sent to the worker since its conference began
        size_t people = 0;
    };
    struct Person {
        WorkerIndex worker = 0;
        uint64_t last_order = 0;
        uint64_t orders = 0;
    };
    struct Room {
        WorkerIndex home = 0;
        std::map<WorkerIndex, Share> shares;
        std::unordered_map<std::string, Person> people;
    };

    Room& place(const std::string& room, std::span<const uint64_t> load);
    WorkerIndex least_loaded(std::span<const uint64_t> load) const;
    WorkerIndex choose(const Room&, std::span<const uint64_t> load) const;

    size_t spread_above_;
    std::unordered_map<std::string, Room> rooms_;
    std::vector<size_t> homes_;  // by worker: tells them apart before any load is reported
};

}  // namespace conclave::server
