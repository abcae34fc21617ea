// What people see of their own account and do to it (/api/v1/account): where they are signed in, and their
// password.
#pragma once

#include "server/front.h"
#include "server/route_table.h"

namespace conclave::server {

class AccountApi {
 public:
    explicit AccountApi(Front& front) : front_(front) {}
    void add_routes(RouteTable&);

 private:
    void show(const Call&, const account::Account&, net::Respond);
    void list_sessions(const Call&, const account::Account&, net::Respond);
    void end_session(const Call&, const account::Account&, net::Respond);
    void end_other_sessions(const Call&, const account::Account&, net::Respond);

    struct Change;
    using Changing = std::shared_ptr<Change>;
    void change_password(const Call&, const account::Account&, net::Respond);
    void hash(const Changing&);
    void keep(const Changing&);

    Front& front_;
};

}  // namespace conclave::server
