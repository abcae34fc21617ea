#include "server/placement.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace conclave::server {

Placement::Placement(size_t workers, size_t spread_above) : spread_above_(spread_above), homes_(workers) {
    CHECK(workers > 0 && spread_above > 0);
}

WorkerIndex Placement::least_loaded(std::span<const uint64_t> load) const {
    size_t best = 0;
    for (size_t i = 1; i < homes_.size(); ++i) {
        if (std::tuple(load[i], homes_[i]) < std::tuple(load[best], homes_[best])) best = i;
    }
    return static_cast<WorkerIndex>(best);
}

Placement::Room& Placement::place(const std::string& room, std::span<const uint64_t> load) {
    const auto it = rooms_.find(room);
    if (it != rooms_.end()) return it->second;
    Room& placed = rooms_[room];
    placed.home = least_loaded(load);
    ++homes_[placed.home];
    placed.shares[placed.home];
    return placed;
}

WorkerIndex Placement::choose(const Room& room, std::span<const uint64_t> load) const {
    const auto people = [&](size_t worker) {
        const auto share = room.shares.find(static_cast<WorkerIndex>(worker));
        return share == room.shares.end() ? size_t{0} : share->second.people;
    };
    if (people(room.home) < spread_above_) return room.home;
    size_t best = room.home;
    for (size_t i = 0; i < homes_.size(); ++i) {
        if (std::tuple(people(i), load[i]) < std::tuple(people(best), load[best])) best = i;
    }
    return static_cast<WorkerIndex>(best);
}

WorkerIndex Placement::seat(const std::string& room, const std::string& identity,
                            std::span<const uint64_t> load) {
    Room& placed = place(room, load);
    auto person = placed.people.find(identity);
    if (person == placed.people.end()) {
        person = placed.people.emplace(identity, Person{choose(placed, load), 0, 0}).first;
        ++placed.shares[person->second.worker].people;
    }
    ++person->second.orders;
    person->second.last_order = ++placed.shares[person->second.worker].orders;
    return person->second.worker;
}

WorkerIndex Placement::home(const std::string& room, std::span<const uint64_t> load) {
    Room& placed = place(room, load);
    ++placed.shares[placed.home].orders;
    return placed.home;
}

WorkerIndex Placement::foresee(const std::string& room, std::span<const uint64_t> load) const {
    const auto it = rooms_.find(room);
    return it == rooms_.end() ? least_loaded(load) : choose(it->second, load);
}

std::optional<WorkerIndex> Placement::find(const std::string& room, const std::string& identity) const {
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return std::nullopt;
    const auto person = it->second.people.find(identity);
    return person == it->second.people.end() ? std::nullopt : std::optional(person->second.worker);
}

std::optional<WorkerIndex> Placement::find_home(const std::string& room) const {
    const auto it = rooms_.find(room);
    return it == rooms_.end() ? std::nullopt : std::optional(it->second.home);
}

std::vector<WorkerIndex> Placement::workers_of(const std::string& room) const {
    std::vector<WorkerIndex> workers;
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return workers;
    for (const auto& [worker, share] : it->second.shares) workers.push_back(worker);
    return workers;
}

std::vector<std::string> Placement::rooms() const {
    std::vector<std::string> names;
    names.reserve(rooms_.size());
    for (const auto& [name, room] : rooms_) names.push_back(name);
    return names;
}

void Placement::take_back(const std::string& room, WorkerIndex worker) {
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return;
    Share& share = it->second.shares[worker];
    const uint64_t undelivered = share.orders--;
    auto& people = it->second.people;
    const auto person = std::find_if(people.begin(), people.end(), [&](const auto& entry) {
        return entry.second.worker == worker && entry.second.last_order == undelivered;
    });
    if (person != people.end()) {
        --person->second.last_order;
        // Whoever is there has only failed to come back.
        if (--person->second.orders == 0) {
            people.erase(person);
            --share.people;
        }
    }
    if (share.orders == 0) (void)handle_ended(worker, room, 0);
}

void Placement::handle_vacated(WorkerIndex worker, const std::string& room, const std::string& identity,
                               uint64_t orders) {
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return;
    const auto person = it->second.people.find(identity);
    if (person == it->second.people.end() || person->second.worker != worker) return;
    // The same person is on the way back in.
    if (person->second.last_order > orders) return;
    it->second.people.erase(person);
    --it->second.shares[worker].people;
}

bool Placement::handle_ended(WorkerIndex worker, const std::string& room, uint64_t orders) {
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return false;
    const auto share = it->second.shares.find(worker);
    if (share == it->second.shares.end()) return false;
    share->second.orders -= std::min(share->second.orders, orders);
    for (auto& [identity, person] : it->second.people) {
        if (person.worker == worker) person.last_order -= std::min(person.last_order, orders);
    }
    if (share->second.orders > 0) return false;
    it->second.shares.erase(share);
    std::erase_if(it->second.people, [&](const auto& person) { return person.second.worker == worker; });
    if (!it->second.shares.empty()) {
        // The next home is whoever is there: the room goes on.
        if (it->second.home == worker) {
            --homes_[worker];
            it->second.home = it->second.shares.begin()->first;
            ++homes_[it->second.home];
        }
        return false;
    }
    --homes_[worker];
    rooms_.erase(it);
    return true;
}

}  // namespace conclave::server
