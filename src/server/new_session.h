// How every door ends: a session in the database, and its cookie.
#pragma once

#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

// Who comes in, on the browser that sent `request`.
struct NewSession {
    account::Secret secret;
    account::Session session;
    std::optional<account::SecretHash> previous;  // of this browser: it ends
    SocketAddress remote;
};
NewSession make_session(Front&, const net::HttpRequest&, account::DoorKind);

// On the store thread: the account when it may come in; nothing when it was disabled in the meantime.
Result<std::optional<account::Account>> start_session(store::Database&, const NewSession&,
                                                      const account::Account&);

// One browser, one session: the one it had before ends. On the store thread.
Status end_previous(store::Database&, const NewSession&);

// 200 with the session and its cookie, or 401 with `refusal`; counted and in the log.
net::HttpResponse signed_in(Front&, const NewSession&, const std::optional<account::Account>&,
                            std::string_view refusal, std::string_view client);

}  // namespace conclave::server
