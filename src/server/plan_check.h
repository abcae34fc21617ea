// Whether a plan is allowed, asked of policy with what the database knows of everybody concerned.
#pragma once

#include <optional>

#include "net/http_message.h"
#include "policy/planning.h"
#include "server/api_json.h"
#include "store/database.h"

namespace conclave::server {

struct PlanCheck {
    policy::Terms usual;
    policy::PlanWish wish;
    store::Database::Concerned concerned;
    std::optional<WallTime> rests_since = {};  // the meeting itself: the end of its last sitting
    bool is_new = true;                        // one plan more
    WallTime now;
};
policy::PlanWish wish_of(const PlanBody&, Duration length);
// On the store thread.
Result<policy::PlanVerdict> check_plan(store::Database&, const PlanCheck&);
// What whoever asked is told when it is not.
net::HttpResponse refused(const policy::PlanVerdict&, policy::RestRule);

}  // namespace conclave::server
