// What one client has of the server: a relayed address, and with whom it may speak there (RFC 8656 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "wire/stun.h"

namespace conclave::turn {

constexpr Duration kLifetimeDefault = Duration::seconds(600);  // RFC 8656 3.2
constexpr Duration kLifetimeMax = Duration::seconds(3600);
constexpr Duration kPermissionLifetime = Duration::seconds(300);  // RFC 8656 9
constexpr Duration kChannelLifetime = Duration::seconds(600);     // RFC 8656 12
constexpr uint16_t kChannelMin = 0x4000;                          // RFC 8656 12
constexpr uint16_t kChannelMax = 0x4fff;

// What a client asked for, within the limits (RFC 8656 7.2).
Duration granted_lifetime(std::optional<uint32_t> asked_seconds);

// There are never more permissions or channels than addresses that may be reached, since each address has one
// at most.
class Allocation {
 public:
    Allocation(std::string user, const SocketAddress& relayed, const wire::StunTransactionId& made_by,
               Instant expires)
        : user_(std::move(user)), relayed_(relayed), made_by_(made_by), expires_(expires) {}

    const std::string& user() const { return user_; }
    const SocketAddress& relayed() const { return relayed_; }
    // The Allocate request that made it: a repetition gets the same answer.
    const wire::StunTransactionId& made_by() const { return made_by_; }
    Instant expires() const { return expires_; }
    void set_expires(Instant expires) { expires_ = expires; }

    // Of the address alone; its port does not matter (RFC 8656 9).
    void permit(Instant now, const SocketAddress& peer);
    bool is_permitted(Instant now, const SocketAddress& peer) const;

    // False: the number is another peer's, or the peer has another one (RFC 8656 12.2).
    bool bind(Instant now, uint16_t channel, const SocketAddress& peer);
    const SocketAddress* peer_of(Instant now, uint16_t channel) const;
    std::optional<uint16_t> channel_of(Instant now, const SocketAddress& peer) const;

 private:
    struct Permission {
        std::array<uint8_t, 16> ip{};
        Instant until;
    };
    struct Channel {
        uint16_t number = 0;
        SocketAddress peer;
        Instant until;
    };

    std::string user_;
    SocketAddress relayed_;
    wire::StunTransactionId made_by_;
    Instant expires_;
    std::vector<Permission> permissions_;
    std::vector<Channel> channels_;
};

}  // namespace conclave::turn
