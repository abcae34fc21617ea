// Which peer a datagram belongs to: by the path once it has passed an ICE check, before that by the local
// ufrag that a check names (RFC 8445 7.3). Nothing is stored for a sender that has not authenticated.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"

namespace conclave::conference {

class Conference;
using ParticipantKey = uint32_t;

// Which peer connection of a participant, in LiveKit's words. Whoever has but one has a publisher, which then
// carries both directions.
enum class Target : uint8_t { Publisher, Subscriber };

struct Route {
    Conference* conference = nullptr;
    ParticipantKey participant = 0;
    Target target = Target::Publisher;
    auto operator<=>(const Route&) const = default;
};

class Routes {
 public:
    void add_ufrag(const std::string& ufrag, Route route) {
        remove_ufrag(ufrag);
        by_ufrag_[ufrag] = route;
        ways_[route].ufrags.push_back(ufrag);
    }
    void add_path(const Path& path, Route route) {
        remove_path(path);
        by_path_[path] = route;
        ways_[route].paths.push_back(path);
    }

    const Route* find(const Path& path) const {
        const auto it = by_path_.find(path);
        return it == by_path_.end() ? nullptr : &it->second;
    }
    const Route* find(std::string_view ufrag) const {
        const auto it = by_ufrag_.find(std::string(ufrag));
        return it == by_ufrag_.end() ? nullptr : &it->second;
    }

    // Forgets the names of a peer that it no longer answers to: every ICE restart brings a new one.
    template <class Answers>
    void keep_ufrags(Route route, Answers answers_to) {
        for (const std::string& ufrag : ways(route).ufrags) {
            if (!answers_to(ufrag)) remove_ufrag(ufrag);
        }
    }
    // Forgets a path that its peer no longer holds valid.
    void remove_path(const Path& path) {
        const auto it = by_path_.find(path);
        if (it == by_path_.end()) return;
        std::erase(ways_[it->second].paths, path);
        by_path_.erase(it);
    }
    void remove(Conference* conference, ParticipantKey participant) {
        for (const Target target : {Target::Publisher, Target::Subscriber}) {
            const auto ways = ways_.extract({conference, participant, target});
            if (ways.empty()) continue;
            for (const std::string& ufrag : ways.mapped().ufrags) by_ufrag_.erase(ufrag);
            for (const Path& path : ways.mapped().paths) by_path_.erase(path);
        }
    }
    // Paths of one peer, to find those to forget.
    std::vector<Path> paths(Route route) const { return ways(route).paths; }

 private:
    // To one peer.
    struct Ways {
        std::vector<std::string> ufrags;
        std::vector<Path> paths;
    };

    Ways ways(Route route) const {
        const auto it = ways_.find(route);
        return it == ways_.end() ? Ways{} : it->second;
    }
    void remove_ufrag(const std::string& ufrag) {
        const auto it = by_ufrag_.find(ufrag);
        if (it == by_ufrag_.end()) return;
        std::erase(ways_[it->second].ufrags, ufrag);
        by_ufrag_.erase(it);
    }

    std::unordered_map<std::string, Route> by_ufrag_;
    std::unordered_map<Path, Route> by_path_;
    std::map<Route, Ways> ways_;
};

}  // namespace conclave::conference
