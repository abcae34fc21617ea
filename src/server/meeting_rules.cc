#include "server/meeting_rules.h"

#include <utility>

namespace conclave::server {

void MeetingRules::keep(conference::MeetingMedia media, const IsIdle& is_idle) {
    const std::string room = media.room;
    const bool is_new = !rules_.contains(room);
    rules_[room] = {std::move(media), ++last_said_};
    if (!is_new || rules_.size() <= kIdleMax) return;
    // Rooms with people in them are as many as they are; each new one pushes out one of the others.
    auto oldest = rules_.end();
    for (auto it = rules_.begin(); it != rules_.end(); ++it) {
        if (it->first == room || !is_idle(it->first)) continue;
        if (oldest == rules_.end() || it->second.said < oldest->second.said) oldest = it;
    }
    if (oldest != rules_.end()) rules_.erase(oldest);
}

const conference::MeetingMedia* MeetingRules::find(const std::string& room) const {
    const auto it = rules_.find(room);
    return it == rules_.end() ? nullptr : &it->second.media;
}

}  // namespace conclave::server
