// Which peer a datagram belongs to: by the path once it has passed an ICE check, before that by the local
// ufrag that a check names (RFC 8445 7.3). Nothing is stored for a sender that has not authenticated.
#pragma once

#include <algorithm>
#include <cstdint>
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
    bool operator==(const Route&) const = default;
};

class Routes {
 public:
    void add_ufrag(const std::string& ufrag, Route route) { by_ufrag_[ufrag] = route; }
    void add_path(const Path& path, Route route) { by_path_[path] = route; }

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
        std::erase_if(by_ufrag_,
                      [&](const auto& entry) { return entry.second == route && !answers_to(entry.first); });
    }
    // Forgets a path that its peer no longer holds valid.
    void remove_path(const Path& path) { by_path_.erase(path); }
    void remove(const Conference* conference, ParticipantKey participant) {
        const auto is_of = [&](const auto& entry) {
            return entry.second.conference == conference && entry.second.participant == participant;
        };
        std::erase_if(by_ufrag_, is_of);
        std::erase_if(by_path_, is_of);
    }
    // Paths of one peer, to find those to forget.
    std::vector<Path> paths(Route route) const {
        std::vector<Path> paths;
        for (const auto& [path, owner] : by_path_) {
            if (owner == route) paths.push_back(path);
        }
        return paths;
    }

 private:
    std::unordered_map<std::string, Route> by_ufrag_;
    std::unordered_map<Path, Route> by_path_;
};

}  // namespace conclave::conference
