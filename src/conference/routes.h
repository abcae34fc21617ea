// Which peer a datagram belongs to: by the path once it has passed an ICE check, before that by the local
// ufrag that a check names (RFC 8445 7.3), or, where a NAT has moved a client, by the SSRC of a stream of
// its. Nothing is stored for a sender that has not authenticated.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
    const Route* find_stream(uint32_t ssrc) const {
        const auto it = by_ssrc_.find(ssrc);
        return it == by_ssrc_.end() ? nullptr : &it->second;
    }
    // These are all that a peer sends, and no longer others. Of two who send the same, the first is found.
    void keep_streams(Route route, std::vector<uint32_t> ssrcs) {
        std::vector<uint32_t>& kept = ways_[route].ssrcs;
        if (kept == ssrcs) return;
        forget_streams(route, kept);
        kept = std::move(ssrcs);
        for (const uint32_t ssrc : kept) by_ssrc_.try_emplace(ssrc, route);
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
            forget_streams(ways.key(), ways.mapped().ssrcs);
        }
    }
    // Paths of one peer, to find those to forget.
    std::vector<Path> paths(Route route) const { return ways(route).paths; }

 private:
    // To one peer.
    struct Ways {
        std::vector<std::string> ufrags;
        std::vector<Path> paths;
        std::vector<uint32_t> ssrcs;
    };

    void forget_streams(Route route, const std::vector<uint32_t>& ssrcs) {
        for (const uint32_t ssrc : ssrcs) {
            const auto it = by_ssrc_.find(ssrc);
            if (it != by_ssrc_.end() && it->second == route) by_ssrc_.erase(it);
        }
    }

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
    std::unordered_map<uint32_t, Route> by_ssrc_;
    std::map<Route, Ways> ways_;
};

}  // namespace conclave::conference
