#include "turn/allocation.h"

#include <algorithm>

namespace conclave::turn {

Duration granted_lifetime(std::optional<uint32_t> asked_seconds) {
    if (!asked_seconds) return kLifetimeDefault;
    return std::clamp(Duration::seconds(*asked_seconds), kLifetimeDefault, kLifetimeMax);
}

void Allocation::permit(Instant now, const SocketAddress& peer) {
    const Instant until = now + kPermissionLifetime;
    for (Permission& permission : permissions_) {
        if (permission.ip == peer.ip) return void(permission.until = until);
    }
    permissions_.push_back({peer.ip, until});
}

bool Allocation::is_permitted(Instant now, const SocketAddress& peer) const {
    return std::any_of(permissions_.begin(), permissions_.end(), [&](const Permission& permission) {
        return permission.ip == peer.ip && now < permission.until;
    });
}

bool Allocation::bind(Instant now, uint16_t channel, const SocketAddress& peer) {
    std::erase_if(channels_, [now](const Channel& old) { return now >= old.until; });
    const auto other = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& bound) {
        return (bound.number == channel) != (bound.peer == peer);
    });
    if (other != channels_.end()) return false;
    std::erase_if(channels_, [channel](const Channel& same) { return same.number == channel; });
    channels_.push_back({channel, peer, now + kChannelLifetime});
    permit(now, peer);
    return true;
}

const SocketAddress* Allocation::peer_of(Instant now, uint16_t channel) const {
    for (const Channel& bound : channels_) {
        if (bound.number == channel && now < bound.until) return &bound.peer;
    }
    return nullptr;
}

std::optional<uint16_t> Allocation::channel_of(Instant now, const SocketAddress& peer) const {
    for (const Channel& bound : channels_) {
        if (bound.peer == peer && now < bound.until) return bound.number;
    }
    return std::nullopt;
}

}  // namespace conclave::turn
