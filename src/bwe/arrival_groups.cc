#include "bwe/arrival_groups.h"

#include <algorithm>

namespace conclave::bwe {
namespace {

// What waited somewhere and then came at once is one burst, whenever it left (5.2), but not for ever.
constexpr Duration kHeldUpMax = Duration::millis(100);

}  // namespace

bool ArrivalGroups::belongs(const Group& group, const PacketResult& packet) {
    if (packet.sent - group.first_sent <= kBurst) return true;
    const Duration arrived = packet.arrived - group.last_arrived;
    const bool came_closer = arrived < packet.sent - group.last_sent;
    return came_closer && arrived <= kBurst && packet.arrived - group.first_arrived < kHeldUpMax;
}

std::optional<GroupDelta> ArrivalGroups::add(const PacketResult& packet) {
    const Group alone{packet.sent, packet.sent, packet.arrived, packet.arrived};
    if (!current_) {
        current_ = alone;
        return std::nullopt;
    }
    // Came after it was given up: its group is over.
    if (packet.sent < current_->first_sent) return std::nullopt;
    if (belongs(*current_, packet)) {
        current_->last_sent = std::max(current_->last_sent, packet.sent);
        current_->last_arrived = std::max(current_->last_arrived, packet.arrived);
        return std::nullopt;
    }
    std::optional<GroupDelta> delta;
    if (previous_) {
        delta = GroupDelta{current_->last_sent - previous_->last_sent,
                           current_->last_arrived - previous_->last_arrived, current_->last_arrived};
        // Overtaken on the way: nothing can be said of how long that is.
        if (delta->arrived < Duration{}) delta.reset();
    }
    previous_ = current_;
    current_ = alone;
    return delta;
}

}  // namespace conclave::bwe
