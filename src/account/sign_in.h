// Sign-in by one-time link, and the sessions that follow, whatever the door.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "account/secret.h"
#include "base/time.h"

namespace conclave::account {

// A link can be used once, before it expires. The link carries the secret; only its hash is kept.
struct SignInLink {
    SecretHash hash{};
    std::string account_id;
    WallTime expires_at;
    std::optional<WallTime> used_at = {};
};

enum class LinkState : uint8_t { Usable, Used, Expired };
LinkState state_of(const SignInLink&, WallTime now);

// By which door somebody came in.
enum class DoorKind : uint8_t { Link, Password, Code, SingleSignOn };

constexpr std::string_view text_of(DoorKind door) {
    switch (door) {
        case DoorKind::Link:
            return "link";
        case DoorKind::Password:
            return "password";
        case DoorKind::Code:
            return "code";
        case DoorKind::SingleSignOn:
            return "single_sign_on";
    }
    return "link";
}

// A browser that is signed in: its cookie carries the secret; only its hash is kept. Ends when it was idle
// for `idle_max`, when it is older than `age_max` whatever it did, or when it is revoked (deleted).
struct Session {
    SecretHash hash{};
    std::string account_id = {};
    WallTime created_at = {};
    WallTime seen_at = {};
    DoorKind door = DoorKind::Link;
    std::string sid = {};       // what the identity provider calls it; empty: nothing
    std::string id_token = {};  // by which it said who signed in; empty: none was kept
    // "firefox", "linux": what the browser called itself when it signed in; empty: nothing we know.
    std::string browser = {};
    std::string system = {};
};

struct SessionRules {
    Duration idle_max = Duration::minutes(12 * 60);
    Duration age_max = Duration::minutes(7 * 24 * 60);
};

bool is_alive(const Session&, const SessionRules&, WallTime now);

// Sliding expiry need not be exact to the second: one write every few minutes is enough.
inline constexpr Duration kSeenStep = Duration::minutes(5);
bool is_due_for_touch(const Session&, WallTime now);

}  // namespace conclave::account
