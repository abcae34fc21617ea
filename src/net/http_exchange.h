// The owner's side of one request: answers that may come late, twice or never. Internal.
#pragma once

#include "net/http_session.h"

namespace conclave::net {

Respond make_respond(const std::shared_ptr<HttpSession>& session, uint64_t exchange);
std::shared_ptr<Upgrade> make_upgrade(const std::shared_ptr<HttpSession>& session, uint64_t exchange);

}  // namespace conclave::net
