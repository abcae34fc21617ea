#include "account/sign_in.h"

namespace conclave::account {

LinkState state_of(const SignInLink& link, WallTime now) {
    if (link.used_at) return LinkState::Used;
    return now < link.expires_at ? LinkState::Usable : LinkState::Expired;
}

bool is_alive(const Session& session, const SessionRules& rules, WallTime now) {
    return now - session.seen_at < rules.idle_max && now - session.created_at < rules.age_max;
}

bool is_due_for_touch(const Session& session, WallTime now) {
    return now - session.seen_at >= kSeenStep;
}

}  // namespace conclave::account
