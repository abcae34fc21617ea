// Every way to ask this server over HTTP, declared once. What is not in the table does not exist: requests
// are dispatched by it, the matrix of who may ask what walks it (route_matrix_test.cc), and its paths under
// /api are those of proto/openapi.yaml.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "account/account.h"
#include "net/http_server.h"
#include "server/front.h"

namespace conclave::server {

// Who may ask. The table itself sees to OwnPage and Agent; whoever proves themselves by something that the
// request carries is examined by the handler.
enum class Asker : uint8_t {
    Anybody,
    OwnPage,    // a page of this server: no other site makes a browser ask (CSRF)
    Agent,      // a signed-in account; what changes something comes from our own page as well
    RoomToken,  // whoever shows a LiveKit token
    ApiKey,     // whoever shows a token signed with an API key
    Provider,   // the identity provider, by its signature
    Operator,   // on this machine, or with the token for metrics
};

struct Call {
    net::HttpRequest request;
    std::vector<std::string> items;  // what stands in place of the pattern's {names}, none of them empty
};

inline constexpr std::string_view kAnyMethod = "*";
inline constexpr std::string_view kWebSocket = "WebSocket";  // GET with an upgrade

struct Route {
    using Handler = std::function<void(Call, net::Respond)>;
    using ForAgent = std::function<void(Call, const account::Account&, net::Respond)>;
    using Socket = std::function<void(Call, std::shared_ptr<net::Upgrade>)>;

    std::string_view method;
    // As in OpenAPI: "/api/v1/meetings/{id}". One that ends in "/*" takes all below it that has no route of
    // its own.
    std::string pattern;
    Asker asker = Asker::Anybody;
    std::variant<Handler, ForAgent, Socket> handler;

    bool takes_rest() const { return pattern.ends_with("/*"); }
};

// A member function as a handler.
template <class Owner, class... Arguments>
auto on(Owner* owner, void (Owner::*member)(Arguments...)) {
    return
        [owner, member](Arguments... arguments) { (owner->*member)(std::forward<Arguments>(arguments)...); };
}

class RouteTable {
 public:
    explicit RouteTable(Front& front) : front_(front) {}

    void add(Route route) { routes_.push_back(std::move(route)); }
    const std::vector<Route>& routes() const { return routes_; }

    void handle(net::HttpRequest request, net::Respond respond) const;
    void upgrade(net::HttpRequest request, std::shared_ptr<net::Upgrade> upgrade) const;

 private:
    struct Match {
        const Route* route = nullptr;
        std::vector<std::string> items = {};
        std::string allowed = {};  // the methods there are instead; empty: no such path
    };
    Match find(std::string_view method, std::string_view path) const;
    // Nothing, or the answer to a request that another site may have made.
    std::optional<net::HttpResponse> refused(const Route&, const net::HttpRequest&) const;

    Front& front_;
    std::vector<Route> routes_;
};

// Nothing when `path` is not of this pattern.
std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::string_view path);

}  // namespace conclave::server
