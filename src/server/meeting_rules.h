// What was said last of the media of each meeting, for the workers that are still to hold a part of it. A
// table of the front thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "conference/meeting_media.h"

namespace conclave::server {

class MeetingRules {
 public:
    // Of meetings that nobody is in. Beyond, the oldest are forgotten: whoever comes to one of those is not
    // heard before the rules are said again.
    static constexpr size_t kIdleMax = 4096;

    // `is_idle`: nobody is in that meeting, nor on the way in.
    using IsIdle = std::function<bool(const std::string& room)>;
    void keep(conference::MeetingMedia, const IsIdle& is_idle);
    void forget(const std::string& room) { rules_.erase(room); }

    // Valid until the next keep() or forget().
    const conference::MeetingMedia* find(const std::string& room) const;
    size_t size() const { return rules_.size(); }

 private:
    struct Kept {
        conference::MeetingMedia media;
        uint64_t said = 0;  // in which order
    };
    std::unordered_map<std::string, Kept> rules_;
    uint64_t last_said_ = 0;
};

}  // namespace conclave::server
